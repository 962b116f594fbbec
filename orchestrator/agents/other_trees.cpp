#include "orchestrator/agents/other_trees.h"

#include <algorithm>

#include "support/files.h"
#include "support/hash.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxSmall = 16u << 20;
constexpr const char* kGitFiles[] = {"config", "HEAD", "packed-refs", "info/attributes", "info/exclude"};
constexpr const char* kGitFolders[] = {"hooks", "refs"};
constexpr std::string_view kOurBranches = "heads/baton";  // made when a result lands, whoever works meanwhile

std::string digest_of(const fs::path& file) {
  const auto text = read_file(file, kMaxSmall);
  return text ? sha256(*text) : "";
}

// The other checkouts of the repository, as git notes them.
std::vector<fs::path> linked_trees(const Repository& repository) {
  std::vector<fs::path> trees;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(repository.common_dir / "worktrees", failed)) {
    auto link = read_file(entry.path() / "gitdir", 1u << 16);
    if (!link) continue;
    while (link->ends_with('\n')) link->pop_back();
    const fs::path tree = fs::path(*link).parent_path();
    if (tree.is_absolute() && fs::is_directory(tree, failed)) trees.push_back(tree);
  }
  return trees;
}

}  // namespace

OtherTrees OtherTrees::now(const Repository& repository, const fs::path& worktrees, const fs::path& own) {
  OtherTrees others;
  others.add(repository.root);
  for (const fs::path& tree : linked_trees(repository)) {
    if (tree != repository.root) others.add(tree);
  }
  for (const char* folder : kGitFolders) others.add(repository.common_dir / folder);
  for (const char* file : kGitFiles) others.files_.emplace_back(repository.common_dir / file, digest_of(repository.common_dir / file));
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(worktrees, failed)) {
    // One that is in use changes, and rightly so.
    if (entry.path() == own || !FileLock::try_acquire(entry.path() / "lock")) continue;
    others.add(entry.path());
  }
  return others;
}

void OtherTrees::add(const fs::path& folder) {
  std::error_code failed;
  if (!fs::is_directory(folder, failed)) return;
  if (auto manifest = TreeManifest::of(folder)) trees_.emplace_back(folder, std::move(*manifest));
}

std::vector<std::string> OtherTrees::changed() const {
  std::vector<std::string> paths;
  for (const auto& [folder, before] : trees_) {
    const auto difference = before.difference(folder);
    if (!difference) continue;
    for (const auto* list : {&difference->added, &difference->changed, &difference->removed}) {
      for (const std::string& path : *list) {
        if (!path.starts_with(kOurBranches) && path != "lock") paths.push_back((folder / path).string());
      }
    }
  }
  for (const auto& [file, before] : files_) {
    if (digest_of(file) != before) paths.push_back(file.string());
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  if (paths.size() > kMost) paths.resize(kMost);
  return paths;
}

}  // namespace baton
