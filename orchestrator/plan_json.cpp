#include <nlohmann/json.hpp>

#include "orchestrator/json_fields.h"
#include "orchestrator/planner.h"

namespace baton {

using nlohmann::json;

namespace {

PlannedSubtask subtask_from(JsonFields& fields, const json& given) {
  return {fields.text(given, "id"),           fields.text(given, "title"), fields.text(given, "agent_type"), fields.texts(given, "criteria"),
          fields.texts(given, "write_set"),   fields.texts(given, "after"), fields.text(given, "agent"),      fields.text(given, "check"),
          fields.flag(given, "tests_only")};
}

}  // namespace

json to_json(const PlannedSubtask& subtask) {
  json object = {{"id", subtask.id}, {"title", subtask.title}, {"agent_type", subtask.agent_type}, {"criteria", subtask.criteria},
                 {"write_set", subtask.write_set}, {"after", subtask.after}};
  if (!subtask.agent.empty()) object["agent"] = subtask.agent;
  if (!subtask.check.empty()) object["check"] = subtask.check;
  if (subtask.tests_only) object["tests_only"] = true;
  return object;
}

PlannedSubtask subtask_from_json(const json& given) {
  JsonFields fields("a subtask");
  return subtask_from(fields, given);
}

json to_json(const Plan& plan) {
  json criteria = json::array(), subtasks = json::array();
  for (const Criterion& criterion : plan.criteria) criteria.push_back({{"id", criterion.id}, {"text", criterion.text}});
  for (const PlannedSubtask& subtask : plan.subtasks) subtasks.push_back(to_json(subtask));
  return {{"version", 1}, {"title", plan.title}, {"text", plan.text}, {"route", plan.route}, {"workflow", to_string(plan.workflow)},
          {"pattern", to_string(plan.pattern)}, {"reason", plan.reason}, {"question", plan.question}, {"criteria", std::move(criteria)},
          {"subtasks", std::move(subtasks)}};
}

Result<Plan> plan_from_json(const json& given) {
  if (!given.is_object()) return Error{ErrorKind::usage, "A plan is a JSON object; `baton plan` prints one."};
  JsonFields fields("a plan");
  if (fields.integer(given, "version") != 1) return Error{ErrorKind::usage, "This plan is not of version 1, the one that is known here; make it again with `baton plan`."};
  Plan plan;
  plan.title = fields.text(given, "title");
  plan.text = fields.text(given, "text");
  plan.route = fields.text(given, "route");
  plan.workflow = fields.word(given, "workflow", {Workflow::feature, Workflow::bugfix, Workflow::refactor});
  plan.pattern = fields.word(given, "pattern", {Pattern::parallel, Pattern::sequential, Pattern::specialist});
  plan.reason = fields.text(given, "reason");
  plan.question = fields.text(given, "question");
  for (const json& criterion : fields.list(given, "criteria")) {
    plan.criteria.push_back({fields.text(criterion, "id"), fields.text(criterion, "text")});
  }
  for (const json& subtask : fields.list(given, "subtasks")) {
    plan.subtasks.push_back(subtask_from(fields, subtask));
  }
  if (!fields.ok()) return Error{ErrorKind::usage, fields.error().message};
  return plan;
}

}  // namespace baton
