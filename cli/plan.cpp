#include <memory>
#include <nlohmann/json.hpp>

#include "cli/print.h"
#include "cli/task_options.h"
#include "cli/verb.h"
#include "cli/verbs.h"
#include "cli/workspace_router.h"
#include "git/repository.h"
#include "orchestrator/enum_text.h"
#include "orchestrator/planner.h"
#include "support/files.h"
#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxTask = 1u << 20;

struct Options {
  TaskOptions task;
  std::string check;
};

void print_plan(const json& plan, const TaskOptions& options) { write_result(options.line.json ? dump_json(plan) + "\n" : dump_json_pretty(plan)); }

// Every problem on a line of its own; the last word on an edited plan before it is approved.
int check_plan(const std::string& file) {
  const auto json = parse_json_file(file);
  if (!json) return complain({ErrorKind::usage, json.error().message});
  const auto plan = plan_from_json(*json);
  if (!plan) return complain(plan.error());
  const auto problems = plan_problems(*plan);
  for (const std::string& problem : problems) complain({ErrorKind::usage, problem});
  return problems.empty() ? kExitDone : kExitUsage;
}

// In a repository the plan is kept as a task, so that it can be approved.
int plan_task(const TaskOptions& options, const json& arguments) {
  TaskLine line = options.line;
  line.json = false;  // the plan alone is the answer
  const auto answer = ask_for_task(line, "plan", arguments);
  if (!answer) return complain(answer.error());
  if (!answer->contains("plan") || !(*answer)["plan"].is_object()) return complain({ErrorKind::io, answer->value("message", "No plan could be made.")});
  json plan = (*answer)["plan"];
  plan["task"] = answer->value("task", "");
  for (const json& subtask : answer->value("subtasks", json::array())) plan["agents"][subtask.value("id", "")] = subtask.value("agent", "");
  if (const auto budget = answer->find("budget"); budget != answer->end()) {
    const json warnings = budget->value("warnings", json::array());  // named: a temporary would be gone in the loop
    for (const json& warning : warnings) complain({ErrorKind::precondition, warning});
    plan["budget"] = *budget;
  }
  print_plan(plan, options);
  return kExitDone;
}

// Of a folder that is no repository: by the text and the files alone.
int plan_of_folder(const TaskOptions& options, const TaskText& task) {
  if (!options.agent.empty()) {
    return complain({ErrorKind::usage, "The agent " + options.agent + " cannot be asked for here: " + options.line.workspace + " is in no git repository, where agents work."});
  }
  const auto workspace = open_workspace_router(options.line.workspace);
  if (!workspace) return complain(workspace.error());
  PlanWishes wishes;
  wishes.workflow = enum_named(options.workflow, {Workflow::feature, Workflow::bugfix, Workflow::refactor});
  wishes.pattern = enum_named(options.pattern, {Pattern::parallel, Pattern::sequential, Pattern::specialist});
  print_plan(to_json(make_plan(task, workspace->router, workspace->facts, wishes)), options);
  return kExitDone;
}

int run_plan(const Options& options) {
  if (!options.check.empty()) return check_plan(options.check);
  const auto arguments = task_arguments(options.task);
  if (!arguments) return complain(arguments.error());
  const auto text = options.task.file.empty() ? Result<std::string>(options.task.text) : read_file(options.task.file, kMaxTask);
  if (!text) return complain({ErrorKind::usage, text.error().message});
  const TaskText task = take_in(*text);
  if (task.title.empty()) return complain({ErrorKind::usage, "The task is empty; say what is to be done."});
  return open_repository(options.task.line.workspace) ? plan_task(options.task, *arguments) : plan_of_folder(options.task, task);
}

}  // namespace

void add_plan(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  Verb verb(app, "plan", "Print the plan of a task as JSON; none of it is run");
  verb.footer("For example:  baton plan \"Add an endpoint that lists invoices, and a page that shows them\"");
  add_task_options(verb, options->task);
  verb.option("--check", options->check, "An edited plan: say what is wrong with it, and nothing else").type_name("FILE");
  verb.acts([options, &action] { action = [options] { return run_plan(*options); }; });
}

}  // namespace baton
