// The engine that a verb of the shell speaks to: the one that runs for the repository, since it knows what is not saved in an
// editor; where none runs a shell verb needs none. Main thread.
#pragma once

#include <memory>
#include <string>

#include "orchestrator/engine.h"

namespace baton {

Result<std::unique_ptr<Engine>> open_engine(const std::string& workspace, bool embedded, const Environment& env);

}  // namespace baton
