#include "cli/task_options.h"

#include <filesystem>
#include <nlohmann/json.hpp>

namespace baton {

using nlohmann::json;

void add_line_options(Verb& verb, TaskLine& line) {
  verb.flag("--json", line.json, "Answers as JSON, an object a line");
  verb.flag("--embedded", line.embedded, "Work inside this process, without a lasting engine");
  verb.option("--workspace", line.workspace, "The repository (default: the current folder)").type_name("DIR");
}

void add_yes(Verb& verb, TaskLine& line) {
  verb.flag("--yes", line.yes, "Approve the repository's commands and the plan for this run; accepts no failure");
}

void add_task_options(Verb& verb, TaskOptions& options) {
  add_line_options(verb, options.line);
  verb.option("--workflow", options.workflow, "auto, feature, bugfix or refactor").among({"auto", "feature", "bugfix", "refactor"}).type_name("NAME");
  verb.option("--pattern", options.pattern, "auto, parallel, sequential or specialist").among({"auto", "parallel", "sequential", "specialist"}).type_name("NAME");
  verb.option("--agent", options.agent, "Who does it; else whoever fits best").type_name("NAME");
  verb.option("--land", options.land, "branch (the default), draft-pr, apply to your files, or none").among({"branch", "apply", "draft-pr", "none"}).type_name("HOW");
  verb.flag("--dry-run", options.dry_run, "Only make the plan");
  add_yes(verb, options.line);
  verb.option("--file", options.file, "A task file: Markdown, with front matter or without").type_name("FILE");
  verb.option("TEXT", options.text, "The task");
}

Result<json> task_arguments(const TaskOptions& options) {
  if (options.file.empty() == options.text.empty()) return Error{ErrorKind::usage, "Give a task's text, or --file with a task file, and not both."};
  json arguments = {{"text", options.text}, {"agent", options.agent}, {"land", options.land}, {"yes", options.line.yes}, {"dry_run", options.dry_run}};
  if (!options.file.empty()) arguments["file"] = std::filesystem::absolute(options.file).string();
  if (options.workflow != "auto") arguments["workflow"] = options.workflow;
  if (options.pattern != "auto") arguments["pattern"] = options.pattern;
  return arguments;
}

}  // namespace baton
