#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include "cli/perform.h"
#include "cli/print.h"
#include "cli/verbs.h"
#include "orchestrator/terminal_text.h"

namespace baton {
namespace {

constexpr const char* kAbout =
    "Baton judges what a change really did: it builds and tests the code as it was and as it is,\n"
    "in clean copies, compares them test by test, and says what broke, what was broken before,\n"
    "and what no longer runs. Your files, index, branches and stash stay as they are.";

constexpr const char* kFooter =
    "Begin here, in any git repository:\n"
    "  baton doctor     what would be run, and what is missing; runs nothing of the repository\n"
    "  baton verify     judges the working tree as it is now against the last commit\n"
    "\n"
    "Exit codes: 0 done, 1 not achieved, 2 usage or bad input, 3 waits for a human, 4 cancelled.";

// The first word when it names no verb of ours; CLI11 would only say that one is required.
std::optional<Error> unknown_verb(const CLI::App& app, std::string_view word) {
  if (word.empty() || word.starts_with('-')) return std::nullopt;
  std::string known;
  for (const CLI::App* verb : app.get_subcommands({})) {
    if (verb->get_name() == word) return std::nullopt;
    if (verb->get_group().empty()) continue;
    known += (known.empty() ? "" : ", ") + verb->get_name();
  }
  return Error{ErrorKind::usage, "There is no verb \"" + printable_text(word) + "\"; there are: " + known + "."};
}

}  // namespace

int command_line(int argc, const char* const* argv) {
  // A reader that goes away (`baton verify | head`) is no reason to die half-way.
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app{kAbout, "baton"};
  app.footer(kFooter);
  app.set_version_flag("--version", "baton " BATON_VERSION, "Show the version");
  app.require_subcommand(1);
  Action action;
  add_verify(app, action);
  add_doctor(app, action);
  add_diagnose(app, action);
  add_audit(app, action);
  add_route(app, action);
  add_context(app, action);
  add_index(app, action);
  add_plan(app, action);
  add_tasks(app, action);
  add_accept(app, action);
  add_evidence(app, action);
  add_config(app, action);
  add_lsp(app, action, Engine::open);
  add_mcp(app, action);
  add_hook(app, action);
  add_stop(app, action);
  add_forward(app, action);
  add_chat(app, action);
  add_reside(app, action);
  if (argc <= 1) {
    std::cerr << app.help();
    return kExitUsage;
  }
  if (const auto error = unknown_verb(app, argv[1])) return complain(*error);
  return perform(app, argc, argv, action);
}

}  // namespace baton
