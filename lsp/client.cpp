#include "lsp/client.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "lsp/methods.h"
#include "support/json.h"
#include "support/log.h"

namespace baton {
namespace {

using nlohmann::json;

// A client that answers nothing must not make us grow.
constexpr std::size_t kMaxWaiting = 256;

}  // namespace

bool Client::may_send(std::string_view method) const {
  const Method* known = find_method(method, Direction::to_client);
  if (!known) log(LogLevel::error, "not in the table of methods: " + std::string(method));
  return known && (!known->declared || profile_.*known->declared);
}

void Client::notify(std::string_view method, const json& params, std::string key) {
  if (may_send(method)) send_(notification_text(method, params), std::move(key));
}

void Client::request(std::string_view method, const json& params, OnAnswer done) {
  if (!may_send(method)) return;
  const std::int64_t id = next_id_++;
  if (waiting_.size() >= kMaxWaiting) waiting_.erase(waiting_.begin());
  waiting_.emplace(id, std::move(done));
  send_(request_text(std::to_string(id), method, params), {});
}

void Client::answered(const Response& response) {
  std::int64_t id = 0;
  const auto read = std::from_chars(response.id.data(), response.id.data() + response.id.size(), id);
  const bool number = read.ec == std::errc() && read.ptr == response.id.data() + response.id.size();
  const auto found = number ? waiting_.find(id) : waiting_.end();
  if (found == waiting_.end()) {
    log(LogLevel::warning, "an answer that nobody asked for, id " + response.id);
    return;
  }
  const OnAnswer done = std::move(found->second);
  waiting_.erase(found);
  if (response.failed) log(LogLevel::info, "the client answered with an error: " + response.error);
  done(response);
}

void Client::show_message(MessageType type, std::string_view text) {
  notify("window/showMessage", {{"type", static_cast<int>(type)}, {"message", text}});
}

void Client::log_message(MessageType type, std::string_view text) {
  notify("window/logMessage", {{"type", static_cast<int>(type)}, {"message", text}});
}

void Client::ask(MessageType type, std::string_view text, const std::vector<std::string>& titles,
                 std::function<void(int)> chosen) {
  json actions = json::array();
  for (const std::string& title : titles) actions.push_back({{"title", title}});
  const json params = {{"type", static_cast<int>(type)}, {"message", text}, {"actions", actions}};
  request("window/showMessageRequest", params, [titles, chosen = std::move(chosen)](const Response& response) {
    const json& answer = *response.result;
    std::string title;
    if (answer.is_object()) title = answer.value("title", json()).is_string() ? answer["title"].get<std::string>() : "";
    const auto found = std::find(titles.begin(), titles.end(), title);
    chosen(found == titles.end() ? -1 : static_cast<int>(found - titles.begin()));
  });
}

std::string Client::new_token() { return dump_json(json("baton-" + std::to_string(next_token_++))); }

void Client::on_cancel_progress(const std::string& token, std::function<void()> cancel) {
  cancels_[token] = std::move(cancel);
}

void Client::cancel_progress(const std::string& token) {
  const auto found = cancels_.find(token);
  if (found == cancels_.end()) return;
  const auto cancel = found->second;
  cancel();
}

}  // namespace baton
