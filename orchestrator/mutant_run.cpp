#include "orchestrator/mutant_run.h"

#include <algorithm>
#include <deque>
#include <map>

#include "analyzers/audit/line_changes.h"

namespace baton {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxMutants = 500;
constexpr std::size_t kMaxChosen = 40;
constexpr std::int64_t kWhen = 946'684'800;
// A mutant that runs for ever is noticed, and must not eat the budget.
constexpr int kSlower = 5;
constexpr std::chrono::seconds kLeastTime{10};

enum class Said { noticed, unnoticed, not_viable, no_time };

class Trying {
 public:
  Trying(const MutantGround& ground, std::chrono::seconds budget)
      : ground_(ground), end_(Clock::now() + budget), facts_(criteria_facts(ground.changes, ground.base_text, ground.head_text)) {}

  Result<MutantsDone> run() {
    const auto began = Clock::now();
    const auto mutants = mutants_of_change(ground_.changes, ground_.base_text, ground_.head_text);
    MutantsDone done;
    done.count.made = static_cast<int>(mutants.size());
    for (const PlacedMutant& mutant : mutants) {
      if (Clock::now() >= end_ || ground_.gates.empty()) break;
      ground_.progress(done.count.tried, done.count.made);
      auto said = try_one(mutant);
      if (!said) return said.error();
      if (*said == Said::no_time) break;
      ++done.count.tried;
      done.count.noticed += *said == Said::noticed;
      done.count.not_viable += *said == Said::not_viable;
      done.count.unnoticed += *said == Said::unnoticed;
      if (*said == Said::unnoticed) done.unnoticed.push_back(finding_of(mutant));
    }
    done.count.seconds = std::chrono::duration<double>(Clock::now() - began).count();
    return done;
  }

 private:
  Result<Said> try_one(const PlacedMutant& mutant) {
    const auto entry = ground_.store.find(ground_.head.tree, mutant.path);
    if (!entry) return entry.error();
    const auto text = ground_.head_text(mutant.path);
    if (!*entry || !text) return Said::not_viable;
    auto blob = ground_.store.write_blob(mutated(mutant.mutant, *text));
    if (!blob) return blob.error();
    TreeEntry changed = **entry;
    changed.blob = *blob;
    auto tree = ground_.store.write_tree(ground_.head.tree, {changed});
    if (!tree) return tree.error();
    auto commit = ground_.store.write_commit(*tree, {ground_.head.commit}, "a mutant of " + mutant.path, kWhen);
    if (!commit) return commit.error();
    const auto side = ground_.side("mutant", {*commit, *tree, "mutant"});
    side->build_on();
    const auto end = [&](Said said) {
      side->give_back_installs();
      return said;
    };
    for (const GateReport* report : ground_.gates) {
      const Gate* gate = side->find(report->name);
      if (!gate) continue;
      auto said = ask(*side, *gate, *report, mutant);
      if (!said) return said;
      if (*said != Said::unnoticed) return end(*said);
    }
    return end(Said::unnoticed);
  }

  Result<Said> ask(SideRunner& side, Gate gate, const GateReport& report, const PlacedMutant& mutant) {
    if (auto ready = make_ready(side, gate); !ready) {
      if (ready.error().kind == ErrorKind::cancelled) return ready.error();
      return Said::not_viable;
    }
    const double before = report.head ? report.head->seconds : 0;
    gate.timeout = std::max(kLeastTime, std::chrono::seconds(static_cast<long>(before * kSlower) + 1));
    std::vector<std::vector<std::string>> asked = {{}};
    if (auto first = covering(gate, mutant); !first.empty()) asked.insert(asked.begin(), std::move(first));
    for (const std::vector<std::string>& chosen : asked) {
      if (Clock::now() >= end_) return Said::no_time;
      if (auto ran = side.try_again(gate, chosen); !ran) {
        if (ran.error().kind == ErrorKind::cancelled) return ran.error();
        return Said::not_viable;
      }
      const Diagnosis& run = side.known_runs(gate.name)->back().evidence.diagnosis;
      if (does_not_build(run)) return Said::not_viable;
      if (notices(run, gate.name)) return Said::noticed;
    }
    return Said::unnoticed;
  }

  static Status make_ready(SideRunner& side, const Gate& gate) {
    for (const std::string& need : gate.needs) {
      const Gate* needed = side.find(need);
      if (!needed) continue;
      if (auto deeper = make_ready(side, *needed); !deeper) return deeper;
      auto made = side.runs(*needed, false);
      if (!made) return made.error();
      if ((*made)->front().evidence.diagnosis.verdict != RunVerdict::pass) return Error{ErrorKind::precondition, need + " does not pass."};
    }
    return done();
  }

  // Tests do not come to run: the compiler, or the loader, has noticed it.
  static bool does_not_build(const Diagnosis& run) {
    const bool ran = run.tests && run.tests->executed().value_or(0) > 0;
    return run.verdict == RunVerdict::env_fault || (run.verdict == RunVerdict::fail && !ran);
  }

  // Something fails that the result passes.
  bool notices(const Diagnosis& run, const std::string& gate) const {
    if (run.verdict == RunVerdict::timeout || run.verdict == RunVerdict::crash) return true;
    if (run.verdict != RunVerdict::fail) return false;
    if (!run.tests || run.tests->cases.empty()) return true;
    return std::any_of(run.tests->cases.begin(), run.tests->cases.end(), [&](const TestCase& test) {
      if (test.status != CaseStatus::failed) return false;
      const auto known = std::find_if(ground_.tests.begin(), ground_.tests.end(), [&](const TestVerdict& one) { return one.gate == gate && one.id == test.id; });
      return known == ground_.tests.end() || passes(known->status);
    });
  }

  static bool passes(TestStatus status) { return status == TestStatus::unchanged || status == TestStatus::fixed || status == TestStatus::added; }

  // Tests of the change that call what the mutant is in.
  std::vector<std::string> covering(const Gate& gate, const PlacedMutant& mutant) const {
    std::vector<std::string> ids;
    if (gate.select_argv.empty() || mutant.symbol.empty()) return ids;
    Tries tries;
    if (const auto* known = ground_.on_head.known_runs(gate.name)) {
      for (const GateRun& run : *known) tries.push_back(run.as_try());
    }
    const Histories all = histories(tries);
    for (const ChangedTest& test : facts_.tests) {
      if (!test.calls.contains(mutant.symbol)) continue;
      for (const TestVerdict& one : ground_.tests) {
        if (one.gate == gate.name && ids.size() < kMaxChosen && passes(one.status) && speaks_of(one.id, one.path, test.test)) ids.push_back(runner_id(all, one.id));
      }
    }
    return ids;
  }

  static Finding finding_of(const PlacedMutant& placed) {
    const Mutant& mutant = placed.mutant;
    Finding finding;
    finding.path = placed.path;
    finding.line = mutant.line;
    finding.column = mutant.column;
    finding.severity = Severity::info;
    finding.code = kMutantCode;
    finding.tool = "baton";
    finding.message = mutant.replacement.empty() ? "No test notices when `" + mutant.original + "` is left out here."
                                                 : "No test notices when `" + mutant.original + "` is `" + mutant.replacement + "` here.";
    return finding;
  }

  const MutantGround& ground_;
  const Clock::time_point end_;
  const CriteriaFacts facts_;
};

std::set<int> fresh_lines(const FileChange& change, const TextOf& base, const std::string& now) {
  std::set<int> lines;
  const auto was = change.kind == ChangeKind::added ? std::optional<std::string>() : base(change.old_path);
  for (const audit::ChangedLine& one : audit::line_changes(was.value_or(""), now).fresh) lines.insert(one.line);
  for (const int line : inline_test_lines(now)) lines.erase(line);
  return lines;
}

}  // namespace

std::vector<PlacedMutant> mutants_of_change(const std::vector<FileChange>& changes, const TextOf& base, const TextOf& head) {
  std::vector<std::deque<PlacedMutant>> by_file;
  for (const FileChange& change : changes) {
    const ChangePart part = part_of_change(change.path);
    if (change.kind == ChangeKind::deleted || change.binary || (part != ChangePart::program && part != ChangePart::both)) continue;
    const Language language = language_of(change.path);
    const auto text = language == Language::none ? std::nullopt : head(change.path);
    if (!text) continue;
    const auto symbols = outline(*text, language);
    std::deque<PlacedMutant> all;
    for (Mutant& mutant : mutants_of(*text, language, fresh_lines(change, base, *text))) {
      const auto symbol = enclosing_symbol(symbols, mutant.line);
      all.push_back({change.path, symbol ? symbol->name : "", std::move(mutant)});
    }
    if (!all.empty()) by_file.push_back(std::move(all));
  }
  std::vector<PlacedMutant> mutants;
  for (bool any = true; any && mutants.size() < kMaxMutants;) {
    any = false;
    for (auto& file : by_file) {
      if (file.empty()) continue;
      mutants.push_back(std::move(file.front()));
      file.pop_front();
      any = true;
    }
  }
  return mutants;
}

Result<MutantsDone> try_mutants(const MutantGround& ground, std::chrono::seconds budget) { return Trying(ground, budget).run(); }

}  // namespace baton
