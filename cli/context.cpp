#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/index_place.h"
#include "cli/interrupt.h"
#include "cli/json_lines.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "cli/verbs.h"
#include "git/history.h"
#include "orchestrator/context/context.h"
#include "orchestrator/context/slice_text.h"
#include "support/files.h"
#include "support/hash.h"
#include "support/json.h"
#include "support/log.h"
#include "support/places.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxBudget = 2'000'000;

struct Options {
  std::string workspace = ".", git_dir, batch, text;
  std::size_t budget = 32'000;
  bool as_json = false;
};

struct BatchTask {
  json id;
  std::string query, commit;
};

double since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

json files_json(const ContextSlice& slice, bool with_reasons) {
  json files = json::array();
  for (const SlicePiece& piece : slice.pieces) {
    json entry = {{"path", piece.path}, {"ranges", json::array()}};
    for (const LineRange& range : piece.lines) entry["ranges"].push_back({range.first, range.last});
    if (with_reasons) {
      entry["tokens"] = piece.tokens;
      entry["reason"] = piece.reason;
    }
    files.push_back(std::move(entry));
  }
  return files;
}

// ---------------------------------------------------------------- many tasks

Result<std::vector<BatchTask>> read_tasks(const std::string& file) {
  std::vector<BatchTask> tasks;
  const auto read = each_json_line(file, {"query", "base_commit"}, [&](const json& task) { tasks.push_back({task["id"], task["query"], task["base_commit"]}); });
  if (!read) return read.error();
  return tasks;
}

Result<ContextSlice> slice_of_commit(ContextIndex& index, Objects& objects, const fs::path& git_dir, const BatchTask& task, std::size_t budget, std::stop_token stop) {
  const auto commit = find_commit(git_dir, task.commit);
  if (!commit) return commit.error();
  const auto view = commit_view(objects, git_dir, *commit);
  if (!view) return view.error();
  if (auto refreshed = index.refresh(**view, false, stop); !refreshed) return refreshed.error();
  ContextRequest request;
  request.text = task.query;
  request.budget = budget;
  request.joined = false;
  return index.slice(**view, request, stop);
}

// The index of somebody's git folder lies in the user's cache: the folder itself stays as it is.
int run_batch(const Options& options, std::stop_token stop) {
  const auto tasks = read_tasks(options.batch);
  if (!tasks) return complain(tasks.error());
  const auto folder = open_git_folder(options.git_dir);
  if (!folder) return complain(folder.error());
  auto objects = Objects::open(folder->path, folder->sha256);
  if (!objects) return complain(objects.error());
  ContextIndex index(index_path(cache_home(current_environment()) / "state" / sha256(folder->path.string()).substr(0, 24)));
  int failed = 0;
  for (const BatchTask& task : *tasks) {
    const auto begin = Clock::now();
    const auto slice = slice_of_commit(index, **objects, folder->path, task, options.budget, stop);
    if (stop.stop_requested()) return kExitCancelled;
    json line = {{"id", task.id}, {"files", slice ? files_json(*slice, false) : json::array()}, {"tokens", slice ? slice->tokens : 0}, {"seconds", since(begin)}};
    if (!slice) {
      line["error"] = slice.error().message;
      ++failed;
    }
    write_result(dump_json(line) + "\n");
  }
  if (auto saved = index.save(); !saved) log(LogLevel::warning, saved.error().message);
  return failed > 0 ? kExitNotAchieved : kExitDone;
}

// ---------------------------------------------------------------- one task, the tree as it is

int run_one(const Options& options, std::stop_token stop) {
  std::error_code error;
  if (!fs::is_directory(options.workspace, error)) return complain({ErrorKind::usage, options.workspace + " is no folder; give the workspace's with --workspace."});
  const auto begin = Clock::now();
  ContextIndex index(index_of_workspace(options.workspace));
  const auto view = folder_view(options.workspace, index.data(), stop);
  if (!view) return complain(view.error());
  if (auto refreshed = index.refresh(**view, false, stop); !refreshed) return complain(refreshed.error());
  ContextRequest request;
  request.text = options.text;
  request.budget = options.budget;
  request.joined = !options.as_json;
  const auto slice = index.slice(**view, request, stop);
  if (auto saved = index.save(); !saved) log(LogLevel::warning, saved.error().message);
  if (!slice) return complain(slice.error());
  if (!options.as_json) {
    write_result(slice_text(*slice, 2) + (slice->pieces.empty() ? "" : "\n") + slice_summary(*slice) + "\n");
    return kExitDone;
  }
  write_result(dump_json({{"files", files_json(*slice, true)},
                          {"tokens", slice->tokens},
                          {"whole_files_tokens", slice->whole_tokens},
                          {"workspace_tokens", slice->workspace_tokens},
                          {"files_left_out", slice->left_out},
                          {"seconds", since(begin)}}) +
               "\n");
  return kExitDone;
}

int run_context(const Options& options) {
  if (options.batch.empty() != options.git_dir.empty()) return complain({ErrorKind::usage, "--git-dir and --batch belong together: a git folder, and a file of tasks at commits of it."});
  if (options.batch.empty() == options.text.empty()) return complain({ErrorKind::usage, "Give a task's text, or --git-dir and --batch, and not both."});
  if (options.budget == 0 || options.budget > kMaxBudget) return complain({ErrorKind::usage, "--budget takes a number of tokens between 1 and " + std::to_string(kMaxBudget) + "."});
  const Interrupt interrupt;
  return options.batch.empty() ? run_one(options, interrupt.token()) : run_batch(options, interrupt.token());
}

}  // namespace

void add_context(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  Verb verb(app, "context", "Show the parts of the workspace that a task is about, under a budget of tokens; runs nothing");
  verb.footer("For example:  baton context --budget 8000 \"The date picker shows the wrong month in Safari\"");
  verb.option("--workspace", options->workspace, "The workspace (default: the current folder)").type_name("DIR");
  verb.option("--budget", options->budget, "Tokens of the slice (default: 32000)").type_name("TOKENS");
  verb.flag("--json", options->as_json, "Files, lines and figures as JSON");
  verb.option("--git-dir", options->git_dir, "With --batch: a git folder, bare or not").type_name("DIR");
  verb.option("--batch", options->batch, "Tasks, one {\"id\",\"query\",\"base_commit\"} a line; an answer a line").type_name("FILE");
  verb.option("TEXT", options->text, "The task");
  verb.acts([options, &action] { action = [options] { return run_context(*options); }; });
}

}  // namespace baton
