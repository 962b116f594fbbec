// `baton audit`, a verb like those of verbs.h. Main thread.
#pragma once

#include "cli/verbs.h"

namespace baton {

void add_audit(CLI::App& app, Action& action);

}  // namespace baton
