#include "orchestrator/attestation.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "support/files.h"
#include "support/json.h"

namespace baton {
namespace {

constexpr int kMaxAncestors = 256;
constexpr std::uint64_t kMaxEnvironment = 4u << 20;

std::optional<ExecutorId> executor_from(std::string_view text) {
  const auto colon = text.find(':');
  if (text.empty()) return std::nullopt;
  if (colon == text.npos) return ExecutorId(kExecutorRole, std::string(text));
  return ExecutorId(std::string(text.substr(0, colon)), std::string(text.substr(colon + 1)));
}

// What the process was started with; absent where it may not be read.
std::optional<std::string> variable_of(pid_t process, std::string_view name) {
  const auto text = read_file("/proc/" + std::to_string(process) + "/environ", kMaxEnvironment);
  if (!text) return std::nullopt;
  const std::string wanted = std::string(name) + "=";
  for (std::string_view rest = *text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\0'), rest.size());
    const std::string_view entry = rest.substr(0, end);
    if (entry.starts_with(wanted)) return std::string(entry.substr(wanted.size()));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::nullopt;
}

pid_t parent_of(pid_t process) {
  const auto text = read_file("/proc/" + std::to_string(process) + "/stat", 4096);
  if (!text) return 0;
  const auto name_end = text->rfind(')');  // the name may hold anything
  if (name_end == std::string::npos || name_end + 4 >= text->size()) return 0;
  pid_t parent = 0;
  const std::string_view rest = std::string_view(*text).substr(name_end + 4);  // ") S 123"
  std::from_chars(rest.data(), rest.data() + rest.size(), parent);
  return parent;
}

Error refused(const VerifierId& verifier, const ExecutorId& executor, const Requester& requester, std::string_view why, Journal* journal) {
  const Error error{ErrorKind::precondition, "SelfAttestationError: " + executor.text() + " " + std::string(why) + " " + verifier.text() +
                                                 "; no agent verifies its own work. Ask from an editor or a shell of your own."};
  if (journal) {
    Event event;
    event.task = executor.name().substr(0, executor.name().find('/'));
    event.kind = "self_attestation_refused";
    event.actor = requester.actor;
    event.body = dump_json({{"executor", executor.text()}, {"verifier", verifier.text()}, {"requester", requester.actor}, {"message", error.message}});
    if (auto kept = journal->append({event}); !kept) return {error.kind, error.message + " It could not be recorded: " + kept.error().message};
  }
  return error;
}

}  // namespace

VerifierId own_verifier() { return VerifierId(kVerifierRole, "baton-verifier/" BATON_VERSION); }

ExecutorId executor_of_attempt(const std::string& task, const std::string& subtask, int attempt, const std::string& role) {
  return ExecutorId(role, task + "/" + subtask + "/" + std::to_string(attempt));
}

std::optional<ExecutorId> executor_in(const Environment& env) { return executor_from(get(env, kExecutorVariable).value_or("")); }

std::optional<ExecutorId> executor_above(pid_t process) {
  for (int i = 0; i < kMaxAncestors && process > 1; ++i, process = parent_of(process)) {
    if (const auto value = variable_of(process, kExecutorVariable)) return executor_from(*value);
  }
  return std::nullopt;
}

Status check_attestation(const VerifierId& verifier, const std::vector<ExecutorId>& executors, const Requester& requester, Journal* journal) {
  for (const ExecutorId& executor : executors) {
    if (executor.role() == verifier.role() || executor.text() == verifier.text()) {
      return refused(verifier, executor, requester, "made the work that is to be judged, and has the role of", journal);
    }
  }
  auto asking = executor_in(requester.client_env);
  if (!asking && requester.process > 0) asking = executor_above(requester.process);
  if (asking) return refused(verifier, *asking, requester, "asks for a verdict of", journal);
  return done();
}

}  // namespace baton
