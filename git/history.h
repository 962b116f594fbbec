// Commits before a commit: when, why, and which files. Read by the git command in its safe form, from any git folder (bare too);
// runs nothing that the repository names. Blocks; pool threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.h"

namespace baton {

struct HistoryCommit {
  std::string id;
  std::int64_t time = 0;  // of the commit, seconds
  std::string message;
  std::vector<std::string> files;
};

// `commit` and its ancestors, newest first, without merges, at most `most`; those that `known` has as ancestors are left out
// (empty: none).
Result<std::vector<HistoryCommit>> read_history(const std::filesystem::path& git_dir, std::string_view commit, std::string_view known, std::size_t most,
                                                std::stop_token stop = {});

// Whether `older` is `commit` or one of its ancestors.
bool is_ancestor(const std::filesystem::path& git_dir, std::string_view older, std::string_view commit, std::stop_token stop = {});

struct GitFolder {
  std::filesystem::path path;  // absolute
  bool sha256 = false;
};
// A folder with objects and references: `.git`, a bare repository, or a work tree's top. A sentence where it is none.
Result<GitFolder> open_git_folder(const std::filesystem::path& path);

// The id of the commit that a revision names.
Result<std::string> find_commit(const std::filesystem::path& git_dir, std::string_view revision);

// The newest commit of any reference with this tree; "" where none has it.
Result<std::string> find_commit_of_tree(const std::filesystem::path& git_dir, std::string_view tree);

// Tracked and other files of a work tree that are not ignored, sorted. Looks at names alone.
Result<std::vector<std::string>> work_tree_files(const std::filesystem::path& root, std::stop_token stop = {});

// The id that git (with SHA-1) gives to these bytes as a file.
std::string blob_id(std::string_view bytes);

}  // namespace baton
