// What a round's result makes weaker of the checks that hold the code, and by whose work. Blocks on the store alone.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/tasks/round.h"

namespace baton {

// The subtasks whose work the findings that remove protection are in: those that touched the file, else all that agents
// did. A tool's own fixes are left out: who asked for them knows what they do, and nobody could be told.
Result<std::vector<std::string>> weakened_by(const Store& store, const std::vector<Contribution>& contributions,
                                             const VerifyReport& report);

// "tests/test_a.py:3: … And 2 more."; empty where nothing is weaker.
std::string weakened_sentence(const VerifyReport& report);
std::string weakened_list(const VerifyReport& report);                 // Markdown, each with its hunk
std::string weakened_feedback(int round, const VerifyReport& report);  // to whose work it is

}  // namespace baton
