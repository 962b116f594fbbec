#include "orchestrator/agents/tool_protocol.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr const char* kVersions[] = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"};
constexpr int kParseError = -32700, kInvalidRequest = -32600, kMethodNotFound = -32601, kInvalidParams = -32602;

json member(const json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? json(nullptr) : *found;
}

std::string failure(const json& id, int code, const std::string& message) {
  return dump_json({{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", message}}}});
}

std::string success(const json& id, json result) { return dump_json({{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}}); }

bool is_of_type(const json& value, const std::string& type) {
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "boolean") return value.is_boolean();
  if (type == "array") return value.is_array();
  return true;
}

}  // namespace

std::string argument_problem(const Tool& tool, const json& arguments) {
  const json schema = json::parse(tool.schema);
  const json known = schema.value("properties", json::object());
  if (!arguments.is_object()) return "The arguments of " + tool.name + " are an object.";
  for (const auto& [name, value] : arguments.items()) {
    const auto property = known.find(name);
    if (property == known.end()) return tool.name + " has no argument `" + name + "`.";
    const std::string type = property->value("type", "");
    if (!is_of_type(value, type)) return "The argument `" + name + "` of " + tool.name + " is of type " + type + ".";
  }
  for (const json& name : schema.value("required", json::array())) {
    if (!arguments.contains(name.get<std::string>())) return tool.name + " needs the argument `" + name.get<std::string>() + "`.";
  }
  return {};
}

std::optional<std::string> ToolProtocol::answer(std::string_view line, std::stop_token stop) {
  const auto message = parse_json(line);
  if (!message) return failure(nullptr, kParseError, message.error().message);
  const json method = member(*message, "method"), id = member(*message, "id"), params = member(*message, "params");
  if (!method.is_string()) {
    const bool response = message->is_object() && (message->contains("result") || message->contains("error"));
    if (response) return std::nullopt;  // we ask nothing, so it answers nothing
    return failure(id, kInvalidRequest, "A message is a request with a method.");
  }
  if (id.is_null()) return std::nullopt;  // never an answer to a notification
  const std::string name = method;
  if (name == "initialize") return success(id, initialize(params));
  if (name == "ping") return success(id, json::object());
  if (name == "tools/list") return success(id, list());
  if (name == "tools/call") {
    const json tool = member(params, "name");
    if (!tool.is_string() || !find(tool)) return failure(id, kInvalidParams, "There is no tool " + tool.dump() + "; tools/list names those that there are.");
    auto result = call(id, params, stop);
    return result ? std::optional(success(id, std::move(*result))) : std::nullopt;
  }
  return failure(id, kMethodNotFound, "This server has no method " + name + ".");
}

bool ToolProtocol::cancel(std::string_view line) {
  if (line.find("notifications/cancelled") == line.npos) return false;
  const auto message = parse_json(line);
  if (!message || member(*message, "method") != "notifications/cancelled" || !member(*message, "id").is_null()) return false;
  const std::string wanted = dump_json(member(member(*message, "params"), "requestId"));
  const std::lock_guard guard(mutex_);
  if (!running_.empty() && running_ == wanted) {
    cancelled_ = true;
    running_stop_.request_stop();
  }
  return true;
}

json ToolProtocol::initialize(const json& params) const {
  const json asked = member(params, "protocolVersion");
  const bool known = asked.is_string() && std::find(std::begin(kVersions), std::end(kVersions), asked.get<std::string>()) != std::end(kVersions);
  json result = {{"protocolVersion", known ? asked : json(std::end(kVersions)[-1])},
                 {"capabilities", {{"tools", json::object()}}},
                 {"serverInfo", {{"name", "baton"}, {"version", BATON_VERSION}}}};
  if (!instructions_.empty()) result["instructions"] = instructions_;
  return result;
}

json ToolProtocol::list() const {
  json tools = json::array();
  for (const Tool& tool : tools_) {
    json schema = json::parse(tool.schema);
    schema["type"] = "object";
    schema["additionalProperties"] = false;
    tools.push_back({{"name", tool.name}, {"description", tool.description}, {"inputSchema", std::move(schema)}});
  }
  return {{"tools", std::move(tools)}};
}

std::optional<json> ToolProtocol::call(const json& id, const json& params, std::stop_token stop) {
  const Tool& tool = *find(member(params, "name").get<std::string>());
  json arguments = member(params, "arguments");
  if (arguments.is_null()) arguments = json::object();
  std::stop_source by_either;
  {
    const std::lock_guard guard(mutex_);
    running_ = dump_json(id);
    running_stop_ = by_either;
    cancelled_ = false;
  }
  const std::stop_callback by_caller(stop, [&by_either] { by_either.request_stop(); });
  const std::string problem = argument_problem(tool, arguments);
  const Result<std::string> said = problem.empty() ? tool.run(arguments, by_either.get_token()) : Result<std::string>(Error{ErrorKind::usage, problem});
  bool cancelled = false;
  {
    const std::lock_guard guard(mutex_);
    running_.clear();
    cancelled = cancelled_;
  }
  if (cancelled) return std::nullopt;
  return json{{"content", json::array({{{"type", "text"}, {"text", said ? *said : said.error().message}}})}, {"isError", !said}};
}

const Tool* ToolProtocol::find(const std::string& name) const {
  const auto found = std::find_if(tools_.begin(), tools_.end(), [&](const Tool& tool) { return tool.name == name; });
  return found == tools_.end() ? nullptr : &*found;
}

}  // namespace baton
