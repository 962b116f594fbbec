#include "orchestrator/side_runner.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>

#include "orchestrator/verification_plan.h"
#include "support/files.h"
#include "support/hash.h"
#include "support/json.h"
#include "support/log.h"

namespace baton {
namespace {

// Between the tries of a set-up step that the network failed.
constexpr std::array kNetworkPauses{std::chrono::seconds(1), std::chrono::seconds(4)};

// A gate whose tries are made at the same time: a copy of its checkout must be a small part of it, and it must not wait for the other one.
constexpr double kWorthACopy = 4;  // seconds
constexpr double kRoom = 1.1;      // of all processors, that two may want
constexpr std::uint64_t kMostCopied = 1u << 30;

// A statement of a run of chosen tests tells which by what it reports.
std::vector<std::string> reported_ids(const GateRun& run) {
  std::vector<std::string> ids;
  if (run.evidence.diagnosis.tests) {
    for (const TestCase& test : run.evidence.diagnosis.tests->cases) {
      if (test.status != CaseStatus::skipped) ids.push_back(test.id);
    }
  }
  if (ids.empty()) ids.push_back(run.evidence.gate);
  return ids;
}

}  // namespace

bool may_serve_again(const std::vector<GateRun>& runs) {
  return std::all_of(runs.begin(), runs.end(), [](const GateRun& run) {
    const RunVerdict verdict = run.evidence.diagnosis.verdict;
    return verdict == RunVerdict::pass || verdict == RunVerdict::fail || verdict == RunVerdict::vacuous;
  });
}

const Gate* SideRunner::find(const std::string& name) const {
  const auto found = std::find_if(gates_.begin(), gates_.end(), [&](const Gate& gate) { return gate.name == name; });
  return found == gates_.end() ? nullptr : &*found;
}

void SideRunner::replace(const Gate& gate) {
  for (Gate& known : gates_) {
    if (known.name == gate.name) known = gate;
  }
}

const std::vector<GateRun>* SideRunner::known_runs(const std::string& gate) const {
  const auto found = runs_.find(gate);
  return found == runs_.end() ? nullptr : &found->second;
}

std::optional<std::string> SideRunner::blocked_by(const Gate& gate) const {
  for (const std::string& need : gate.needs) {
    const Gate* needed = find(need);
    if (!needed) continue;
    if (auto deeper = blocked_by(*needed)) return deeper;
    const auto run = runs_.find(need);
    if (run != runs_.end() && run->second.front().evidence.diagnosis.verdict != RunVerdict::pass) return need;
  }
  return std::nullopt;
}

std::string SideRunner::run_key(const Gate& gate) const {
  std::vector<const Gate*> all;
  for (const Gate& other : gates_) all.push_back(&other);
  const RunContext& context = parts_.runner.context();
  const nlohmann::json key = {tree_,
                              gate_fingerprint(gate, all),
                              context.toolchain_digest,
                              environment_digest(parts_.runner.environment_of(gate)),
                              std::string(to_string(context.rung)),
                              checkout_.inner_root().string(),
                              context.lent.digests()};
  return sha256(dump_json(key));
}

std::optional<std::vector<GateRun>> SideRunner::cached_runs(const Gate& gate) const {
  const std::string key = run_key(gate);
  const auto known = parts_.journal.find_run(key);
  if (!known || !*known || !parts_.seal.holds(key, (*known)->evidence, (*known)->seal)) return std::nullopt;
  const auto statements = parse_json((*known)->evidence);
  if (!statements || !statements->is_array() || statements->empty()) return std::nullopt;
  std::vector<GateRun> runs;
  for (const auto& statement : *statements) {
    auto run = statement.is_string() ? read_run(parts_.evidence, statement.get<std::string>())
                                     : Result<GateRun>(Error{ErrorKind::io, "not a hash"});
    // Evidence that is gone or damaged is no evidence: the gate runs again.
    if (!run || run->evidence.tree != tree_) return std::nullopt;
    if (!runs.empty() && run->evidence.argv != runs.front().evidence.argv) run->chosen = reported_ids(*run);
    runs.push_back(std::move(*run));
  }
  return runs;
}

Status SideRunner::cancelled() const {
  if (!parts_.stop.stop_requested()) return done();
  return Error{ErrorKind::cancelled, "Cancelled."};
}

Result<const std::vector<GateRun>*> SideRunner::runs(const Gate& gate, bool may_use_cache) {
  if (const auto known = runs_.find(gate.name); known != runs_.end()) return &known->second;
  if (may_use_cache) {
    if (auto cached = cached_runs(gate)) return &(runs_[gate.name] = std::move(*cached));
  }
  auto run = run_here(gate, {}, 1, "");
  if (!run) return run.error();
  std::vector<GateRun>& runs = runs_[gate.name];
  runs.insert(runs.begin(), std::move(*run));
  return &runs;
}

const std::vector<GateRun>* SideRunner::earlier_runs(const Gate& gate) {
  if (const auto* known = known_runs(gate.name)) return known;
  auto cached = cached_runs(gate);
  return cached ? &(runs_[gate.name] = std::move(*cached)) : nullptr;
}

Status SideRunner::make_ready(const Gate& gate) {
  for (const std::string& need : gate.needs) {
    const Gate* needed = find(need);
    if (!needed || ready_.count(need)) continue;
    auto run = run_here(*needed, {}, 1, "again, for " + gate.name);
    if (!run) return run.error();
    if (run->evidence.diagnosis.verdict != RunVerdict::pass) {
      return Error{ErrorKind::precondition,
                   "The gate \"" + need +
                       "\" passed before on this tree and does not pass again: " + run->evidence.diagnosis.cause + "."};
    }
    if (!runs_.count(need)) runs_[need].push_back(std::move(*run));
  }
  return done();
}

Result<GateRun> SideRunner::run_here(const Gate& gate, const std::vector<std::string>& chosen, int attempt,
                                     const std::string& doing) {
  if (auto go_on = cancelled(); !go_on) return go_on.error();
  if (!checkout_.made()) parts_.progress(gate, "checkout", 0, {});
  if (auto made = checkout_.ensure(parts_.stop); !made) return made.error();
  if (auto ready = make_ready(gate); !ready) return ready.error();
  if (gate.kind == GateKind::test && !builds_on_ && !before_.count(gate.name)) {
    auto state = built();
    if (!state) return state.error();
    before_.emplace(gate.name, std::move(*state));
  }
  parts_.progress(gate, doing, 0, {});
  auto run = gate.installation.outputs.empty() || !chosen.empty() ? run_patiently(gate, chosen, attempt, doing)
                                                                  : install(gate, attempt);
  worked_ = worked_ || gate.kind == GateKind::build || gate.kind == GateKind::test;
  cut_off_ = cut_off_ || (gate.kind != GateKind::test && (!run || run->evidence.timed_out));
  if (!run) return run.error();
  if (!run->cached) seconds_ += run->evidence.seconds;
  if (run->evidence.diagnosis.verdict == RunVerdict::pass) ready_.insert(gate.name);
  return run;
}

Result<GateRun> SideRunner::run_patiently(const Gate& gate, const std::vector<std::string>& chosen, int attempt,
                                          const std::string& doing) {
  for (std::size_t tried = 0;; ++tried) {
    const std::string what = tried == 0 ? doing : "try " + std::to_string(tried + 1) + " after a fault of the network";
    const auto tick = [&](double seconds, const std::filesystem::path& log) {
      parts_.progress(gate, what, seconds, log);
    };
    auto run = parts_.runner.run(gate, checkout_, tree_, chosen, attempt + static_cast<int>(tried), tick, parts_.stop);
    const bool again = run && gate.kind == GateKind::setup && gate.network && tried < kNetworkPauses.size() &&
                       is_network_fault(run->evidence.diagnosis);
    if (!again) return run;
    seconds_ += run->evidence.seconds;
    const auto pause = kNetworkPauses[tried];
    parts_.progress(gate, "again in " + std::to_string(pause.count()) + " s: " + run->evidence.diagnosis.cause, 0, {});
    std::mutex guard;
    std::unique_lock lock(guard);
    std::condition_variable_any never;
    never.wait_for(lock, parts_.stop, pause, [] { return false; });
    if (auto go_on = cancelled(); !go_on) return go_on.error();
  }
}

void SideRunner::give_back_installs() {
  for (const auto& [gate, copy] : copies_) parts_.installs.give_back(copy, checkout_.tree(), checkout_.home());
  copies_.clear();
}

std::string SideRunner::install_key_of(const Gate& gate, bool beside_leftovers) const {
  InstallKey key;
  for (const std::string& path : gate.installation.inputs) {
    auto bytes = parts_.store.read(tree_, path);
    key.inputs.emplace_back(path, bytes && *bytes ? **bytes : std::string("absent"));
  }
  key.argv = gate.argv;
  key.cwd = gate.cwd;
  key.toolchain = parts_.runner.context().toolchain_digest;
  key.environment = environment_digest(parts_.runner.environment_of(gate));
  key.root = checkout_.inner_root().string() + " " + std::string(to_string(parts_.runner.context().rung)) + (beside_leftovers ? " provisional" : "");
  return install_key(key);
}

Result<GateRun> SideRunner::install(const Gate& gate, int attempt) {
  const std::string key = install_key_of(gate, builds_on_);
  if (builds_on_) {  // what did not go back after the last time is not what was sealed
    for (const std::string& folder : gate.installation.outputs) {
      if (auto removed = remove_tree(checkout_.tree() / folder); !removed) return removed.error();
    }
  }
  auto sealed = parts_.installs.take(install_key_of(gate, false), checkout_.tree(), checkout_.home(), parts_.stop);
  if (sealed && !*sealed && builds_on_) sealed = parts_.installs.take(key, checkout_.tree(), checkout_.home(), parts_.stop);
  if (!sealed) return sealed.error();
  if (*sealed) {
    copies_[gate.name] = std::move((*sealed)->copy);
    auto statement = parts_.evidence.put((*sealed)->statement);
    if (!statement) return statement.error();
    if (auto run = read_run(parts_.evidence, *statement)) return run;
    // A statement that cannot be read is none; what was copied is what the step would make, so it is made over it.
  }

  auto before = built();
  if (!before) return before.error();
  auto run = run_patiently(gate, {}, attempt, "");
  if (!run || run->evidence.diagnosis.verdict != RunVerdict::pass) return run;
  auto in_tree = before->tree.difference(checkout_.tree());
  auto in_home = before->home.difference(checkout_.home());
  auto text = parts_.evidence.get(run->statement);
  if (in_tree && in_home && text) {
    auto kept = parts_.installs.seal(key, *text, checkout_.tree(), *in_tree, checkout_.home(), *in_home, parts_.stop);
    if (!kept && kept.error().kind == ErrorKind::cancelled) return kept.error();
    if (!kept) log(LogLevel::warning, kept.error().message);  // it will be installed again next time
    if (kept && *kept) {
      if (auto copy = parts_.installs.copy_in(key, checkout_.tree(), checkout_.home())) copies_[gate.name] = std::move(*copy);
    }
  }
  return run;
}

Result<SideRunner::Built> SideRunner::built() const {
  auto tree = TreeManifest::of(checkout_.tree());
  if (!tree) return tree.error();
  auto home = TreeManifest::of(checkout_.home());
  if (!home) return home.error();
  return Built{std::move(*tree), std::move(*home), ready_};
}

// What runs left behind is removed; where one changed what was there, the checkout is made anew.
Status SideRunner::go_back(const Gate& gate) {
  if (!checkout_.made() || builds_on_) return done();
  const auto before = before_.find(gate.name);
  if (before != before_.end()) {
    auto tree = undo_additions(before->second.tree, checkout_.tree());
    if (!tree) return tree.error();
    auto home = *tree ? undo_additions(before->second.home, checkout_.home()) : Result<bool>(false);
    if (!home) return home.error();
    if (*tree && *home) {
      ready_ = before->second.ready;
      return done();
    }
  }
  parts_.progress(gate, "checkout", 0, {});
  ready_.clear();
  before_.clear();
  copies_.clear();
  return checkout_.reset(parts_.stop);
}

Status SideRunner::try_again(const Gate& gate, const std::vector<std::string>& chosen) {
  std::vector<GateRun>& runs = runs_[gate.name];
  const int attempt = static_cast<int>(runs.size()) + 1;
  if (auto back = go_back(gate); !back) return back;
  auto run = run_here(gate, chosen, attempt, "try " + std::to_string(attempt));
  if (!run) return run.error();
  runs_[gate.name].push_back(std::move(*run));
  return done();
}

bool SideRunner::worth_trying_twice(const Gate& gate) const {
  const auto* runs = known_runs(gate.name);
  if (!runs || runs->empty() || builds_on_ || parts_.runner.context().rung != SandboxRung::bubblewrap) return false;
  const GateRun& first = runs->front();
  const auto before = before_.find(gate.name);
  if (first.cached || first.evidence.seconds < kWorthACopy || before == before_.end()) return false;
  if (before->second.tree.bytes() + before->second.home.bytes() > kMostCopied) return false;
  return 2 * first.cpu_seconds <= kRoom * first.evidence.seconds * parts_.runner.context().jobs;
}

std::unique_ptr<SideRunner> SideRunner::beside(const WorkArea& area, Store& store) const {
  Parts parts{store, parts_.journal, parts_.evidence, parts_.runner, parts_.installs, parts_.seal, [](auto&&...) {}, parts_.stop};
  auto copy = std::make_unique<SideRunner>(std::move(parts), area, side(), checkout_.commit(), tree_, gates_);
  copy->ready_ = ready_;
  return copy;
}

Status SideRunner::try_twice(const Gate& gate) {
  if (auto back = go_back(gate); !back) return back;
  const auto area = checkout_.area().make_beside("copy");
  if (!area) return area.error();
  auto store = Store::open(parts_.store.repository());  // one belongs to one thread
  if (!store) return store.error();
  const auto copy = beside(*area, *store);
  if (auto made = checkout_.ensure(parts_.stop); !made) return made;
  if (auto copied = copy->checkout_.copy_of(checkout_, parts_.stop); !copied) return copied;
  std::vector<GateRun>& runs = runs_[gate.name];
  const int attempt = static_cast<int>(runs.size()) + 1;
  auto second = std::async(std::launch::async, [&] { return copy->run_here(gate, {}, attempt + 1, ""); });
  auto first = run_here(gate, {}, attempt, "tries " + std::to_string(attempt) + " and " + std::to_string(attempt + 1));
  auto other = second.get();
  if (!first) return first.error();
  if (!other) return other.error();
  seconds_ += std::max(0.0, other->evidence.seconds - first->evidence.seconds);  // those that were waited for
  runs.push_back(std::move(*first));
  runs.push_back(std::move(*other));
  return done();
}

}  // namespace baton
