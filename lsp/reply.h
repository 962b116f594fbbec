// The answer to one request: given exactly once. Dropped, it answers an internal error by itself. Move-only; io thread.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>
#include <string_view>

#include "lsp/message.h"
#include "support/result.h"

namespace baton {

class Reply {
 public:
  using Send = std::function<void(std::string text)>;

  // `stop` is asked to stop when the client cancels the request.
  Reply(RequestId id, std::string method, std::stop_source stop, Send send);
  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&&) noexcept;
  ~Reply();

  void result(const nlohmann::json& value);
  void error(ErrorCode code, std::string_view message);
  void error(const Error& error);  // with the code that says the same
  bool given() const { return !send_; }

  std::stop_token cancelled() const { return stop_.get_token(); }
  const RequestId& id() const { return id_; }

 private:
  void answer(std::string text);

  RequestId id_;
  std::string method_;
  std::stop_source stop_{std::nostopstate};
  Send send_;  // empty once answered or moved from
};

}  // namespace baton
