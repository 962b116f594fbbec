#include <memory>
#include <nlohmann/json.hpp>

#include "cli/print.h"
#include "cli/verb.h"
#include "cli/verbs.h"
#include "orchestrator/attached_engine.h"
#include "orchestrator/resident.h"
#include "support/json.h"

namespace baton {
namespace {

struct Options {
  std::string workspace = ".";
  bool json = false;
};

int run_stop(const Options& options) {
  const auto running = running_engine(options.workspace, current_environment());
  if (!running) return complain(running.error());
  if (*running) {
    if (const Status left = ask_to_leave(**running, false); !left) return complain(left.error());
  }
  if (options.json) {
    write_result(dump_json({{"stopped", running->has_value()}, {"pid", *running ? nlohmann::json((*running)->pid) : nullptr}}) + "\n");
  } else {
    write_result(*running ? "The engine of this repository stops; verifications are cancelled, and tasks go on with `baton resume`.\n"
                          : "No engine runs for this repository.\n");
  }
  return kExitDone;
}

}  // namespace

void add_stop(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  Verb verb(app, "stop", "Stop the engine of this repository, and what it works on");
  verb.flag("--json", options->json, "The answer as JSON");
  verb.option("--workspace", options->workspace, "The repository (default: the current folder)").type_name("DIR");
  verb.acts([options, &action] { action = [options] { return run_stop(*options); }; });
}

}  // namespace baton
