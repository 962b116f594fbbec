#include "orchestrator/forge/forge_line.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>

#include "support/json.h"
#include "support/redact.h"

namespace baton {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr int kMaxTries = 5;
constexpr auto kFirstWait = 500ms, kLongestWait = std::chrono::milliseconds(60s);
constexpr std::size_t kMaxSaid = 300;  // bytes of the forge's own words

std::string forge_name(ForgeKind kind) { return kind == ForgeKind::github ? "GitHub" : kind == ForgeKind::gitlab ? "GitLab" : "Gitea"; }

std::string one_line(std::string text) {
  std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < 0x20; }, ' ');
  if (text.size() > kMaxSaid) text = text.substr(0, text.find_last_of(' ', kMaxSaid)) + " …";
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  return text;
}

// Every text that stands somewhere in a value, in order.
void gather(const json& value, std::string& text, int depth = 0) {
  if (value.is_string()) text += (text.empty() ? "" : ", ") + value.get<std::string>();
  else if (value.is_array() && depth < 4) for (const json& one : value) gather(one, text, depth + 1);
  else if (value.is_object() && depth < 4) {
    if (value.contains("message")) return gather(value["message"], text, depth + 1);
    for (const auto& [name, one] : value.items()) {
      if (name == "documentation_url" || name == "url" || name == "resource") continue;
      std::string inner;
      gather(one, inner, depth + 1);
      if (!inner.empty()) text += (text.empty() ? "" : ", ") + (name == "code" || name == "field" ? "" : name + " ") + inner;
    }
  }
}

// GitHub says `message` and `errors`, GitLab `message` (text, list or lists by field) or `error`, Gitea `message`.
std::string words_of(const HttpAnswer& answer) {
  const auto body = parse_json(answer.body);
  if (!body || !body->is_object()) return {};
  std::string message, details;
  if (body->contains("message")) gather((*body)["message"], message);
  if (body->contains("error_description")) gather((*body)["error_description"], details);
  if (body->contains("error") && details.empty()) gather((*body)["error"], details);
  if (body->contains("errors")) gather((*body)["errors"], details);
  return one_line(redact(message.empty() || details.empty() ? message + details : message + ": " + details));
}

bool limit_used_up(const HttpAnswer& answer) {
  return answer.status == 429 || (answer.status == 403 && (answer.retry_after || answer.header("x-ratelimit-remaining") == "0" || answer.header("ratelimit-remaining") == "0"));
}

std::string needed_right(const HttpAnswer& answer) {
  const std::string fine = answer.header("x-accepted-github-permissions"), scopes = answer.header("x-accepted-oauth-scopes");
  return !fine.empty() ? " (needed: " + one_line(fine) + ")" : !scopes.empty() ? " (needed: " + one_line(scopes) + ")" : "";
}

// False: stopped.
bool pause(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

std::string how_to_renew(ForgeKind kind, const std::string& host) {
  switch (kind) {
    case ForgeKind::github: return "`gh auth login" + (host == "github.com" ? "" : " --hostname " + host) + "`";
    case ForgeKind::gitlab: return "`glab auth login --hostname " + host + "`";
    case ForgeKind::gitea: return "a new one in your settings there";
  }
  return {};
}

}  // namespace

std::string refusal_sentence(const ForgePlace& place, const std::string& token_from, const ForgeRequest& request, const HttpAnswer& answer) {
  const std::string& host = place.host;
  const std::string said = words_of(answer), in_words = said.empty() ? "" : ": " + said;
  const std::string token = token_from.empty() ? "The token" : "The token from " + token_from;
  if (limit_used_up(answer)) {
    const std::string wait = answer.retry_after ? "wait " + std::to_string(answer.retry_after->count()) + " seconds" : "wait a while";
    return host + " takes no more calls at the moment; " + wait + ", then run it again.";
  }
  switch (answer.status) {
    case 401: return host + " does not accept the token from " + (token_from.empty() ? "nowhere" : token_from) + "; get another one (" + how_to_renew(place.kind, host) + "), then run it again.";
    case 403: return token + " may not " + request.doing + " in " + place.repository + needed_right(answer) + in_words + "; give it that right there or use another one, then run it again.";
    case 404:
      return host + " has no repository " + place.repository + " to " + request.doing + " in, or the token from " + (token_from.empty() ? "nowhere" : token_from) +
             " may not see it; look at the remote's address and at what the token may read.";
    case 409: return forge_name(place.kind) + " could not " + request.doing + ", since something there stands against it" + in_words + "; look at it there, then run it again.";
    case 410: return place.repository + " takes none of it, so " + host + " could not " + request.doing + in_words + "; switch it on in the settings there, then run it again.";
    case 413: return host + " has no room left to " + request.doing + in_words + "; make room there or ask who runs it, then run it again.";
    case 423: return place.repository + " is archived or locked, so " + host + " could not " + request.doing + in_words + "; open it again there, then run it again.";
    case 400:
    case 406:
    case 412:
    case 415:
    case 422:
      return forge_name(place.kind) + " refuses to " + request.doing + (in_words.empty() ? " (" + std::to_string(answer.status) + ") and does not say why" : in_words) +
             "; mend that here or in the settings of " + place.repository + ", then run it again.";
    default: break;
  }
  if (answer.status >= 500) return host + " has a fault of its own (" + std::to_string(answer.status) + "); run it again later, and what was done already is found.";
  return host + " answers with " + std::to_string(answer.status) + " when asked to " + request.doing + in_words + "; see whether its address is right.";
}

std::optional<std::chrono::milliseconds> wait_before_retry(const HttpAnswer& answer, int tries) {
  const bool again = limit_used_up(answer) || answer.status == 502 || answer.status == 503 || answer.status == 504 || answer.status == 500;
  if (!again || tries >= kMaxTries) return std::nullopt;
  if (answer.retry_after) return *answer.retry_after <= kLongestWait ? std::optional<std::chrono::milliseconds>(*answer.retry_after) : std::nullopt;
  if (limit_used_up(answer) && answer.status != 429) return std::nullopt;  // it is used up for up to an hour
  return kFirstWait * (1 << (tries - 1));
}

ForgeLine::ForgeLine(ForgePlace place, ForgeToken token, Environment client_env, bool dry, std::stop_token stop)
    : place_(std::move(place)), token_(std::move(token)), client_env_(std::move(client_env)), dry_(dry), stop_(std::move(stop)) {}
ForgeLine::~ForgeLine() = default;

Result<HttpAnswer> ForgeLine::send(const ForgeRequest& request) {
  HttpRequest call;
  call.method = request.method;
  call.url = place_.api + request.path;
  call.env = client_env_;
  call.body = request.body;
  call.headers = {{"User-Agent", "baton/" BATON_VERSION}};
  call.headers.emplace_back("Accept", place_.kind == ForgeKind::github ? "application/vnd.github+json, application/json;q=0.9" : "application/json");
  if (place_.kind == ForgeKind::github) call.headers.emplace_back("X-GitHub-Api-Version", "2022-11-28");
  if (!request.body.empty()) call.headers.emplace_back("Content-Type", "application/json");
  if (!token_.value.empty()) call.headers.emplace_back("Authorization", (place_.kind == ForgeKind::gitea ? "token " : "Bearer ") + token_.value);
  return http_call(call, stop_);
}

Result<json> ForgeLine::ask(const ForgeRequest& request) {
  if (dry_ && request.method != "GET") {
    kept_.push_back(request);
    return json::object();
  }
  for (int tries = 1;; ++tries) {
    auto answer = send(request);
    if (!answer) {
      status_ = 0;
      // Whether it was done is not known; whoever asks looks for it before it is done again.
      if (answer.error().kind != ErrorKind::io || request.method != "GET" || tries >= 3) return answer.error();
      if (!pause(kFirstWait, stop_)) return Error{ErrorKind::cancelled, "Cancelled while " + place_.host + " was asked."};
      continue;
    }
    status_ = answer->status;
    if (answer->status >= 200 && answer->status < 300) {
      if (answer->body.empty()) return json::object();
      auto body = parse_json(answer->body);
      if (!body) return Error{ErrorKind::io, place_.host + " answers with what is no JSON; see whether " + place_.api + " is the address of its API."};
      return body;
    }
    // What a fault may have done all the same is looked for by whoever asks, before it is done again.
    const bool may_be_done = answer->status >= 500 && request.method == "POST";
    const auto wait = may_be_done ? std::nullopt : wait_before_retry(*answer, tries);
    if (!wait) {
      said_ = words_of(*answer);
      return Error{answer->status >= 500 ? ErrorKind::io : ErrorKind::precondition, refusal_sentence(place_, token_.from, request, *answer)};
    }
    const auto jitter = std::chrono::milliseconds(std::random_device{}() % 100);
    if (!pause(*wait + jitter, stop_)) return Error{ErrorKind::cancelled, "Cancelled while " + place_.host + " was asked."};
  }
}

}  // namespace baton
