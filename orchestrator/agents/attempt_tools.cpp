#include "orchestrator/agents/attempt_tools.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "orchestrator/agents/tool_stream.h"
#include "orchestrator/agents/skill_tool.h"
#include "orchestrator/agents/workspace_tools.h"
#include "orchestrator/engine_link.h"
#include "support/crew.h"
#include "support/files.h"
#include "support/random.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kTokenBytes = 24;
constexpr int kMaxConnections = 8;  // of one attempt at a time
constexpr int kLookAround = 100;    // milliseconds between looks at the end

std::string bullet_list(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "- " + line + "\n";
  return text;
}

Result<std::string> ask(const std::filesystem::path& file, const std::string& question) {
  if (question.find_first_not_of(" \t\r\n") == question.npos) return Error{ErrorKind::usage, "The question is empty; say what you need to know."};
  if (auto written = write_file(file, question); !written) return written.error();
  return std::string("The user is asked. End your turn now: the answer comes with your next prompt.");
}

// Until the first line end, at most as long as a token may be.
std::string first_line(int socket, std::stop_token stop) {
  std::string line;
  while (!stop.stop_requested() && line.size() <= 2 * kTokenBytes + 1) {
    pollfd wait{socket, POLLIN, 0};
    if (::poll(&wait, 1, kLookAround) <= 0) continue;
    char byte = 0;
    if (::read(socket, &byte, 1) != 1) return {};
    if (byte == '\n') return line;
    line += byte;
  }
  return {};
}

class Listening final : public ToolSocket {
 public:
  Listening(std::filesystem::path path, int socket, std::string token, std::vector<Tool> tools)
      : path_(std::move(path)), socket_(socket), token_(std::move(token)), tools_(std::move(tools)) {
    for (Tool& tool : tools_) {
      tool.run = [this, run = std::move(tool.run)](const json& arguments, std::stop_token stop) {
        ++calls_;
        return run(arguments, stop);
      };
    }
    thread_ = std::jthread([this](std::stop_token stop) { accept_all(stop); });
  }

  ~Listening() override {
    thread_ = {};
    ::close(socket_);
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  const std::string& token() const override { return token_; }
  int calls() const override { return calls_; }

 private:
  void accept_all(std::stop_token stop) {
    Crew connections;
    while (!stop.stop_requested()) {
      pollfd wait{socket_, POLLIN, 0};
      if (::poll(&wait, 1, kLookAround) <= 0) continue;
      const int connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      const bool served = connections.start(kMaxConnections, [this, connection](std::stop_token ending) {
        serve(connection, ending);
        ::close(connection);
      });
      if (!served) ::close(connection);
    }
  }

  void serve(int connection, std::stop_token stop) {
    if (first_line(connection, stop) != token_) return;
    ToolProtocol protocol(tools_);
    serve_tools(protocol, connection, connection, stop);
  }

  const std::filesystem::path path_;
  const int socket_;
  const std::string token_;
  std::vector<Tool> tools_;
  std::atomic<int> calls_ = 0;
  std::jthread thread_;
};

}  // namespace

std::vector<Tool> attempt_tools(AttemptToolFacts facts) {
  std::vector<Tool> tools = workspace_tools(facts.root);
  tools.push_back({"list_criteria", "What has to hold when the work is done.", R"({"properties": {}})",
                   [criteria = std::move(facts.criteria)](const json&, std::stop_token) -> Result<std::string> {
                     return criteria.empty() ? "The task names none; its gates decide.\n" : bullet_list(criteria);
                   }});
  for (Tool& tool : skill_tools(std::move(facts.skills))) tools.push_back(std::move(tool));
  tools.push_back({"ask_human", "Asks the user; the answer comes with the next prompt.",
                   R"({"properties": {"question": {"type": "string"}, "options": {"type": "array"}}, "required": ["question"]})",
                   [file = facts.question_file](const json& arguments, std::stop_token) {
                     std::string question = arguments["question"];
                     for (const json& option : arguments.value("options", json::array())) {
                       if (option.is_string()) question += "\n- " + option.get<std::string>();
                     }
                     return ask(file, question);
                   }});
  tools.push_back({"report_blocked", "Says that the work cannot go on, why, and what it needs.",
                   R"({"properties": {"reason": {"type": "string"}, "needs": {"type": "string"}}, "required": ["reason"]})",
                   [file = facts.question_file](const json& arguments, std::stop_token) {
                     const std::string needs = arguments.value("needs", "");
                     return ask(file, arguments["reason"].get<std::string>() + (needs.empty() ? "" : "\nNeeded: " + needs));
                   }});
  for (Tool& tool : facts.more) tools.push_back(std::move(tool));
  return tools;
}

Result<std::unique_ptr<ToolSocket>> ToolSocket::listen(const std::filesystem::path& path, std::vector<Tool> tools) {
  auto token = random_hex(kTokenBytes);
  if (!token) return token.error();
  const auto socket = listen_engine(path.string());
  if (!socket) return socket.error();
  return std::unique_ptr<ToolSocket>(std::make_unique<Listening>(path, *socket, std::move(*token), std::move(tools)));
}

}  // namespace baton
