#include <memory>
#include <nlohmann/json.hpp>

#include "cli/json_lines.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "cli/verbs.h"
#include "cli/workspace_router.h"
#include "orchestrator/domain_settings.h"
#include "orchestrator/file_source.h"
#include "support/files.h"
#include "support/json.h"
#include "support/places.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxConfig = 1u << 20;

struct Options {
  std::string workspace = ".", batch, text;
};

json answer(const json& id, const Route& route) {
  return {{"id", id}, {"route", route.route}, {"domains", route.domains}, {"workflow", to_string(route.workflow)},
          {"ambiguous", route.ambiguous}, {"confidence", route.confidence}, {"why", route.why}};
}

// The tasks of a batch come from many places: only their words and the files that they name count.
Result<std::string> route_batch(const Router& router, const std::string& file) {
  std::string lines;
  const auto read = each_json_line(file, {"text"}, [&](const json& task) {
    lines += dump_json(answer(task["id"], router.route(task["text"].get_ref<const std::string&>()))) + "\n";
  });
  if (!read) return read.error();
  return lines;
}

int run_route(const Options& options) {
  if (options.batch.empty() == options.text.empty()) {
    return complain({ErrorKind::usage, "Give a task's text, or --batch with a file of tasks, and not both."});
  }
  const auto workspace = open_workspace_router(options.workspace, options.batch.empty());
  if (!workspace) return complain(workspace.error());
  if (options.batch.empty()) {
    write_result(dump_json(answer(nullptr, workspace->router.route(options.text, workspace->facts))) + "\n");
    return kExitDone;
  }
  const auto lines = route_batch(workspace->router, options.batch);
  if (!lines) return complain(lines.error());
  write_result(*lines);
  return kExitDone;
}

}  // namespace

Result<WorkspaceRouter> open_workspace_router(const std::filesystem::path& folder, bool with_files) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return Error{ErrorKind::usage, folder.string() + " is no folder; give the workspace's with --workspace."};
  }
  std::string repository;
  if (const auto text = read_file(folder / ".baton/config.json", kMaxConfig)) repository = *text;
  WorkspaceRouter result{Router(load_domains(repository, config_home(current_environment()) / "config.json")), {}};
  if (with_files) result.facts.files = folder_source(folder)->files();
  return result;
}

void add_route(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  Verb verb(app, "route", "Tell which agent would take a task, by which workflow, and why; runs nothing");
  verb.footer("For example:  baton route \"The date picker shows the wrong month in Safari\"");
  verb.option("--workspace", options->workspace, "The workspace (default: the current folder)").type_name("DIR");
  verb.option("--batch", options->batch, "Tasks, one {\"id\",\"text\"} a line; an answer a line").type_name("FILE");
  verb.option("TEXT", options->text, "The task");
  verb.acts([options, &action] { action = [options] { return run_route(*options); }; });
}

}  // namespace baton
