// `load_skill`: the skills of a workspace by name and description, their text on demand. Any thread.
#pragma once

#include <vector>

#include "orchestrator/agents/primers.h"
#include "orchestrator/agents/tool_protocol.h"

namespace baton {

// None where there are no skills.
std::vector<Tool> skill_tools(std::vector<Skill> skills);

}  // namespace baton
