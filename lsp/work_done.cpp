#include "lsp/work_done.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace baton {

using nlohmann::json;

std::shared_ptr<WorkDone> WorkDone::start(Client& client, std::string token, std::string title, std::string message,
                                          bool measured, std::function<void()> cancel) {
  const bool ours = token.empty();
  if (ours) token = client.new_token();
  const std::shared_ptr<WorkDone> work(new WorkDone(client, std::move(token), std::move(title), std::move(message), measured));
  client.on_cancel_progress(work->token_, std::move(cancel));
  if (!ours) {
    work->begin();
    return work;
  }
  const json params = {{"token", json::parse(work->token_)}};
  // Kept until then, so that what is over sooner is told, too.
  client.request("window/workDoneProgress/create", params, [work](const Response& response) {
    if (!response.failed) work->begin();
  });
  return work;
}

void WorkDone::begin() {
  if (state_ == State::begun) return;
  json value = {{"kind", "begin"}, {"title", title_}, {"message", message_}, {"cancellable", true}};
  if (measured_) value["percentage"] = 0;
  send(value, false);
  if (state_ == State::ended) return send_end();
  state_ = State::begun;
}

void WorkDone::report(std::string message, std::optional<int> percentage) {
  message_ = std::move(message);
  if (state_ != State::begun) return;
  json value = {{"kind", "report"}, {"message", message_}, {"cancellable", true}};
  if (percentage) value["percentage"] = percentage_ = std::max(percentage_, *percentage);
  send(value, true);
}

void WorkDone::end(const std::string& message) {
  if (state_ == State::ended) return;
  const bool begun = state_ == State::begun;
  state_ = State::ended;
  message_ = message;
  client_.forget_progress(token_);
  if (begun) send_end();
}

void WorkDone::send_end() {
  json value = {{"kind", "end"}};
  if (!message_.empty()) value["message"] = message_;
  send(value, false);
}

void WorkDone::send(const json& value, bool replaceable) {
  client_.notify("$/progress", {{"token", json::parse(token_)}, {"value", value}},
                 replaceable ? "progress " + token_ : std::string());
}

}  // namespace baton
