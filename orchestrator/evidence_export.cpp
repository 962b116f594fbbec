#include "orchestrator/evidence_export.h"

#include <nlohmann/json.hpp>

#include "git/history.h"
#include "git/repository.h"
#include "git/store.h"
#include "orchestrator/evidence_bundle.h"
#include "orchestrator/kept_acceptances.h"
#include "orchestrator/own_journal.h"
#include "orchestrator/state_folder.h"
#include "support/json.h"
#include "support/places.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxEvents = 10'000;

Error no_verdict(const std::string& which) {
  return {ErrorKind::precondition, "There is no " + which + " of this repository; `baton verify` reaches one."};
}

// The hash of the envelope that was signed when the verdict was reached.
Result<std::string> envelope_of_verification(const Journal& journal, const std::string& id) {
  const auto events = journal.events(id, 0, kMaxEvents);
  if (!events) return events.error();
  std::string envelope;
  for (const Event& event : *events) {
    if (event.kind != "verification_done") continue;
    const auto body = parse_json(event.body);
    if (body && body->contains("envelope")) envelope = body->at("envelope").get<std::string>();
  }
  if (envelope.empty()) return Error{ErrorKind::precondition, "The verdict " + id + " was not signed when it was reached; `baton verify --fresh` reaches it again."};
  return envelope;
}

Result<std::string> commit_with(const Store& store, const Judged& judged) {
  if (const auto commit = store.resolve_commit(judged.commit)) {
    const auto tree = store.tree_of(*commit);
    if (tree && *tree == judged.tree) return *commit;
  }
  auto found = find_commit_of_tree(store.repository().common_dir, judged.tree);
  if (found && found->empty()) {
    return Error{ErrorKind::precondition, "No commit of this repository has the tree " + judged.tree + " (" + judged.name +
                                              " of the bundle); fetch the branch that has it."};
  }
  return found;
}

}  // namespace

Result<std::string> export_evidence(const fs::path& inside, const Environment& env, const std::string& verification) {
  const auto repository = open_repository(inside);
  if (!repository) return repository.error();
  const fs::path state = state_folder(*repository, cache_home(env));
  std::error_code ignored;
  if (!fs::exists(state / "journal.db", ignored)) return no_verdict("verdict");
  const auto journal = Journal::open_read_only(state / "journal.db");
  if (!journal) return journal.error();
  const auto id = (*journal)->id();
  if (!id) return id.error();
  if (!IdList(config_home(env) / kKnownJournalsFile).has(*id)) return no_verdict("verdict of your own");
  const auto known = verification.empty() ? (*journal)->latest_verification() : (*journal)->verification(verification);
  if (!known) return known.error();
  if (!*known) return no_verdict("verification " + verification);
  const auto envelope = envelope_of_verification(**journal, (*known)->id);
  if (!envelope) return envelope.error();
  const auto evidence = EvidenceStore::open(state / "evidence");
  if (!evidence) return evidence.error();
  const auto key = SigningKey::of_file(config_home(env) / kUserKeyFile);
  if (!key) return key.error();
  const auto accepted = acceptances(**journal, config_home(env));
  if (!accepted) return accepted.error();
  return make_bundle(*envelope, *accepted, *evidence, *key);
}

Result<VerifyRequest> request_again(const fs::path& inside, const VerifyReport& told) {
  const auto repository = open_repository(inside);
  if (!repository) return repository.error();
  const auto store = Store::open(*repository);
  if (!store) return store.error();
  if (told.base.tree.empty()) return Error{ErrorKind::precondition, "The verdict compares with nothing: there was no commit before it, so there is nothing to name again."};
  VerifyRequest request;
  auto base = commit_with(*store, told.base);
  if (!base) return base.error();
  auto head = commit_with(*store, told.head);
  if (!head) return head.error();
  request.base = std::move(*base);
  request.head = std::move(*head);
  for (const CriterionVerdict& criterion : told.criteria) request.criteria.push_back(criterion.text);
  request.prove = told.prove;
  request.task = told.task;
  request.task_by_agent = told.task_by_agent;
  request.fresh = true;
  return request;
}

}  // namespace baton
