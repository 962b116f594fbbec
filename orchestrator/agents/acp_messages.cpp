#include "orchestrator/agents/acp_messages.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

const json& nothing() {
  static const json kNothing = json::object();
  return kNothing;
}

const json& member(const json& object, const char* name) {
  if (!object.is_object()) return nothing();
  const auto found = object.find(name);
  return found == object.end() ? nothing() : *found;
}

std::string text(const json& object, const char* name) {
  const json& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

template <class Visit>
void each(const json& list, Visit visit) {
  if (!list.is_array()) return;
  for (const json& item : list) visit(item);
}

std::string line_of(json message) {
  message["jsonrpc"] = "2.0";
  return dump_json(message) + "\n";
}
std::string request(std::int64_t id, const char* method, json params) { return line_of({{"id", id}, {"method", method}, {"params", std::move(params)}}); }
// The id goes back as it came: agents use numbers and text.
std::string answer(std::string_view id, const char* what, json value) {
  auto parsed = parse_json(id);
  return line_of({{"id", parsed ? std::move(*parsed) : json()}, {what, std::move(value)}});
}

void add_path(std::vector<std::string>& paths, const json& value) {
  if (!value.is_string()) return;
  std::string path = value;
  constexpr std::string_view kFile = "file://";
  if (path.starts_with(kFile)) path.erase(0, kFile.size());
  if (!path.empty() && std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(std::move(path));
}

// Tools call them by many names; these were seen, or stand in the documentation of agents.
constexpr const char* kPathNames[] = {"path", "filePath", "file_path", "filepath", "absolute_path", "abs_path", "notebook_path", "target_file", "old_path", "new_path", "source", "destination"};
constexpr std::int64_t kMostTokensTold = 1'000'000'000'000;  // more is no count
constexpr const char* kCommandNames[] = {"command", "cmd", "script"};

void read_input(const json& input, AcpToolCall& call) {
  for (const char* name : kPathNames) add_path(call.paths, member(input, name));
  each(member(input, "paths"), [&](const json& path) { add_path(call.paths, path); });
  const json& changes = member(input, "changes");  // codex: by path
  if (changes.is_object()) {
    for (const auto& [path, change] : changes.items()) {
      add_path(call.paths, json(path));
      add_path(call.paths, member(member(change, "update"), "move_path"));
      add_path(call.paths, member(change, "move_path"));
    }
  }
  for (const char* name : kCommandNames) {
    const json& command = member(input, name);
    if (command.is_string() && call.command.empty()) call.command = command;
    if (!command.is_array() || !call.argv.empty()) continue;
    each(command, [&](const json& word) {
      if (word.is_string()) call.argv.push_back(word);
    });
  }
}

AcpToolCall read_call(const json& object) {
  AcpToolCall call;
  call.id = text(object, "toolCallId");
  call.title = text(object, "title");
  call.kind = text(object, "kind");
  call.status = text(object, "status");
  call.name = text(object, "name");
  each(member(object, "locations"), [&](const json& place) { add_path(call.paths, member(place, "path")); });
  each(member(object, "content"), [&](const json& content) {
    if (text(content, "type") != "diff") return;
    call.has_diff = true;
    add_path(call.paths, member(content, "path"));
  });
  read_input(member(object, "rawInput"), call);
  return call;
}

AcpChoice read_option(const json& option) {
  AcpChoice choice;
  choice.id = text(option, "id");
  choice.category = text(option, "category");
  choice.current = text(option, "currentValue");
  each(member(option, "options"), [&](const json& value) {
    if (const std::string id = text(value, "value"); !id.empty()) choice.values.push_back(id);
    each(member(value, "options"), [&](const json& inner) { choice.values.push_back(text(inner, "value")); });  // a group
  });
  return choice;
}

std::int64_t first_number(const json& object, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (const json& value = member(object, name); value.is_number() && value > 0 && value < kMostTokensTold) return value.get<std::int64_t>();
  }
  return 0;
}

// Of all texts in a value.
std::size_t text_bytes(const json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().size();
  if (!value.is_structured()) return 0;
  std::size_t bytes = 0;
  for (const json& inner : value) bytes += text_bytes(inner);
  return bytes;
}

void read_cost(const json& cost, AcpUpdate& told) {
  const json& amount = member(cost, "amount");
  const std::string currency = text(cost, "currency");
  // Another currency, or an agent's own credits, cannot be held against a budget.
  if (amount.is_number() && amount >= 0 && (currency.empty() || currency == "USD")) told.cost = amount.get<double>();
}

json file_access(const AcpOffer& offer) { return {{"readTextFile", offer.files}, {"writeTextFile", offer.files}}; }

}  // namespace

AcpIncoming read_acp(std::string_view line) {
  AcpIncoming incoming;
  incoming.body = std::make_shared<json>(json::object());
  auto message = parse_json(line);
  if (!message || !message->is_object()) return incoming;
  incoming.method = text(*message, "method");
  const json& id = member(*message, "id");
  const bool has_id = id.is_number() || id.is_string();
  if (has_id) incoming.id = dump_json(id);
  const auto take = [&](const char* name) {
    if (message->contains(name)) incoming.body = std::make_shared<json>(std::move((*message)[name]));
  };
  if (!incoming.method.empty()) {
    incoming.kind = has_id ? AcpIncoming::Kind::request : AcpIncoming::Kind::notification;
    take("params");
  } else if (has_id && message->contains("error") && !(*message)["error"].is_null()) {
    incoming.kind = AcpIncoming::Kind::failure;
    take("error");
  } else if (has_id) {
    incoming.kind = AcpIncoming::Kind::answer;
    take("result");
  }
  return incoming;
}

AcpFailure read_failure(const json& error) {
  AcpFailure failure;
  if (const json& code = member(error, "code"); code.is_number_integer()) failure.code = code;
  failure.message = text(error, "message");
  const json& data = member(error, "data");
  std::string more = data.is_string() ? data.get<std::string>() : text(data, "details");
  if (more.empty()) more = text(data, "message");
  if (more.empty() && data.is_object() && !data.empty()) more = dump_json(data);
  if (!more.empty() && failure.message.find(more) == std::string::npos) failure.message += (failure.message.empty() ? "" : ": ") + more;
  return failure;
}

AcpAgentInfo read_agent_info(const json& initialized) {
  AcpAgentInfo info;
  if (const json& version = member(initialized, "protocolVersion"); version.is_number_integer()) info.protocol = version.get<int>();
  info.name = text(member(initialized, "agentInfo"), "name");
  info.version = text(member(initialized, "agentInfo"), "version");
  each(member(initialized, "authMethods"), [&](const json& method) {
    const std::string type = text(method, "type");
    info.logins.push_back({text(method, "id"), text(method, "name"), text(method, "description"), type.empty() || type == "agent"});
  });
  return info;
}

std::vector<AcpChoice> read_choices(const json& body) {
  std::vector<AcpChoice> choices;
  each(member(body, "configOptions"), [&](const json& option) { choices.push_back(read_option(option)); });
  if (const json& modes = member(body, "modes"); modes.is_object() && !modes.empty()) {
    AcpChoice choice{"", "mode", text(modes, "currentModeId"), {}};
    each(member(modes, "availableModes"), [&](const json& mode) { choice.values.push_back(text(mode, "id")); });
    choices.push_back(std::move(choice));
  }
  return choices;
}

AcpSession read_session(const json& created) { return {text(created, "sessionId"), read_choices(created)}; }

AcpPermission read_permission(const json& params) {
  AcpPermission permission;
  permission.call = read_call(member(params, "toolCall"));
  each(member(params, "options"), [&](const json& option) {
    permission.options.push_back({text(option, "optionId"), text(option, "kind"), text(option, "name")});
  });
  return permission;
}

AcpUpdate read_update(const json& params) {
  const json& update = member(params, "update");
  AcpUpdate told;
  told.word = text(update, "sessionUpdate");
  if (told.word == "agent_message_chunk" || told.word == "agent_thought_chunk") {
    told.kind = told.word == "agent_message_chunk" ? AcpUpdate::Kind::said : AcpUpdate::Kind::thought;
    told.text = text(member(update, "content"), "text");
  } else if (told.word == "tool_call" || told.word == "tool_call_update") {
    told.kind = AcpUpdate::Kind::tool;
    told.call = read_call(update);
    told.asked_bytes = text_bytes(member(update, "rawInput"));
    told.shown_bytes = std::max(text_bytes(member(update, "content")), text_bytes(member(update, "rawOutput")));
  } else if (told.word == "usage_update") {
    told.kind = AcpUpdate::Kind::usage;
    read_cost(member(update, "cost"), told);
  }
  told.usage = read_acp_usage(member(update, "_meta"), "usage");
  constexpr std::string_view kByItself[] = {"available_commands_update", "current_mode_update", "config_option_update", "session_info_update"};
  told.is_progress = std::find(std::begin(kByItself), std::end(kByItself), told.word) == std::end(kByItself);
  return told;
}

std::optional<ModelUsage> read_acp_usage(const json& object, const char* name) {
  const json& told = member(object, name);
  const std::int64_t input = first_number(told, {"inputTokens", "promptTokens"}), output = first_number(told, {"outputTokens", "completionTokens", "candidatesTokens"});
  const std::int64_t thought = first_number(told, {"thoughtTokens", "thoughtsTokens"}), total = first_number(told, {"totalTokens"});
  ModelUsage used;
  // Whether thoughts are part of the output, and cached tokens of the input, differs from agent to agent: the sum tells.
  used.output = total >= input + output + thought ? output + thought : output;
  used.input = std::max(input, total - used.output);
  used.cached = std::min(used.input, first_number(told, {"cachedReadTokens", "cachedTokens"}));
  return used.tokens() > 0 ? std::optional(used) : std::nullopt;
}

std::string acp_initialize(std::int64_t id, const AcpOffer& offer) {
  return request(id, "initialize",
                 {{"protocolVersion", kAcpVersion},
                  {"clientCapabilities", {{"fs", file_access(offer)}, {"terminal", false}}},
                  {"clientInfo", {{"name", "baton"}, {"title", "Baton"}, {"version", BATON_VERSION}}}});
}

std::string acp_authenticate(std::int64_t id, std::string_view method) { return request(id, "authenticate", {{"methodId", method}}); }

std::string acp_new_session(std::int64_t id, std::string_view cwd, const std::vector<AcpMcpServer>& servers) {
  json list = json::array();
  for (const AcpMcpServer& server : servers) {
    json env = json::array();
    for (const auto& [name, value] : server.env) env.push_back({{"name", name}, {"value", value}});
    list.push_back({{"name", server.name}, {"command", server.command}, {"args", server.args}, {"env", std::move(env)}});
  }
  return request(id, "session/new", {{"cwd", cwd}, {"mcpServers", std::move(list)}});
}

std::string acp_set_mode(std::int64_t id, std::string_view session, std::string_view mode) {
  return request(id, "session/set_mode", {{"sessionId", session}, {"modeId", mode}});
}

std::string acp_set_option(std::int64_t id, std::string_view session, std::string_view option, std::string_view value) {
  return request(id, "session/set_config_option", {{"sessionId", session}, {"configId", option}, {"value", value}});
}

std::string acp_prompt(std::int64_t id, std::string_view session, std::string_view text) {
  json block = {{"type", "text"}, {"text", text}};
  return request(id, "session/prompt", {{"sessionId", session}, {"prompt", json::array({std::move(block)})}});
}

std::string acp_cancel(std::string_view session) { return line_of({{"method", "session/cancel"}, {"params", {{"sessionId", session}}}}); }

std::string acp_permit(std::string_view id, std::string_view option) {
  return answer(id, "result", {{"outcome", {{"outcome", "selected"}, {"optionId", option}}}});
}
std::string acp_permit_nothing(std::string_view id) { return answer(id, "result", {{"outcome", {{"outcome", "cancelled"}}}}); }
std::string acp_file_text(std::string_view id, std::string_view text) { return answer(id, "result", {{"content", text}}); }
std::string acp_done(std::string_view id) { return answer(id, "result", json::object()); }
std::string acp_refuse(std::string_view id, std::int64_t code, std::string_view message) {
  return answer(id, "error", {{"code", code}, {"message", message}});
}

}  // namespace baton
