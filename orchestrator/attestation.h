// No one verifies their own work. Who executes and who verifies are two types, so that one cannot be given for the other; a check at
// run time refuses a verifier of an executor's role and a request that comes from an executor or from a process below one. A refusal
// names both and is an event of the journal: `self_attestation_refused`. Any thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "orchestrator/journal.h"
#include "support/process.h"
#include "support/result.h"

namespace baton {

// A role and a name in it: "executor:TASK/s1/2", "verifier:baton-verifier/0.1.0". Kind makes the two different types.
template <class Kind>
class ActorId {
 public:
  ActorId(std::string role, std::string name) : role_(std::move(role)), name_(std::move(name)) {}
  const std::string& role() const { return role_; }
  const std::string& name() const { return name_; }
  std::string text() const { return role_ + ":" + name_; }
  bool operator==(const ActorId&) const = default;

 private:
  std::string role_, name_;
};
struct Executes;
struct Verifies;
using ExecutorId = ActorId<Executes>;
using VerifierId = ActorId<Verifies>;

VerifierId own_verifier();  // of this build
inline constexpr const char* kVerifierRole = "verifier";
inline constexpr const char* kExecutorRole = "executor";
ExecutorId executor_of_attempt(const std::string& task, const std::string& subtask, int attempt, const std::string& role = kExecutorRole);

// The variable by which every process of an attempt is known; its value is the executor's id.
inline constexpr const char* kExecutorVariable = "BATON_EXECUTOR";

// The executor that a process belongs to: by its environment, or by that of a process above it.
std::optional<ExecutorId> executor_above(pid_t process);
std::optional<ExecutorId> executor_in(const Environment& env);

// Who asks, as far as it is known.
struct Requester {
  std::string actor;       // "cli:<pid>"
  Environment client_env;
  pid_t process = 0;       // 0: none beside this one
};

// An Error whose message begins "SelfAttestationError:". `executors`: of the work that is to be judged. The attempt is recorded where
// there is a journal.
Status check_attestation(const VerifierId& verifier, const std::vector<ExecutorId>& executors, const Requester& requester, Journal* journal);

}  // namespace baton
