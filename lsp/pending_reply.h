// A reply that waits for the user or for the engine. Whoever comes first gives it: what was waited for, or the client, which cancels the
// request or its progress, or ends the session. What comes later is dropped. Io thread, but for `cancelled`.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>

#include "lsp/reply.h"
#include "lsp/work_done.h"

namespace baton {

class PendingReply {
 public:
  // `progress_token`: the client's own; without one there is no progress, since most of these are over at once.
  PendingReply(Client& client, std::string progress_token, std::string title, Reply reply);
  PendingReply(const PendingReply&) = delete;

  void result(const nlohmann::json& value);
  void error(const Error& error);
  bool over() const { return reply_.given(); }
  // Any thread: a worker that comes to it late does nothing.
  bool cancelled() const { return stop_.stop_requested(); }

 private:
  void cancel();

  Reply reply_;
  std::stop_source stop_;
  std::shared_ptr<WorkDone> progress_;  // null: none
  std::stop_callback<std::function<void()>> on_cancel_;  // last: it uses the rest
};

using Pending = std::shared_ptr<PendingReply>;

}  // namespace baton
