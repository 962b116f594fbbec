#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/print.h"
#include "cli/task_verbs.h"
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
  std::string workspace = ".", workflow = "auto", pattern = "auto", file, check, text;
  bool yes = false;
};

Result<std::string> task_text(const Options& options) {
  if (options.file.empty() == options.text.empty()) {
    return Error{ErrorKind::usage, "Give a task's text, or --file with a task file, and not both."};
  }
  if (options.file.empty()) return options.text;
  const auto text = read_file(options.file, kMaxTask);
  if (!text) return Error{ErrorKind::usage, text.error().message};
  return *text;
}

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
int plan_task(const Options& options) {
  json arguments = {{"text", options.text}, {"yes", options.yes}};
  if (!options.file.empty()) arguments["file"] = std::filesystem::absolute(options.file).string();
  if (options.workflow != "auto") arguments["workflow"] = options.workflow;
  if (options.pattern != "auto") arguments["pattern"] = options.pattern;
  TaskLine line;
  line.workspace = options.workspace;
  const auto answer = ask_for_task(line, "plan", arguments);
  if (!answer) return complain(answer.error());
  if (!answer->contains("plan") || !(*answer)["plan"].is_object()) return complain({ErrorKind::io, answer->value("message", "No plan could be made.")});
  json plan = (*answer)["plan"];
  plan["task"] = answer->value("task", "");
  write_result(dump_json_pretty(plan));
  return kExitDone;
}

int run_plan(const Options& options) {
  if (!options.check.empty()) return check_plan(options.check);
  const auto text = task_text(options);
  if (!text) return complain(text.error());
  const TaskText task = take_in(*text);
  if (task.title.empty()) return complain({ErrorKind::usage, "The task is empty; say what is to be done."});
  if (open_repository(options.workspace)) return plan_task(options);
  const auto workspace = open_workspace_router(options.workspace);
  if (!workspace) return complain(workspace.error());
  PlanWishes wishes;
  wishes.workflow = enum_named(options.workflow, {Workflow::feature, Workflow::bugfix, Workflow::refactor});
  wishes.pattern = enum_named(options.pattern, {Pattern::parallel, Pattern::sequential, Pattern::specialist});
  write_result(dump_json_pretty(to_json(make_plan(task, workspace->router, workspace->facts, wishes))));
  return kExitDone;
}

}  // namespace

void add_plan(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("plan", "Print the plan of a task as JSON; none of it is run");
  verb->footer("For example:  baton plan \"Add an endpoint that lists invoices, and a page that shows them\"");
  verb->add_option("--workspace", options->workspace, "The workspace (default: the current folder)")->type_name("DIR");
  verb->add_option("--workflow", options->workflow, "auto, feature, bugfix or refactor")
      ->check(CLI::IsMember({"auto", "feature", "bugfix", "refactor"}))->type_name("NAME");
  verb->add_option("--pattern", options->pattern, "auto, parallel, sequential or specialist")
      ->check(CLI::IsMember({"auto", "parallel", "sequential", "specialist"}))->type_name("NAME");
  verb->add_option("--file", options->file, "A file that holds the task")->type_name("FILE");
  verb->add_flag("--yes", options->yes, "Let the repository's own tools look at it, where they are not approved yet");
  verb->add_option("--check", options->check, "An edited plan: say what is wrong with it, and nothing else")->type_name("FILE");
  verb->add_option("TEXT", options->text, "The task");
  verb->callback([options, &action] { action = [options] { return run_plan(*options); }; });
}

}  // namespace baton
