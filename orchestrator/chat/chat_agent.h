// The built-in agent: an agent of the Agent Client Protocol whose model is any endpoint of chat completions with tools.
// It is a process like any other agent, in the same box and under the same limits; what it would change or run it asks
// for first. It decides nothing: its turn ends when the model calls no more tools, or at a bound. Reads on the calling
// thread, works on one of its own.
#pragma once

#include <cstdint>
#include <string>

#include "orchestrator/chat/chat_client.h"
#include "support/process.h"

namespace baton {

struct ChatAgentSetting {
  ChatEndpoint endpoint;
  std::int64_t context = 0;             // tokens that the model takes; 0: kUsualContext
  std::string tool_socket, tool_token;  // of the attempt; empty: it has its own tools alone
  Environment env;                      // of the commands that it runs
};
inline constexpr std::int64_t kUsualContext = 64'000;

// Until the input is over.
void serve_chat_agent(const ChatAgentSetting& setting, int input, int output);

}  // namespace baton
