#include "orchestrator/comparison.h"

#include <algorithm>
#include <set>

#include "analyzers/syntax.h"
#include "orchestrator/living_tests.h"
#include "orchestrator/moved_tests.h"

namespace baton {
namespace {

const Diagnosis* first(const Tries* tries) {
  return tries && !tries->empty() ? &tries->front().diagnosis : nullptr;
}

std::optional<int> executed(const Diagnosis* diagnosis) {
  if (!diagnosis || !diagnosis->tests) return std::nullopt;
  return diagnosis->tests->executed();
}

bool failed(const CaseHistory& history) {
  const SideOutcome outcome = history.outcome();
  return outcome == SideOutcome::failed || outcome == SideOutcome::env_fault || outcome == SideOutcome::mixed;
}

bool names_all(const Diagnosis& run) {
  return run.tests && !run.tests->cases.empty() && !Unnamed(run).passes();
}

// A file that loads on one side only takes its tests with it: they did not run, which is not the same as being gone.
bool lost_a_file(const Histories& here, const Histories& other) {
  return std::any_of(here.begin(), here.end(), [&](const auto& entry) {
    if (!entry.second.shown.load_failure || !failed(entry.second)) return false;
    const auto found = other.find(entry.first);
    return found == other.end() || !failed(found->second);
  });
}

// Outlines of the files that hold tests, each parsed once.
class Bodies {
 public:
  Bodies(const TextReader& read, const Histories& histories) : read_(read), histories_(histories) {}

  std::optional<std::string> fingerprint(const std::string& id) {
    const auto history = histories_.find(id);
    if (!read_ || history == histories_.end()) return std::nullopt;
    const TestCase& test = history->second.shown;
    if (test.path.empty() || language_of(test.path) == Language::none) return std::nullopt;
    const File& file = open(test.path);
    const std::string_view name = test_name(test.id);
    for (const Symbol& symbol : file.symbols) {
      if (symbol.name == name || symbol.name == test.id) return body_fingerprint(text_of(file, symbol), symbol.name);
    }
    return std::nullopt;
  }

 private:
  struct File {
    std::string text;
    std::vector<Symbol> symbols;
  };

  const File& open(const std::string& path) {
    const auto [place, fresh] = files_.try_emplace(path);
    if (fresh) {
      if (auto text = read_(path)) {
        place->second.text = std::move(*text);
        place->second.symbols = outline(place->second.text, language_of(path));
      }
    }
    return place->second;
  }

  static std::string text_of(const File& file, const Symbol& symbol) {
    std::string text;
    int line = 1;
    for (std::size_t at = 0; at < file.text.size() && line <= symbol.end_line; ++line) {
      const auto end = std::min(file.text.find('\n', at), file.text.size());
      if (line >= symbol.line) text += file.text.substr(at, end - at) + '\n';
      at = end + 1;
    }
    return text;
  }

  const TextReader& read_;
  const Histories& histories_;
  std::map<std::string, File> files_;
};

class TestComparison {
 public:
  TestComparison(const ComparisonInput& input, GateInput& counts)
      : input_(input),
        counts_(counts),
        base_(input.base ? histories(*input.base) : Histories{}),
        head_(input.head ? histories(*input.head) : Histories{}) {
    const Diagnosis *base = first(input.base), *head = first(input.head);
    if (base) base_unnamed_.emplace(*base);
    if (head) head_unnamed_.emplace(*head);
    const int on_base = executed(base).value_or(0), on_head = executed(head).value_or(0);
    more_on_head_ = on_head > on_base;
    more_on_base_ = on_base > on_head;
    const bool base_partial = base && (!ran_to_end(*base) || lost_a_file(base_, head_));
    const bool head_partial = head && (!ran_to_end(*head) || lost_a_file(head_, base_) || only_new_failures());
    absent_on_base_ =
        base_partial || input.base_blocked || untold(base, base_) ? SideOutcome::not_run : SideOutcome::absent;
    const bool untold_on_head = untold(head, head_) && counts.head != RunVerdict::vacuous;
    absent_on_head_ = head_partial || input.head_blocked || untold_on_head ? SideOutcome::not_run : SideOutcome::absent;
  }

  std::vector<TestVerdict> compare() {
    const auto moved = moves();
    const LivingTests living = live_on(moved);
    std::set<std::string> old_ids;
    std::map<std::string, std::vector<std::string>> old_of;  // by the result's id
    for (const auto& [from, to] : moved) {
      old_ids.insert(from);
      old_of[to].push_back(from);
    }
    for (const auto& [from, ids] : living.now) {
      old_ids.insert(from);
      for (const std::string& to : ids) old_of[to].push_back(from);
    }
    for (const auto& [id, history] : head_) {
      const auto was = old_of.find(id);
      add(id, on_base(id, was == old_of.end() ? std::vector<std::string>() : was->second), &history);
      if (was != old_of.end()) note_move(verdicts_.back(), was->second);
    }
    for (const auto& [id, history] : base_) {
      if (!head_.count(id) && !old_ids.count(id)) add(id, &history, nullptr, living.removed_by_task.count(id) > 0);
    }
    std::sort(verdicts_.begin(), verdicts_.end(),
              [](const TestVerdict& a, const TestVerdict& b) { return a.id < b.id; });
    return std::move(verdicts_);
  }

 private:
  // A test that a side does not name. Where that side ran fewer tests than the other, an unnamed test need not be among them.
  static SideOutcome unnamed(const std::optional<Unnamed>& run, const TestCase& test, SideOutcome otherwise, bool more_elsewhere) {
    if (!run || (test.program.empty() && run->passes() && more_elsewhere)) return otherwise;
    const SideOutcome told = run->outcome(test);
    return told == SideOutcome::absent ? otherwise : told;
  }

  // Nothing that the base knows was reported, and nothing passed: runners that cannot load a file report it like a test.
  bool only_new_failures() const {
    std::set<std::string_view> known;
    for (const auto& entry : base_) known.insert(test_name(entry.first));
    return !head_.empty() && std::all_of(head_.begin(), head_.end(), [&](const auto& entry) {
      return failed(entry.second) && !known.count(test_name(entry.first));
    });
  }

  // It ran tests without naming one, so nothing is known of any.
  static bool untold(const Diagnosis* run, const Histories& cases) {
    return run && cases.empty() && run->verdict != RunVerdict::vacuous;
  }

  std::map<std::string, std::string> moves() {
    if (absent_on_head_ != SideOutcome::absent || absent_on_base_ != SideOutcome::absent) return {};
    MovedTestsInput moves;
    for (const auto& entry : base_) {
      if (!head_.count(entry.first)) moves.vanished.push_back(entry.first);
    }
    for (const auto& entry : head_) {
      if (!base_.count(entry.first)) moves.added.push_back(entry.first);
    }
    if (moves.vanished.empty() || moves.added.empty()) return {};
    moves.renamed_files = input_.renamed_files;
    Bodies base_bodies(input_.base_text, base_), head_bodies(input_.head_text, head_);
    moves.base_body = [&](const std::string& id) { return base_bodies.fingerprint(id); };
    moves.head_body = [&](const std::string& id) { return head_bodies.fingerprint(id); };
    return moved_tests(moves);
  }

  // By the audit, where names and texts tell nothing.
  LivingTests live_on(const std::map<std::string, std::string>& moved) const {
    if (!input_.audited || absent_on_head_ != SideOutcome::absent || absent_on_base_ != SideOutcome::absent) return {};
    std::set<std::string> known;
    for (const auto& [from, to] : moved) known.insert(to);
    const auto ran = [&](const Histories& side, const Histories& other, bool base) {
      std::vector<RanTest> all;
      for (const auto& [id, history] : side) {
        const bool alone = !other.count(id) && !(base ? moved.count(id) : known.count(id));
        all.push_back({id, history.shown.path, history.outcome() == SideOutcome::passed, alone});
      }
      return all;
    };
    const std::vector<RanTest> base = ran(base_, head_, true);
    if (std::none_of(base.begin(), base.end(), [](const RanTest& one) { return one.alone; })) return {};
    const auto* audited = input_.audited();
    return audited ? living_tests(base, ran(head_, base_, false), *audited) : LivingTests{};
  }

  // Of itself, or of those that it stands for: what one of them had to lose, it has.
  const CaseHistory* on_base(const std::string& id, const std::vector<std::string>& old_ids) const {
    if (const auto same = base_.find(id); same != base_.end()) return &same->second;
    const CaseHistory* best = nullptr;
    for (const std::string& old : old_ids) {
      const CaseHistory& history = base_.at(old);
      if (!best || (history.outcome() == SideOutcome::passed && best->outcome() != SideOutcome::passed)) best = &history;
    }
    return best;
  }

  void add(const std::string& id, const CaseHistory* base, const CaseHistory* head, bool removed_by_task = false) {
    TestVerdict verdict;
    const TestCase& named = head ? head->shown : base->shown;
    const SideOutcome on_base = base ? base->outcome() : unnamed(base_unnamed_, named, absent_on_base_, more_on_head_);
    SideOutcome on_head = head ? head->outcome() : unnamed(head_unnamed_, named, absent_on_head_, more_on_base_);
    // Both sides ran in the same box: what the base could do there, the head cannot blame on the box.
    const bool could = on_base == SideOutcome::passed || on_base == SideOutcome::mixed;
    if (on_head == SideOutcome::env_fault && could && !needs_outside_network(head->shown))
      on_head = SideOutcome::failed;
    // The same time limit ended it on both sides: the machine was too busy for the test, whatever the change.
    if (on_head == SideOutcome::failed && on_base == SideOutcome::mixed && head->out_of_time > 0 && base->out_of_time > 0)
      on_head = SideOutcome::mixed;
    const bool nameless = !head && named_by_chance(*base);
    verdict.status = nameless ? tally(counts_, SideOutcome::mixed, SideOutcome::mixed) : tally(counts_, on_base, on_head, removed_by_task);
    verdict.removed_by_task = removed_by_task && verdict.status == TestStatus::vanished;
    const TestCase& shown = named;
    verdict.id = id;
    verdict.gate = input_.gate;
    verdict.path = shown.path;
    verdict.line = shown.line;
    verdict.seconds = shown.seconds;
    if (head && shown.status != CaseStatus::passed) verdict.message = shown.message;
    if (verdict.removed_by_task) verdict.message = "the task removes it";
    if (nameless) verdict.message = "its name is another in every run, so it cannot be compared";
    if (head) note_order(verdict, *head);
    verdicts_.push_back(std::move(verdict));
  }

  // Another whole run of the same tree does not know it.
  bool named_by_chance(const CaseHistory& base) const { return input_.base && base.alone.empty() && base.whole.size() < whole_runs(*input_.base); }

  static void note_move(TestVerdict& verdict, const std::vector<std::string>& was) {
    constexpr std::size_t kMost = 5;
    std::string names;
    for (std::size_t i = 0; i < std::min(was.size(), kMost); ++i) names += (i > 0 ? ", " : "") + was[i];
    if (was.size() > kMost) names += " and " + std::to_string(was.size() - kMost) + " more";
    verdict.message += (verdict.message.empty() ? "was " : "\nwas ") + names;
  }

  static void note_order(TestVerdict& verdict, const CaseHistory& head) {
    const bool passes_alone = std::count(head.alone.begin(), head.alone.end(), SideOutcome::passed) > 0;
    if (verdict.status == TestStatus::regression && passes_alone) {
      verdict.message +=
          (verdict.message.empty() ? "" : "\n") + std::string("passes alone, fails together with the others");
    }
  }

  const ComparisonInput& input_;
  GateInput& counts_;
  Histories base_, head_;
  std::optional<Unnamed> base_unnamed_, head_unnamed_;
  bool more_on_head_ = false, more_on_base_ = false;
  SideOutcome absent_on_base_, absent_on_head_;
  std::vector<TestVerdict> verdicts_;
};

// The failure of a test is a finding too (code: the test's id). Whether it is new is the test's own verdict.
std::optional<bool> new_by_test(const Finding& finding, const std::map<std::string, TestStatus>& tests) {
  const auto found = tests.find(finding.code);
  if (finding.code.empty() || found == tests.end()) return std::nullopt;
  return found->second == TestStatus::regression || found->second == TestStatus::added_failing ||
         found->second == TestStatus::newly_unstable;
}

// Linters whose run fails whatever the level of what they found: unless told otherwise, shellcheck insists on its hints too.
bool insists_on_hints(const ComparisonInput& input, const Finding& finding) {
  return input.kind == GateKind::lint && finding.severity == Severity::info && finding.tool == "shellcheck";
}

bool same_text(const ComparisonInput& input, const std::string& path) {
  return input.base_text && input.head_text && input.base_text(path) == input.head_text(path);
}

std::vector<FindingVerdict> compare_findings(const ComparisonInput& input, const std::vector<TestVerdict>& tests,
                                             Comparison& result) {
  GateInput& counts = result.gate;
  const Diagnosis *base = first(input.base), *head = first(input.head);
  if (!head) return {};
  std::map<std::string, TestStatus> by_id;
  for (const TestVerdict& test : tests) by_id[test.id] = test.status;

  FindingMatchInput match;
  match.base = base && (ran_to_end(*base)) ? &base->findings : nullptr;
  match.head = &head->findings;
  match.renamed_files = input.renamed_files;
  match.base_text = input.base_text;
  match.head_text = input.head_text;
  const FindingMatch matched = match_findings(match);
  std::vector<bool> fresh = matched.is_new;
  // What the base would have said after its output was cut off is not known; a file that is the same says the same.
  for (std::size_t i = 0; base && base->cut_off && i < fresh.size(); ++i) {
    if (fresh[i] && same_text(input, head->findings[i].path)) fresh[i] = false;
  }
  const bool told_all = match.base && ran_to_end(*head) && !head->cut_off;
  for (std::size_t i = 0; told_all && i < base->findings.size(); ++i) result.fates.push_back({base->findings[i], input.gate, matched.gone[i]});

  std::vector<FindingVerdict> verdicts;
  for (std::size_t i = 0; i < head->findings.size(); ++i) {
    const Finding& finding = head->findings[i];
    const auto by_test = new_by_test(finding, by_id);
    verdicts.push_back({finding, input.gate, by_test.value_or(fresh[i])});
    const bool counts_as_finding = finding.severity == Severity::error || finding.severity == Severity::warning ||
                                   insists_on_hints(input, finding);
    if (by_test || finding.suppressed || !counts_as_finding) continue;
    if (!fresh[i])
      ++counts.known_findings;
    else if (finding.severity == Severity::error)
      ++counts.new_errors;
    if (fresh[i] && !finding.low_confidence) ++counts.new_findings;
  }
  return verdicts;
}

}  // namespace

Comparison compare(const ComparisonInput& input) {
  Comparison result;
  GateInput& counts = result.gate;
  const Diagnosis *base = first(input.base), *head = first(input.head);
  counts.kind = input.kind;
  counts.base_blocked = input.base_blocked;
  if (base) counts.base = base->verdict;
  if (head) counts.head = head->verdict;
  counts.base_executed = executed(base);
  counts.head_executed = executed(head);
  // A script that has nothing to say of tests any more is no script that passes.
  if (counts.base_executed.value_or(0) > 0 && !counts.head_executed && counts.head == RunVerdict::pass) counts.head = RunVerdict::vacuous;
  counts.tests_told_apart = base && head && told_apart(*base) && told_apart(*head);
  const bool all_named = base && head && names_all(*base) && names_all(*head);
  counts.count_dropped = !all_named && counts.base_executed && counts.head_executed && head &&
                         ran_to_end(*head) && *counts.head_executed < *counts.base_executed;

  result.tests = TestComparison(input, counts).compare();
  result.findings = compare_findings(input, result.tests, result);
  return result;
}

}  // namespace baton
