// The client as everything inside sees it: what is sent to it, and what it answers. Sends nothing that is not in the table of
// methods, nor what the client has not declared. Io thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "lsp/client_profile.h"
#include "lsp/message.h"

namespace baton {

enum class MessageType { error = 1, warning = 2, info = 3, log = 4 };

class Client {
 public:
  using Send = std::function<void(std::string text, std::string key)>;  // an unsent text of the same key gives way
  explicit Client(Send send) : send_(std::move(send)) {}

  void meet(ClientProfile profile) { profile_ = std::move(profile); }
  const ClientProfile& profile() const { return profile_; }

  void notify(std::string_view method, const nlohmann::json& params, std::string key = {});
  using OnAnswer = std::function<void(const Response&)>;  // never called when the client does not answer
  void request(std::string_view method, const nlohmann::json& params, OnAnswer done);
  void answered(const Response& response);

  void show_message(MessageType type, std::string_view text);
  void log_message(MessageType type, std::string_view text);
  // Calls `chosen` with the index of the title that the user chose, or -1 when it was dismissed.
  void ask(MessageType type, std::string_view text, const std::vector<std::string>& titles, std::function<void(int)> chosen);

  // Tokens of progress that the user can cancel.
  std::string new_token();
  void on_cancel_progress(const std::string& token, std::function<void()> cancel);
  void forget_progress(const std::string& token) { cancels_.erase(token); }
  void cancel_progress(const std::string& token);

 private:
  bool may_send(std::string_view method) const;

  Send send_;
  ClientProfile profile_;
  std::int64_t next_id_ = 1, next_token_ = 1;
  std::map<std::string, std::function<void()>> cancels_;
  std::map<std::int64_t, OnAnswer> waiting_;  // by id, so the oldest comes first; what they keep may forget its progress in the end
};

}  // namespace baton
