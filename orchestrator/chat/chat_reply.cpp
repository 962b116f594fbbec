#include "orchestrator/chat/chat_reply.h"

#include <re2/re2.h>
#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>

#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kMostCalls = 64;      // of tools, in one answer
constexpr std::size_t kLongestWords = 300;  // bytes of what a service says

const json& field(const json& object, const char* name) {
  static const json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(name);
  return found == object.end() ? kNothing : *found;
}
std::string text_field(const json& object, const char* name) {
  const json& value = field(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::string in_one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' '; }, ' ');
  while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
  return text.size() > kLongestWords ? text.substr(0, kLongestWords) + "…" : text;
}

std::string error_words(const json& error) {
  if (error.is_string()) return error;
  std::string text = text_field(error, "message");
  const std::string code = text_field(error, "code");
  if (!code.empty() && text.find(code) == text.npos)
    text += (text.empty() ? "" : " (") + code + (text.empty() ? "" : ")");
  return text;
}

class ReplyReader {
 public:
  void event(const json& value) {
    if (const json& error = field(value, "error"); !error.is_null()) {
      reply_.problem = in_one_line(error_words(error));
      if (reply_.problem.empty()) reply_.problem = "an error without words";
      return;
    }
    if (const json& counted = field(field(value, "usage"), "prompt_tokens"); counted.is_number_integer())
      reply_.input_tokens = counted;
    const json& choices = field(value, "choices");
    if (!choices.is_array() || choices.empty()) return;
    const json& choice = choices.front();
    if (const std::string finish = text_field(choice, "finish_reason"); !finish.empty()) reply_.finish = finish;
    take(field(choice, field(choice, "delta").is_object() ? "delta" : "message"));
  }

  ChatReply whole() {
    for (auto& [index, call] : calls_) {
      if (call.id.empty()) call.id = "call_" + std::to_string(index);
      if (!call.name.empty()) reply_.calls.push_back(std::move(call));
    }
    if (reply_.problem.empty() && reply_.finish.empty()) reply_.problem = "the answer ends before it is complete";
    if (!reply_.problem.empty() || reply_.is_cut_off())
      reply_.calls.clear();  // the last one may be a part of what was meant
    return std::move(reply_);
  }

 private:
  void take(const json& message) {
    reply_.text += text_field(message, "content");
    const json& calls = field(message, "tool_calls");
    if (!calls.is_array()) return;
    for (const json& given : calls) {
      const json& index = field(given, "index");
      // Without an index it is a call of its own, as some services send them.
      const std::size_t at = index.is_number_unsigned() ? index.get<std::size_t>() : calls_.size();
      if (at >= kMostCalls) continue;
      ChatCall& call = calls_[at];
      if (const std::string id = text_field(given, "id"); !id.empty()) call.id = id;
      const json& function = field(given, "function");
      if (const std::string name = text_field(function, "name"); !name.empty()) call.name = name;
      const json& arguments = field(function, "arguments");
      if (arguments.is_string())
        call.arguments += arguments.get_ref<const std::string&>();
      else if (arguments.is_object())
        call.arguments = dump_json(arguments);
    }
  }

  ChatReply reply_;
  std::map<std::size_t, ChatCall> calls_;
};

ChatReply no_completion() {
  ChatReply reply;
  reply.problem = "what answers is no service of chat completions; see whether `endpoint.url` is right";
  return reply;
}

}  // namespace

ChatReply read_chat_reply(std::string_view body) {
  ReplyReader reader;
  const auto first = body.find_first_not_of(" \t\r\n");
  if (first != body.npos && body[first] == '{') {
    const auto value = parse_json(body);
    if (!value) return no_completion();
    reader.event(*value);
    return reader.whole();
  }
  std::string data;
  bool any = false;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    std::string_view line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("data:")) {
      line.remove_prefix(line.starts_with("data: ") ? 6 : 5);
      data += (data.empty() ? "" : "\n") + std::string(line);
    }
    if (!(line.empty() || body.empty()) || data.empty()) continue;
    any = true;
    const std::string event = std::exchange(data, {});
    if (event == "[DONE]") break;
    const auto value = parse_json(event);
    if (value) reader.event(*value);
  }
  return any ? reader.whole() : no_completion();
}

ChatRefusal read_chat_refusal(int status, std::string_view body, std::string_view model) {
  static const RE2 kTooLong(
      R"((?i)context[_ ](?:length|window|size)|(?:prompt|input|request).{0,40}(?:too long|too large|exceed)|maximum context|too many tokens|reduce the length)");
  std::string said;
  if (const auto value = parse_json(body)) {
    said = error_words(field(*value, "error"));
    if (said.empty()) said = text_field(*value, "message");
    if (said.empty()) said = text_field(*value, "detail");
  }
  ChatRefusal refusal;
  refusal.words = std::to_string(status) +
                  (status == 404 && !model.empty() ? " for the model `" + std::string(model) + "`" : "") +
                  (said.empty() ? "" : ": " + in_one_line(said));
  const bool no_credit = said.find("insufficient_quota") != said.npos;
  if (status == 413 || (status < 500 && status != 429 && RE2::PartialMatch(said, kTooLong)))
    refusal.kind = ChatRefusal::Kind::too_long;
  else if (status == 400 && said.find("stream") != said.npos)
    refusal.kind = ChatRefusal::Kind::no_stream;
  else if (status == 429 && !no_credit)
    refusal.kind = ChatRefusal::Kind::busy;
  else if (status == 408 || status == 409 || status >= 500)
    refusal.kind = ChatRefusal::Kind::passing;
  return refusal;
}

}  // namespace baton
