// Which gates are judged, and how each runs on either side. Gates come from the base; what only the head has is added and
// marked, and set-up is each side's own, since build manifests and dependencies belong to the tree. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orchestrator/discover.h"
#include "orchestrator/verify_report.h"

namespace baton {

struct PlannedGate {
  std::optional<Gate> base, head;       // what runs on either side; absent: nothing
  std::optional<Gate> replacement;      // the head's own command, for when the base's tool is gone there
  const Gate& gate() const { return base ? *base : *head; }
};

struct VerificationPlan {
  std::vector<PlannedGate> gates;       // in running order
  std::vector<std::string> tools;       // of both sides
  std::vector<AuditFinding> audit;      // removed gates
  std::vector<std::string> notes;
  std::vector<Advice> advice;
};

// `base` is absent before the first commit. A base without any gate gives way to the head's.
VerificationPlan plan_verification(const GatePlan* base, const GatePlan& head);

// Only the named gates and what they need. An Error names the gates that there are.
Result<VerificationPlan> only_gates(VerificationPlan plan, const std::vector<std::string>& names);

// Everything of a gate that decides its result, with what it needs: part of the keys of cached runs.
std::string gate_fingerprint(const Gate& gate, const std::vector<const Gate*>& all);

// All that would run, as one plan: what trust is asked for.
GatePlan everything(const VerificationPlan& plan);

}  // namespace baton
