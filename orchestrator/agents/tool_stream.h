// A ToolProtocol over two descriptors: a thread reads, so that a cancel reaches the call that runs; calls run one after another. Returns
// when the input ends, or `stop`. Blocks.
#pragma once

#include <stop_token>

#include "orchestrator/agents/tool_protocol.h"

namespace baton {

void serve_tools(ToolProtocol& protocol, int input, int output, std::stop_token stop);

}  // namespace baton
