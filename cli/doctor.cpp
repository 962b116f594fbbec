#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/print.h"
#include "cli/verb.h"
#include "cli/verbs.h"
#include "orchestrator/doctor_report.h"
#include "orchestrator/doctor_text.h"
#include "orchestrator/engine.h"
#include "support/json.h"

namespace baton {
namespace {

struct Options {
  std::string workspace = ".";
  bool json = false;
  bool embedded = false;  // it always is; the verbs share their options
};

int run_doctor(const Options& options) {
  const Environment env = current_environment();
  const auto engine = Engine::open(options.workspace, env);
  if (!engine) return complain(engine.error());
  const auto report = (*engine)->doctor(env);
  if (!report) return complain(report.error());
  if (options.json) {
    write_result(dump_json(to_json(*report)) + "\n");
  } else {
    write_result(doctor_text(*report, {wants_colour(STDOUT_FILENO), terminal_width(STDOUT_FILENO)}));
  }
  return kExitDone;
}

}  // namespace

void add_doctor(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  Verb verb(app, "doctor", "Show what would be run, what is missing and how to mend it; runs nothing");
  verb.flag("--json", options->json, "The same as JSON");
  verb.flag("--embedded", options->embedded, "Look inside this process, as it always does");
  verb.option("--workspace", options->workspace, "The repository (default: the current folder)").type_name("DIR");
  verb.acts([options, &action] { action = [options] { return run_doctor(*options); }; });
}

}  // namespace baton
