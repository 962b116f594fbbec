// A bug fix that comes with no test: nothing shows that it mends anything. That is told, and holds it at a branch until
// a human has looked. Pure but for the store; worker threads.
#pragma once

#include "orchestrator/tasks/round.h"

namespace baton {

inline constexpr const char* kUntestedFix =
    "No test shows this fix: none was written or changed for it, and none that failed before passes now.";

// Of a task that was given as a bug fix or looks like one, where agents changed the program.
Result<bool> is_untested_fix(const Store& store, const Plan& plan, const std::vector<Contribution>& contributions,
                             const VerifyReport& report);

}  // namespace baton
