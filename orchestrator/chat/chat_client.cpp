#include "orchestrator/chat/chat_client.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>

#include "support/http.h"
#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr int kMostTries = 4;  // of one call
constexpr std::chrono::seconds kFirstRetry{1}, kLongestRetry{60};
constexpr std::chrono::minutes kLongestCall{30};  // the attempt has a limit of its own
constexpr std::size_t kMostAnswer = 16u << 20;

// False: `stop` was asked for.
bool slept(std::chrono::seconds time, const std::stop_token& stop) {
  std::mutex alone;
  std::unique_lock lock(alone);
  std::condition_variable_any never;
  never.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

struct ChatClient::Try {
  ChatReply reply;
  std::optional<ChatRefusal> refusal;
  std::optional<std::chrono::seconds> retry_after;
};

ChatClient::Try ChatClient::once(const json& messages, const json& tools, std::stop_token stop) const {
  json body = {{"model", endpoint_.model}, {"messages", messages}, {"stream", streams_}};
  if (!tools.empty()) body["tools"] = tools;
  HttpRequest request;
  request.method = "POST";
  request.url = endpoint_.url + "/chat/completions";
  request.headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + endpoint_.key}};
  request.body = dump_json(body);
  request.limit = kLongestCall;
  request.max_answer = kMostAnswer;
  Try tried;
  const auto answer = http_call(request, std::move(stop));
  if (!answer) {
    tried.refusal = ChatRefusal{ChatRefusal::Kind::passing, "connection failed: " + answer.error().message};
  } else if (answer->status >= 400) {
    tried.refusal = read_chat_refusal(answer->status, answer->body, endpoint_.model);
    tried.retry_after = answer->retry_after;
  } else {
    tried.reply = read_chat_reply(answer->body);
    if (!tried.reply.problem.empty()) tried.refusal = ChatRefusal{ChatRefusal::Kind::passing, tried.reply.problem};
  }
  return tried;
}

ChatClient::Outcome ChatClient::ask(const json& messages, const json& tools, std::stop_token stop) {
  Outcome outcome;
  std::chrono::seconds wait = kFirstRetry;
  for (int tries = 1;; ++tries) {
    Try tried = once(messages, tools, stop);
    outcome.cancelled = stop.stop_requested();
    outcome.reply = std::move(tried.reply);
    if (outcome.cancelled || !tried.refusal) return outcome;
    if (tried.refusal->kind == ChatRefusal::Kind::no_stream && std::exchange(streams_, false)) continue;
    // Who is busy and does not say how long is asked again by who gave the task, whose patience is longer.
    const bool again = tried.refusal->kind == ChatRefusal::Kind::passing ||
                       (tried.refusal->kind == ChatRefusal::Kind::busy && tried.retry_after);
    const std::chrono::seconds pause = tried.retry_after.value_or(wait);
    if (!again || tries == kMostTries || pause > kLongestRetry) {
      outcome.refusal = std::move(tried.refusal->words);
      outcome.too_long = tried.refusal->kind == ChatRefusal::Kind::too_long;
      return outcome;
    }
    tell_("its model is asked again in " + std::to_string(pause.count()) + " s (" + tried.refusal->words + ")");
    outcome.cancelled = !slept(pause, stop);
    if (outcome.cancelled) return outcome;
    wait *= 2;
  }
}

}  // namespace baton
