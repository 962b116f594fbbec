// For `baton doctor`: an endpoint of a model that the user's environment names already, and how the built-in agent
// would be told of it. It is never used unless it is configured. Runs nothing; looks at variables and the PATH. Any
// thread.
#pragma once

#include <filesystem>
#include <optional>

#include "orchestrator/engine.h"

namespace baton {

// `file`: the user's own configuration.
std::optional<AgentNote> chat_hint(const Environment& client_env, const std::filesystem::path& file);

}  // namespace baton
