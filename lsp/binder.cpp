#include "lsp/binder.h"

#include <algorithm>
#include <cassert>
#include <nlohmann/json.hpp>

#include "lsp/methods.h"

namespace baton {
namespace {

[[maybe_unused]] bool in_table(std::string_view name, MethodKind kind) {
  const Method* method = find_method(name, Direction::from_client);
  return method && method->kind == kind;
}

[[maybe_unused]] bool is_command(std::string_view name) {
  const auto all = commands();
  return std::any_of(all.begin(), all.end(), [&](const Command& command) { return command.name == name; });
}

}  // namespace

void Binder::add_request(std::string_view method, OnRequest handler) {
  assert(in_table(method, MethodKind::request));
  requests_.emplace(method, std::move(handler));
}

void Binder::add_notification(std::string_view method, OnNotification handler) {
  assert(in_table(method, MethodKind::notification));
  notifications_.emplace(method, std::move(handler));
}

void Binder::add_command(std::string_view name, OnCommand handler) {
  assert(is_command(name));
  commands_.emplace(name, std::move(handler));
}

void Binder::dispatch(const Request& request, Reply reply) const {
  const auto handler = requests_.find(request.method);
  if (handler == requests_.end()) {
    reply.error(ErrorCode::method_not_found, "There is no method " + request.method + " here.");
    return;
  }
  std::string error;
  const Reader reader(*request.params, "params", error);
  handler->second(reader, error, reply);
  if (!error.empty()) reply.error(ErrorCode::invalid_params, request.method + ": " + error + ".");
}

std::string Binder::dispatch(const Notification& notification) const {
  const auto handler = notifications_.find(notification.method);
  if (handler == notifications_.end()) return {};
  std::string error;
  const Reader reader(*notification.params, "params", error);
  handler->second(reader, error);
  return error;
}

void Binder::dispatch(const ExecuteCommandParams& command, Reply reply) const {
  const auto handler = commands_.find(command.command);
  if (handler == commands_.end()) {
    reply.error(ErrorCode::invalid_params, "There is no command " + command.command + " here.");
    return;
  }
  std::string error;
  const Reader reader(*command.argument, "arguments[0]", error);
  if (reader.present()) reader.must_be_object();
  handler->second(reader, error, command.progress_token, reply);
  if (!error.empty()) reply.error(ErrorCode::invalid_params, command.command + ": " + error + ".");
}

}  // namespace baton
