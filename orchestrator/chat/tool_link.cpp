#include "orchestrator/chat/tool_link.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "orchestrator/engine_link.h"
#include "support/descriptor.h"
#include "support/framing.h"
#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestLinked = 4u << 20;
constexpr int kLinkLookAround = 100;   // milliseconds between looks at `stop`
constexpr int kLinkGreeting = 10'000;  // milliseconds for what is answered at once

class ToolLink {
 public:
  explicit ToolLink(int socket) : socket_(socket) {}

  bool send(const std::string& line) {
    for (std::string_view rest = line; !rest.empty();) {
      const ssize_t wrote = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) return false;
      rest.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return true;
  }

  // `patience` in milliseconds; 0: as long as it takes.
  Result<json> ask(const std::string& method, json params, std::stop_token stop, int patience = 0) {
    const int id = ++last_id_;
    if (!send(dump_json({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}}) + "\n"))
      return over();
    for (int waited = 0; patience == 0 || waited < patience; waited += kLinkLookAround) {
      if (stop.stop_requested()) {
        (void)send(
            dump_json({{"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", {{"requestId", id}}}}) +
            "\n");
        return Error{ErrorKind::cancelled, "Cancelled."};
      }
      if (!receive()) return over();
      while (const auto event = lines_.next()) {
        const auto* message = std::get_if<FramedMessage>(&*event);
        const auto value = message ? parse_json(message->body) : Result<json>(json());
        if (!value || !value->is_object() || value->value("id", json()) != id) continue;
        if (value->contains("result")) return (*value)["result"];
        return Error{ErrorKind::usage,
                     value->value("error", json::object()).value("message", "The tool answers nothing.")};
      }
    }
    return over();
  }

 private:
  static Error over() { return {ErrorKind::io, "The tools of this attempt do not answer."}; }

  bool receive() {
    pollfd wait{socket_.get(), POLLIN, 0};
    if (::poll(&wait, 1, kLinkLookAround) <= 0) return true;
    char bytes[16 << 10];
    const ssize_t got = ::read(socket_.get(), bytes, sizeof bytes);
    if (got <= 0) return got < 0 && errno == EINTR;
    lines_.feed({bytes, static_cast<std::size_t>(got)});
    return true;
  }

  const Descriptor socket_;
  LineFraming lines_{kLongestLinked};
  int last_id_ = 0;
};

Result<std::string> call_linked(ToolLink& link, const std::string& name, const json& arguments, std::stop_token stop) {
  const auto answer = link.ask("tools/call", {{"name", name}, {"arguments", arguments}}, std::move(stop));
  if (!answer) return answer.error();
  std::string text;
  for (const json& part : answer->value("content", json::array())) text += part.value("text", "");
  if (answer->value("isError", false)) return Error{ErrorKind::usage, text};
  return text;
}

}  // namespace

Result<std::vector<Tool>> linked_tools(const std::string& address, const std::string& token) {
  const auto socket = connect_engine(address);
  if (!socket) return socket.error();
  const auto link = std::make_shared<ToolLink>(*socket);
  (void)link->send(token + "\n");
  if (auto greeted = link->ask("initialize",
                               {{"protocolVersion", "2025-11-25"},
                                {"capabilities", json::object()},
                                {"clientInfo", {{"name", "baton"}, {"version", BATON_VERSION}}}},
                               {}, kLinkGreeting);
      !greeted) {
    return greeted.error();
  }
  const auto listed = link->ask("tools/list", json::object(), {}, kLinkGreeting);
  if (!listed) return listed.error();
  std::vector<Tool> tools;
  for (const json& tool : listed->value("tools", json::array())) {
    const std::string name = tool.value("name", "");
    tools.push_back({name, tool.value("description", ""), dump_json(tool.value("inputSchema", json::object())),
                     [link, name](const json& arguments, std::stop_token stop) {
                       return call_linked(*link, name, arguments, std::move(stop));
                     }});
  }
  return tools;
}

}  // namespace baton
