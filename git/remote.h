// Remotes of the user's repository, spoken to by the user's own `git`: with their credential helpers, ssh configuration, proxies, LFS
// and hooks. Nobody is asked for a password. What is fetched are objects: no ref, no FETCH_HEAD is written. Runs what the user has
// configured: needs trust. Blocks for as long as the network does; worker threads.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "git/remote_url.h"
#include "git/repository.h"
#include "support/process.h"

namespace baton {

struct Remote {
  std::string name, url;  // as git resolves it for a push (`insteadOf`)
};
Result<std::vector<Remote>> remotes(const Repository& repository, const Environment& client_env);

// Between which remotes the user works, as git is configured for the branch that is checked out: `branch.NAME.pushRemote`, else
// `remote.pushDefault`, and `branch.NAME.remote`. Empty where nothing is said.
struct RemoteHabit {
  std::string push, pull;
};
RemoteHabit remote_habit(const Repository& repository, const Environment& client_env);

// What an ssh host alias stands for, by `ssh -G` as git would run ssh here; the name itself where ssh does not know.
std::string ssh_host(const Repository& repository, const std::string& alias, const Environment& client_env);

struct RemoteBranch {
  std::string name, commit;
};
struct RemoteBranches {
  std::string main;  // the one that its HEAD names; may be empty
  std::vector<RemoteBranch> all;
  std::string commit_of(std::string_view branch) const;  // empty: none
};
Result<RemoteBranches> remote_branches(const Repository& repository, const Remote& remote, const Environment& client_env, std::stop_token stop);

// Into the user's objects, unless it is there.
Status fetch_commit(const Repository& repository, const Remote& remote, const RemoteBranch& branch, const Environment& client_env, std::stop_token stop);

// Whether `ancestor` lies on the way to `commit`; both are there.
Result<bool> is_ancestor(const Repository& repository, const std::string& ancestor, const std::string& commit);

struct PushOrder {
  std::string branch, commit;
  std::string before;  // what the remote has there; empty: nothing. Anything else is refused by the lease
  Environment client_env;
};
// The branch, with the user's pre-push hook. An error says what git or the remote said.
Status push_branch(const Repository& repository, const Remote& remote, const PushOrder& order, std::stop_token stop);

// One mail a commit, as `git format-patch` writes them, into `folder`; their paths.
Result<std::vector<std::string>> write_patches(const Repository& repository, const std::string& base, const std::string& commit, const std::filesystem::path& folder,
                                               std::stop_token stop);

}  // namespace baton
