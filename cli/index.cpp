#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/index_place.h"
#include "cli/interrupt.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "cli/verbs.h"
#include "orchestrator/context/context.h"
#include "support/json.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Options {
  std::string workspace = ".";
  bool as_json = false;
};

int run_index(const Options& options) {
  std::error_code error;
  if (!fs::is_directory(options.workspace, error)) return complain({ErrorKind::usage, options.workspace + " is no folder; give the workspace's with --workspace."});
  const Interrupt interrupt;
  const auto begin = Clock::now();
  ContextIndex index(index_of_workspace(options.workspace));
  const auto view = folder_view(options.workspace, index.data(), interrupt.token());
  if (!view) return complain(view.error());
  if (auto refreshed = index.refresh(**view, true, interrupt.token()); !refreshed) return complain(refreshed.error());
  if (auto saved = index.save(); !saved) return complain(saved.error());
  const IndexCounts counts = index.counts(**view);
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const nlohmann::json figures = {{"files", counts.files}, {"symbols", counts.symbols}, {"seconds", seconds}, {"bytes", counts.bytes}};
  if (options.as_json) {
    write_result(dump_json(figures) + "\n");
  } else {
    write_result(std::to_string(counts.files) + " files with " + std::to_string(counts.symbols) + " definitions are indexed, " + std::to_string(counts.bytes / 1024) + " KiB of source.\n");
  }
  return kExitDone;
}

}  // namespace

void add_index(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  Verb verb(app, "index", "Read what is new in the workspace into the index that `context` uses; runs nothing");
  verb.option("--workspace", options->workspace, "The workspace (default: the current folder)").type_name("DIR");
  verb.flag("--json", options->as_json, "Figures as JSON");
  verb.acts([options, &action] { action = [options] { return run_index(*options); }; });
}

}  // namespace baton
