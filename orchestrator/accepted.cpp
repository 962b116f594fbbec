#include "orchestrator/accepted.h"

#include <algorithm>

namespace baton {
namespace {

void add_one(FailureWeight& weight, const std::optional<AcceptedNote>& note) {
  ++weight.failures;
  weight.by_human += note && note->human;
  weight.by_process += note && !note->human;
}

bool tells_of_a_test(const VerifyReport& report, const Finding& finding) {
  return !finding.code.empty() && std::any_of(report.tests.begin(), report.tests.end(), [&](const TestVerdict& test) {
           return test.id == finding.code && test.status != TestStatus::unchanged;
         });
}

}  // namespace

bool can_be_accepted(const TestVerdict& test) { return blocks(test) || test.status == TestStatus::newly_unstable; }
bool can_be_accepted(const FindingVerdict& finding) { return finding.is_new && !finding.finding.suppressed; }

void FailureWeight::add(const FailureWeight& other) {
  failures += other.failures;
  by_human += other.by_human;
  by_process += other.by_process;
}

FailureWeight weight_of(const VerifyReport& report, const GateReport& gate) {
  FailureWeight weight;
  for (const TestVerdict& test : report.tests) {
    if (test.gate == gate.name && blocks(test)) add_one(weight, test.accepted);
  }
  for (const FindingVerdict& verdict : report.findings) {
    const Severity severity = verdict.finding.severity;
    const bool counts = severity == Severity::error || (gate.kind == GateKind::lint && severity == Severity::warning);
    if (verdict.gate == gate.name && counts && can_be_accepted(verdict) && !tells_of_a_test(report, verdict.finding)) add_one(weight, verdict.accepted);
  }
  return weight;
}

bool is_accepted(const TestVerdict& test) { return test.accepted && test.accepted->human; }
bool is_accepted(const FindingVerdict& finding) { return finding.accepted && finding.accepted->human; }

bool is_accepted(const VerifyReport& report, const GateReport& gate) {
  if (gate.verdict != GateVerdict::fail || gate.kind == GateKind::setup) return false;
  const FailureWeight weight = weight_of(report, gate);
  return weight.failures > 0 && weight.by_human == weight.failures;
}

}  // namespace baton
