// The journal: an append-only event log in SQLite (WAL, synchronous FULL), the truth about what happened, with projections
// written in the same transaction and rebuildable from it. Payloads carry a version; a newer journal is refused, an older one
// migrated after a copy. One writer: a thread of its own, `append` blocks until its commit. Readers open it read-only. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.h"

namespace baton {

struct Event {
  std::int64_t seq = 0;      // given by the journal
  std::int64_t unix_ms = 0;  // given by the journal when 0
  std::string task;          // task or verification id
  std::string subtask;
  int attempt = 0;
  std::string kind;          // "verification_started", "gate_ran", "verification_done", "trust_given", ...
  int version = 1;
  std::string body;          // JSON
  std::string idempotency_key;  // unique when not empty: a second append of it is a no-op that gives the first one's seq
  std::string actor;         // who: "cli:<pid>", "lsp:<pid>", "verifier"
};

// A finished verification that can answer again without running: keyed by everything that decides it.
struct CachedVerification {
  std::string key;      // sha256 over base tree, head tree, gates as resolved, toolchain, environment, sandbox rung
  std::string id;
  std::string report;   // JSON of VerifyReport
  std::string seal;     // of the key and the report (journal_seal.h)
};

// A gate run on a tree that can serve as the base of another verification.
struct CachedRun {
  std::string key;       // sha256 over tree, gate as resolved, toolchain, environment, sandbox rung
  std::string evidence;  // sha256 of the statement(s), JSON array when there were several tries
  std::string seal;      // of the key and the evidence
};

// A task as its last event left it, for lists.
struct TaskRow {
  std::string id, title, root, phase, wait;
  std::int64_t created_ms = 0, updated_ms = 0;
};

// What the outside world still has to do for a task.
struct OutboxRow {
  std::string task, key, kind, subtask;
};

class Journal {
 public:
  static Result<std::unique_ptr<Journal>> open(const std::filesystem::path& file);
  static Result<std::unique_ptr<Journal>> open_read_only(const std::filesystem::path& file);
  virtual ~Journal() = default;

  virtual Result<std::int64_t> append(const std::vector<Event>& events) = 0;  // one transaction; seq of the last
  // The same, only where the task's last event is still `last_seq` (0: it has none): a precondition error says that another was faster.
  virtual Result<std::int64_t> append_after(std::string_view task, std::int64_t last_seq, const std::vector<Event>& events) = 0;
  virtual Result<std::vector<Event>> events(std::string_view task, std::int64_t after_seq, int limit) const = 0;
  virtual Result<std::optional<CachedVerification>> find_verification(std::string_view key) const = 0;
  virtual Result<std::optional<CachedVerification>> verification(std::string_view id) const = 0;
  virtual Result<std::optional<CachedVerification>> latest_verification() const = 0;
  virtual Result<std::optional<CachedRun>> find_run(std::string_view key) const = 0;
  virtual Result<std::vector<TaskRow>> tasks() const = 0;                           // newest first
  virtual Result<std::vector<OutboxRow>> outbox(std::string_view task) const = 0;  // not done yet; empty: of all tasks
  virtual Status rebuild() = 0;  // projections anew from the events
  // Random, given when the journal was made; empty in one that was never opened for writing.
  virtual Result<std::string> id() const = 0;
};
// Projections are fed by events: "verification_done" with body {"key","id","report","seal"} and "gate_ran" with body
// {"key","evidence","seal"} (a run that must not serve again carries no key). An event of a task says in its body what the task became
// ("phase", "wait"), which effects it asks for ("effects") and which are done by it ("done", keys): that is the outbox.

}  // namespace baton
