// The `.git` of a checkout of ours, made file by file: detached HEAD, no remote, no hooks, objects borrowed, tags for
// `git describe`. From the user's configuration come only the settings that decide what files look like (filters, line
// ends). Blocks; pool threads.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "git/calls.h"
#include "support/result.h"

namespace baton {

struct CloneSource {
  GitCall settings;  // a call that runs in the repository whose settings hold; args are set here
  std::vector<std::filesystem::path> objects;  // borrowed, in this order
  std::filesystem::path common_dir;            // for its `shallow` and `info/attributes`
  bool sha256 = false;
  bool tags = true;  // those of the repository are there
};

// What is at `git_dir` goes away first, whatever it is. `commit_is_root`: its parents are not at hand (history ends
// there).
Status make_clone_folder(const std::filesystem::path& git_dir, std::string_view commit, const CloneSource& source,
                         bool commit_is_root, std::stop_token stop);

}  // namespace baton
