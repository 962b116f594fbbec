// Work-done progress of one piece of work: begun once, reported, ended once, whatever the client can show and however late it
// says so. Io thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lsp/client.h"

namespace baton {

class WorkDone : public std::enable_shared_from_this<WorkDone> {
 public:
  // `token`: the client's own for this request, as JSON text; empty: one is made where the client can show progress.
  // `measured`: reports will say how far it is; a client shows a percentage from the beginning then, and else none.
  static std::shared_ptr<WorkDone> start(Client& client, std::string token, std::string title, std::string message, bool measured,
                                         std::function<void()> cancel);
  ~WorkDone() { end({}); }

  void report(std::string message, std::optional<int> percentage);
  void end(const std::string& message);

 private:
  enum class State { asked, begun, ended };
  WorkDone(Client& client, std::string token, std::string title, std::string message, bool measured)
      : client_(client), token_(std::move(token)), title_(std::move(title)), message_(std::move(message)), measured_(measured) {}
  void begin();
  void send_end();
  void send(const nlohmann::json& value, bool replaceable);

  Client& client_;
  std::string token_, title_, message_;
  const bool measured_;
  int percentage_ = 0;  // the most that was said: what begins anew on the way does not go back
  State state_ = State::asked;
};

}  // namespace baton
