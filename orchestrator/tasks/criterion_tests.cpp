#include "orchestrator/tasks/criterion_tests.h"

#include <algorithm>

#include "analyzers/syntax.h"
#include "orchestrator/criteria.h"
#include "orchestrator/tasks/markdown.h"
#include "orchestrator/tasks/pieces.h"

namespace baton {
namespace {

constexpr std::size_t kMaxPathsSaid = 3, kMaxTouched = 40;

bool has(const std::vector<std::string>& all, const std::string& one) { return std::find(all.begin(), all.end(), one) != all.end(); }

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// Two commits of the store and what lies between them.
struct Step {
  TextOf base, head;
  std::vector<FileChange> changes;
};

TextOf text_of(const Store& store, const std::string& tree) {
  return [&store, tree](const std::string& path) {
    auto text = store.read(tree, path);
    return text ? std::move(*text) : std::nullopt;
  };
}

Result<Step> step_between(const Store& store, const std::string& start, const std::string& commit) {
  const auto before = store.tree_of(start), after = store.tree_of(commit);
  if (!before) return before.error();
  if (!after) return after.error();
  auto changes = store.changes(*before, *after);
  if (!changes) return changes.error();
  return Step{text_of(store, *before), text_of(store, *after), std::move(*changes)};
}

std::string without_end(std::string text) {
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos) text.pop_back();
  return text;
}

// Program and tests in one file: the program is what it was.
bool program_stays(const Step& step, const FileChange& change) {
  const auto was = step.base(change.old_path), now = step.head(change.path);
  return now && without_end(with_inline_tests(was.value_or(""), "")) == without_end(with_inline_tests(*now, ""));
}

bool is_of_tests(const Step& step, const FileChange& change) {
  const ChangePart part = part_of_change(change.path);
  if (!change.old_path.empty() && part_of_change(change.old_path) != part) return false;
  return part == ChangePart::test || (part == ChangePart::both && program_stays(step, change));
}

}  // namespace

std::vector<Criterion> unshown_sentences(const Plan& plan, const VerifyReport& report) {
  std::vector<Criterion> unshown;
  for (const Criterion& criterion : plan.criteria) {
    const auto judged = std::find_if(report.criteria.begin(), report.criteria.end(), [&](const CriterionVerdict& one) { return one.text == criterion.text; });
    const bool open = judged != report.criteria.end() && judged->status == CriterionStatus::not_checkable;
    if (open && is_sentence(criterion.text)) unshown.push_back(criterion);
  }
  return unshown;
}

PlannedSubtask part_for_tests(const Plan& plan, const std::vector<Criterion>& unshown) {
  PlannedSubtask part;
  part.id = "tests";
  for (int number = 2; find_subtask(plan, part.id); ++number) part.id = "tests-" + std::to_string(number);
  part.title = "Tests for what no evidence shows yet";
  part.agent_type = "testing";
  part.tests_only = true;
  for (const Criterion& criterion : unshown) part.criteria.push_back(criterion.id);
  for (const PlannedSubtask& earlier : plan.subtasks) part.after.push_back(earlier.id);
  return part;
}

const PlannedSubtask* part_for_tests(const Plan& plan) {
  const auto found = std::find_if(plan.subtasks.begin(), plan.subtasks.end(), [](const PlannedSubtask& part) { return part.tests_only; });
  return found == plan.subtasks.end() ? nullptr : &*found;
}

std::string unshown_feedback(int round, const std::vector<Criterion>& unshown, const VerifyReport& report) {
  std::string text = "# Round " + std::to_string(round) + ": the gates pass, and your tests do not show this\n\n";
  for (const Criterion& criterion : unshown) {
    text += "- " + plain_words(criterion.text) + "\n";
    for (const CriterionVerdict& judged : report.criteria) {
      if (judged.text == criterion.text && !judged.why.empty()) text += "  - " + plain_words(judged.why) + "\n";
    }
  }
  return text;
}

Result<std::string> beyond_tests(const Store& store, const std::string& start, const std::string& commit) {
  const auto step = step_between(store, start, commit);
  if (!step) return step.error();
  std::vector<std::string> besides;
  for (const FileChange& change : step->changes) {
    if (!is_of_tests(*step, change)) besides.push_back(part_of_change(change.path) == ChangePart::test ? change.old_path : change.path);
  }
  if (besides.empty()) return std::string();
  const std::size_t more = besides.size() - std::min(besides.size(), kMaxPathsSaid);
  besides.resize(besides.size() - more);
  return "It changed " + listed(besides) + (more > 0 ? " and " + std::to_string(more) + " more" : "") +
         ", and this part of the work may change files of tests alone: what it did does not count.";
}

Result<std::vector<std::string>> touched_program(const Store& store, const std::string& base, const std::string& commit) {
  const auto step = step_between(store, base, commit);
  if (!step) return step.error();
  std::vector<std::string> touched;
  for (const FileChange& change : step->changes) {
    const ChangePart part = part_of_change(change.path);
    if (part != ChangePart::program && part != ChangePart::both) continue;
    const CriteriaFacts facts = criteria_facts({change}, step->base, step->head);
    for (const std::string& name : facts.touched) touched.push_back(code_span(name) + " in " + code_span(change.path) + (facts.fresh.contains(name) ? " (new)" : ""));
  }
  if (touched.size() > kMaxTouched) touched.resize(kMaxTouched);
  return touched;
}

Result<std::vector<std::string>> tests_of(const Store& store, const Contribution& contribution) {
  const auto step = step_between(store, contribution.start, contribution.commit);
  if (!step) return step.error();
  std::vector<std::string> tests;
  for (const NamedTest& test : changed_tests(step->changes, step->base, step->head)) tests.push_back(name_of(test));
  return tests;
}

std::vector<std::string> TestWriters::all_tests() const {
  std::vector<std::string> all;
  for (const WrittenTests& one : written) all.insert(all.end(), one.tests.begin(), one.tests.end());
  return all;
}

Result<TestWriters> test_writers(const Store& store, const Plan& plan, const std::vector<Contribution>& contributions) {
  TestWriters writers;
  for (const Contribution& one : contributions) {
    if (one.commit.empty() || !one.fixes.empty()) continue;
    const PlannedSubtask* part = find_subtask(plan, one.subtask);
    if (!part || !part->tests_only) {
      if (!has(writers.programmers, one.agent)) writers.programmers.push_back(one.agent);
      continue;
    }
    auto tests = tests_of(store, one);
    if (!tests) return tests.error();
    writers.written.push_back({one.subtask, one.agent, std::move(*tests)});
  }
  return writers;
}

void name_writers(VerifyReport& report, const TestWriters& writers) {
  for (CriterionVerdict& criterion : report.criteria) {
    for (const WrittenTests& one : writers.written) {
      if (criterion.test.empty() || !has(one.tests, criterion.test)) continue;
      criterion.why += "; the test is by " + one.agent + " (" + one.subtask + "), ";
      criterion.why += has(writers.programmers, one.agent) ? "which wrote of the program too, in another attempt" : "the program by " + listed(writers.programmers);
      break;
    }
  }
}

}  // namespace baton
