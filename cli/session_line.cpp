#include "cli/session_line.h"

#include <CLI/CLI.hpp>

#include "cli/perform.h"

namespace baton {

int session_line(int argc, const char* const* argv) {
  CLI::App app{"The language server that an editor starts", "baton"};
  app.require_subcommand(1);
  Action action;
  add_lsp(app, action);
  return perform(app, argc, argv, action);
}

}  // namespace baton
