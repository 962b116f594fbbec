// Runs one gate on one side, once: placeholders, reports, sandbox, time limit, log, diagnosis, evidence. Blocks; its progress
// callback comes on the caller's thread at least twice a second.
#pragma once

#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "orchestrator/checkouts.h"
#include "orchestrator/ci_environment.h"
#include "orchestrator/evidence.h"
#include "orchestrator/executor.h"
#include "orchestrator/gate.h"
#include "orchestrator/lent_files.h"
#include "orchestrator/tries.h"
#include "orchestrator/verify_report.h"

namespace baton {

// What all runs of one verification share.
struct RunContext {
  std::string verification;
  std::string base_tree, head_tree;
  std::filesystem::path logs;              // folder for output while it grows
  CiEnvironment environment;
  std::vector<BindMount> tools, borrowed;  // toolchain folders; git objects that a checkout borrows
  std::vector<std::filesystem::path> masked;
  LentFiles lent;                          // for commands without network
  std::string toolchain_digest;
  std::shared_future<std::map<std::string, std::string>> tool_versions;
  SandboxRung rung = SandboxRung::plain;
  bool provisional = false;                // runs of a quick verdict
  int jobs = 1;                            // processors, for "{jobs}"
};

struct GateRun {
  RunEvidence evidence;
  std::string statement;  // sha256 of the evidence statement
  bool cached = false;
  std::vector<std::string> chosen;
  double cpu_seconds = 0;  // of all its processes; of a run that just ended

  Try as_try() const { return {evidence.diagnosis, chosen, evidence.seconds}; }
};

// seconds since the command began, the growing log
using RunTick = std::function<void(double seconds, const std::filesystem::path& log)>;

class GateRunner {
 public:
  GateRunner(Executor& executor, EvidenceStore& evidence, RunContext context)
      : executor_(executor), evidence_(evidence), context_(std::move(context)) {}

  // `chosen`: ids of tests to run alone, empty for all. `tree`: of the checkout's commit. An Error is our own failure or a
  // cancellation; whatever the command did is in the run.
  Result<GateRun> run(const Gate& gate, Checkout& checkout, const std::string& tree, const std::vector<std::string>& chosen,
                      int attempt, const RunTick& tick, std::stop_token stop);

  const RunContext& context() const { return context_; }
  Environment environment_of(const Gate& gate) const;  // with the gate's own variables, placeholders not yet filled in

 private:
  Job make_job(const Gate& gate, const Checkout& checkout, const std::vector<std::string>& chosen,
               const std::filesystem::path& log) const;
  Diagnosis judge(const Gate& gate, const Checkout& checkout, const ProcessResult& process,
                  const std::vector<std::string>& chosen) const;
  std::string fill_in(std::string text, const Checkout& checkout) const;
  std::filesystem::path inner_reports(const Checkout& checkout) const;
  std::vector<ReportFile> collect_reports(const Gate& gate, const Checkout& checkout) const;
  void remove_old_reports(const Gate& gate, const Checkout& checkout) const;
  Result<std::vector<std::string>> rewritten(const Gate& gate, const Checkout& checkout, std::stop_token stop) const;
  Status keep_log(const ProcessResult& process, const std::filesystem::path& file, RunEvidence& evidence);

  Executor& executor_;
  EvidenceStore& evidence_;
  RunContext context_;
};

RunSummary summary_of(const GateRun& run, const EvidenceStore& evidence);
// An earlier run, read back from its statement.
Result<GateRun> read_run(const EvidenceStore& evidence, const std::string& statement);

// The command that runs chosen tests; the gate must have `select_argv`.
std::vector<std::string> select_command(const Gate& gate, const std::vector<std::string>& chosen);

}  // namespace baton
