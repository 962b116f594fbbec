// Commits in the user's name, as `git commit` would make them: the user's identity, signature and commit-msg hook; pre-commit hooks
// do not run, since the tree is given. Written into the store, so that the user's repository gets nothing before a branch does.
// Runs what the user has configured: needs trust. Blocks; pool threads.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "git/store.h"
#include "support/process.h"
#include "support/result.h"

namespace baton {

// How the user commits; asked once for all commits of a landing. An error where git does not know who the user is.
struct Committer {
  Environment client_env;      // the user's: HOME, agents of keys, GIT_AUTHOR_...
  std::filesystem::path hook;  // commit-msg; empty: there is none
  bool signs = false;
};
Result<Committer> committer_of(const Store& store, Environment client_env, std::stop_token stop = {});

struct UserCommit {
  std::string tree, parent;
  std::string message;  // the hook may change it
};
// The id of the commit.
Result<std::string> commit_as_user(Store& store, const Committer& committer, const UserCommit& commit, std::stop_token stop = {});

// The last subjects on the way to `commit`, newest first, without merges.
Result<std::vector<std::string>> subjects_before(const Store& store, std::string_view commit, int count, std::stop_token stop = {});

// The message of a commit of the store or the user's repository.
Result<std::string> commit_message(const Store& store, std::string_view commit);
Result<std::vector<std::string>> commit_parents(const Store& store, std::string_view commit);

}  // namespace baton
