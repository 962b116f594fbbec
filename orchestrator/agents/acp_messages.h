// The Agent Client Protocol, version 1, as far as a client that lends no files and no terminal needs it: our messages as lines of
// JSON, and theirs as values. What is unknown in theirs is passed over: agents send more than the protocol knows. Source: the schema
// of the protocol. Pure; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/agents/model_usage.h"

namespace baton {

inline constexpr int kAcpVersion = 1;

// Anything that an agent sends.
struct AcpIncoming {
  enum class Kind { answer, failure, request, notification, noise };
  Kind kind = Kind::noise;
  std::string id;      // as JSON, to be echoed; empty without one
  std::string method;  // of a request or notification
  std::shared_ptr<const nlohmann::json> body;  // result, error or params; never null
};
AcpIncoming read_acp(std::string_view line);

struct AcpFailure {
  std::int64_t code = 0;
  std::string message;  // with what stands in `data`, where that says more
};
inline constexpr std::int64_t kAcpAuthRequired = -32000;
inline constexpr std::int64_t kAcpNotFound = -32002;
inline constexpr std::int64_t kAcpMethodNotFound = -32601;
AcpFailure read_failure(const nlohmann::json& error);

struct AcpAgentInfo {
  std::optional<int> protocol;
  std::string name, version;
  struct Login {
    std::string id, name, description;
    bool by_agent = false;  // through `authenticate`, not in a terminal
  };
  std::vector<Login> logins;
};
AcpAgentInfo read_agent_info(const nlohmann::json& initialized);

// What can be chosen in a session: a mode, or an option of a configuration.
struct AcpChoice {
  std::string id;        // of the option; empty for `modes`
  std::string category;  // "mode", "model", ...
  std::string current;
  std::vector<std::string> values;
};
struct AcpSession {
  std::string id;
  std::vector<AcpChoice> choices;
};
AcpSession read_session(const nlohmann::json& created);
// The choices as an answer or update has them now; empty when it has none.
std::vector<AcpChoice> read_choices(const nlohmann::json& body);

// What a tool call is about, as far as the agent says it.
struct AcpToolCall {
  std::string id, title, kind, status;
  std::string name;                // of the tool, where it is given
  std::string command;             // a shell command
  std::vector<std::string> argv;   // the same as words, where it came as words
  std::vector<std::string> paths;  // that it reads or writes
  bool has_diff = false;
};

struct AcpPermission {
  AcpToolCall call;
  struct Option {
    std::string id, kind, name;
  };
  std::vector<Option> options;
};
AcpPermission read_permission(const nlohmann::json& params);

struct AcpUpdate {
  enum class Kind { said, thought, tool, usage, other };
  Kind kind = Kind::other;
  std::string word;  // the update's own name
  std::string text;
  AcpToolCall call;
  std::optional<double> cost;        // of the session so far, in dollars
  std::optional<ModelUsage> usage;   // of the call that it came from
  std::size_t asked_bytes = 0, shown_bytes = 0;  // of a tool call: what the model wrote, and what came of it
  bool is_progress = true;  // not something that is told by itself
};
AcpUpdate read_update(const nlohmann::json& params);
// Tokens as agents tell them in a member of an object; nothing where there is none, or all are zero.
std::optional<ModelUsage> read_acp_usage(const nlohmann::json& object, const char* name);

// ---------------------------------------------------------------- ours, each a line with its end

// Servers of the Model Context Protocol that a session is given, over stdio.
struct AcpMcpServer {
  std::string name, command;
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;
};
struct AcpOffer {
  bool files = false;  // fs/read_text_file and fs/write_text_file
};

std::string acp_initialize(std::int64_t id, const AcpOffer& offer);
std::string acp_authenticate(std::int64_t id, std::string_view method);
std::string acp_new_session(std::int64_t id, std::string_view cwd, const std::vector<AcpMcpServer>& servers);
std::string acp_set_mode(std::int64_t id, std::string_view session, std::string_view mode);
std::string acp_set_option(std::int64_t id, std::string_view session, std::string_view option, std::string_view value);
std::string acp_prompt(std::int64_t id, std::string_view session, std::string_view text);
std::string acp_cancel(std::string_view session);
std::string acp_permit(std::string_view id, std::string_view option);  // the answer to a request
std::string acp_permit_nothing(std::string_view id);                   // "cancelled"
std::string acp_file_text(std::string_view id, std::string_view text);
std::string acp_done(std::string_view id);                             // an empty result
std::string acp_refuse(std::string_view id, std::int64_t code, std::string_view message);

}  // namespace baton
