// Three-way merges of commits of the store without a work tree, by git's own `merge-tree` (ort). What the user has configured
// or left uncommitted has no say: git stands in an empty folder that holds the base's attribute files, and knows no driver, so
// that a merge is the same everywhere and runs nothing. Blocks; pool threads.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "git/store.h"
#include "support/result.h"

namespace baton {

struct MergeConflict {
  std::string type;                // git's stable word: "CONFLICT (contents)", "CONFLICT (modify/delete)", ...
  std::vector<std::string> paths;  // those it is about
  std::string message;             // one line, for people
};

// One version of a conflicted file. Stage 1 is the base, 2 ours, 3 theirs.
struct MergeStage {
  std::string path, blob;
  unsigned mode = 0;
  int stage = 0;
};

struct Merge {
  std::string tree;  // with conflict markers in conflicted files
  std::vector<MergeConflict> conflicts;
  std::vector<MergeStage> stages;
  bool clean() const { return conflicts.empty() && stages.empty(); }
};

// `theirs` merged into `ours`; their base comes from the history.
Result<Merge> merge_commits(Store& store, std::string_view ours, std::string_view theirs, std::stop_token stop = {});
// The same for trees, with the base that is given.
Result<Merge> merge_trees(Store& store, std::string_view base, std::string_view ours, std::string_view theirs, std::stop_token stop = {});

}  // namespace baton
