#include "orchestrator/config.h"


#include "cli/print.h"
#include "cli/verb.h"
#include "cli/verbs.h"

namespace baton {

void add_config(CLI::App& app, Action& action) {
  Verb verb(app, "config", "What can be configured");
  Verb schema(verb, "schema", "Print the JSON Schema of .baton/config.json");
  schema.acts([&action] {
    action = [] {
      std::string text = config_schema();
      if (!text.ends_with('\n')) text += '\n';
      write_result(text);
      return kExitDone;
    };
  });
}

}  // namespace baton
