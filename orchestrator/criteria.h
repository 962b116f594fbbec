// Completion criteria and what shows them. Written so that the evidence is named: "gate: NAME", "test: ID", "fixed: TOOL CHECK at
// PATH:LINE", "file: PATH", "symbol: NAME in PATH", "command: LINE", "red-green" or "red-green: ID". Any other sentence is shown by
// a test of the change that covers it, and `not_checkable` without one: never a bigger word than the evidence. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/criteria_facts.h"
#include "orchestrator/verification_plan.h"
#include "orchestrator/verify_report.h"

namespace baton {

// "fixed: clang-tidy modernize-use-nullptr at src/a.cpp:12": a finding of the base that the result no longer has, told by the
// tool itself on both sides. Without a place: all that the check finds on the base.
struct FixedFinding {
  std::string tool, check;
  std::string path;  // relative to the root; empty: everywhere
  int line = 0;      // of the base, 1-based; 0: anywhere in the file
  bool operator==(const FixedFinding&) const = default;
};
std::string to_criterion(const FixedFinding& finding);
std::optional<FixedFinding> fixed_finding(std::string_view criterion);

// Red → green is asked for: of these tests, or of those that the change brings.
struct RedGreenWish {
  bool asked = false;
  std::vector<std::string> tests;
};
RedGreenWish red_green_wish(const std::vector<std::string>& criteria);

// A sentence, which only a test can show: it names no evidence, no file and no symbol.
bool is_sentence(std::string_view criterion);

// Ids of tests that cover a sentence and pass, and that nothing but red → green can show to be about the change; those of `prove` always.
std::vector<std::string> tests_to_prove(const std::vector<std::string>& criteria, const std::vector<TestVerdict>& tests, const CriteriaFacts& facts,
                                        const std::vector<std::string>& prove);

// The gates that run the commands of "command: LINE", on the result alone; they decide no verdict, only their criterion.
void add_command_gates(VerificationPlan& plan, const std::vector<std::string>& criteria);

// What became of a finding of the base.
struct FindingFate {
  Finding finding;   // line in the base
  std::string gate;
  bool gone = false;
};

// `report` with its gates, tests, findings, audit and reproduction judged; `fates` of the findings that its gates had on the base.
std::vector<CriterionVerdict> judge_criteria(const std::vector<std::string>& criteria, const VerifyReport& report,
                                             const std::vector<FindingFate>& fates = {}, const CriteriaFacts& facts = {});
// Whether judging them needs `facts`.
bool need_facts(const std::vector<std::string>& criteria);

}  // namespace baton
