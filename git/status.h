// What git says about the work tree, as data. Needs trust (filters may run); writes nothing. Blocks; pool threads.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "git/repository.h"
#include "support/result.h"

namespace baton {

struct TrackedChange {
  std::string path;
  char staged = '.';    // index against HEAD: . M T A D U
  char unstaged = '.';  // work tree against index, the same letters
  bool unmerged = false;
  std::string submodule;  // "N...", else S with C (other commit), M (changed files), U (new files)
  unsigned head_mode = 0, index_mode = 0, work_mode = 0;
  std::string head_blob, index_blob;  // of an unmerged path: the side that HEAD has
};

struct WorkTreeStatus {
  std::string head;  // commit; empty before the first one
  std::vector<TrackedChange> tracked;
  std::vector<std::string> untracked;  // not ignored; one that ends in a slash is a repository of its own
};

Result<WorkTreeStatus> read_status(const Repository& repository, std::stop_token stop);

}  // namespace baton
