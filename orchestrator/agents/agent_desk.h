// Where a command-line agent works: a work tree of its own with all that it needs, a desk beside it (task, question), its environment
// and its box. Made for one attempt; the folder stays when the value dies. Blocks; one thread.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "git/capture.h"
#include "orchestrator/agents/attempt.h"
#include "orchestrator/agents/attempt_services.h"
#include "orchestrator/agents/foreign_setup.h"
#include "orchestrator/agents/ports.h"
#include "orchestrator/agents/work_trees.h"
#include "orchestrator/agents/workbench.h"
#include "orchestrator/attestation.h"
#include "orchestrator/lent_files.h"
#include "orchestrator/work_tree_settings.h"

namespace baton {

ExecutorId executor_of(const AttemptOrder& order, const AttemptParts& parts);

class AgentDesk {
 public:
  static Result<std::unique_ptr<AgentDesk>> make(const AttemptOrder& order, const AttemptParts& parts, ProgressTicker& progress, std::stop_token stop);

  // The command as it is run: placeholders filled in, environment, box. Nothing is started.
  Job job() const;
  std::string paper() const;  // the task as it is told to an agent
  // Of past tasks like this one what it was not told yet, in Markdown; empty: nothing. Told by then.
  std::string news_of_similar();
  bool isolated() const { return bench_->context().rung == SandboxRung::bubblewrap; }
  std::filesystem::path home() const { return bench_->checkout().home(); }
  std::filesystem::path tree() const { return bench_->checkout().tree(); }
  const std::string& context() const { return context_; }  // of the workspace that the agent begins with: one sentence
  std::vector<std::string> secrets() const;
  std::string question() const;  // that the agent wrote; at most 8 KiB
  std::filesystem::path question_file() const;    // where it writes it, on the host
  std::filesystem::path question_folder() const { return inner_desk(); }  // as it sees that
  AttemptServices& services() const { return *services_; }
  const WorkTree& place() const { return place_; }
  Workbench& bench() { return *bench_; }
  std::string keep_name() const;  // under which the store keeps what it left

  // What the agent left, as a tree of the store against the commit that it started from.
  Result<Capture> collect(std::stop_token stop);
  // A record of what lies in the work tree, so that it can be swept one day.
  Status remember(const std::string& kept);

 private:
  AgentDesk(const AttemptOrder& order, const AttemptParts& parts) : order_(order), parts_(parts) {}
  Status make_ready(ProgressTicker& progress, std::stop_token stop);
  Status choose_slice();
  void find_mounts(std::vector<std::string>& notes);
  Status lend_files();
  Status serve();
  Tool advice() const;
  Tool more_context() const;
  Result<std::string> work_in_progress(Store& store, std::stop_token stop) const;
  std::vector<std::string> not_taken() const;
  Status write_paper(std::vector<std::string> notes);
  void lend_from_home(const std::string& path, bool writable, SandboxPolicy& box) const;
  std::filesystem::path desk() const { return place_.folder / "desk"; }
  std::filesystem::path inner_desk() const;
  std::string filled_in(const std::string& word, bool in_shell) const;

  const AttemptOrder order_;
  const AttemptParts parts_;  // its store is the caller's and may be gone once the desk is made
  WorkTree place_;
  std::string context_;
  std::set<std::string> told_;  // ids of past tasks
  std::unique_ptr<Workbench> bench_;
  ForeignSetup foreign_;
  WorkTreeSettings settings_;
  SparseCone slice_;
  std::vector<BindMount> mounts_;  // of the user's tree, read-only
  std::optional<PortLease> ports_;
  LentFiles lent_;
  std::optional<Lending> lending_;  // gone before the work tree is collected
  std::optional<TreeManifest> ready_;  // the checkout when the agent began
  std::vector<std::string> put_there_;  // by set-up: paths that are no work of the agent
  std::vector<std::string> changed_by_setup_;
  std::unique_ptr<AttemptServices> services_;  // gone before what its tools look at
};

}  // namespace baton
