#include <memory>
#include <nlohmann/json.hpp>

#include "cli/print.h"
#include "cli/task_options.h"
#include "cli/task_verbs.h"
#include "cli/verb.h"
#include "cli/verbs.h"
#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

struct Options {
  TaskLine line;
  std::string text, task, choice, plan;
  bool draft = false, dry_run = false, from_pr = false;
};
using Given = std::shared_ptr<Options>;

Verb add_verb(CLI::App& app, const char* name, const char* says, const Given& options) {
  Verb verb(app, name, says);
  add_line_options(verb, options->line);
  return verb;
}

json of_task(const Options& options) { return {{"task", options.task}, {"yes", options.line.yes}}; }

template <class Make>
void act(Verb verb, Action& action, const Given& options, Make make) {
  verb.acts([verb, options, &action, make] {
    action = [name = verb.name(), options, make] {
      Result<json> arguments = make(*options);
      return arguments ? perform_task_verb(options->line, name, std::move(*arguments)) : complain(arguments.error());
    };
  });
}

void add_run(CLI::App& app, Action& action) {
  const auto options = std::make_shared<TaskOptions>();
  Verb verb(app, "run", "Do a task: plan it, have it done, verify the result, and make a branch or a pull request of it");
  verb.footer(
      "For example:  baton run \"Fix the clang-tidy findings in src\"\n"
      "Ends with 0 when it is done (a part of it left out is named), with 3 when it waits for you: `baton tasks` tells for what.");
  add_task_options(verb, *options);
  verb.acts([options, &action] {
    action = [options] {
      auto arguments = task_arguments(*options);
      return arguments ? perform_task_verb(options->line, "run", std::move(*arguments)) : complain(arguments.error());
    };
  });
}

void add_approve(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  Verb verb = add_verb(app, "approve", "Approve a plan, edited or not, and run it", options);
  verb.option("TASK", options->task, "The task").required();
  verb.option("--plan", options->plan, "The plan as you edited it").type_name("FILE");
  add_yes(verb, options->line);
  act(verb, action, options, [](const Options& o) -> Result<json> {
    json arguments = of_task(o);
    if (o.plan.empty()) return arguments;
    auto plan = parse_json_file(o.plan);
    if (!plan) return Error{ErrorKind::usage, plan.error().message};
    arguments["plan"] = std::move(*plan);
    return arguments;
  });
}

void add_pr(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  Verb verb = add_verb(app, "pr", "Push a task's branch and make a pull request of it, or bring the one that is there up to date", options);
  verb.footer(
      "The forge is found from the remote (GitHub, GitLab, Gitea, Forgejo), the token where you keep it: GH_TOKEN, `gh`, `glab`, git's\n"
      "credential helpers. Where there is no forge, the patches and the description are written to files.");
  verb.option("TASK", options->task, "The task: its id, or an end of it").required();
  verb.flag("--draft", options->draft, "As a draft");
  verb.flag("--dry-run", options->dry_run, "Show what would be pushed and sent; sends nothing but questions");
  add_yes(verb, options->line);
  act(verb, action, options, [](const Options& o) -> Result<json> {
    json arguments = of_task(o);
    arguments["draft"] = o.draft;
    arguments["dry_run"] = o.dry_run;
    return arguments;
  });
}

void add_simple(CLI::App& app, Action& action, const char* name, const char* says, bool required, bool yes) {
  const auto options = std::make_shared<Options>();
  Verb verb = add_verb(app, name, says, options);
  Option task = verb.option("TASK", options->task, "The task: its id, or an end of it");
  if (required) task.required();
  if (yes) add_yes(verb, options->line);
  act(verb, action, options, [](const Options& o) -> Result<json> { return of_task(o); });
}

}  // namespace

void add_tasks(CLI::App& app, Action& action) {
  add_run(app, action);
  add_approve(app, action);
  {
    const auto options = std::make_shared<Options>();
    Verb verb = add_verb(app, "tasks", "List the tasks of this repository", options);
    act(verb, action, options, [](const Options&) -> Result<json> { return json::object(); });
  }
  add_simple(app, action, "show", "Show a task: plan, attempts, evidence, and what it waits for", true, false);
  add_simple(app, action, "cancel", "Cancel a task", true, false);
  add_simple(app, action, "resume", "Go on with a task that was stopped, or with all of them", false, true);
  add_simple(app, action, "apply", "Apply a verified task to your files", true, false);
  add_pr(app, action);
  {
    const auto options = std::make_shared<Options>();
    Verb verb = add_verb(app, "answer", "Answer what a task asks: text \"…\", retry, accept, hand-in [SUBTASK], land, give-up or cancel", options);
    verb.option("TASK", options->task, "The task").required();
    verb.option("CHOICE", options->choice, "What to do").required();
    verb.option("TEXT", options->text, "The words that belong to it");
    act(verb, action, options, [](const Options& o) -> Result<json> {
      json arguments = of_task(o);
      arguments["choice"] = o.choice;
      arguments["text"] = o.text;
      if (o.choice == "accept") arguments["reason"] = o.text;
      return arguments;
    });
  }
  {
    const auto options = std::make_shared<Options>();
    Verb verb = add_verb(app, "retry", "Have a task tried again, with a hint", options);
    verb.option("TASK", options->task, "The task").required();
    verb.option("HINT", options->text, "What to do otherwise");
    verb.flag("--from-pr", options->from_pr, "Begin again on what landed, with what people and checks said about its pull request");
    add_yes(verb, options->line);
    act(verb, action, options, [](const Options& o) -> Result<json> {
      json arguments = of_task(o);
      arguments["hint"] = o.text;
      arguments["from_pr"] = o.from_pr;
      return arguments;
    });
  }
}

}  // namespace baton
