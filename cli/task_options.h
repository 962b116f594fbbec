// What a task may be begun with: the options that `run` and `plan` share, and the arguments of the call that they become.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/task_verbs.h"
#include "cli/verb.h"
#include "support/result.h"

namespace baton {

struct TaskOptions {
  TaskLine line;
  std::string workflow = "auto", pattern = "auto", agent, land, file, text;
  bool dry_run = false;
};

// With those of the verb's line: --json, --embedded, --workspace, --yes. The options have to outlive the verb.
void add_task_options(Verb& verb, TaskOptions& options);
// A usage error where it is not said what is to be done, or twice.
Result<nlohmann::json> task_arguments(const TaskOptions& options);

// The options of every verb of tasks.
void add_line_options(Verb& verb, TaskLine& line);
void add_yes(Verb& verb, TaskLine& line);

}  // namespace baton
