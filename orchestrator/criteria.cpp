#include "orchestrator/criteria.h"

#include <algorithm>
#include <charconv>

#include "orchestrator/fixed_findings.h"

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

// Its findings can be compared: it ran on both sides, and what it told is all that it had to tell.
bool told_all(const GateReport& gate, const VerifyReport& report) {
  for (const auto* run : {&gate.base, &gate.head}) {
    const bool to_end = *run && ((*run)->verdict == RunVerdict::pass || (*run)->verdict == RunVerdict::fail) && (*run)->exit_code.value_or(2) <= 1;
    if (!to_end) return false;
  }
  // What the compiler inside the tool could not read was not looked at.
  return std::none_of(report.findings.begin(), report.findings.end(), [&](const FindingVerdict& found) {
    return found.gate == gate.name && found.is_new && found.finding.code.starts_with("clang-diagnostic-error");
  });
}

bool is_about(const FindingFate& fate, const FixedFinding& asked) {
  const Finding& found = fate.finding;
  const bool own_gate = fate.gate == fixed_findings_gate(asked.tool);
  if (!asked.path.empty() && found.path != asked.path) return false;
  if (own_gate && is_formatter(asked.tool)) return true;
  return (own_gate || found.tool == asked.tool) && found.code == asked.check && (asked.line == 0 || found.line == asked.line);
}

CriterionStatus of_fixed(const FixedFinding& asked, const VerifyReport& report, const std::vector<FindingFate>& fates, std::vector<std::string>& gates) {
  bool seen = false, there = false;
  for (const FindingFate& fate : fates) {
    if (!is_about(fate, asked)) continue;
    const auto gate = std::find_if(report.gates.begin(), report.gates.end(), [&](const GateReport& one) { return one.name == fate.gate; });
    if (gate == report.gates.end() || !told_all(*gate, report)) return CriterionStatus::not_checkable;
    if (std::find(gates.begin(), gates.end(), fate.gate) == gates.end()) gates.push_back(fate.gate);
    seen = true;
    there = there || !fate.gone;
  }
  if (!seen) return CriterionStatus::not_checkable;
  return there ? CriterionStatus::unmet : CriterionStatus::met;
}

void add_evidence(CriterionVerdict& verdict, const GateReport* gate) {
  if (gate && gate->base && !gate->base->evidence.empty()) verdict.evidence.push_back(gate->base->evidence);
  if (gate && gate->head && !gate->head->evidence.empty()) verdict.evidence.push_back(gate->head->evidence);
}

constexpr std::string_view kFixed = "fixed:", kAt = " at ";

}  // namespace

std::string to_criterion(const FixedFinding& finding) {
  std::string text = std::string(kFixed) + " " + finding.tool + " " + finding.check;
  if (!finding.path.empty()) text += std::string(kAt) + finding.path;
  if (finding.line > 0) text += ":" + std::to_string(finding.line);
  return text;
}

std::optional<FixedFinding> fixed_finding(std::string_view criterion) {
  const auto said = after(trimmed(criterion), kFixed);
  if (!said) return std::nullopt;
  std::string_view text = *said;
  FixedFinding finding;
  if (const auto at = text.find(kAt); at != text.npos) {
    std::string_view place = trimmed(text.substr(at + kAt.size()));
    text = trimmed(text.substr(0, at));
    const auto colon = place.rfind(':');
    const std::string_view digits = colon == place.npos ? std::string_view() : place.substr(colon + 1);
    if (!digits.empty() && std::from_chars(digits.data(), digits.data() + digits.size(), finding.line).ptr == digits.data() + digits.size()) place = place.substr(0, colon);
    else finding.line = 0;
    finding.path = place;
  }
  auto space = text.rfind(' ');
  if (space == text.npos) return std::nullopt;
  // "ruff format ruff format": a formatter is its own check, whatever its name.
  if (const auto half = text.size() / 2; text[half] == ' ' && text.substr(0, half) == text.substr(half + 1)) space = half;
  finding.tool = trimmed(text.substr(0, space));
  finding.check = text.substr(space + 1);
  return finding;
}

std::vector<CriterionVerdict> judge_criteria(const std::vector<std::string>& criteria, const VerifyReport& report, const std::vector<FindingFate>& fates) {
  std::vector<CriterionVerdict> verdicts;
  for (const std::string& text : criteria) {
    CriterionVerdict verdict{text, CriterionStatus::not_checkable, {}};
    if (const auto name = after(trimmed(text), "gate:")) {
      const GateReport* gate = find_gate(report, *name);
      if (gate) verdict.status = of_gate(*gate);
      add_evidence(verdict, gate);
    } else if (const auto fixed = fixed_finding(text)) {
      std::vector<std::string> gates;
      verdict.status = of_fixed(*fixed, report, fates, gates);
      for (const std::string& gate : gates) add_evidence(verdict, find_gate(report, gate));
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
