// From a branch that landed to a pull request: the base is looked at and, where it has moved, the result is verified again on it; the
// branch is pushed, the pull request made or found, labels, reviewers, verdict and one comment put to it. Every step finds what an
// earlier call did, so that it may be made again at any time. Blocks; worker threads.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "git/store.h"
#include "orchestrator/config.h"
#include "orchestrator/tasks/landing.h"

namespace baton {

// What became of it; kept in the journal.
struct Publication {
  std::string remote, base, branch, commit;  // names of branches; the commit that was pushed
  std::string root;                          // what the branch rested on when it was published first
  std::string base_commit;                   // the base's, on which the result is known to hold
  std::string verdict, evidence;             // where the base had moved: what was said of the result on it, and the verification's id
  std::string forge, url;                    // "github"; the page
  std::int64_t number = 0;
  bool draft = false;
  std::vector<std::string> labels, reviewers;  // those that the forge took
  std::vector<std::string> patches;          // where there is no forge
  std::vector<std::string> notes;            // sentences: what could not be done, why there is no forge
  bool complete = false;
};
nlohmann::json to_json(const Publication& publication);
Publication publication_from_json(const nlohmann::json& json);

struct PublishOrder {
  std::string task, title;
  std::string head;         // what the branch rests on
  Landing landing;
  std::string description;  // Markdown
  std::string verdict, evidence;  // "verified: …"; id of the verification
  bool passed = false;
  bool draft = false, dry = false;
  std::optional<Publication> before;  // of an earlier call
  ForgeSetting setting;
  std::string in_template;
  std::filesystem::path folder;       // of the task
  Environment client_env;
};

// Judges `commit` against `base`.
using VerifyAgain = std::function<Result<VerifyReport>(const std::string& base, const std::string& commit)>;

struct Published {
  Publication publication;
  std::shared_ptr<nlohmann::json> dry_run;  // what would be sent
};
// A comment that is found again by its first line.
struct MarkedComment {
  std::string marker, text;  // text: Markdown, below the marker
  bool only_change = false;  // where it is not there it is not made
};
// Puts comments to the pull request that is there, and touches nothing else; in a dry run what would be sent.
Result<std::shared_ptr<nlohmann::json>> comment_on(Store& store, const PublishOrder& order, const std::vector<MarkedComment>& comments, std::stop_token stop);
// What was said about the pull request, as a hint for another attempt; a precondition error where nothing was.
Result<std::string> review_of(Store& store, const PublishOrder& order, std::stop_token stop);
Result<Published> publish(Store& store, const PublishOrder& order, const VerifyAgain& verify, const std::function<void(const std::string&)>& say, std::stop_token stop);

}  // namespace baton
