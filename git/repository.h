// What a repository is, found and described without running any program that its configuration names (fsmonitor,
// filters, drivers, hooks): reads files and libgit2 only. So it is safe before trust. Values; any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "support/result.h"

namespace baton {

struct Repository {
  std::filesystem::path root;        // top of the user's work tree, absolute, symlinks resolved
  std::filesystem::path git_dir;     // of this work tree (a linked one has its own)
  std::filesystem::path common_dir;  // shared by all work trees: what an engine and a lock belong to
  std::optional<std::string> head;   // commit id; absent before the first commit
  std::string branch;                // "main"; empty when HEAD is detached
  std::string operation;  // "merge", "rebase", "cherry-pick", "revert", "bisect" while one is in progress, else empty
  bool sparse = false;    // sparse checkout or sparse index
  bool sha256 = false;
  std::vector<std::string> submodules;  // paths of .gitmodules at HEAD's work tree

  // Our own folder: `<common>/baton`.
  std::filesystem::path baton_dir() const { return common_dir / "baton"; }
};

// From any folder inside a work tree. Errors are sentences: no repository, bare, unreadable, unsafe owner.
Result<Repository> open_repository(const std::filesystem::path& inside);

}  // namespace baton
