// The places beside an agent's own work tree that it must not change: the user's checkout and its linked work trees, what git keeps of
// them (references, hooks, configuration), and work trees of earlier attempts. Looked at before and after each turn of an agent, whatever
// box holds it. Files are told by their stamps, nothing is read. Blocks; any thread.
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

  // What differs since, as absolute paths; at most `kMost` of each.
  static constexpr std::size_t kMost = 20;
  struct Changed {
    std::vector<std::string> users;      // that the user works on too: their trees, those of attempts to take over, references, configuration
    std::vector<std::string> untouched;  // that nobody changes in a day's work: hooks
  };
  Changed changed() const;

 private:
  enum class Whose { users, attempts, nobody };
  struct Tree {
    std::filesystem::path folder;
    TreeManifest before;
    Whose whose;
  };
  void add(const std::filesystem::path& folder, Whose whose);
  std::size_t files() const;
  std::vector<Tree> trees_;
  std::vector<std::pair<std::filesystem::path, std::string>> files_;  // small ones, by hash; empty when absent
};

}  // namespace baton
