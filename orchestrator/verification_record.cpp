#include "orchestrator/verification_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/evidence_bundle.h"
#include "support/json.h"
#include "support/log.h"

namespace baton {
namespace {

// A verdict that rests on a fault of the moment is not given a second time.
bool may_answer_again(const VerifyReport& report) {
  const auto of_the_moment = [](const std::optional<RunSummary>& run) {
    return run && (run->verdict == RunVerdict::env_fault || run->verdict == RunVerdict::timeout || run->verdict == RunVerdict::crash);
  };
  return report.verdict != Verdict::inconclusive && std::all_of(report.gates.begin(), report.gates.end(), [&](const GateReport& gate) {
           return gate.verdict != GateVerdict::env_fault && !of_the_moment(gate.base) && !of_the_moment(gate.head);
         });
}

}  // namespace

Status VerificationRecord::add(const std::string& kind, const nlohmann::json& body) {
  Event event;
  event.task = asked_.id;
  event.kind = kind;
  event.body = dump_json(body);
  event.actor = kind == "verification_started" ? asked_.actor : "verifier";
  auto kept = parts_.journal.append({event});
  if (!kept) return kept.error();
  return done();
}

Status VerificationRecord::began() {
  return add("verification_started", {{"base", asked_.base.tree}, {"head", asked_.head.tree}, {"trusted_this_run", asked_.trusted_this_run}, {"asked_by", asked_.asked_by}});
}

Status VerificationRecord::keep_runs(const Gate& gate, SideRunner* side) {
  if (!side) return done();
  const auto* runs = side->known_runs(gate.name);
  if (!runs || std::all_of(runs->begin(), runs->end(), [](const GateRun& run) { return run.cached; })) return done();
  nlohmann::json body = {{"gate", gate.name}, {"side", side->side()}, {"tree", side->tree()}};
  body["evidence"] = nlohmann::json::array();
  for (const GateRun& run : *runs) body["evidence"].push_back(run.statement);
  body["verdict"] = to_string(runs->front().evidence.diagnosis.verdict);
  if (may_serve_again(*runs)) {
    const std::string key = side->run_key(gate);
    body["key"] = key;
    body["seal"] = seal_.of(key, dump_json(body["evidence"]));
  }
  return add("gate_ran", body);
}

Status VerificationRecord::remember(const VerifyReport& report, const std::vector<std::string>& statements, bool of_the_moment) {
  // A quick verdict answers nobody a second time.
  if (asked_.quick) return add("quick_verdict", {{"id", report.id}, {"verdict", to_string(report.verdict)}});
  nlohmann::json body = {{"id", report.id}, {"report", to_json(report)}};
  const std::string key = !of_the_moment && may_answer_again(report) ? verification_key(asked_) : "";
  body["key"] = key;
  if (!key.empty()) body["seal"] = seal_.of(key, dump_json(body["report"]));
  auto signed_as = sign_verdict(report, statements, parts_.evidence, parts_.config_home);
  if (signed_as) body["envelope"] = *signed_as;
  else log(LogLevel::warning, "the verdict is not signed: " + signed_as.error().message);
  return add("verification_done", body);
}

}  // namespace baton
