// What the built-in agent can do in its work tree: read, search, write, replace, run. Paths are relative to the work
// tree, and the kernel is told to stay below it. Whatever changes something or runs is asked for first. Outputs are
// bounded. Blocks; one call at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "orchestrator/agents/tool_protocol.h"
#include "support/process.h"

namespace baton {

// What a tool is about to do, in the words of the Agent Client Protocol.
struct ChatDeed {
  std::string kind;  // "edit", "execute"
  std::string title;
  std::string path;     // of an edit
  std::string command;  // of an execution
};

struct ChatGround {
  std::filesystem::path root;                                               // the work tree
  Environment env;                                                          // of what is run
  std::function<Status(const ChatDeed& deed, std::stop_token stop)> leave;  // an error says why it may not
};

std::vector<Tool> chat_tools(ChatGround ground);

// For people and the protocol: what kind of call it is, and what it is about.
ChatDeed deed_of(const std::string& tool, const nlohmann::json& arguments);

}  // namespace baton
