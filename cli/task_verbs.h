// What the verbs of tasks share: a call to the engine of the repository with its progress on stderr, questions at a terminal, and
// the exit code of what it came to. Main thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "support/result.h"

namespace baton {

struct TaskLine {
  std::string workspace = ".";
  bool json = false, embedded = false, yes = false;
};

// Calls, asks what has to be asked, prints; gives the exit code.
int perform_task_verb(const TaskLine& line, const std::string& verb, nlohmann::json arguments);
// The answer alone, for verbs that print it in their own way.
Result<nlohmann::json> ask_for_task(const TaskLine& line, const std::string& verb, const nlohmann::json& arguments);

}  // namespace baton
