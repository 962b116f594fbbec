#include "orchestrator/config.h"

#include <CLI/CLI.hpp>

#include "cli/print.h"
#include "cli/verbs.h"

namespace baton {

void add_config(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("config", "What can be configured");
  verb->require_subcommand(1);
  CLI::App* schema = verb->add_subcommand("schema", "Print the JSON Schema of .baton/config.json");
  schema->callback([&action] {
    action = [] {
      std::string text = config_schema();
      if (!text.ends_with('\n')) text += '\n';
      write_result(text);
      return kExitDone;
    };
  });
}

}  // namespace baton
