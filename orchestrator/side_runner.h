// One side of a verification: its checkout, what has been set up and built there, and the runs of its gates. A run that was
// made before on the same tree, with the same command, tools and environment, serves again; whatever must run physically
// (an uncached gate, a retry) brings along what it needs. Blocks; one side at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "orchestrator/checkouts.h"
#include "orchestrator/gate_run.h"
#include "orchestrator/installs.h"
#include "orchestrator/journal.h"
#include "orchestrator/journal_seal.h"
#include "orchestrator/tree_manifest.h"

namespace baton {

class SideRunner {
 public:
  struct Parts {
    Store& store;
    Journal& journal;
    EvidenceStore& evidence;
    GateRunner& runner;
    Installs& installs;
    JournalSeal seal;
    // What is waited for: gate, what is done with it ("", "install", "retry 2 of 5"), seconds, growing log.
    std::function<void(const Gate&, const std::string& doing, double seconds, const std::filesystem::path& log)> progress;
    std::stop_token stop;
  };

  SideRunner(Parts parts, const WorkArea& area, std::string side, std::string commit, std::string tree, std::vector<Gate> gates)
      : parts_(std::move(parts)), checkout_(area, parts_.store, std::move(side), std::move(commit)), tree_(std::move(tree)),
        gates_(std::move(gates)) {}

  // The gate's runs so far; the first call runs it, or takes it from the cache.
  Result<const std::vector<GateRun>*> runs(const Gate& gate, bool may_use_cache);
  // For a quick verdict: what was built in the side's folder is built on, and no try is made in a checkout as it was before.
  void build_on() {
    builds_on_ = true;
    checkout_.build_on();
  }
  // The gate's runs that were made before on the same tree; nothing is started.
  const std::vector<GateRun>* earlier_runs(const Gate& gate);
  // Whether what lies in the checkout is worth going on from: something was built or tested there, and nothing that builds was
  // cut off.
  bool worth_keeping() const { return worked_ && !cut_off_; }
  // The gate's runs when it has run; nothing is started.
  const std::vector<GateRun>* known_runs(const std::string& gate) const;
  // Another try, in a checkout as it was before the gate's first run.
  Status try_again(const Gate& gate, const std::vector<std::string>& chosen);
  // Two more tries of the whole gate at the same time, one of them in a copy of the checkout. Worth it for a gate that takes long and leaves
  // processors idle.
  bool worth_trying_twice(const Gate& gate) const;
  Status try_twice(const Gate& gate);
  // Name of the gate that this one needs and that did not pass here.
  std::optional<std::string> blocked_by(const Gate& gate) const;
  // Sets aside a run whose command was not the right one, before another command is run under the same name.
  void forget(const std::string& gate) { runs_.erase(gate); }

  const Gate* find(const std::string& name) const;
  void replace(const Gate& gate);
  // Nothing runs here any more: installed dependencies that no gate wrote to serve the next verification.
  void give_back_installs();
  std::string run_key(const Gate& gate) const;
  const std::string& side() const { return checkout_.side(); }
  Checkout& checkout() { return checkout_; }
  const std::string& tree() const { return tree_; }
  double seconds() const { return seconds_; }  // of commands that ran

 private:
  struct Built {
    TreeManifest tree, home;
    std::set<std::string> ready;
  };

  std::optional<std::vector<GateRun>> cached_runs(const Gate& gate) const;
  Result<GateRun> run_here(const Gate& gate, const std::vector<std::string>& chosen, int attempt, const std::string& doing);
  Result<GateRun> install(const Gate& gate, int attempt);
  // One run; a set-up step that the network failed is given another chance, since that is no one's change.
  Result<GateRun> run_patiently(const Gate& gate, const std::vector<std::string>& chosen, int attempt,
                                const std::string& doing);
  // On leftovers of earlier runs the installation has a key of its own: no clean verification is given what was made beside them.
  std::string install_key_of(const Gate& gate, bool beside_leftovers) const;
  Status make_ready(const Gate& gate);
  std::unique_ptr<SideRunner> beside(const WorkArea& area, Store& store) const;
  Status go_back(const Gate& gate);
  Result<Built> built() const;
  Status cancelled() const;

  Parts parts_;
  Checkout checkout_;
  std::string tree_;
  std::vector<Gate> gates_;
  std::map<std::string, std::vector<GateRun>> runs_;
  std::set<std::string> ready_;         // gates that have passed in the checkout as it is
  std::map<std::string, Installs::Copy> copies_;  // by gate, as they were given to the checkout
  std::map<std::string, Built> before_;  // what the checkout was before a test gate first ran
  bool builds_on_ = false, worked_ = false, cut_off_ = false;
  double seconds_ = 0;
};

// A run that says the same of the tree whenever it is asked: not a fault of the moment.
bool may_serve_again(const std::vector<GateRun>& runs);

}  // namespace baton
