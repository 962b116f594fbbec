#include "git/submodules.h"

#include <algorithm>
#include <map>

#include "git/config_file.h"
#include "git/tree.h"

namespace baton {
namespace fs = std::filesystem;
namespace {

// A name comes from the repository and becomes a path: it must stay below `modules`.
bool usable_module_name(const fs::path& name) {
  return !name.empty() && name.is_relative() && std::none_of(name.begin(), name.end(), [](const fs::path& part) {
    return part == ".." || part == "." || part == ".git";
  });
}

// Submodule names by path, from the .gitmodules of the tree.
Result<std::map<std::string, std::string>> names_by_path(Objects& objects, std::string_view tree) {
  std::map<std::string, std::string> names;
  const auto node = find_in_tree(objects, tree, ".gitmodules");
  if (!node) return node.error();
  if (!*node || (*node)->mode == kSymlinkMode || (*node)->mode == kTreeMode) return names;
  const auto text = need(objects, (*node)->id, ObjectType::blob);
  if (!text) return text.error();
  const auto config = ConfigFile::parse(text->bytes);
  if (!config) return names;  // git would not understand it either
  constexpr std::string_view kPrefix = "submodule.", kSuffix = ".path";
  for (const auto& [name, value] : config->entries()) {
    if (name.starts_with(kPrefix) && name.ends_with(kSuffix) && name.size() > kPrefix.size() + kSuffix.size())
      names[value] = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
  }
  return names;
}

bool holds(const fs::path& git_dir, const std::string& commit, bool sha256) {
  std::error_code ignored;
  if (!fs::is_directory(git_dir / "objects", ignored)) return false;
  const auto objects = Objects::open(git_dir, sha256);
  return objects && (*objects)->exists(commit);
}

Status collect(Objects& objects, std::string_view tree, const std::string& prefix, std::vector<Submodule>& found) {
  const auto nodes = read_tree_nodes(objects, tree);
  if (!nodes) return nodes.error();
  for (const TreeNode& node : *nodes) {
    if (node.mode == kSubmoduleMode) found.push_back({prefix + node.name, node.id, {}});
    if (node.mode != kTreeMode) continue;
    if (auto collected = collect(objects, node.id, prefix + node.name + "/", found); !collected) return collected;
  }
  return done();
}

}  // namespace

Result<std::vector<Submodule>> find_submodules(Objects& objects, std::string_view tree, const SubmoduleOwner& owner) {
  std::vector<Submodule> found;
  const auto names = names_by_path(objects, tree);
  if (!names) return names.error();
  // Without .gitmodules there may be entries all the same (a repository added by mistake); git leaves these empty.
  if (names->empty()) return found;
  if (auto collected = collect(objects, tree, "", found); !collected) return collected.error();
  for (Submodule& submodule : found) {
    std::vector<fs::path> candidates;
    if (const auto name = names->find(submodule.path); name != names->end() && usable_module_name(name->second)) {
      for (const fs::path& git_dir : owner.git_dirs) candidates.push_back(git_dir / "modules" / name->second);
    }
    if (!owner.work_tree.empty()) candidates.push_back(owner.work_tree / submodule.path / ".git");
    const auto holder = std::find_if(candidates.begin(), candidates.end(),
                                     [&](const fs::path& c) { return holds(c, submodule.commit, owner.sha256); });
    if (holder != candidates.end()) submodule.git_dir = *holder;
  }
  return found;
}

}  // namespace baton
