// The tasks of a repository: begun, run, waited for and resumed. The journal is the truth: every transition of the state machine
// is one transaction with the effects that it asks for (the outbox), and what is not done yet is done again after a crash.
// Verbs and answers are JSON as faces.md names them, so that shell, editor and wire share one form. Thread-safe; calls block.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/result.h"

namespace baton {

struct TaskCall {
  std::string verb;       // "plan", "run", "approve", "tasks", "show", "cancel", "resume", "answer", "retry", "accept", "apply", "pr"
  std::string arguments;  // JSON object
  std::string actor;      // who calls: "cli:<pid>", "lsp:<pid>", "process:<pid>"
  bool human = false;     // an editor session, or a terminal with no known agent among its ancestors
  Environment client_env;
  std::string agent = {};  // the coding agent among the caller's ancestors; never on the wire, an engine finds it by itself
};

// One JSON object a call: an event of the task for people and machines: {"type","task","state",...,"message"}.
using TaskEvents = std::function<void(const nlohmann::json& event)>;

class Engine;
struct Repository;

class Tasks {
 public:
  static Result<std::unique_ptr<Tasks>> open(Engine& engine, const Environment& env);
  virtual ~Tasks() = default;

  // "run", "approve", "retry", "answer", "accept", "pr" and "resume" return when the task is over or waits for a human. Stopped, a task
  // stays where it is, and goes on when it is resumed.
  virtual Result<nlohmann::json> call(const TaskCall& call, const TaskEvents& events, std::stop_token stop) = 0;
};

// "tasks" and "show", for which no engine is needed: nothing is written.
Result<nlohmann::json> look_at_tasks(const Repository& repository, const TaskCall& call);
bool only_looks(const std::string& verb);

// The work trees that have tasks which are not over.
std::vector<std::string> roots_of_open_tasks(const Repository& repository, const Environment& env);

}  // namespace baton
