#include "orchestrator/criteria.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace baton {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<std::string> after(std::string_view text, std::string_view word) {
  if (!text.starts_with(word)) return std::nullopt;
  return std::string(trimmed(text.substr(word.size())));
}

CriterionStatus of_gate(const GateReport& gate) {
  switch (gate.verdict) {
    case GateVerdict::pass:
      return CriterionStatus::met;
    case GateVerdict::fail:
    case GateVerdict::vacuous:
      return CriterionStatus::unmet;
    case GateVerdict::env_fault:
    case GateVerdict::inconclusive:
      break;
  }
  return CriterionStatus::not_checkable;
}

CriterionStatus of_test(TestStatus status) {
  switch (status) {
    case TestStatus::fixed:
    case TestStatus::added:
    case TestStatus::unchanged:
      return CriterionStatus::met;
    case TestStatus::regression:
    case TestStatus::pre_existing:
    case TestStatus::vanished:
    case TestStatus::added_failing:
      return CriterionStatus::unmet;
    case TestStatus::flaky:
    case TestStatus::newly_unstable:
    case TestStatus::env_fault:
    case TestStatus::not_run:
    case TestStatus::skipped:
      break;
  }
  return CriterionStatus::not_checkable;
}

const GateReport* find_gate(const VerifyReport& report, const std::string& name) {
  const auto found =
      std::find_if(report.gates.begin(), report.gates.end(), [&](const GateReport& g) { return g.name == name; });
  return found == report.gates.end() ? nullptr : &*found;
}

void add_evidence(CriterionVerdict& verdict, const GateReport* gate) {
  if (gate && gate->base && !gate->base->evidence.empty()) verdict.evidence.push_back(gate->base->evidence);
  if (gate && gate->head && !gate->head->evidence.empty()) verdict.evidence.push_back(gate->head->evidence);
}

}  // namespace

std::vector<CriterionVerdict> judge_criteria(const std::vector<std::string>& criteria, const VerifyReport& report) {
  std::vector<CriterionVerdict> verdicts;
  for (const std::string& text : criteria) {
    CriterionVerdict verdict{text, CriterionStatus::not_checkable, {}};
    if (const auto name = after(trimmed(text), "gate:")) {
      const GateReport* gate = find_gate(report, *name);
      if (gate) verdict.status = of_gate(*gate);
      add_evidence(verdict, gate);
    } else if (const auto id = after(trimmed(text), "test:")) {
      const auto test =
          std::find_if(report.tests.begin(), report.tests.end(), [&](const TestVerdict& t) { return t.id == *id; });
      if (test != report.tests.end()) {
        verdict.status = of_test(test->status);
        add_evidence(verdict, find_gate(report, test->gate));
      }
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace baton
