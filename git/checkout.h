// Clean checkouts of a commit of the store, in folders of ours, never in the user's tree. A checkout is a shared clone
// (its own `.git`, detached HEAD, no remote, objects borrowed), so that tools that ask git work; nothing in its `.git`
// is ever trusted afterwards. Needs trust (smudge filters run). Blocks; pool threads.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "git/sparse_cone.h"
#include "git/store.h"
#include "support/result.h"

namespace baton {

// A checkout of `commit` at `folder` (made; must be absent or empty). Submodules: checked out from the user's own
// `.git/modules` where the commit is there; the others stay empty folders, which missing_submodules() names. What a `cone`
// does not hold is left out, and its git knows so: `git sparse-checkout add` there brings more. The other functions here make it
// whole. Never the verifier's.
Status make_checkout(Store& store, std::string_view commit, const std::filesystem::path& folder,
                     std::stop_token stop = {}, const SparseCone& cone = {});

// Back to exactly `commit`: every tracked file restored, everything else gone, to the last ignored file and nested
// repository, except the folders named in `keep` (installed dependencies; paths below the checkout). `.git` is rebuilt,
// not trusted. What did not change since the last time is told by an index of ours, kept in the store.
Status reset_checkout(Store& store, std::string_view commit, const std::filesystem::path& folder,
                      const std::vector<std::string>& keep, std::stop_token stop = {});

// To `commit` in a checkout that was left behind: tracked files that differ are written anew and whatever else lies there stays,
// so that a build goes on from where it was. `.git` is rebuilt. Not for what has to be clean, nor where there are submodules.
Status update_checkout(Store& store, std::string_view commit, const std::filesystem::path& folder,
                       std::stop_token stop = {});

// Tracked files of a whole checkout that are no longer as one of the functions above left them, by content; submodules are not looked
// into. Nothing in its `.git` is read.
Result<std::vector<std::string>> changed_files(const Store& store, const std::filesystem::path& folder, std::stop_token stop = {});

// Paths of the commit's submodules whose commit is nowhere in the user's repository.
Result<std::vector<std::string>> missing_submodules(const Store& store, std::string_view commit);

// Folders outside the checkout that git needs to read inside a sandbox (store and user's objects).
std::vector<std::filesystem::path> borrowed_objects(const Store& store);

}  // namespace baton
