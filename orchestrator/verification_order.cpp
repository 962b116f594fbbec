#include "orchestrator/verification_order.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "support/hash.h"
#include "support/json.h"

namespace baton {
namespace {

// A test gate that builds all that it tests does not wait for a build gate that shows the same.
VerificationPlan without_double_builds(VerificationPlan plan) {
  std::set<std::string> builds;
  for (const PlannedGate& planned : plan.gates) {
    if (planned.gate().kind == GateKind::build) builds.insert(planned.gate().name);
  }
  for (PlannedGate& planned : plan.gates) {
    for (auto* side : {&planned.base, &planned.head, &planned.replacement}) {
      if (*side && (*side)->builds_itself) std::erase_if((*side)->needs, [&](const auto& name) { return builds.count(name); });
    }
  }
  return plan;
}

}  // namespace

std::string verification_key(const VerificationOrder& verification) {
  nlohmann::json key = {verification.base.tree,
                        verification.head.tree,
                        verification.toolchain_digest,
                        environment_digest(verification.environment.gate),
                        environment_digest(verification.environment.setup),
                        std::string(to_string(verification.rung)),
                        verification.criteria,
                        verification.prove ? nlohmann::json(*verification.prove) : nlohmann::json(),
                        verification.task,
                        verification.task_by_agent,
                        verification.lent.digests(),
                        verification.partial,
                        verification.mutants.count(),
                        BATON_VERSION};
  for (const PlannedGate& planned : verification.plan.gates) {
    for (const auto* side : {&planned.base, &planned.head, &planned.replacement}) {
      key.push_back(*side ? (*side)->name + (*side)->source + ((*side)->required ? "!" : "?") +
                                gate_fingerprint(**side, {}) + dump_json((*side)->needs)
                          : "");
    }
  }
  return sha256(dump_json(key));
}

VerificationOrder quick_order(VerificationOrder verification) {
  verification.quick = true;
  std::vector<std::string> tests, others;
  std::set<std::string> needed;
  for (const PlannedGate& planned : verification.plan.gates) {
    const Gate& gate = planned.gate();
    if (gate.kind == GateKind::test && gate.required) tests.push_back(gate.name);
  }
  if (tests.empty()) return verification;
  auto chosen = only_gates(without_double_builds(verification.plan), tests);
  if (!chosen) return verification;
  for (const PlannedGate& planned : chosen->gates) needed.insert(planned.gate().name);
  for (const PlannedGate& planned : verification.plan.gates) {
    const std::string& name = planned.gate().name;
    if (planned.head && !needed.count(name)) others.push_back(name);
  }
  if (!others.empty()) {
    std::string names;
    for (const std::string& name : others) names += (names.empty() ? "" : ", ") + name;
    verification.notes.push_back("Left to the clean verification: " + names + ".");
  }
  verification.plan = std::move(*chosen);
  return verification;
}

std::string kept_build_key(const VerificationOrder& verification) {
  return sha256(dump_json(nlohmann::json{verification.toolchain_digest, environment_digest(verification.environment.gate),
                                         environment_digest(verification.environment.setup),
                                         std::string(to_string(verification.rung))}));
}

}  // namespace baton
