#include "lsp/pending_reply.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace baton {

PendingReply::PendingReply(Client& client, std::string progress_token, std::string title, Reply reply)
    : reply_(std::move(reply)), on_cancel_(reply_.cancelled(), [this] { cancel(); }) {
  if (progress_token.empty() || over()) return;
  progress_ = WorkDone::start(client, std::move(progress_token), std::move(title), "begun", false, [this] { cancel(); });
}

void PendingReply::result(const nlohmann::json& value) {
  if (over()) return;
  if (progress_) progress_->end({});
  reply_.result(value);
}

void PendingReply::error(const Error& error) {
  if (over()) return;
  if (progress_) progress_->end(error.kind == ErrorKind::cancelled ? "cancelled" : error.message);
  reply_.error(error);
}

void PendingReply::cancel() {
  stop_.request_stop();
  error(Error{ErrorKind::cancelled, "Cancelled, before it was done."});
}

}  // namespace baton
