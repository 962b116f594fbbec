// What a model is told at each call: everything so far, while it fits into its context; then old outputs of tools are
// left out first, and old rounds become lines that say what was done in them, taken from the record. What people said
// always stays. One thread.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "orchestrator/chat/chat_reply.h"

namespace baton {

class ChatHistory {
 public:
  explicit ChatHistory(const std::string& system);

  void user(const std::string& text);
  void assistant(const ChatReply& reply);
  void output(const ChatCall& call, const std::string& text);  // of each call of the last reply, in their order

  nlohmann::json messages() const;
  std::int64_t tokens() const;  // about
  void counted(
      std::int64_t tokens);  // what the service counted for the messages as they are: estimates are corrected by it
  // Until about `limit` tokens are left. Gives about how many were left out; `tokens` may still be above where nothing
  // more can be.
  std::int64_t shorten(std::int64_t limit);

 private:
  struct Entry {
    enum class Kind { system, people, reply, output } kind = Kind::people;
    std::string text;
    std::vector<ChatCall> calls = {};  // of a reply
    std::string call = {};             // of an output: the id of its call
    std::string done = {};             // and what was called, with the first line of what came of it
    bool left_out = false;
  };
  std::size_t bytes() const;
  void leave_out_outputs(std::int64_t limit, std::size_t kept);
  bool leave_out_round();
  std::string summary() const;

  std::vector<Entry> entries_;     // the first is the system's, the second the task
  std::vector<std::string> done_;  // of rounds that are left out
  double correction_ = 1;          // tokens by our estimate
};

}  // namespace baton
