#include "lsp/message.h"

#include <nlohmann/json.hpp>

#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

BadMessage invalid(std::string message) { return {ErrorCode::invalid_request, std::move(message)}; }

Json member(json& message, std::string_view key) {
  const auto found = message.find(key);
  return std::make_shared<const json>(found == message.end() ? json() : std::move(*found));
}

bool is_id(const json& id) { return id.is_string() || id.is_number_integer(); }

// A parameter list is tolerated where it holds the one object that the method takes, or nothing.
Json params_of(json& message) {
  const auto found = message.find("params");
  if (found != message.end() && found->is_array() && found->empty()) return std::make_shared<const json>();
  return member(message, "params");
}

Response response_of(json& message) {
  Response response{dump_json(message["id"]), member(message, "result"), false, {}};
  const auto error = message.find("error");
  if (error == message.end()) return response;
  response.failed = true;
  if (error->is_object() && error->contains("message") && (*error)["message"].is_string()) {
    response.error = (*error)["message"].get<std::string>();
  }
  return response;
}

std::string envelope(std::string_view head, std::string_view key, const json& value) {
  std::string text = R"({"jsonrpc":"2.0",)";
  text += head;
  text += ",\"";
  text += key;
  text += "\":";
  text += dump_json(value);
  text += '}';
  return text;
}

std::string quoted(std::string_view text) { return dump_json(json(text)); }

}  // namespace

Message parse_message(std::string_view body) {
  auto parsed = parse_json(body);
  if (!parsed) return BadMessage{ErrorCode::parse_error, parsed.error().message};
  json& message = *parsed;
  if (message.is_array()) return invalid("Batches are not part of the protocol: send one message a frame.");
  if (!message.is_object()) return invalid("A message is a JSON object.");
  const auto id = message.find("id");
  const auto method = message.find("method");
  if (method == message.end()) {
    const bool answer = message.contains("result") || message.contains("error");
    if (!answer) return invalid("A message has a method, a result or an error.");
    if (id == message.end() || !is_id(*id)) return Response{"null", member(message, "result"), true, {}};
    return response_of(message);
  }
  if (!method->is_string()) return invalid("The method is no string.");
  if (id == message.end()) return Notification{method->get<std::string>(), params_of(message)};
  if (!is_id(*id)) return invalid("The id is neither a string nor an integer.");
  return Request{dump_json(*id), method->get<std::string>(), params_of(message)};
}

std::string result_text(const RequestId& id, const json& result) { return envelope("\"id\":" + id, "result", result); }

std::string error_text(const RequestId& id, ErrorCode code, std::string_view message) {
  return envelope("\"id\":" + id, "error", json{{"code", static_cast<int>(code)}, {"message", message}});
}

std::string notification_text(std::string_view method, const json& params) {
  return envelope("\"method\":" + quoted(method), "params", params);
}

std::string request_text(const RequestId& id, std::string_view method, const json& params) {
  const std::string head = "\"id\":" + id + ",\"method\":" + quoted(method);
  return params.is_null() ? "{\"jsonrpc\":\"2.0\"," + head + "}" : envelope(head, "params", params);
}

}  // namespace baton
