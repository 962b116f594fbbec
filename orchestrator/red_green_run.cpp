#include "orchestrator/red_green_run.h"

#include <algorithm>
#include <map>

#include "orchestrator/change_trees.h"
#include "support/files.h"
#include "support/hash.h"

namespace baton {
namespace {

constexpr std::size_t kMaxChosen = 40;  // more targets than that, and the whole gate runs

using Targets = std::map<std::string, std::vector<std::string>>;  // by gate

class Showing {
 public:
  Showing(const RedGreenGround& ground, double& seconds) : ground_(ground), seconds_(seconds) {}

  Result<Reproduction> run(const std::vector<std::string>& named, const std::vector<TestVerdict>& tests) {
    split_ = split_change(ground_.changes, ground_.base_text, ground_.head_text);
    const Targets targets = named.empty() ? found(tests) : asked_for(named, tests);
    if (targets.empty()) {
      Reproduction nothing = judge_red_green({named, {}, {}});
      if (!named.empty()) nothing = judge_red_green({named, {}, {{RedGreenStep::tests_on_base, {RedGreenRun{}}, {}, false}}});
      return nothing;
    }
    if (auto made = make_trees(); !made) return made.error();
    std::optional<Reproduction> first;
    for (const auto& [gate, ids] : targets) {
      const Gate* on_head = ground_.on_head.find(gate);
      if (!on_head) continue;
      auto one = show(*on_head, ids);
      if (!one) return one;
      if (!first || one->status == ReproductionStatus::proven) first = std::move(*one);
      if (first->status == ReproductionStatus::proven) break;
    }
    end();
    if (!first) return Reproduction{};
    first->evidence = std::move(evidence_);
    first->trees = {red_.tree};
    if (reverted_.tree != red_.tree) first->trees.push_back(reverted_.tree);
    return std::move(*first);
  }

 private:
  // --- which tests

  Targets found(const std::vector<TestVerdict>& tests) const {
    const std::vector<NamedTest> changed = changed_tests(ground_.changes, ground_.base_text, ground_.head_text);
    Targets targets;
    for (const TestVerdict& test : tests) {
      const bool by_status = test.status == TestStatus::fixed || test.status == TestStatus::added || test.status == TestStatus::added_failing;
      const bool by_text = test.status == TestStatus::unchanged &&
                           std::any_of(changed.begin(), changed.end(), [&](const NamedTest& one) { return speaks_of(test.id, test.path, one); });
      if (by_status || by_text) targets[test.gate].push_back(test.id);
    }
    return targets;
  }

  static Targets asked_for(const std::vector<std::string>& named, const std::vector<TestVerdict>& tests) {
    Targets targets;
    for (const TestVerdict& test : tests) {
      if (std::find(named.begin(), named.end(), test.id) != named.end()) targets[test.gate].push_back(test.id);
    }
    return targets;
  }

  // --- the trees

  Status make_trees() {
    auto red = tree_with(ground_.store, ground_.base, ground_.head, ground_.base.tree, split_.tests_on_base, "base with the tests of the change");
    if (!red) return red.error();
    auto reverted = tree_with(ground_.store, ground_.base, ground_.head, ground_.head.tree, split_.reverted, "result without the program's part of the change");
    if (!reverted) return reverted.error();
    red_ = std::move(*red);
    reverted_ = std::move(*reverted);
    return done();
  }

  // --- the steps

  Result<Reproduction> show(const Gate& gate, const std::vector<std::string>& ids) {
    RedGreenInput input;
    input.targets = ids;
    input.test_files.insert(split_.test_files.begin(), split_.test_files.end());
    for (const RedGreenStep step : {RedGreenStep::tests_on_base, RedGreenStep::with_change, RedGreenStep::change_reverted}) {
      auto runs = step == RedGreenStep::with_change ? green(gate, input) : red(step, gate, input);
      if (!runs) return runs.error();
      input.steps.push_back(std::move(*runs));
      // What is missing after it is not why it is not proven.
      const Reproduction so_far = judge_red_green(input);
      if (so_far.step == step) return so_far;
    }
    return judge_red_green(input);
  }

  Result<RedGreenRuns> red(RedGreenStep step, const Gate& gate, const RedGreenInput& input) {
    const bool again = step == RedGreenStep::change_reverted;
    std::unique_ptr<SideRunner>& side = again && reverted_.tree != red_.tree ? reverted_side_ : red_side_;
    if (!side) side = ground_.side(again ? "reverted" : "tests", again ? reverted_ : red_);
    RedGreenRuns runs;
    runs.step = step;
    if (auto ready = make_ready(*side, gate, runs); !ready) return ready.error();
    if (!runs.blocked_by.empty()) return runs;
    return repeat(*side, gate, input, std::move(runs), kRedGreenTries);
  }

  // The verification has run the gate once already.
  Result<RedGreenRuns> green(const Gate& gate, const RedGreenInput& input) {
    RedGreenRuns runs;
    runs.step = RedGreenStep::with_change;
    const auto* known = ground_.on_head.known_runs(gate.name);
    if (known && !known->empty()) runs.runs.push_back({known->front().evidence.diagnosis, true});
    return repeat(ground_.on_head, gate, input, std::move(runs), kRedGreenTries);
  }

  Result<RedGreenRuns> repeat(SideRunner& side, const Gate& gate, const RedGreenInput& input, RedGreenRuns runs, int tries) {
    std::vector<std::string> chosen = chosen_of(gate, input.targets);
    if (auto made = side.checkout().ensure(ground_.stop); !made) return made.error();
    const auto before = digests(side);
    while (static_cast<int>(runs.runs.size()) < tries && worth_repeating(input, runs)) {
      const double spent = side.seconds();
      auto ran = side.try_again(gate, chosen);
      if (!ran) return failed(ran.error(), std::move(runs));
      seconds_ += side.seconds() - spent;
      const GateRun& run = side.known_runs(gate.name)->back();
      evidence_.push_back(run.statement);
      runs.runs.push_back({run.evidence.diagnosis, digests(side) == before});
      // A runner that cannot name what it is asked for fails in a way of its own.
      if (!chosen.empty() && runs.runs.size() == 1 && reports_no_target(input, runs)) {
        chosen.clear();
        runs.runs.pop_back();
      }
    }
    return runs;
  }

  static Result<RedGreenRuns> failed(const Error& error, RedGreenRuns runs) {
    if (error.kind == ErrorKind::cancelled) return error;
    runs.runs.clear();
    runs.blocked_by = error.message;
    runs.blocked_by_fault = true;
    return runs;
  }

  Status make_ready(SideRunner& side, const Gate& gate, RedGreenRuns& runs) {
    for (const std::string& need : gate.needs) {
      const Gate* needed = side.find(need);
      if (!needed || !runs.blocked_by.empty()) continue;
      if (auto deeper = make_ready(side, *needed, runs); !deeper || !runs.blocked_by.empty()) return deeper;
      const double spent = side.seconds();
      auto made = side.runs(*needed, true);
      if (!made) return made.error();
      seconds_ += side.seconds() - spent;
      const GateRun& run = (*made)->front();
      if (std::find(evidence_.begin(), evidence_.end(), run.statement) == evidence_.end()) evidence_.push_back(run.statement);
      const Diagnosis& diagnosis = run.evidence.diagnosis;
      if (diagnosis.verdict == RunVerdict::pass) continue;
      runs.blocked_by = need + ": " + (diagnosis.cause.empty() ? std::string(to_string(diagnosis.verdict)) : diagnosis.cause);
      runs.blocked_by_fault = diagnosis.verdict == RunVerdict::env_fault || diagnosis.verdict == RunVerdict::timeout;
    }
    return done();
  }

  // As the runner knows them.
  std::vector<std::string> chosen_of(const Gate& gate, const std::vector<std::string>& ids) const {
    if (gate.select_argv.empty() || ids.size() > kMaxChosen) return {};
    Tries tries;
    if (const auto* known = ground_.on_head.known_runs(gate.name)) {
      for (const GateRun& run : *known) tries.push_back(run.as_try());
    }
    const Histories all = histories(tries);
    std::set<std::string> names;
    for (const std::string& id : ids) names.insert(runner_id(all, id));
    return {names.begin(), names.end()};
  }

  std::map<std::string, std::string> digests(SideRunner& side) const {
    std::map<std::string, std::string> all;
    for (const std::string& path : split_.test_files) {
      const auto bytes = read_file(side.checkout().tree() / path);
      all[path] = bytes ? sha256(*bytes) : "";
    }
    return all;
  }

  void end() {
    for (auto* side : {red_side_.get(), reverted_side_.get()}) {
      if (side) side->give_back_installs();
    }
  }

  const RedGreenGround& ground_;
  double& seconds_;
  SplitChange split_;
  Judged red_, reverted_;
  std::unique_ptr<SideRunner> red_side_, reverted_side_;
  std::vector<std::string> evidence_;
};

}  // namespace

Result<Reproduction> show_red_green(const RedGreenGround& ground, const std::vector<std::string>& named, const std::vector<TestVerdict>& tests, double& seconds) {
  return Showing(ground, seconds).run(named, tests);
}

}  // namespace baton
