// A checkout that is not the verifier's, made ready for work: for an attempt of an agent, or for a tool that looks at a commit.
// What installs and configures is found and run as the verifier does it, and installations that the verifier sealed are used.
// Nothing here is ever a verdict. Blocks; one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "orchestrator/agents/attempt.h"
#include "orchestrator/discover.h"
#include "orchestrator/side_runner.h"

namespace baton {

class Workbench {
 public:
  // `folder` is the bench's own; it stays when the value dies. `label` is for progress: "s1".
  static Result<std::unique_ptr<Workbench>> make(const AttemptParts& parts, const std::string& commit, const std::filesystem::path& folder,
                                                 const Environment& client_env, std::string label, ProgressTicker& progress, std::stop_token stop);
  ~Workbench();
  Workbench(const Workbench&) = delete;
  Workbench& operator=(const Workbench&) = delete;

  Status check_out();
  // Runs a gate with what it needs; what the command did is in the run.
  Result<GateRun> run(const Gate& gate);
  // Every gate that installs or configures; a sentence for each that did not pass. An Error is a fault of the environment.
  Result<std::vector<std::string>> set_up();
  // Its installations may serve the next checkout. Nothing runs here any more.
  void give_back();

  Store& store() { return store_; }
  const std::string& commit() const { return commit_; }
  const std::string& tree_id() const { return tree_id_; }
  const FileSource& files() const { return *files_; }
  const GatePlan& plan() const { return plan_; }
  const RunContext& context() const { return runner_->context(); }
  std::string path_variable() const;          // PATH of the client
  std::filesystem::path inner_root() const { return area_.inner_root(); }
  std::filesystem::path folder() const { return area_.folder(); }
  Checkout& checkout() { return side_->checkout(); }
  std::optional<std::string> text_of(const std::string& path) const;  // of the commit
  std::vector<std::string> reports(std::string_view pattern);         // texts that the last run left in `{reports}`
  std::string complaint_of(const GateRun& run) const;  // why a run is no use: the cause, the line of its output that tells most, where the rest is

 private:
  Workbench(Store store, std::string commit, std::string tree, WorkArea area, Installs installs, EvidenceStore evidence)
      : store_(std::move(store)), commit_(std::move(commit)), tree_id_(std::move(tree)), area_(std::move(area)), installs_(std::move(installs)), evidence_(std::move(evidence)) {}

  Store store_;
  std::string commit_, tree_id_;
  WorkArea area_;
  Installs installs_;
  EvidenceStore evidence_;
  std::stop_token stop_;
  std::unique_ptr<FileSource> files_;
  GatePlan plan_;
  std::unique_ptr<GateRunner> runner_;
  std::unique_ptr<SideRunner> side_;
};

}  // namespace baton
