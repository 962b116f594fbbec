#include "cli/perform.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <iostream>
#include <string>

#include "cli/print.h"

namespace baton {
namespace {

int report_parse_error(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    app.exit(error, std::cout, std::cerr);
    return kExitDone;
  }
  std::string message = error.what();
  std::replace(message.begin(), message.end(), '\n', ' ');
  while (!message.empty() && (message.back() == ' ' || message.back() == '.')) message.pop_back();
  return complain(Error{ErrorKind::usage, message + ". `baton --help` shows what there is."});
}

}  // namespace

int perform(CLI::App& app, int argc, const char* const* argv, const Action& action) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report_parse_error(app, error);
  }
  try {
    const int code = action();
    std::cout.flush();
    return code;
  } catch (const std::exception& error) {
    return complain(Error{ErrorKind::internal, std::string("A bug in Baton: ") + error.what() + ". Please report it."});
  }
}

}  // namespace baton
