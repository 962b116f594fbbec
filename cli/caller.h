// Who calls: a person at a terminal, or a program. Main thread.
#pragma once

#include <optional>
#include <string>

namespace baton {

// A terminal with no known coding agent among our ancestors.
bool caller_is_human();
// The name of the nearest ancestor that is a known coding agent.
std::optional<std::string> agent_among_ancestors();

}  // namespace baton
