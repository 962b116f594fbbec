// One attempt of one agent at one subtask: a work tree of its own is made ready, the agent runs in it under limits, and what it
// left there, told by git alone, becomes a commit of the store. The agent's words are kept and never believed. Blocks; worker
// threads. Stopping kills the agent to its last descendant within two seconds.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "git/store.h"
#include "orchestrator/agents/acp_profile.h"
#include "orchestrator/agents/fix.h"
#include "orchestrator/agents/meter.h"
#include "orchestrator/config.h"
#include "orchestrator/evidence.h"
#include "orchestrator/executor.h"
#include "orchestrator/journal.h"
#include "orchestrator/planner.h"
#include "orchestrator/progress.h"

namespace baton {

enum class AgentBackend { command, fixer, acp };
std::string_view to_string(AgentBackend backend);

struct AgentSpec {
  std::string name;                       // "clang-tidy", or as the configuration calls it
  AgentBackend backend = AgentBackend::command;
  std::vector<std::string> command;       // placeholders: {task} file with the task, {worktree}, {subtask}
  std::vector<std::string> types;         // agent types that it takes; empty = all
  std::chrono::seconds start_limit{120};  // until it prints or changes something
  std::chrono::seconds silence_limit{600};
  std::chrono::seconds limit{3600};
  std::string out_of_time;  // where `limit` comes from a budget of minutes: the sentence that asks the human for more
  std::vector<std::string> environment;   // names of the client's variables that it may have
  std::vector<std::string> login;         // files and folders below the client's HOME that it may use: where its login is kept
  NetworkPolicy network = NetworkPolicy::full;
  EndpointSetting endpoint;               // empty url: it reaches its provider by itself
  BudgetSetting budget;                   // of an attempt
  AcpTerms acp;                           // of the backend `acp`
  std::string trouble;                    // why it cannot work now, with what to do; empty when it can
  std::string why;                        // how it was found and why it was chosen, for people
};

struct AttemptOrder {
  std::string task, subtask;     // ids
  int attempt = 1;
  PlannedSubtask part;
  std::string text;              // the whole task
  std::vector<Criterion> criteria;
  std::string start;             // commit of the store that it starts from
  std::vector<std::string> feedback;  // of earlier attempts, oldest first; Markdown
  std::string hint;              // the human's
  std::vector<std::string> touched = {};  // a part that writes tests: what the others' work changed of the program; Markdown
  AgentSpec agent;
  Environment client_env;
};

enum class AttemptEnd { completed, failed, blocked, fault, cancelled };
std::string_view to_string(AttemptEnd end);

struct AttemptResult {
  AttemptEnd end = AttemptEnd::failed;
  std::string reason;            // one sentence, where it is not `completed`
  std::string question;          // blocked: what the agent asks
  std::string commit;            // of the store, a child of `start`; empty when nothing was changed
  std::vector<FileChange> changes;
  std::vector<std::string> surprises;  // files outside the declared write set
  std::vector<Fix> fixes;        // of a fixer: the same change in pieces
  std::string said;              // the end of its output, at most 8 KiB, redacted
  std::string log;               // path of all of it
  bool unusable = false;         // the agent itself cannot be used now (login, version, model): another may be tried in its place
  std::string worktree;          // where it worked, while that is kept: for a human who takes over; empty for a fixer
  std::string context;           // which part of the workspace it began with, and what that saved: one sentence; empty: none
  std::string sandbox, network;  // the rung that it worked on, and what held its network; empty: it never began
  Spending spent;                // of models: through our endpoint, by the agent's own report, or estimated
  double seconds = 0;
};

nlohmann::json to_json(const AttemptResult& result);
Result<AttemptResult> attempt_result_from_json(const nlohmann::json& json);

class ParkedAgents;  // parked_agents.h

struct AttemptParts {
  Store& store;  // of the caller's thread; each call opens its own
  Journal& journal;
  EvidenceStore& evidence;
  Executor& executor;
  Config config;
  std::filesystem::path cache_home, config_home, runtime_home;
  std::filesystem::path state;  // `<common>/baton`
  std::string executor_role = "executor";
  ParkedAgents* parked = nullptr;  // null: who asks ends, and begins anew with the answer
  std::shared_ptr<Meter> meter = {};  // of the task; null: only an attempt's own limits hold
  // A commit of the store judged against the start, as advice to the agent; a table in text. May be absent.
  std::function<Result<std::string>(const std::string& start, const std::string& commit, std::stop_token stop)> advise = {};
};

Result<AttemptResult> run_attempt(const AttemptOrder& order, const AttemptParts& parts, ProgressTicker& progress, std::stop_token stop);

// The agents that can be used here: configured ones, then fixers whose tool is found. Runs nothing.
std::vector<AgentSpec> find_agents(const Config& config, const FileSource& files, const Environment& client_env);

bool takes(const AgentSpec& agent, const std::string& type);

// Which of them takes a subtask, with its reason in `why`. An Error says what is missing and what to do. `wish`: the user's own
// choice by name; empty for none. `failures`: of agents at this subtask; who failed twice is replaced where another takes the work.
Result<AgentSpec> choose_agent(const std::vector<AgentSpec>& agents, const PlannedSubtask& part, const std::string& wish,
                               const std::map<std::string, int>& failures = {});

// The plan of a task that asks for automatic fixes ("fix the clang-tidy findings in src"): a subtask for each tool and check. The
// tool looks at a checkout of `commit` for it. Absent where the task asks for something else.
// Where there is nothing to fix, or the tool is missing, an Error says so.
Result<std::optional<Plan>> plan_fixes(const TaskText& task, const std::string& commit, const AttemptParts& parts, const Environment& client_env,
                                       ProgressTicker& progress, std::stop_token stop);

}  // namespace baton
