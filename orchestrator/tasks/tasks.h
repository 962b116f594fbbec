// The tasks of a repository: begun, run, waited for and resumed. The journal is the truth: every transition of the state machine
// is one transaction with the effects that it asks for (the outbox), and what is not done yet is done again after a crash.
// Verbs and answers are JSON as faces.md names them, so that shell, editor and wire share one form. Thread-safe; calls block.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>

#include "support/process.h"
#include "support/result.h"

namespace baton {

struct TaskCall {
  std::string verb;       // "plan", "run", "approve", "tasks", "show", "cancel", "resume", "answer", "retry", "accept", "apply"
  std::string arguments;  // JSON object
  std::string actor;      // who calls: "cli:<pid>", "lsp:<pid>", "process:<pid>"
  bool human = false;     // an editor session, or a terminal with no known agent among its ancestors
  Environment client_env;
};

// One JSON object a call: an event of the task for people and machines: {"type","task","state",...,"message"}.
using TaskEvents = std::function<void(const nlohmann::json& event)>;

class Engine;

class Tasks {
 public:
  static Result<std::unique_ptr<Tasks>> open(Engine& engine);
  virtual ~Tasks() = default;  // running work stops where it is; the next one resumes it

  // "run", "approve", "retry", "answer", "accept" and "resume" return when the task is over or waits for a human.
  virtual Result<nlohmann::json> call(const TaskCall& call, const TaskEvents& events, std::stop_token stop) = 0;
  virtual bool busy() const = 0;
  virtual void resume_all() = 0;  // what a dead engine left; in the background
};

}  // namespace baton
