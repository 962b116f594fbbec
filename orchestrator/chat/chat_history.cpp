#include "orchestrator/chat/chat_history.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/agents/model_usage.h"
#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kKeptOutputs = 4;  // the latest, whole
constexpr std::size_t kKeptRounds = 2;
constexpr std::size_t kShortOutput = 300;  // bytes that are not worth leaving out
constexpr std::size_t kLongestDone = 200;  // bytes of a line of the summary
constexpr std::size_t kMostDone = 100;     // lines of it

std::string first_line_of(const std::string& text) {
  return text.substr(0, std::min(text.find('\n'), text.size()));
}

std::string cut_text(std::string text, std::size_t longest) {
  if (text.size() <= longest) return text;
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xc0) == 0x80) --longest;
  return text.substr(0, longest) + "…";
}

json reply_message(const std::string& text, const std::vector<ChatCall>& calls) {
  json message = {{"role", "assistant"}, {"content", text}};
  for (const ChatCall& call : calls) {
    message["tool_calls"].push_back(
        {{"id", call.id}, {"type", "function"}, {"function", {{"name", call.name}, {"arguments", call.arguments}}}});
  }
  return message;
}

}  // namespace

ChatHistory::ChatHistory(const std::string& system) {
  entries_.push_back({Entry::Kind::system, system});
}

void ChatHistory::user(const std::string& text) {
  entries_.push_back({Entry::Kind::people, text});
}

void ChatHistory::assistant(const ChatReply& reply) {
  entries_.push_back({Entry::Kind::reply, reply.text, reply.calls});
  for (ChatCall& call : entries_.back().calls) {
    // What is no JSON would be refused by services that read it again.
    if (!parse_json(call.arguments)) call.arguments = "{}";
  }
}

void ChatHistory::output(const ChatCall& call, const std::string& text) {
  const std::string done =
      cut_text(call.name + " " + cut_text(call.arguments, kLongestDone / 2) + ": " + first_line_of(text), kLongestDone);
  entries_.push_back({Entry::Kind::output, text, {}, call.id, done});
}

json ChatHistory::messages() const {
  json list = json::array();
  for (const Entry& entry : entries_) {
    switch (entry.kind) {
      case Entry::Kind::system:
        list.push_back({{"role", "system"}, {"content", entry.text}});
        break;
      case Entry::Kind::people:
        list.push_back({{"role", "user"}, {"content", entry.text}});
        break;
      case Entry::Kind::reply:
        list.push_back(reply_message(entry.text, entry.calls));
        break;
      case Entry::Kind::output:
        list.push_back({{"role", "tool"}, {"tool_call_id", entry.call}, {"content", entry.text}});
        break;
    }
  }
  // Not a message of its own: some models want the two sides to take turns.
  if (!done_.empty()) list[1]["content"] = entries_[1].text + "\n\n" + summary();
  return list;
}

std::string ChatHistory::summary() const {
  const std::size_t from = done_.size() - std::min(done_.size(), kMostDone);
  std::string text = "What was done so far, shortened to save room:\n";
  if (from > 0) text += "- " + std::to_string(from) + " calls of tools before these\n";
  for (std::size_t i = from; i < done_.size(); ++i) text += "- " + done_[i] + "\n";
  return text;
}

std::size_t ChatHistory::bytes() const {
  return dump_json(messages()).size();
}

std::int64_t ChatHistory::tokens() const {
  return static_cast<std::int64_t>(static_cast<double>(estimated_tokens(bytes())) * correction_);
}

void ChatHistory::counted(std::int64_t tokens) {
  const std::int64_t estimate = estimated_tokens(bytes());
  if (tokens > 0 && estimate > 0)
    correction_ = std::clamp(static_cast<double>(tokens) / static_cast<double>(estimate), 0.25, 4.0);
}

std::int64_t ChatHistory::shorten(std::int64_t limit) {
  const std::int64_t before = tokens();
  leave_out_outputs(limit, kKeptOutputs);
  while (tokens() > limit && leave_out_round()) {
  }
  leave_out_outputs(limit, 1);
  return before - tokens();
}

void ChatHistory::leave_out_outputs(std::int64_t limit, std::size_t kept) {
  auto outputs = static_cast<std::size_t>(std::count_if(
      entries_.begin(), entries_.end(), [](const Entry& entry) { return entry.kind == Entry::Kind::output; }));
  for (Entry& entry : entries_) {
    if (tokens() <= limit || outputs <= kept) return;
    if (entry.kind != Entry::Kind::output) continue;
    --outputs;
    if (entry.left_out || entry.text.size() <= kShortOutput) continue;
    entry.left_out = true;
    entry.text = cut_text(first_line_of(entry.text), kShortOutput) +
                 "\n[the rest was left out to save room; ask again if it is needed]";
  }
}

// The oldest reply with its outputs. False: there is none to spare.
bool ChatHistory::leave_out_round() {
  const auto is_reply = [](const Entry& entry) { return entry.kind == Entry::Kind::reply; };
  const auto rounds = static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(), is_reply));
  if (rounds <= kKeptRounds) return false;
  const auto first = std::find_if(entries_.begin(), entries_.end(), is_reply);
  auto end = first + 1;
  for (; end != entries_.end() && end->kind == Entry::Kind::output; ++end) done_.push_back(end->done);
  entries_.erase(first, end);
  return true;
}

}  // namespace baton
