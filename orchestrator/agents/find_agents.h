// Agents as `baton doctor` shows them: what can be used, and what is missing. Runs nothing. Any thread.
#pragma once

#include <vector>

#include "orchestrator/engine.h"

namespace baton {

std::vector<AgentNote> agent_notes(const Config& config, const FileSource& files, const GatePlan& plan, const Environment& client_env);

}  // namespace baton
