// Where the user's repository holds the commits of its submodules. Reads files and objects only. Blocks; pool threads.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "git/objects.h"
#include "support/result.h"

namespace baton {

// A repository that may have submodules: git folders to look for `modules/` in, and its work tree (empty: none), where
// old submodules have their `.git` folder.
struct SubmoduleOwner {
  std::vector<std::filesystem::path> git_dirs;
  std::filesystem::path work_tree;
  bool sha256 = false;
};

struct Submodule {
  std::string path;
  std::string commit;
  std::filesystem::path git_dir;  // the user's; empty when the commit is in none
};

// The submodules of `tree`, in path order.
Result<std::vector<Submodule>> find_submodules(Objects& objects, std::string_view tree, const SubmoduleOwner& owner);

}  // namespace baton
