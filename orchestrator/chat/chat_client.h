// Calls of one endpoint of chat completions. What passes by itself (the network, a service that is overloaded) is asked
// again a few times, after as long as the service says; what does not is told in one line. Blocks; one thread.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>

#include "orchestrator/chat/chat_reply.h"
#include "support/result.h"

namespace baton {

struct ChatEndpoint {
  std::string url;  // up to `/v1`
  std::string key, model;
};

class ChatClient {
 public:
  // `tell`: that it waits, and why.
  ChatClient(ChatEndpoint endpoint, std::function<void(const std::string&)> tell)
      : endpoint_(std::move(endpoint)), tell_(std::move(tell)) {}

  struct Outcome {
    ChatReply reply;      // whole, where `refusal` is empty
    std::string refusal;  // one line, without an end
    bool too_long = false, cancelled = false;
  };
  Outcome ask(const nlohmann::json& messages, const nlohmann::json& tools, std::stop_token stop);

 private:
  struct Try;
  Try once(const nlohmann::json& messages, const nlohmann::json& tools, std::stop_token stop) const;

  const ChatEndpoint endpoint_;
  const std::function<void(const std::string&)> tell_;
  bool streams_ = true;  // until the service says that it does not
};

}  // namespace baton
