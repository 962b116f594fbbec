// The `git` command in its safe form: no optional locks, no hooks, no fsmonitor, no automatic gc or maintenance, no
// pager, no prompt, no lazy fetch, C locale. Blocks; for pool threads. Needs trust wherever filters or drivers could
// run (status, checkout, add): the callers in this folder say which.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/result.h"

namespace baton {

struct GitCall {
  std::filesystem::path cwd;
  std::vector<std::string> args;  // after `git` and the safe options
  Environment extra_env;          // GIT_INDEX_FILE, GIT_OBJECT_DIRECTORY, ...
  std::string stdin_text;
  std::chrono::milliseconds timeout{std::chrono::minutes(5)};
  std::uint64_t max_output = 256u << 20;
};

// The result whatever the exit code; an Error only when git cannot be run at all.
Result<ProcessResult> run_git(const GitCall& call, std::stop_token stop = {});
// stdout when git exits 0, else an Error with git's own first line of complaint.
Result<std::string> git_output(const GitCall& call, std::stop_token stop = {});

}  // namespace baton
