// The envelope of JSON-RPC: from the text of a frame to one of four kinds, and from an answer to its text. Pure; any thread.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace baton {

// An id exactly as the client wrote it, as JSON text: `7` or `"seven"`.
using RequestId = std::string;

enum class ErrorCode {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  internal_error = -32603,
  server_not_initialized = -32002,
  request_failed = -32803,
  request_cancelled = -32800,
};

using Json = std::shared_ptr<const nlohmann::json>;  // shared, so that messages can be moved about; never null

struct Request {
  RequestId id;
  std::string method;
  Json params;  // JSON null when absent
};
struct Notification {
  std::string method;
  Json params;
};
struct Response {
  RequestId id;
  Json result;  // JSON null for an error
  bool failed = false;
  std::string error;  // its message
};
struct BadMessage {  // to be answered with id null
  ErrorCode code;
  std::string message;
};
using Message = std::variant<Request, Notification, Response, BadMessage>;

Message parse_message(std::string_view body);

std::string result_text(const RequestId& id, const nlohmann::json& result);
std::string error_text(const RequestId& id, ErrorCode code, std::string_view message);  // `id` "null" where there is none
std::string notification_text(std::string_view method, const nlohmann::json& params);
std::string request_text(const RequestId& id, std::string_view method, const nlohmann::json& params);

}  // namespace baton
