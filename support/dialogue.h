// A child process that is spoken to while it runs: `run` of process.h with an input of the caller's, and an ear for each stream.
#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

#include "support/process.h"

namespace baton {

struct Dialogue {
  int input = -1;  // what the command reads in place of `stdin_text`: a pipe, for instance. Stays the caller's
  std::function<void(std::string_view)> on_error_output;  // when set, stderr comes here and `on_output` hears stdout alone
};

Result<ProcessResult> run(const ProcessSpec& spec, const Dialogue& dialogue, std::stop_token stop);

}  // namespace baton
