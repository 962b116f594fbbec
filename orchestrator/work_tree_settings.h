// `worktree.mount` and `worktree.sparse` of the configuration: what the work trees of agents hold and see. Blocks on files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

struct WorkTreeSettings {
  std::vector<std::string> mount;   // folders of the user's tree that agents see, read-only
  std::vector<std::string> sparse;  // folders that work trees hold; all when empty
};

// The user's own where it says something, else the repository's. What is wrong in either is left out; `load_config` tells it.
WorkTreeSettings load_work_tree_settings(std::string_view repository_text, const std::filesystem::path& user_path);

}  // namespace baton
