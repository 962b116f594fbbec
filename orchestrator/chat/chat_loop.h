// One session of the built-in agent: the model is asked, what it calls is done, and so on until it calls nothing more.
// Blocks; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "orchestrator/agents/tool_protocol.h"
#include "orchestrator/chat/chat_client.h"
#include "orchestrator/chat/chat_history.h"

namespace baton {

class ChatLoop {
 public:
  static constexpr int kMostSteps = 60;  // calls of the model in one turn

  struct Ears {
    std::function<void(const std::string&)> said;   // the model's own words
    std::function<void(const std::string&)> noted;  // what people may want to know of the work
    // Around each call of a tool.
    std::function<void(const std::string& id, const std::string& tool, const nlohmann::json& arguments)> began;
    std::function<void(const std::string& id, bool well)> ended;
  };
  struct End {
    std::string reason;  // a `stopReason` of the Agent Client Protocol; empty: `problem` says what happened
    std::string problem;
  };

  ChatLoop(const ChatEndpoint& endpoint, std::int64_t context, const std::string& root, std::vector<Tool> tools,
           Ears ears);
  End turn(const std::string& prompt, std::stop_token stop);

 private:
  std::optional<End> step(std::stop_token stop);
  std::optional<End> after_words(const ChatReply& reply);
  std::optional<End> do_calls(const ChatReply& reply, std::stop_token stop);
  Result<std::string> do_call(const ChatCall& call, std::stop_token stop);
  void make_room(std::int64_t limit);

  const std::vector<Tool> tools_;
  const Ears ears_;
  const std::int64_t room_;                              // tokens that the history may take
  const std::shared_ptr<const nlohmann::json> offered_;  // the tools as the model is told of them
  ChatClient client_;
  ChatHistory history_;
  int shortened_ = 0, cut_ = 0;  // in this turn: for the model's context, and answers at its limit
  int calls_ = 0;
  bool acted_ = false, reminded_ = false;
};

}  // namespace baton
