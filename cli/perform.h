// Reads the user's line and does what its verb says. Gives the exit code. Main thread.
#pragma once

#include "cli/verbs.h"

namespace baton {

int perform(CLI::App& app, int argc, const char* const* argv, const Action& action);

}  // namespace baton
