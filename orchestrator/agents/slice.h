// Which folders of a large repository the work tree of an agent holds. A checkout of 27,000 files takes seconds and a slice of it a
// fraction of one, but an agent sees less: so it is whole unless the configuration names folders, or the subtask says which files it
// changes and the repository is large; and always whole where something is installed or configured in it first. Pure.
#pragma once

#include <string>
#include <vector>

#include "git/sparse_cone.h"
#include "git/tree.h"

namespace baton {

inline constexpr std::size_t kSliceFrom = 10'000;  // files; below it a whole work tree is made in a moment

struct SliceFacts {
  std::vector<std::string> configured;  // `worktree.sparse`
  std::vector<std::string> write_set;   // of the subtask: files, folders, patterns
  int attempt = 1;                      // from the second on the slice may have been the trouble
  bool set_up = false;                  // something is run in the work tree before the agent
};

SparseCone slice_of(const SliceFacts& facts, const std::vector<TreeEntry>& files);

// What an agent is told of it; empty when it holds all.
std::string slice_note(const SparseCone& cone);

}  // namespace baton
