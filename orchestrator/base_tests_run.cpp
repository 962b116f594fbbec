#include "orchestrator/base_tests_run.h"

#include <re2/re2.h>

#include <algorithm>

#include "analyzers/syntax.h"
#include "orchestrator/base_tests_face.h"
#include "orchestrator/change_trees.h"
#include "orchestrator/test_said.h"

namespace baton {
namespace {

constexpr std::size_t kMaxAsked = 40;            // more tests than that, and the whole gate runs
constexpr std::size_t kMaxNamed = 8;             // tests in a note
constexpr int kMaxRounds = 4;                    // trees: each leaves out what did not load in the one before
constexpr std::size_t kMaxLog = 1u << 20;        // bytes of a run's output that are looked at

std::string name_of_path(const std::string& path) { return path.substr(path.rfind('/') == path.npos ? 0 : path.rfind('/') + 1); }

class Asking {
 public:
  Asking(const BaseTestsGround& ground, double& seconds) : ground_(ground), seconds_(seconds) {}

  Result<BaseTestsDone> run() {
    for (int round = 1;; ++round) {
      PutBack back = put_back({ground_.changes, ground_.base_text, ground_.head_text, ground_.scripts, ground_.collects, [this](const std::string& path) { return ground_.tests.supports(path); },
                               ground_.runs_examples, as_changed_,
                               [this](const std::string& path) { return ground_.tests.shares(path); }});
      if (!back.weakens) break;
      done_.back = std::move(back);
      // A folder each: they are checkouts of other trees.
      auto unloadable = ask_all(round == 1 ? kBaseTestsSide : kBaseTestsSide + ("-" + std::to_string(round)));
      if (!unloadable) {
        if (unloadable.error().kind == ErrorKind::cancelled) return unloadable.error();
        done_.of_the_moment = true;
        could_not(unloadable.error().message);
        break;
      }
      const std::size_t known = as_changed_.size();
      if (!why_not_.empty()) as_changed_.insert(done_.back.settings.begin(), done_.back.settings.end());  // they may need what is not there any more
      for (const std::string& path : *unloadable) as_changed_.insert(in_base(path));
      if (as_changed_.size() == known || round == kMaxRounds) break;
    }
    for (const FileChange& change : done_.back.files) done_.told.put_back.push_back(change.old_path);
    for (const FailingBaseTest& test : done_.failing) done_.told.failing.push_back(test.id.empty() ? test.gate : test.id);
    for (const FailingBaseTest& test : done_.unasked) done_.told.unasked.push_back(test.id);
    add_notes();
    return std::move(done_);
  }

 private:
  // One tree, all gates; gives what does not load in it and keeps tests from running.
  Result<std::set<std::string>> ask_all(const std::string& name) {
    done_.failing.clear();
    done_.unasked.clear();
    why_not_.clear();
    const auto made = tree_with(ground_.store, ground_.base, ground_.head, ground_.head.tree, done_.back.edits, "result with the base's tests");
    if (!made) return made.error();
    if (made->tree == ground_.head.tree) return std::set<std::string>();
    done_.told.trees.push_back(made->tree);
    const auto side = ground_.side(name, *made);
    std::set<std::string> unloadable;
    Status fine = done();
    for (const Gate& gate : ground_.gates) {
      const double before = side->seconds();
      fine = ask(*side, gate, unloadable);
      seconds_ += side->seconds() - before;
      if (!fine) break;
    }
    side->give_back_installs();
    if (!fine) return fine.error();
    return unloadable;
  }

  Status ask(SideRunner& side, const Gate& gate, std::set<std::string>& unloadable_ones) {
    BaseTestsInput input;
    input.gate = gate.name;
    input.put_back = done_.back.test_paths;
    input.by_script = std::any_of(input.put_back.begin(), input.put_back.end(), [this](const std::string& path) { return ground_.scripts.contains(path) || language_of(path) == Language::bash || path.ends_with(".bats"); });
    input.gone_names = gone_names();
    input.collects = ground_.collects;
    const Tries base = tries_on(ground_.on_base, gate), head = tries_on(ground_.on_head, gate);
    input.base = &base;
    input.head = &head;
    std::string blocked;
    if (auto ready = make_ready(side, gate, blocked, unloadable_ones); !ready) return ready;
    if (!blocked.empty()) {
      could_not(blocked);
      add_those_of_files_not_loaded(input);
      return done();
    }
    if (auto ran = first_run(side, gate, input); !ran) return ran;
    if (auto again = try_again(side, gate, input); !again) return again;
    if (auto kept = ground_.keep(asked_, side); !kept) return kept;
    if (const auto* runs = side.known_runs(gate.name)) add_evidence(*runs);
    settle(gate, input, unloadable_ones);
    return done();
  }

  void settle(const Gate& gate, const BaseTestsInput& input, std::set<std::string>& unloadable_ones) {
    const Diagnosis& last = input.runs.front().diagnosis;
    // The others of a file's package do not run where the file does not build.
    const bool hides = !last.tests || last.tests->executed().value_or(0) - load_failures(last) <= 0 || last.format.starts_with("go");
    const std::set<std::string> paths = unloadable(input.runs.front(), input.put_back);
    if (hides) unloadable_ones.insert(paths.begin(), paths.end());
    for (const std::string& path : paths) not_loaded_.insert(in_base(path));
    for (FailingBaseTest& test : unasked_base_tests(input)) add_unasked(std::move(test));
    add_those_of_files_not_loaded(input);
    if (const std::string why = not_judged_because(input); !why.empty() && paths.empty()) could_not(gate.name + ": " + why);
    done_.of_the_moment = done_.of_the_moment || std::any_of(input.runs.begin(), input.runs.end(), [](const BaseTestsRun& run) { return is_fault(run.diagnosis); });
    if (input.runs.size() < 2) return;
    for (FailingBaseTest& test : failing_base_tests(input)) {
      if (is_as_changed(test)) continue;
      if (meets_another_face(test, {ground_.changes, ground_.base_text, ground_.head_text, input.gone_names})) add_unasked(test);
      else done_.failing.push_back(std::move(test));
    }
  }

  void add_unasked(FailingBaseTest test) {
    const bool known = std::any_of(done_.unasked.begin(), done_.unasked.end(), [&](const FailingBaseTest& one) { return one.id == test.id && one.gate == test.gate; });
    if (!known) done_.unasked.push_back(std::move(test));
  }

  void add_those_of_files_not_loaded(const BaseTestsInput& input) {
    for (const std::string& path : not_loaded_) {
      for (FailingBaseTest& test : base_tests_of_file(input, path, ground_.base_text)) add_unasked(std::move(test));
    }
  }

  // With helpers of the base, a test of the result is neither's.
  bool is_as_changed(const FailingBaseTest& test) const {
    return std::any_of(ground_.changes.begin(), ground_.changes.end(), [&](const FileChange& change) {
      if (!as_changed_.contains(change.old_path)) return false;
      if (test.path == change.path || test.id.starts_with(change.path + "::")) return true;
      const std::vector<NamedTest> named = changed_tests({{ChangeKind::added, change.path, change.path}}, {}, ground_.head_text);
      return std::any_of(named.begin(), named.end(), [&](const NamedTest& one) { return speaks_of(test.id, "", one); });
    });
  }

  static int load_failures(const Diagnosis& run) {
    return static_cast<int>(std::count_if(run.tests->cases.begin(), run.tests->cases.end(), [](const TestCase& test) { return test.load_failure; }));
  }

  // --- runs

  Status first_run(SideRunner& side, const Gate& gate, BaseTestsInput& input) {
    const std::vector<std::string> chosen = done_.back.only_tests ? tests_of_files(gate, *input.base) : std::vector<std::string>();
    if (!chosen.empty()) {
      Gate some = gate;
      some.argv = select_command(gate, chosen);
      if (auto ran = read_runs(side, some, input); !ran) return ran;
      if (knows_one(input.runs.front().diagnosis, chosen)) {
        selected_ = true;
        asked_ = std::move(some);
        return done();
      }
      if (auto kept = ground_.keep(some, side); !kept) return kept;
      side.forget(gate.name);  // the runner does not know them by these names
    }
    selected_ = false;
    asked_ = gate;
    return read_runs(side, gate, input);
  }

  Status read_runs(SideRunner& side, const Gate& gate, BaseTestsInput& input) {
    auto runs = side.runs(gate, !ground_.fresh);
    if (!runs) return runs.error();
    input.runs.clear();
    for (const GateRun& run : **runs) input.runs.push_back(as_run(run));
    return done();
  }

  BaseTestsRun as_run(const GateRun& run) const {
    std::string log = ground_.log_of(run);
    if (log.size() > kMaxLog) log.erase(0, log.size() - kMaxLog);
    return {run.evidence.diagnosis, std::move(log)};
  }

  // With the others and alone, since a test may rest on one that ran before it. What is cheap comes first, since it may pass; with the
  // others once is enough where a runner can select, and the tries of one that cannot run at once where there is room.
  Status try_again(SideRunner& side, const Gate& gate, BaseTestsInput& input) {
    while (static_cast<int>(input.runs.size()) < kBaseTestTries) {
      const auto failing = failing_base_tests(input);
      if (failing.empty()) return done();
      const bool with_others = selected_ && input.runs.size() + 1 == kBaseTestTries;
      const bool alone = !with_others && !gate.select_argv.empty() && failing.size() <= kMaxAsked && !failing.front().id.empty();
      const bool twice = !alone && input.runs.size() + 2 == kBaseTestTries && side.worth_trying_twice(gate);
      const Status ran = twice   ? side.try_twice(gate)
                         : alone ? side.try_again(gate, as_runner_knows(input.runs.front().diagnosis, failing))
                                 : side.try_again(gate, {});
      if (!ran) return ran;
      const std::vector<GateRun>& runs = *side.known_runs(gate.name);
      for (std::size_t i = input.runs.size(); i < runs.size(); ++i) input.runs.push_back(as_run(runs[i]));
    }
    return done();
  }

  Status make_ready(SideRunner& side, const Gate& gate, std::string& blocked, std::set<std::string>& unloadable_ones) {
    for (const std::string& need : gate.needs) {
      const Gate* needed = side.find(need);
      if (!needed || !blocked.empty()) continue;
      if (auto deeper = make_ready(side, *needed, blocked, unloadable_ones); !deeper || !blocked.empty()) return deeper;
      auto made = side.runs(*needed, !ground_.fresh);
      if (!made) return made.error();
      add_evidence(**made);
      if (auto kept = ground_.keep(*needed, side); !kept) return kept;
      const Diagnosis& run = (*made)->front().evidence.diagnosis;
      if (run.verdict == RunVerdict::pass) continue;
      done_.of_the_moment = done_.of_the_moment || is_fault(run);
      blocked = need + ": " + (run.cause.empty() ? std::string(to_string(run.verdict)) : run.cause);
      for (const Finding& finding : run.findings) {
        if (finding.severity != Severity::error || !done_.back.test_paths.contains(finding.path)) continue;
        unloadable_ones.insert(finding.path);
        not_loaded_.insert(in_base(finding.path));
      }
    }
    return done();
  }

  static Tries tries_on(const SideRunner& side, const Gate& gate) {
    Tries tries;
    if (const auto* runs = side.known_runs(gate.name)) {
      for (const GateRun& run : *runs) tries.push_back(run.as_try());
    }
    return tries;
  }

  // --- which tests

  // Of the files that are back, those that passed on the base, as the runner knows them.
  std::vector<std::string> tests_of_files(const Gate& gate, const Tries& base) const {
    if (gate.select_argv.empty()) return {};
    const std::vector<NamedTest> named = tests_in_base();
    const Histories all = histories(base);
    std::set<std::string> names;
    for (const auto& [id, history] : all) {
      if (history.outcome() != SideOutcome::passed) continue;
      const bool of_file = done_.back.test_paths.contains(history.shown.path) || done_.back.test_paths.contains(id.substr(0, id.find("::")));
      if (of_file || std::any_of(named.begin(), named.end(), [&](const NamedTest& one) { return speaks_of(id, "", one); })) names.insert(runner_id(all, id));
    }
    if (names.size() > kMaxAsked) return {};
    return {names.begin(), names.end()};
  }

  std::vector<NamedTest> tests_in_base() const {
    std::vector<FileChange> whole;  // as if the base's files were new
    for (const FileChange& change : done_.back.files) whole.push_back({ChangeKind::added, change.old_path, change.old_path});
    return changed_tests(whole, {}, ground_.base_text);
  }

  static std::vector<std::string> as_runner_knows(const Diagnosis& run, const std::vector<FailingBaseTest>& failing) {
    const Histories all = histories({Try{run, {}, 0}});
    std::set<std::string> names;
    for (const FailingBaseTest& test : failing) names.insert(runner_id(all, test.id));
    return {names.begin(), names.end()};
  }

  static bool knows_one(const Diagnosis& run, const std::vector<std::string>& ids) {
    if (!run.tests) return false;
    return std::any_of(run.tests->cases.begin(), run.tests->cases.end(), [&](const TestCase& test) {
      return test.load_failure || std::any_of(ids.begin(), ids.end(), [&](const std::string& id) { return is_target(test, id); });
    });
  }

  std::set<std::string> gone_names() const {
    std::set<std::string> names;
    for (const FileChange& change : ground_.changes) {
      const bool gone = change.kind == ChangeKind::deleted || change.kind == ChangeKind::renamed;
      if (gone && part_of_change(change.old_path) != ChangePart::test) names.insert(name_of_path(change.old_path));
    }
    return names;
  }

  // --- what is told

  // A renamed file's text of the base may lie at its new name.
  std::string in_base(const std::string& path) const {
    const auto moved = std::find_if(ground_.changes.begin(), ground_.changes.end(), [&](const FileChange& one) { return one.path == path; });
    return moved == ground_.changes.end() || moved->kind == ChangeKind::added ? path : moved->old_path;
  }

  void add_evidence(const std::vector<GateRun>& runs) {
    for (const GateRun& run : runs) {
      auto& all = done_.told.evidence;
      if (std::find(all.begin(), all.end(), run.statement) == all.end()) all.push_back(run.statement);
    }
  }

  void could_not(std::string why) {
    while (why.ends_with('.')) why.pop_back();
    if (std::find(why_not_.begin(), why_not_.end(), why) == why_not_.end()) why_not_.push_back(std::move(why));
  }

  void add_notes() {
    for (const std::string& why : why_not_) done_.notes.push_back("The base's tests could not be run on the new code: " + why + ".");
    if (!not_loaded_.empty() && why_not_.empty()) {
      const std::vector<std::string> paths(not_loaded_.begin(), not_loaded_.end());
      done_.notes.push_back("Not all of the base's tests could be run on the new code: as the base has it, " + listed(paths, paths.size()) + (paths.size() == 1 ? " does" : " do") + " not load with it.");
    }
    const std::size_t count = done_.told.unasked.size();
    if (count == 0) return;
    done_.notes.push_back(std::to_string(count) + (count == 1 ? " test" : " tests") + " of the base could not be asked of the new code, which takes other calls than " + (count == 1 ? "it makes" : "they make") + ", has another form, stands elsewhere or needs longer than its runner waits: " + listed(done_.told.unasked, kMaxNamed) + ".");
  }

  static std::string listed(const std::vector<std::string>& names, std::size_t most) {
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), most); ++i) text += (i == 0 ? "" : ", ") + names[i];
    return text + (names.size() > most ? " and " + std::to_string(names.size() - most) + " more" : "");
  }

  const BaseTestsGround& ground_;
  double& seconds_;
  BaseTestsDone done_;
  std::set<std::string> as_changed_, not_loaded_;
  std::vector<std::string> why_not_;
  Gate asked_;             // as it ran first: whole, or of some tests alone
  bool selected_ = false;
};

}  // namespace

Result<BaseTestsDone> run_base_tests(const BaseTestsGround& ground, double& seconds) {
  if (ground.gates.empty()) return BaseTestsDone{};
  return Asking(ground, seconds).run();
}

}  // namespace baton
