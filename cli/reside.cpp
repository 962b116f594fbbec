#include <memory>
#include <nlohmann/json.hpp>

#include "cli/print.h"
#include "cli/verb.h"
#include "cli/verbs.h"
#include "orchestrator/resident.h"
#include "support/json.h"

namespace baton {

void add_reside(CLI::App& app, Action& action) {
  const auto options = std::make_shared<ResidentOptions>();
  const auto idle = std::make_shared<int>(static_cast<int>(options->idle.count()));
  options->inside = ".";
  Verb verb(app, "reside", "Print where this repository's engine is; start it where there is none");
  verb.hide();
  verb.option("--workspace", options->inside, "The repository (default: the current folder)").type_name("DIR");
  verb.option("--idle", *idle, "Seconds without work after which it leaves").between(1, 86400);
  verb.acts([options, idle, &action] {
    action = [options, idle] {
      options->idle = std::chrono::seconds(*idle);
      options->env = current_environment();
      const auto address = reside(*options);
      write_result(dump_json(address ? to_json(*address) : nlohmann::json{{"error", to_json(address.error())}}) + "\n");
      return address ? kExitDone : kExitNotAchieved;
    };
  });
}

}  // namespace baton
