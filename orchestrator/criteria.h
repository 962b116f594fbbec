// Completion criteria that a verification can show by itself: "gate: NAME", "test: ID" and "fixed: TOOL CHECK at PATH:LINE".
// What is said in other words is `not_checkable` here, and never more. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// What became of a finding of the base.
struct FindingFate {
  Finding finding;   // line in the base
  std::string gate;
  bool gone = false;
};

// `report` with its gates, tests and findings judged; `fates` of the findings that its gates had on the base.
std::vector<CriterionVerdict> judge_criteria(const std::vector<std::string>& criteria, const VerifyReport& report,
                                             const std::vector<FindingFate>& fates = {});

}  // namespace baton
