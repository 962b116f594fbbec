// The gates that show whether findings of the base are gone: for each tool that a criterion names ("fixed: TOOL CHECK at ..."),
// the tool itself with these checks, over the files that they are about. They decide no verdict, only those criteria. Pure; any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/verification_plan.h"

namespace baton {

// "clang-tidy (fixed findings)"
std::string fixed_findings_gate(std::string_view tool);

// Adds them to the plan. A tool that already is a gate over all files needs none; one that cannot be run gets a note.
void add_fixed_findings_gates(VerificationPlan& plan, const std::vector<std::string>& criteria, const Environment& client_env);

// Its finding is a file that is not formatted, wherever in it.
bool is_formatter(std::string_view tool);

}  // namespace baton
