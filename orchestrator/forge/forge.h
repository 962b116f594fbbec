// The forge behind a remote: where it is found, and the few calls of its API that a pull request needs. Three adapters, each no more
// than the words of its forge. A call that may be made again does nothing twice: what is there is found first. Blocks; worker threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "git/remote.h"
#include "orchestrator/config.h"
#include "support/http.h"

namespace baton {

enum class ForgeKind { github, gitlab, gitea };  // gitea: Forgejo too
std::string_view to_string(ForgeKind kind);

struct ForgePlace {
  ForgeKind kind = ForgeKind::github;
  std::string host;        // as people name it: "github.com"
  std::string api;         // "https://api.github.com", without a slash at its end
  std::string repository;  // "owner/name"; of GitLab with its groups
};

// Where a remote's API is: of a known host, as configured, as the host itself tells, or, where it is no forge, of the configured one.
// Absent: there is none, since the remote is a folder or a host that is no forge that is known here; `why` says so.
std::optional<ForgePlace> find_forge(const RemoteUrl& remote, const ForgeSetting& setting, const Environment& client_env, std::string& why, std::stop_token stop);
std::string repository_of(const RemoteUrl& remote, const ForgeSetting& setting);  // "owner/name", without the folders that the forge lies below
std::string repository_key(std::string name);  // the same for each spelling of a repository's name, of which forges ignore the case
ForgePlace forge_place(ForgeKind kind, const RemoteUrl& remote, const ForgeSetting& setting);

// A token and where it was found, for sentences. It is kept in memory alone.
struct ForgeToken {
  std::string value, from;
};
Result<ForgeToken> find_token(const ForgePlace& place, const ForgeSetting& setting, const std::filesystem::path& root, const Environment& client_env, std::stop_token stop);

// One request to the API, as `--dry-run` shows it. The token is added when it is sent.
struct ForgeRequest {
  std::string method, path;  // path: below `api`
  std::string body;          // JSON text; empty: none
  std::string doing;         // "create the pull request": for sentences
};

enum class PullRequestState { open, closed, merged };

struct PullRequest {
  std::int64_t number = 0;  // 0: it would be made
  std::string url, body, branch;
  PullRequestState state = PullRequestState::open;
  std::vector<std::int64_t> reviewers;  // ids, of GitLab alone, which is told all of them at once
  bool draft = false, made = false;  // made: by this call
};

struct PullRequestOrder {
  std::string title, body, branch, base;
  std::string head_repository;  // where the branch is; differs from the place's repository for a fork
  bool draft = false;
};

struct CheckReport {
  std::string commit, name, summary, text, key;  // key: the same for the same check
  bool passed = false;
};

// Labels or reviewers: one that the forge does not take keeps no other out.
struct Added {
  std::vector<std::string> names;
  std::vector<Error> refused;
};

class ForgeLine;
enum class Missing { make, leave };  // what becomes of a comment that is not there

inline constexpr const char* kForgeCheck = "baton";  // the name of ours
// What people wrote about a pull request and which checks of its commit are red, ours apart; a text each.
Result<std::vector<std::string>> said_about(const ForgePlace& place, ForgeLine& line, std::int64_t number, const std::string& commit);

class Forge {
 public:
  virtual ~Forge() = default;
  virtual Result<std::vector<std::string>> forked_from(const std::string& repository) = 0;  // the nearest first; none: it is no fork
  virtual Result<std::optional<PullRequest>> look_at(std::int64_t number) = 0;  // nothing: it is not there
  virtual Result<std::optional<PullRequest>> find(const PullRequestOrder& order) = 0;  // an open one
  virtual Result<PullRequest> create(const PullRequestOrder& order) = 0;
  virtual Status update_body(const PullRequest& there, const std::string& body) = 0;
  virtual Added label(const PullRequest& there, const std::vector<std::string>& labels) = 0;
  virtual Added ask_review(const PullRequest& there, const std::vector<std::string>& reviewers) = 0;
  virtual Status report(const std::string& repository, const CheckReport& report) = 0;
  // The one comment that begins with `marker`: changed where it says something else.
  virtual Status comment(const PullRequest& there, const std::string& marker, const std::string& text, Missing missing) = 0;
  virtual std::size_t body_limit() const = 0;  // bytes
};
std::unique_ptr<Forge> open_forge(const ForgePlace& place, ForgeLine& line);

}  // namespace baton
