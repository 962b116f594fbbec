// The tools of an attempt over their socket (attempt_tools.h), for an agent of ours: the Model Context Protocol, client
// side, one call at a time. Blocks; one thread.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "orchestrator/agents/tool_protocol.h"

namespace baton {

// What is offered there; each is a call over the socket while it is held. An error: nobody answers.
Result<std::vector<Tool>> linked_tools(const std::string& socket, const std::string& token);

}  // namespace baton
