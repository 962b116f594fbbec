// The places beside an agent's own work tree that it must not change: the user's checkout and its linked work trees, what git keeps of
// them (references, hooks, configuration), and work trees of earlier attempts. Looked at before and after an agent has worked without a
// box; inside one they are not even there. Files are told by their stamps, nothing is read. Blocks; any thread.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "git/repository.h"
#include "orchestrator/tree_manifest.h"

namespace baton {

class OtherTrees {
 public:
  // `worktrees`: the folder with work trees of this repository's attempts; `own`: the one that may change.
  static OtherTrees now(const Repository& repository, const std::filesystem::path& worktrees, const std::filesystem::path& own);

  // What differs since, as absolute paths; at most `kMost`.
  static constexpr std::size_t kMost = 20;
  std::vector<std::string> changed() const;

 private:
  void add(const std::filesystem::path& folder);
  std::vector<std::pair<std::filesystem::path, TreeManifest>> trees_;
  std::vector<std::pair<std::filesystem::path, std::string>> files_;  // small ones, by hash; empty when absent
};

}  // namespace baton
