// One attempt of an agent of the Agent Client Protocol, from its order to its result; while it waits for an answer of the user it can
// be put aside alive. Its process, log and work tree are its own; all of them are ended with the value. Blocks; one thread at a time.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "orchestrator/agents/acp_conversation.h"
#include "orchestrator/agents/acp_process.h"
#include "orchestrator/agents/agent_desk.h"
#include "orchestrator/agents/agent_log.h"
#include "orchestrator/agents/attempt.h"
#include "orchestrator/agents/trespass.h"

namespace baton {

class AcpAttempt {
 public:
  AcpAttempt(const AttemptOrder& order, const AttemptParts& parts) : order_(order), parts_(parts) {}
  ~AcpAttempt();

  Result<AttemptResult> begin(ProgressTicker& progress, std::stop_token stop);
  Result<AttemptResult> go_on(const std::string& answer, ProgressTicker& progress, std::stop_token stop);
  bool waits() const { return waits_; }  // for an answer, alive
  const std::string& question() const { return question_; }

 private:
  std::optional<AttemptResult> not_ready(ProgressTicker& progress, std::stop_token stop);
  Status start();
  PermissionGround ground() const;
  AttemptResult settle(const AcpEnd& end, std::stop_token stop);
  AttemptResult put_question(std::string question, bool unusable);
  void judge(const AcpEnd& end, const Result<ProcessResult>& process, AttemptResult& result) const;
  void judge_gone(const Result<ProcessResult>& process, AttemptResult& result) const;
  Spending newly_spent();
  void add_to_log(std::string_view text);
  // Stops when the caller does, and when a budget is used up.
  struct WorkStop;
  void show(const std::string& doing);
  Progress progress_of(const std::string& doing) const;

  const AttemptOrder order_;
  const AttemptParts parts_;  // its store is the caller's and may be gone when the attempt goes on
  std::unique_ptr<AgentDesk> desk_;
  std::mutex log_mutex_;
  std::optional<AgentLog> log_;
  std::string errors_;  // the end of what it printed beside the protocol
  Trespass trespass_{order_, parts_};
  std::unique_ptr<AcpProcess> process_;
  std::optional<AcpConversation> conversation_;  // of the process
  ProgressTicker* progress_ = nullptr;           // of the call that runs
  std::chrono::steady_clock::time_point shown_{};
  bool waits_ = false;
  std::string question_;
  Spending told_;  // to the caller, by a result before
};

}  // namespace baton
