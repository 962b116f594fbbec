// What a plan of fixes and its attempts share: how findings become criteria and subtasks. A criterion is all findings of one check on
// one line of a file, in the words that the verifier looks for again. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/agents/fix_tools.h"
#include "orchestrator/planner.h"

namespace baton {

// "fixed: clang-tidy modernize-use-nullptr at src/a.cpp:12"
std::string criterion_of(const Fix& fix);

struct LookedAt {
  const FixTool* tool;
  FixLook look;
};

// A subtask for each tool and check that has something to mend. An Error says what there is instead.
Result<Plan> plan_of_fixes(const TaskText& task, const std::vector<LookedAt>& looks);

}  // namespace baton
