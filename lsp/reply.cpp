#include "lsp/reply.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "support/log.h"

namespace baton {

Reply::Reply(RequestId id, std::string method, std::stop_source stop, Send send)
    : id_(std::move(id)), method_(std::move(method)), stop_(std::move(stop)), send_(std::move(send)) {}

Reply& Reply::operator=(Reply&& other) noexcept {
  if (this != &other) {
    Reply old(std::move(*this));
    id_ = std::move(other.id_);
    method_ = std::move(other.method_);
    stop_ = std::move(other.stop_);
    send_ = std::exchange(other.send_, nullptr);
  }
  return *this;
}

Reply::~Reply() {
  if (!send_) return;
  if (!stop_.stop_requested()) log(LogLevel::error, method_ + " was not answered by its handler");
  error(ErrorCode::internal_error, "A bug in Baton: " + method_ + " was not answered.");
}

void Reply::result(const nlohmann::json& value) { answer(result_text(id_, value)); }

void Reply::error(ErrorCode code, std::string_view message) { answer(error_text(id_, code, message)); }

void Reply::error(const Error& error) {
  switch (error.kind) {
    case ErrorKind::usage: return this->error(ErrorCode::invalid_params, error.message);
    case ErrorKind::cancelled: return this->error(ErrorCode::request_cancelled, error.message);
    case ErrorKind::internal: return this->error(ErrorCode::internal_error, error.message);
    case ErrorKind::precondition:
    case ErrorKind::trust:
    case ErrorKind::missing_tool:
    case ErrorKind::io: return this->error(ErrorCode::request_failed, error.message);
  }
}

void Reply::answer(std::string text) {
  if (!send_) {
    log(LogLevel::error, method_ + " was answered twice");
    return;
  }
  std::exchange(send_, nullptr)(std::move(text));
}

}  // namespace baton
