#include "orchestrator/chat/chat_agent.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "orchestrator/agents/acp_messages.h"
#include "orchestrator/chat/chat_loop.h"
#include "orchestrator/chat/chat_tools.h"
#include "orchestrator/chat/tool_link.h"
#include "support/framing.h"
#include "support/json.h"
#include "support/log.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kLongestMessage = 16u << 20;
constexpr int kInternal = -32603, kInvalidParams = -32602;
constexpr const char* kSession = "chat";
constexpr const char* kOnce = "once";

// Our side of the protocol: messages out, and answers to what we ask. Any thread.
class ClientLink {
 public:
  explicit ClientLink(int output) : output_(output) {}

  void send(json message) {
    message["jsonrpc"] = "2.0";
    const std::string line = dump_json(message) + "\n";
    const std::lock_guard guard(writing_);
    for (std::string_view rest = line; !rest.empty();) {
      const ssize_t wrote = ::write(output_, rest.data(), rest.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) return;
      rest.remove_prefix(static_cast<std::size_t>(wrote));
    }
  }
  void answer(const std::string& id, json result) {
    send({{"id", parse_json(id).value()}, {"result", std::move(result)}});
  }
  void fail(const std::string& id, int code, const std::string& message) {
    send({{"id", parse_json(id).value()}, {"error", {{"code", code}, {"message", message}}}});
  }
  void update(json what) {
    send({{"method", "session/update"}, {"params", {{"sessionId", kSession}, {"update", std::move(what)}}}});
  }

  // Null: it was refused an answer, or `stop` was asked for.
  json ask(const char* method, json params, std::stop_token stop) {
    std::int64_t id = 0;
    {
      const std::lock_guard guard(waiting_);
      id = ++last_id_;
    }
    send({{"id", id}, {"method", method}, {"params", std::move(params)}});
    std::unique_lock lock(waiting_);
    answered_.wait(lock, stop, [&] { return answers_.contains(std::to_string(id)); });
    auto found = answers_.extract(std::to_string(id));
    return found.empty() ? json() : std::move(found.mapped());
  }
  void answered(const std::string& id, json result) {
    const std::lock_guard guard(waiting_);
    answers_[id] = std::move(result);
    answered_.notify_all();
  }

 private:
  const int output_;
  std::mutex writing_, waiting_;
  std::condition_variable_any answered_;
  std::int64_t last_id_ = 0;
  std::map<std::string, json> answers_;
};

json tool_call_of(const std::string& id, const ChatDeed& deed, const char* status) {
  json call = {{"toolCallId", id}, {"title", deed.title}, {"kind", deed.kind}, {"status", status}};
  if (!deed.path.empty()) call["locations"] = json::array({{{"path", deed.path}}});
  if (!deed.command.empty()) call["rawInput"] = {{"command", deed.command}};
  return call;
}

class ChatAgent {
 public:
  ChatAgent(const ChatAgentSetting& setting, int output) : setting_(setting), client_(output) {}
  ~ChatAgent() {
    cancel();
    work_ = {};
  }

  void take(const std::string& line) {
    const AcpIncoming incoming = read_acp(line);
    switch (incoming.kind) {
      case AcpIncoming::Kind::answer:
        return client_.answered(incoming.id, *incoming.body);
      case AcpIncoming::Kind::failure:
        return client_.answered(incoming.id, json());
      case AcpIncoming::Kind::notification:
        if (incoming.method == "session/cancel") cancel();
        return;
      case AcpIncoming::Kind::request:
        return take_request(incoming);
      case AcpIncoming::Kind::noise:
        return;
    }
  }

 private:
  void take_request(const AcpIncoming& incoming) {
    if (incoming.method == "initialize") {
      return client_.answer(
          incoming.id,
          {{"protocolVersion", kAcpVersion},
           {"agentCapabilities", {{"loadSession", false}}},
           {"agentInfo", {{"name", "baton-chat"}, {"title", "Baton's built-in agent"}, {"version", BATON_VERSION}}},
           {"authMethods", json::array()}});
    }
    if (incoming.method == "session/new") return open_session(incoming);
    if (incoming.method == "session/prompt") return prompt(incoming);
    client_.fail(incoming.id, kAcpMethodNotFound, incoming.method + " is not known here.");
  }

  void open_session(const AcpIncoming& incoming) {
    const json& params = *incoming.body;
    const std::string root = params.is_object() ? params.value("cwd", "") : "";
    std::error_code failed;
    if (!fs::is_directory(root, failed))
      return client_.fail(incoming.id, kInvalidParams, "There is no folder `" + root + "`.");
    work_ = {};
    ChatGround ground{root, setting_.env,
                      [this](const ChatDeed& deed, std::stop_token stop) { return ask_leave(deed, std::move(stop)); }};
    std::vector<Tool> tools = chat_tools(std::move(ground));
    if (!setting_.tool_socket.empty()) {
      auto linked = linked_tools(setting_.tool_socket, setting_.tool_token);
      if (!linked)
        log(LogLevel::warning, linked.error().message);
      else
        for (Tool& tool : *linked) tools.push_back(std::move(tool));
    }
    loop_.emplace(setting_.endpoint, setting_.context > 0 ? setting_.context : kUsualContext, root, std::move(tools),
                  ears());
    client_.answer(incoming.id, {{"sessionId", kSession}});
  }

  ChatLoop::Ears ears() {
    ChatLoop::Ears ears;
    ears.said = [this](const std::string& text) {
      client_.update({{"sessionUpdate", "agent_message_chunk"}, {"content", {{"type", "text"}, {"text", text}}}});
    };
    ears.noted = [this](const std::string& what) {
      update_call("tool_call", tool_call_of("note_" + std::to_string(++notes_), {"think", what, "", ""}, "completed"));
    };
    ears.began = [this](const std::string& id, const std::string& tool, const json& arguments) {
      call_ = id;
      update_call("tool_call", tool_call_of(id, deed_of(tool, arguments), "in_progress"));
    };
    ears.ended = [this](const std::string& id, bool well) {
      update_call("tool_call_update", {{"toolCallId", id}, {"status", well ? "completed" : "failed"}});
    };
    return ears;
  }

  void update_call(const char* what, json call) {
    call["sessionUpdate"] = what;
    client_.update(std::move(call));
  }

  Status ask_leave(const ChatDeed& deed, std::stop_token stop) {
    const json answer = client_.ask("session/request_permission",
                                    {{"sessionId", kSession},
                                     {"toolCall", tool_call_of(call_, deed, "pending")},
                                     {"options",
                                      {{{"optionId", kOnce}, {"name", "Allow once"}, {"kind", "allow_once"}},
                                       {{"optionId", "no"}, {"name", "Refuse"}, {"kind", "reject_once"}}}}},
                                    std::move(stop));
    const json outcome = answer.is_object() ? answer.value("outcome", json::object()) : json::object();
    if (outcome.is_object() && outcome.value("optionId", "") == kOnce) return done();
    return Error{ErrorKind::precondition, "It is not allowed here; do it another way, or without it."};
  }

  void prompt(const AcpIncoming& incoming) {
    if (!loop_) return client_.fail(incoming.id, kInvalidParams, "There is no session.");
    std::string text;
    const json& params = *incoming.body;
    const json blocks = params.is_object() ? params.value("prompt", json::array()) : json::array();
    for (const json& block : blocks) text += block.is_object() ? block.value("text", "") : "";
    work_ = std::jthread([this, id = incoming.id, text](std::stop_token stop) {
      const ChatLoop::End end = loop_->turn(text, std::move(stop));
      if (end.reason.empty())
        client_.fail(id, kInternal, end.problem);
      else
        client_.answer(id, {{"stopReason", end.reason}});
    });
  }

  void cancel() { work_.request_stop(); }

  const ChatAgentSetting setting_;
  ClientLink client_;
  std::optional<ChatLoop> loop_;
  std::string call_;  // of the tool that runs
  int notes_ = 0;
  std::jthread work_;
};

}  // namespace

void serve_chat_agent(const ChatAgentSetting& setting, int input, int output) {
  ChatAgent agent(setting, output);
  LineFraming lines(kLongestMessage);
  char bytes[1 << 16];
  while (true) {
    const ssize_t got = ::read(input, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    lines.feed({bytes, static_cast<std::size_t>(got)});
    while (const auto event = lines.next()) {
      if (const auto* message = std::get_if<FramedMessage>(&*event)) agent.take(message->body);
    }
  }
}

}  // namespace baton
