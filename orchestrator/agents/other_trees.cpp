#include "orchestrator/agents/other_trees.h"

#include <algorithm>

#include "support/files.h"
#include "support/hash.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxSmall = 16u << 20;
constexpr std::size_t kMostLooked = 200'000;  // files, from which on further work trees of attempts are passed over
constexpr const char* kGitFiles[] = {"config", "HEAD", "packed-refs", "info/attributes", "info/exclude"};
constexpr std::string_view kOurBranches = "heads/baton";  // made when a result lands, whoever works meanwhile

void keep_some(std::vector<std::string>& paths) {
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  if (paths.size() > OtherTrees::kMost) paths.resize(OtherTrees::kMost);
}

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
  others.add(repository.root, Whose::users);
  for (const fs::path& tree : linked_trees(repository)) {
    if (tree != repository.root) others.add(tree, Whose::users);
  }
  others.add(repository.common_dir / "refs", Whose::users);
  others.add(repository.common_dir / "hooks", Whose::nobody);
  for (const char* file : kGitFiles) others.files_.emplace_back(repository.common_dir / file, digest_of(repository.common_dir / file));
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(worktrees, failed)) {
    if (others.files() > kMostLooked) break;
    // One that is in use changes, and rightly so.
    if (entry.path() == own || !FileLock::try_acquire(entry.path() / "lock")) continue;
    others.add(entry.path(), Whose::attempts);
  }
  return others;
}

std::size_t OtherTrees::files() const {
  std::size_t count = 0;
  for (const Tree& tree : trees_) count += tree.before.files();
  return count;
}

void OtherTrees::add(const fs::path& folder, Whose whose) {
  std::error_code failed;
  if (!fs::is_directory(folder, failed)) return;
  if (auto manifest = TreeManifest::of(folder)) trees_.push_back({folder, std::move(*manifest), whose});
}

OtherTrees::Changed OtherTrees::changed() const {
  Changed changed;
  for (const Tree& tree : trees_) {
    const auto difference = tree.before.difference(tree.folder);
    if (!difference) continue;
    const auto keep = [&](const std::vector<std::string>& paths) {
      for (const std::string& path : paths) {
        if (!path.starts_with(kOurBranches) && path != "lock") (tree.whose == Whose::nobody ? changed.untouched : changed.users).push_back((tree.folder / path).string());
      }
    };
    keep(difference->added);
    keep(difference->changed);
    if (tree.whose != Whose::attempts) keep(difference->removed);  // room is made in them at any time; what they held is in the store
  }
  for (const auto& [file, before] : files_) {
    if (digest_of(file) != before) changed.users.push_back(file.string());
  }
  keep_some(changed.users);
  keep_some(changed.untouched);
  return changed;
}

}  // namespace baton
