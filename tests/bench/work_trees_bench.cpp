// Eight work trees of a generated repository with 27,000 files: seconds to make each, and to collect what was changed in it. Whole ones,
// and slices by the write set of a subtask, whose bar is half a second each. A JSON object a kind; ends with 1 when a bar is missed.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include "git/capture.h"
#include "git/checkout.h"
#include "git/store.h"
#include "orchestrator/agents/slice.h"
#include "orchestrator/agents/work_trees.h"
#include "support/files.h"
#include "support/process.h"

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using namespace baton;

constexpr int kFiles = 27'000, kTrees = 8;
constexpr double kBar = 0.5;  // seconds

double since(Clock::time_point when) { return std::chrono::duration<double>(Clock::now() - when).count(); }

bool git(const fs::path& cwd, std::vector<std::string> args, std::string input = "") {
  ProcessSpec spec;
  spec.argv = {"git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com"};
  spec.argv.insert(spec.argv.end(), args.begin(), args.end());
  spec.cwd = cwd;
  spec.env = current_environment();
  spec.stdin_text = std::move(input);
  const auto done = run(spec);
  return done.ok() && done->success();
}

// About 4 KiB a file, in folders of a hundred.
std::string fast_import() {
  std::string text = "commit refs/heads/main\ncommitter Ada <ada@example.com> 1700000000 +0000\ndata 4\nwork\n";
  for (int i = 0; i < kFiles; ++i) {
    std::string content;
    while (content.size() < 4000) content += "line " + std::to_string(content.size()) + " of file " + std::to_string(i) + "\n";
    text += "M 100644 inline src/d" + std::to_string(i / 100) + "/f" + std::to_string(i) + ".txt\ndata " + std::to_string(content.size()) + "\n" + content + "\n";
  }
  return text;
}

int measure() {
  auto place = TemporaryFolder::make(fs::temp_directory_path(), "baton-bench-");
  if (!place) return 1;
  const fs::path repo = place->path() / "repo";
  fs::create_directories(repo);
  if (!git(repo, {"init", "-q", "-b", "main"}) || !git(repo, {"fast-import", "--quiet"}, fast_import()) || !git(repo, {"reset", "-q", "--hard"})) return 1;
  auto repository = open_repository(repo);
  auto store = repository ? Store::open(*repository) : Result<Store>(repository.error());
  if (!store) return 1;
  const std::string head = store->resolve_commit("HEAD").value();
  auto files = store->list(store->tree_of(head).value());
  if (!files) return 1;
  int status = 0;
  for (const bool sliced : {true, false}) {
    double most = 0, most_collecting = 0;
    std::size_t held = 0;
    for (int i = 0; i < kTrees; ++i) {
      const std::string file = "src/d" + std::to_string(i) + "/f" + std::to_string(i * 100) + ".txt";
      const auto began = Clock::now();
      const SparseCone cone = sliced ? slice_of({{}, {file}, 1, false}, *files) : SparseCone();
      if (sliced == cone.whole()) return 1;
      auto tree = new_work_tree(place->path() / "cache", *repository, "s" + std::to_string(i));
      if (!tree) return 1;
      const fs::path folder = tree->folder / "work/tree/repo";
      if (!make_checkout(*store, head, folder, {}, cone)) return 1;
      most = std::max(most, since(began));
      held = static_cast<std::size_t>(std::count_if(files->begin(), files->end(), [&](const TreeEntry& entry) { return cone.holds(entry.path); }));
      if (!write_file(folder / file, "changed\n")) return 1;
      const auto collecting = Clock::now();
      const auto found = capture_tree(*store, folder, head, {}, {}, cone);
      if (!found || found->changes.size() != 1) return 1;
      most_collecting = std::max(most_collecting, since(collecting));
    }
    std::printf("{\"figure\":\"%s work trees\",\"files\":%d,\"held\":%zu,\"trees\":%d,\"slowest_made\":%.2f,\"slowest_collected\":%.2f%s}\n",
                sliced ? "sliced" : "whole", kFiles, held, kTrees, most, most_collecting, sliced ? ",\"bar\":0.5" : "");
    std::fflush(stdout);
    if (sliced && most > kBar) status = 1;
  }
  return status;
}

}  // namespace

int main() { return measure(); }
