// Agents as `baton doctor` shows them: what can be used, and what is missing. Runs nothing. Any thread.
#pragma once

#include <vector>

#include "orchestrator/engine.h"

namespace baton {

std::vector<AgentNote> agent_notes(const Config& config, const FileSource& files, const GatePlan& plan, const Environment& client_env);

// Command lines that tasks alone run, of agents and of fixers that the workspace asks for: for the user to see before trust is given.
std::vector<std::string> lines_of_tasks(const Config& config, const FileSource& files, const GatePlan& plan, const Environment& client_env);

}  // namespace baton
