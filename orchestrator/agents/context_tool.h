// `more_context`: the pieces of the workspace that have most to do with a question, for an agent that has begun and needs to see more.
// Blocks; one call at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "orchestrator/agents/tool_protocol.h"
#include "orchestrator/context/context.h"

namespace baton {

// `look` finds the pieces for a question; it is asked anew at each call.
using ContextLook = std::function<Result<ContextSlice>(const ContextRequest& request, std::stop_token stop)>;
Tool context_tool(ContextLook look);

// Of a folder as it is then. `index`: where what was read of it is kept.
Tool folder_context_tool(std::filesystem::path root, std::filesystem::path index);

}  // namespace baton
