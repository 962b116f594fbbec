// Where a git command runs: in the user's work tree, or in a git folder of ours. Values.
#pragma once

#include "git/git_command.h"
#include "git/repository.h"

namespace baton {

// Found from the work tree as the user's own commands find it, so that git's owner rules hold; never a repository above
// it.
inline GitCall in_work_tree(const Repository& repository, std::vector<std::string> args) {
  return {.cwd = repository.root,
          .args = std::move(args),
          .extra_env = {{"GIT_CEILING_DIRECTORIES", repository.root.parent_path().string()}}};
}

inline GitCall in_git_dir(const std::filesystem::path& git_dir, std::vector<std::string> args) {
  return {.cwd = git_dir, .args = std::move(args), .extra_env = {{"GIT_DIR", git_dir.string()}}};
}

inline std::string without_line_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace baton
