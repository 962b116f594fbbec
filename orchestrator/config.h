// `.baton/config.json` of the repository and the user's own file: read, checked and merged; the user's wins, and a repository
// can tighten gates but not weaken what the user set. Bad configuration is a finding on its line, never a crash, and what is
// right beside it still counts. One table in config.cpp makes the checks, the JSON Schema and the documentation. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/finding.h"
#include "orchestrator/gate.h"

namespace baton {

inline constexpr const char* kLiteralKey = "literal-key";  // the code of a problem: a key itself stands in the file

struct GateSetting {           // one entry of "gates": a new gate, or a change of one that is found by itself
  std::string name;
  std::optional<GateKind> kind;
  std::optional<bool> required;
  bool disabled = false;       // "disabled": true
  std::vector<std::string> command;  // argv, or {"sh","-c",text} when a string was given
  std::string cwd;
  std::optional<std::chrono::seconds> timeout;
  std::optional<bool> network;
  std::string parser;
  std::vector<std::string> needs;
  std::vector<std::string> reports;
  std::string source;          // the file it came from
};

struct BudgetSetting {         // absent: no limit
  std::optional<std::int64_t> tokens;
  std::optional<double> money;    // US dollars, as prices.json has them
  std::optional<double> minutes;
};

struct EndpointSetting {       // an agent's model behind our metering proxy; from the user's own file alone
  std::string url;             // the provider's base URL, up to `/v1`
  std::string key_variable;    // that holds its key
  std::vector<std::string> key_command;  // or that prints it
  std::string model;
  std::int64_t context = 0;    // tokens that the model takes; 0: not said
};

// What an agent may reach: nothing, its endpoint through our meter alone, everything. Held by the box; without one nothing holds it.
enum class NetworkPolicy { none, endpoint_only, full };
std::string_view to_string(NetworkPolicy policy);  // "none", "endpoint-only", "full"

struct AgentSetting {          // one entry of "agents"
  std::string name;
  std::string backend = "command";   // or "acp", "chat"
  std::string profile;               // acp: the known agent that it is one of
  std::string mode, model;           // acp: to be set in its sessions
  std::vector<std::string> allow;    // acp: commands that it may run unasked; from the user's own file alone
  std::vector<std::string> command;  // argv, or {"sh","-c",text} when a string was given
  std::vector<std::string> types;    // of work that it is given; empty = all
  std::vector<std::string> environment, login;  // what of the user's own it may have; from the user's own file alone
  NetworkPolicy network = NetworkPolicy::full;  // with an endpoint, when nothing is said, `endpoint_only`
  EndpointSetting endpoint;
  BudgetSetting budget;              // of an attempt
  std::optional<std::chrono::seconds> start_limit, silence_limit, limit;
  std::string source;
};

struct ForgeSetting {          // labels, reviewers and base may be the repository's; the rest is the user's own file's alone
  std::string kind, url;       // "github", "gitlab" or "gitea", and the base URL of its web
  std::string remote, base;    // names: what is pushed to, the branch that pull requests are for
  std::string token_variable;  // of `url`, of github.com without one
  std::vector<std::string> token_command;
  std::vector<std::string> labels, reviewers;
  bool escalations = true;     // told on the pull request too
};

struct Config {
  std::vector<GateSetting> gates;
  std::vector<std::vector<std::string>> setup;  // commands run in a fresh checkout before any gate, network allowed
  std::vector<std::string> worktree_copy;       // files copied from the user's tree (".env"); makes a verdict provisional
  std::vector<AgentSetting> agents;
  std::optional<double> disk_gigabytes;         // that work trees may take
  std::optional<std::string> sandbox;           // "auto" | "none"
  std::map<std::string, std::string> autonomy;  // by workflow: "plan", "run", "apply", "branch", "draft-pr"; the user's own file alone
  BudgetSetting budget, day_budget;             // of a task; of all tasks of a repository in a day (UTC)
  std::optional<bool> criterion_tests;          // whether agents are asked for tests of criteria that nothing shows; they are
  int mutant_seconds = 0;                       // for the mutants of a task's result; 0: none
  ForgeSetting forge;
  std::optional<int> slots;                     // agents that work at a time
  std::vector<Finding> problems;                // bad configuration, on its line
};

// `repository_text`: content of `.baton/config.json` (empty = none); `user_path`: the user's own file, read when it exists.
Config load_config(std::string_view repository_text, const std::filesystem::path& user_path);
std::string config_schema();         // JSON Schema, draft 2020-12
std::string config_documentation();  // what docs/configuration.md holds

}  // namespace baton
