// Completion criteria that a verification can show by itself: "gate: NAME" and "test: ID". What is said in other words is
// `not_checkable` here, and never more. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/verify_report.h"

namespace baton {

// `report` with its gates and tests judged.
std::vector<CriterionVerdict> judge_criteria(const std::vector<std::string>& criteria, const VerifyReport& report);

}  // namespace baton
