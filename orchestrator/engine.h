// The engine: what command line and editor session are two faces of. In-process (`Engine::open`, `--embedded`) or in a process
// of its own (attached_engine.h). Every call blocks until it is done or cancelled, so callers use a worker thread. Thread-safe:
// verifications of one repository run one after another.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "git/snapshot.h"
#include "orchestrator/acceptance.h"
#include "orchestrator/discover.h"
#include "orchestrator/file_outline.h"
#include "orchestrator/tasks/tasks.h"
#include "orchestrator/trust.h"
#include "orchestrator/verify_report.h"
#include "support/caller.h"
#include "support/process.h"
#include "support/result.h"

namespace baton {

struct VerifyRequest {
  std::string base;                 // revision; empty = HEAD (the merge base is the caller's business)
  std::string head;                 // revision; empty = the working tree as the user sees it
  Overlay unsaved;                  // unsaved buffers, by path relative to the root; only for the working tree
  std::vector<std::string> gates;   // names; empty = all
  std::vector<std::string> criteria;
  // Tests that cover a criterion are tried red → green where nothing else shows that they are about the change; absent: they are not.
  // Those that are named here, as `name_of` has them, count in no other way: a testing agent wrote them for a criterion.
  std::optional<std::vector<std::string>> prove = {};
  std::string task;                 // what was asked for: it explains changed expectations to the audit; empty: not known
  bool task_by_agent = false;       // a coding agent says so, in a verification that is made again: it takes no test away
  int mutants = 0;                  // seconds for mutants of the change; 0: none
  bool quick = false;               // a provisional verdict, sooner
  bool quick_first = false;         // where a build is kept: a provisional verdict on the way, as a progress, the clean one after it
  bool trust_this_run = false;      // --yes: recorded in the evidence
  bool fresh = false;               // do not answer from an earlier verification
  bool outlives_caller = false;     // goes on when who asked is gone: its report is kept for the next one
  Environment client_env;           // the client's environment as data
  std::string actor;                // "cli:<pid>"
  bool unsaved_of_others = false;   // the report says which unsaved text it took, since who asks does not know. Never on the wire
  int process = 0;                  // who asks, as the kernel knows it; 0: a task of ours. Never on the wire
  std::string agent = {};           // the coding agent that it belongs to, as far as is known. Never on the wire
};

// Progress names what is waited for. `message` is a whole line for people: "base: ctest, 57 of 212 tests, 12 s".
struct Progress {
  std::string stage;    // "snapshot", "wait", "checkout", "setup", "gate", "retry", "compare", "trust"
  std::string gate;     // where it is about one
  std::string side;     // "base" | "head" | ""
  std::string message;
  int done = 0, total = 0;  // steps
  std::string log;      // path of the growing output of what runs, when there is one
  std::shared_ptr<const VerifyReport> provisional = {};  // stage "provisional": the quick verdict
  std::optional<int> of_tests = {};  // a run of tests, and how many there are as far as that is known, else 0. Never on the wire
};
using ProgressSink = std::function<void(const Progress&)>;  // called on the caller's or a worker thread, one at a time

// A coding agent or a fixer, as `doctor` shows it.
struct AgentNote {
  std::string name, backend;  // backend: "command", "fixer"
  bool usable = true;
  std::string why;            // how it was found, or what is missing
  std::string mend;           // a line that supplies what is missing
};

struct DoctorReport {
  std::string root, branch, head;
  std::string git_version, sandbox;
  TrustState trust = TrustState::never_asked;
  std::string trusted_by;  // where it was no human: "a process below claude"
  GatePlan plan;
  std::vector<AgentNote> agents;  // configured ones, and fixers that the workspace asks for or could use
  std::vector<Finding> config_problems;
};

class Engine {
 public:
  static Result<std::unique_ptr<Engine>> open(const std::filesystem::path& inside, const Environment& client_env);
  virtual ~Engine() = default;

  virtual const Repository& repository() const = 0;
  virtual Result<VerifyReport> verify(const VerifyRequest& request, const ProgressSink& progress, std::stop_token stop) = 0;
  virtual Result<DoctorReport> doctor(const Environment& client_env) = 0;  // runs nothing of the repository
  virtual Result<TrustSubject> what_would_run(const VerifyRequest& request) = 0;
  virtual Status trust(const TrustSubject& subject, const Caller& caller) = 0;
  // A failure is known, or is no longer accepted. Gives the report as it reads from now on.
  virtual Result<VerifyReport> accept(const AcceptRequest& request, const Caller& caller) = 0;
  virtual Result<std::vector<Acceptance>> accepted() = 0;
  virtual Result<std::optional<VerifyReport>> latest_report() = 0;
  // The report of a verification whose caller had gone before its end, which is waited for; handed out once.
  virtual Result<std::optional<VerifyReport>> missed_report(std::stop_token) { return std::optional<VerifyReport>(); }
  // The caller leaves: what `outlives_caller` goes on without it where the engine is another process, and every call returns
  // at once. Gives whether it is. Does not block.
  virtual bool let_go() { return false; }
  // A verb of tasks.h. Over a wire the task goes on when the caller is gone.
  virtual Result<nlohmann::json> task(const TaskCall& call, const TaskEvents& events, std::stop_token stop) = 0;
  // What a file defines and what of it is changed; runs nothing, needs no trust.
  virtual Result<FileOutline> outline(const OutlineRequest& request) = 0;
  // Where another process asks for the working tree, it is judged with what `unsaved` says then. Called on a thread of the engine's
  // connection; it may block for a moment.
  virtual void offer_unsaved(std::function<Overlay()>) {}
  // What it says now: of all windows where the engine is their process. Nothing where nobody offers.
  virtual Overlay offered_unsaved() { return {}; }
  // For carrying a report's places to the user's text: a file of a judged tree.
  virtual Result<std::optional<std::string>> file_at(const std::string& tree, const std::string& path) = 0;
};

}  // namespace baton
