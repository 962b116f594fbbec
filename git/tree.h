// Tree objects as values, and what can be done with them: find, list, replace. The format is git's own for both hash
// algorithms. Any thread with its own Objects.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "git/objects.h"
#include "git/store.h"
#include "support/result.h"

namespace baton {

constexpr unsigned kTreeMode = 0040000;
constexpr unsigned kFileMode = 0100644;
constexpr unsigned kExecutableMode = 0100755;
constexpr unsigned kSymlinkMode = 0120000;
constexpr unsigned kSubmoduleMode = 0160000;

struct TreeNode {
  unsigned mode = kFileMode;
  std::string name;
  std::string id;
};

Result<std::vector<TreeNode>> read_tree_nodes(Objects& objects, std::string_view tree);

// The entry at `path`; absent when there is none. An empty `tree` holds nothing. Symlinks are not followed.
Result<std::optional<TreeNode>> find_in_tree(Objects& objects, std::string_view tree, std::string_view path);
// The same, through symlinks that stay inside the tree.
Result<std::optional<TreeNode>> follow_in_tree(Objects& objects, std::string_view tree, std::string_view path);

Result<std::vector<TreeEntry>> list_tree(Objects& objects, std::string_view tree);

// `base` (may be empty) with entries replaced (blob set) or removed (blob empty). A file may take the place of a folder
// and the other way round; a folder that gets empty vanishes. The id of the tree, written.
Result<std::string> update_tree(Objects& objects, std::string_view base, std::vector<TreeEntry> updates);

}  // namespace baton
