// Agents of the Agent Client Protocol as they are found: configured ones, and those of known profiles whose program is on the PATH.
// Runs nothing; looks at files. Any thread.
#pragma once

#include <vector>

#include "orchestrator/agents/attempt.h"
#include "orchestrator/config.h"
#include "orchestrator/engine.h"

namespace baton {

// Of any backend. Where it is one of a known profile, that one's terms hold where the setting says nothing.
AgentSpec configured_agent(const AgentSetting& setting, const Environment& client_env);
std::vector<AgentSpec> acp_agents_on_path(const Environment& client_env);

// For `baton doctor`: those on the PATH with what is missing, and adapters that a vendor's own program lacks.
std::vector<AgentNote> acp_notes(const Environment& client_env);
std::vector<AgentNote> acp_offers();  // how to get each that is known

}  // namespace baton
