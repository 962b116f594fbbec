#include "orchestrator/kept_acceptances.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "orchestrator/evidence_bundle.h"
#include "orchestrator/id_list.h"
#include "orchestrator/journal_seal.h"
#include "support/ids.h"
#include "support/json.h"
#include "support/log.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kTask = "accepted-failures";  // under which the events are kept
constexpr const char* kAccepted = "failure_accepted";
constexpr const char* kWithdrawn = "acceptance_withdrawn";
// Ids of what was accepted and is no longer, in the configuration folder: the event that says so could be taken out of the journal.
constexpr const char* kWithdrawnFile = "withdrawn";
constexpr int kMaxEvents = 100000;

// What an event's seal is over, beside its body: a row that was copied to another journal, or was given another kind, is none.
std::string sealed_as(const std::string& journal, const Event& event) { return "failure " + journal + " " + event.kind + " " + event.actor; }

struct KeptAcceptance {
  std::string id;
  Acceptance acceptance;
};

// Absent: nobody but whoever writes into the file says so.
std::optional<KeptAcceptance> acceptance_from(const Event& event, const std::string& journal, const JournalSeal& user) {
  auto body = parse_json(event.body);
  if (!body || !body->is_object() || !body->value("seal", json()).is_string() || !body->value("id", json()).is_string()) return std::nullopt;
  const std::string seal = body->at("seal").get<std::string>();
  body->erase("seal");
  if (!user.holds(sealed_as(journal, event), dump_json(*body), seal)) return std::nullopt;
  auto one = acceptance_from_json(*body);
  if (!one) return std::nullopt;
  one->caller.actor = event.actor;
  return KeptAcceptance{body->at("id").get<std::string>(), std::move(*one)};
}

Result<std::vector<KeptAcceptance>> kept_acceptances(const Journal& journal, const fs::path& config_home) {
  const auto events = journal.events(kTask, 0, kMaxEvents);
  if (!events) return events.error();
  const auto id = journal.id();
  if (!id) return id.error();
  const JournalSeal user(config_home);
  const IdList withdrawn(config_home / kWithdrawnFile);
  std::vector<KeptAcceptance> all;
  for (const Event& event : *events) {
    auto one = acceptance_from(event, *id, user);
    if (!one) {
      log(LogLevel::warning, "an accepted failure in the journal (event " + std::to_string(event.seq) + ") was not written by this user's Baton; it counts for nothing");
      continue;
    }
    std::erase_if(all, [&](const KeptAcceptance& other) { return other.acceptance.same_failure(one->acceptance); });
    if (event.kind == kAccepted && !withdrawn.has(one->id)) all.push_back(std::move(*one));
  }
  return all;
}

Status append(Journal& journal, const char* kind, Acceptance one, const fs::path& config_home) {
  const auto journal_id = journal.id();
  if (!journal_id) return journal_id.error();
  Event event;
  event.task = kTask;
  event.kind = kind;
  event.actor = one.caller.actor;
  event.unix_ms = one.unix_ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  json body = to_json(one);
  body["id"] = new_id();
  const std::string seal = JournalSeal(config_home).of(sealed_as(*journal_id, event), dump_json(body));
  if (seal.empty()) return Error{ErrorKind::io, "This cannot be signed, so that it would count for nothing: " + (config_home / kUserKeyFile).string() + " can be neither read nor made."};
  body["seal"] = seal;
  event.body = dump_json(body);
  const auto kept = journal.append({event});
  if (!kept) return kept.error();
  return done();
}

}  // namespace

Result<std::vector<Acceptance>> acceptances(const Journal& journal, const fs::path& config_home) {
  auto kept = kept_acceptances(journal, config_home);
  if (!kept) return kept.error();
  std::vector<Acceptance> all;
  for (KeptAcceptance& one : *kept) all.push_back(std::move(one.acceptance));
  return all;
}

Status keep_acceptance(Journal& journal, const Acceptance& acceptance, const fs::path& config_home) { return append(journal, kAccepted, acceptance, config_home); }

Status withdraw_acceptance(Journal& journal, const Acceptance& acceptance, const fs::path& config_home) {
  const auto kept = kept_acceptances(journal, config_home);
  if (!kept) return kept.error();
  for (const KeptAcceptance& one : *kept) {
    if (!one.acceptance.same_failure(acceptance)) continue;
    if (auto added = IdList(config_home / kWithdrawnFile).add(one.id); !added) return added;
  }
  return append(journal, kWithdrawn, acceptance, config_home);
}

}  // namespace baton
