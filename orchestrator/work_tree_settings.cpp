#include "orchestrator/work_tree_settings.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/config_settings.h"
#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

bool stays_inside(const std::string& path) {
  const fs::path given(path);
  return !given.is_absolute() && std::none_of(given.begin(), given.end(), [](const auto& part) { return part == ".."; });
}

WorkTreeSettings settings_in(std::string_view text, const std::string& path) {
  WorkTreeSettings settings;
  if (text.find_first_not_of(" \t\r\n") == text.npos) return settings;
  std::vector<Finding> told_elsewhere;
  const nlohmann::json root = checked_config(text, path, told_elsewhere);
  const auto worktree = root.find("worktree");
  if (worktree == root.end()) return settings;
  const std::vector<std::string> none;
  settings.mount = worktree->value("mount", none);
  settings.sparse = worktree->value("sparse", none);
  for (auto* paths : {&settings.mount, &settings.sparse}) std::erase_if(*paths, [](const std::string& one) { return !stays_inside(one); });
  return settings;
}

}  // namespace

WorkTreeSettings load_work_tree_settings(std::string_view repository_text, const fs::path& user_path) {
  WorkTreeSettings settings;
  std::error_code error;
  if (!user_path.empty() && fs::exists(user_path, error)) {
    if (const auto text = read_file(user_path, kMaxConfig)) settings = settings_in(*text, user_path.string());
  }
  WorkTreeSettings of_repository = settings_in(repository_text, ".baton/config.json");
  if (settings.mount.empty()) settings.mount = std::move(of_repository.mount);
  if (settings.sparse.empty()) settings.sparse = std::move(of_repository.sparse);
  return settings;
}

}  // namespace baton
