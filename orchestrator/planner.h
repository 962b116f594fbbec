// The plan of a task by rules, without a model: a subtask for each domain, in the order in which layers rest on each other. A plan
// is a document that the user may edit; `plan_problems` says what an edited one lacks. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/intake.h"
#include "orchestrator/router.h"

namespace baton {

enum class Pattern { parallel, sequential, specialist };
std::string_view to_string(Pattern pattern);

struct PlannedSubtask {
  std::string id;                      // "s1"
  std::string title;
  std::string agent_type;              // a domain, or `general`
  std::vector<std::string> criteria;   // ids
  std::vector<std::string> write_set;  // patterns of the files that it may change; empty: not known before
  std::vector<std::string> after;      // ids of subtasks whose result it starts from
  std::string agent = {};              // the agent that takes it, by name; empty: chosen by its type
  std::string check = {};              // of a fixer's subtask: the check whose findings it mends
  bool tests_only = false;             // it writes tests for its criteria: what changes anything else is refused, and only what is proven counts
};

struct Plan {
  std::string title;
  std::string text;
  std::string route;
  Workflow workflow = Workflow::feature;
  Pattern pattern = Pattern::specialist;
  std::string reason;    // why this pattern and these subtasks
  std::string question;  // what has to be asked before; empty when the task is clear
  std::vector<Criterion> criteria;
  std::vector<PlannedSubtask> subtasks;
};

struct PlanWishes {
  std::optional<Workflow> workflow;
  std::optional<Pattern> pattern;
};

Plan make_plan(const TaskText& task, const Router& router, const WorkspaceFacts& facts, const PlanWishes& wishes = {});

// A clear sentence for each thing that is wrong: ids that are missing, double or unknown, a circle, a criterion of nobody.
std::vector<std::string> plan_problems(const Plan& plan);

nlohmann::json to_json(const PlannedSubtask& subtask);
PlannedSubtask subtask_from_json(const nlohmann::json& json);
nlohmann::json to_json(const Plan& plan);  // docs/schema/plan.schema.json
Result<Plan> plan_from_json(const nlohmann::json& json);

}  // namespace baton
