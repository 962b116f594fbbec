// Learns the weights of the ranker of files, and says what they are worth on repositories that they were not learned on:
//   bench_context DATA.jsonl MIRRORS [OUT.jsonl] [--all]
// DATA and MIRRORS as `baton context --batch` and the scorer of the data know them (MIRRORS/OWNER+NAME/repo). The repositories are
// dealt into folds; each task's prediction in OUT is made with weights that its repository had no part in. `--all`: learns on all
// tasks, not on the core ones alone. Prints the weights that all of them give, as the table of learned_model.cpp.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "git/history.h"
#include "orchestrator/context/context.h"
#include "support/files.h"

namespace {

using namespace baton;
using nlohmann::json;

constexpr int kFolds = 5, kSteps = 400;
constexpr double kRate = 0.05, kShrink = 1e-3;
constexpr std::size_t kCandidates = 60;  // of each signal

struct Example {
  std::string repo;
  bool core = false;
  std::vector<FeatureRow> rows;
  std::vector<double> gold;  // share
};

struct Task {
  json line;
  std::string repo;
};

std::vector<std::size_t> candidates_of(const std::vector<FeatureRow>& rows, const std::vector<bool>& gold) {
  std::set<std::size_t> chosen;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (gold[i]) chosen.insert(i);
    for (std::size_t s = 0; s < kSignals; ++s) {
      if (rows[i][2 * s + 1] >= 5.0 / (5.0 + kCandidates)) chosen.insert(i);
    }
  }
  return {chosen.begin(), chosen.end()};
}

RankModel learn(const std::vector<const Example*>& examples) {
  RankModel w{}, m{}, v{};
  for (int step = 1; step <= kSteps; ++step) {
    RankModel gradient{};
    for (const Example* example : examples) {
      std::vector<double> p(example->rows.size());
      double most = -1e9, sum = 0;
      for (std::size_t i = 0; i < p.size(); ++i) {
        for (std::size_t f = 0; f < kFeatures; ++f) p[i] += w[f] * example->rows[i][f];
        most = std::max(most, p[i]);
      }
      for (double& x : p) sum += x = std::exp(x - most);
      for (std::size_t i = 0; i < p.size(); ++i) {
        const double error = p[i] / sum - example->gold[i];
        for (std::size_t f = 0; f < kFeatures; ++f) gradient[f] += error * example->rows[i][f];
      }
    }
    for (std::size_t f = 0; f < kFeatures; ++f) {
      const double g = gradient[f] / static_cast<double>(examples.size()) + kShrink * w[f];
      m[f] = 0.9 * m[f] + 0.1 * g;
      v[f] = 0.999 * v[f] + 0.001 * g * g;
      w[f] -= kRate * (m[f] / (1 - std::pow(0.9, step))) / (std::sqrt(v[f] / (1 - std::pow(0.999, step))) + 1e-8);
    }
  }
  return w;
}

void print_model(const RankModel& model) {
  for (std::size_t f = 0; f < kFeatures; ++f) std::printf("%s%.2f,", f % 2 == 0 && f < 2 * kSignals ? "\n      " : " ", model[f]);
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> args(argv + 1, argv + argc);
  const bool all = std::erase(args, "--all") > 0;
  if (args.size() < 2) return std::fprintf(stderr, "bench_context DATA.jsonl MIRRORS [OUT.jsonl] [--all]\n"), 2;
  std::map<std::string, std::vector<json>> by_repo;
  std::ifstream data(args[0]);
  for (std::string line; std::getline(data, line);) {
    json task = json::parse(line);
    if (all || task["core"] == true) by_repo[task["repo"]].push_back(std::move(task));
  }
  std::map<std::string, int> fold_of;
  for (const auto& [repo, tasks] : by_repo) fold_of[repo] = static_cast<int>(fold_of.size()) % kFolds;
  std::vector<Example> examples;
  std::ofstream out;
  if (args.size() > 2) out.open(args[2]);
  const auto indexes = TemporaryFolder::make("/tmp", "baton-bench-context-");
  if (!indexes) return std::fprintf(stderr, "%s\n", indexes.error().message.c_str()), 1;
  // Twice over the same tasks: to learn, and to predict with what the other folds taught.
  std::array<RankModel, kFolds> models{};
  for (int pass = 0; pass < (args.size() > 2 ? 2 : 1); ++pass) {
    for (const auto& [repo, tasks] : by_repo) {
      std::string name = repo;
      name.replace(name.find('/'), 1, "+");
      const auto folder = open_git_folder(std::filesystem::path(args[1]) / name / "repo");
      if (!folder) return std::fprintf(stderr, "%s\n", folder.error().message.c_str()), 1;
      auto objects = Objects::open(folder->path, folder->sha256);
      ContextIndex index(indexes->path() / name);
      for (const json& task : tasks) {
        const auto view = commit_view(**objects, folder->path, task["base_commit"].get<std::string>());
        if (!view || !index.refresh(**view, false)) continue;
        if (pass == 1) {
          index.model = &models[static_cast<std::size_t>(fold_of[repo])];
          ContextRequest request;
          request.text = task["query"];
          request.budget = 32'000;
          const auto slice = index.slice(**view, request);
          json line = {{"id", task["id"]}, {"files", json::array()}};
          for (const SlicePiece& piece : slice->pieces) {
            json ranges = json::array();
            for (const LineRange& range : piece.lines) ranges.push_back({range.first, range.last});
            line["files"].push_back({{"path", piece.path}, {"ranges", ranges}});
          }
          out << line.dump() << "\n";
          continue;
        }
        const auto files = index.candidates(**view);
        const TaskQuery query = task_query(task["query"].get<std::string>(), index.data().terms);
        const auto rows = rank_features(files, file_signals(query, files, index.past(), index.data().terms));
        std::vector<bool> gold;
        for (const ContextFile& file : files) gold.push_back(std::find(task["gold_files"].begin(), task["gold_files"].end(), file.path) != task["gold_files"].end());
        const auto golds = std::count(gold.begin(), gold.end(), true);
        if (golds == 0) {
          std::fprintf(stderr, "%s: no gold file is a candidate\n", task["id"].get<std::string>().c_str());
          continue;
        }
        Example example{repo, task["core"] == true, {}, {}};
        for (const std::size_t i : candidates_of(rows, gold)) {
          example.rows.push_back(rows[i]);
          example.gold.push_back(gold[i] ? 1.0 / static_cast<double>(golds) : 0);
        }
        examples.push_back(std::move(example));
      }
      if (pass == 0) (void)index.save();
    }
    if (pass > 0) continue;
    std::vector<const Example*> every;
    for (const Example& example : examples) every.push_back(&example);
    print_model(learn(every));
    for (int fold = 0; fold < kFolds && args.size() > 2; ++fold) {
      std::vector<const Example*> others;
      for (const Example& example : examples) {
        if (fold_of[example.repo] != fold) others.push_back(&example);
      }
      models[static_cast<std::size_t>(fold)] = learn(others);
    }
  }
}
