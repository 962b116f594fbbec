#include "lsp/mark.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>

#include "analyzers/readers/text.h"
#include "lsp/sentence.h"

namespace baton {
namespace {

bool is_shown(const TestVerdict& test) { return blocks(test) || test.status == TestStatus::newly_unstable; }


std::string test_message(const TestVerdict& test, const VerifyReport& report) {
  const std::string& before = report.base.name;
  const std::string why = test.message.empty() ? std::string() : ": " + test.message;
  switch (test.status) {
    case TestStatus::regression: return "Regression: " + test.id + " passed on " + before + " and fails here" + why;
    case TestStatus::vanished: return "Vanished: " + test.id + " passed on " + before + " and no longer runs" + why;
    case TestStatus::added_failing: return "New and failing: " + test.id + why;
    case TestStatus::newly_unstable:
      return "Newly unstable: " + test.id + " always passed on " + before + " and now fails sometimes" + why;
    case TestStatus::pre_existing: return "Was there before: " + test.id + " fails on " + before + " too" + why;
    default: return test.id + why;
  }
}

// It stays where it is, no longer as an error, and says why.
void show_accepted(Mark& mark, const std::optional<AcceptedNote>& note) {
  if (!note) return;
  mark.accepted = note;
  mark.message = "Accepted as known by " + note->by + ": " + note->reason + "\n" + mark.message;
  if (note->human) mark.severity = Severity::info;
}

Mark mark_of(const TestVerdict& test, const VerifyReport& report) {
  Mark mark;
  mark.kind = to_string(test.status);
  mark.severity = blocks(test.status) ? Severity::error : Severity::warning;
  if (test.status == TestStatus::pre_existing) mark.severity = Severity::note;
  mark.message = test_message(test, report);
  mark.gate = test.gate;
  mark.test = test.id;
  mark.path = test.path;
  mark.side = test.status == TestStatus::vanished ? MarkSide::base : MarkSide::head;
  mark.line = test.line;
  show_accepted(mark, test.accepted);
  return mark;
}

bool is_compile_gate(const VerifyReport& report, const std::string& gate) {
  for (const GateReport& candidate : report.gates) {
    if (candidate.name == gate) return candidate.kind == GateKind::build || candidate.kind == GateKind::setup;
  }
  return false;
}

Mark mark_of(const FindingVerdict& verdict, const VerifyReport& report) {
  const Finding& finding = verdict.finding;
  Mark mark;
  const bool compile = finding.severity == Severity::error && is_compile_gate(report, verdict.gate);
  mark.kind = compile ? "compile_error" : "finding";
  mark.severity = finding.severity;
  mark.message = finding.message;
  if (!finding.code.empty()) mark.message += " [" + finding.code + "]";
  if (!compile) mark.message = "New since " + report.base.name + ": " + mark.message;
  if (!verdict.is_new) {
    mark.kind = "pre_existing";
    mark.severity = Severity::note;
    mark.message = "Was there before: " + finding.message;
  }
  mark.gate = verdict.gate;
  mark.path = finding.path;
  mark.line = finding.line;
  mark.column = finding.column;
  mark.end_line = finding.end_line;
  mark.end_column = finding.end_column;
  show_accepted(mark, verdict.accepted);
  return mark;
}

Mark mark_of(const AuditFinding& finding) {
  Mark mark;
  mark.kind = finding.kind;
  mark.severity = finding.severity == Severity::note ? Severity::info : finding.severity;  // a hint is what was there before
  mark.message = (finding.escalates ? "Weaker than before: " : "") + finding.message;
  mark.path = finding.path;
  mark.side = finding.on_base ? MarkSide::base : MarkSide::head;
  mark.line = finding.line;
  return mark;
}

// The failing tests among the marks. A failing assertion that a test framework printed as a finding, too, is told once: the test says
// more. A test that has no place of its own, as where a runner tells names alone, takes that of the finding: the only error that its
// gate found, or the one that names it.
class TestMarks {
 public:
  TestMarks(const VerifyReport& report, std::vector<Mark>& marks) : report_(report), marks_(marks) {
    for (const FindingVerdict& one : report.findings) fresh_errors_[one.gate] += one.is_new && one.finding.severity == Severity::error;
  }

  void add(Mark mark) {
    if (mark.path.empty()) homeless_[mark.gate].push_back(marks_.size());
    settled(mark);
    marks_.push_back(std::move(mark));
  }

  bool say(const FindingVerdict& verdict) {
    const Finding& finding = verdict.finding;
    if (lines_.contains({finding.path, finding.line}) || names_.contains({finding.path, finding.code})) return true;
    if (finding.severity != Severity::error || is_compile_gate(report_, verdict.gate) || finding.path.empty()) return false;
    const auto gate = homeless_.find(verdict.gate);
    if (gate == homeless_.end()) return false;
    std::vector<std::size_t>& tests = gate->second;
    const bool only_one = fresh_errors_[verdict.gate] == 1 && tests.size() == 1;
    const auto at = std::find_if(tests.begin(), tests.end(), [&](std::size_t index) {
      const std::string& test = marks_[index].test;
      return only_one || test == finding.code || finding.message.find(test) != std::string::npos;
    });
    if (at == tests.end()) return false;
    Mark& mark = marks_[*at];
    tests.erase(at);
    mark.path = finding.path;
    mark.line = finding.line;
    mark.column = finding.column;
    if (mark.message.find(finding.message) == std::string::npos) mark.message += ": " + finding.message;
    settled(mark);
    return true;
  }

 private:
  void settled(const Mark& mark) {
    lines_.emplace(mark.path, mark.line);
    names_.emplace(mark.path, mark.test);
  }

  const VerifyReport& report_;
  std::vector<Mark>& marks_;
  std::map<std::string, std::size_t> fresh_errors_;           // by gate
  std::map<std::string, std::vector<std::size_t>> homeless_;  // by gate, into the marks
  std::set<std::pair<std::string, int>> lines_;
  std::set<std::pair<std::string, std::string>> names_;       // path and test
};

// A required gate that is red with nothing to show for it.
void add_silent_gates(const VerifyReport& report, std::vector<Mark>& marks) {
  for (const GateReport& gate : report.gates) {
    if (gate.verdict == GateVerdict::pass || !gate.required) continue;
    const bool told = std::any_of(marks.begin(), marks.end(), [&](const Mark& mark) { return mark.gate == gate.name; });
    if (told) continue;
    Mark mark;
    mark.kind = "gate_" + std::string(to_string(gate.verdict));
    mark.severity = gate.verdict == GateVerdict::fail ? Severity::error : Severity::warning;
    mark.message = gate.name + ": " + std::string(to_string(gate.verdict));
    if (!gate.cause.empty()) mark.message += ", " + gate.cause;
    mark.gate = gate.name;
    marks.push_back(std::move(mark));
  }
}

// As whole words: "12 new findings" does not hold "2 new findings".
bool holds_words(std::string_view text, std::string_view words) {
  const auto inside_word = [&](std::size_t at) { return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at])); };
  for (std::size_t at = text.find(words); at != text.npos; at = text.find(words, at + 1)) {
    if ((at == 0 || !inside_word(at - 1)) && !inside_word(at + words.size())) return true;
  }
  return false;
}

}  // namespace

bool can_be_accepted(const Mark& mark) {
  static constexpr std::string_view kKinds[] = {"regression", "vanished", "added_failing", "newly_unstable", "finding", "compile_error"};
  return std::find(std::begin(kKinds), std::end(kKinds), mark.kind) != std::end(kKinds);
}

std::size_t known_failures(const VerifyReport& report) {
  const auto tests = std::count_if(report.tests.begin(), report.tests.end(), [](const TestVerdict& test) { return test.status == TestStatus::pre_existing; });
  const auto findings = std::count_if(report.findings.begin(), report.findings.end(), [](const FindingVerdict& one) { return !one.is_new && !one.finding.suppressed; });
  return static_cast<std::size_t>(tests + findings);
}

Marks marks_of(const VerifyReport& report, bool known) {
  std::vector<Mark> marks;
  TestMarks tests(report, marks);
  for (const TestVerdict& test : report.tests) {
    if (is_shown(test)) tests.add(mark_of(test, report));
  }
  std::size_t fresh = 0;
  for (const FindingVerdict& finding : report.findings) {
    if (!finding.is_new || finding.finding.suppressed || tests.say(finding)) continue;
    marks.push_back(mark_of(finding, report));
    ++fresh;
  }
  for (const AuditFinding& finding : report.audit) marks.push_back(mark_of(finding));
  add_silent_gates(report, marks);
  for (const TestVerdict& test : report.tests) {
    if (known && test.status == TestStatus::pre_existing) tests.add(mark_of(test, report));
  }
  for (const FindingVerdict& finding : report.findings) {
    if (!known || finding.is_new || finding.finding.suppressed || tests.say(finding)) continue;
    marks.push_back(mark_of(finding, report));
  }
  if (report.provisional) {
    for (Mark& mark : marks) mark.message = "Provisional: " + mark.message;
  }
  std::stable_sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) { return a.severity < b.severity; });
  const std::size_t left_out = marks.size() > kMaxMarks ? marks.size() - kMaxMarks : 0;
  if (left_out > 0) marks.resize(kMaxMarks);
  return {std::move(marks), left_out, fresh};
}

std::string verdict_sentence(const VerifyReport& report) {
  std::vector<std::string> parts;
  const auto count = [&](TestStatus status, std::string_view one, std::string_view many) {
    const auto n = std::count_if(report.tests.begin(), report.tests.end(),
                                 [&](const TestVerdict& test) { return test.status == status && !test.removed_by_task; });
    if (n > 0) parts.push_back(counted(static_cast<std::size_t>(n), one, many));
  };
  count(TestStatus::regression, "regression", "regressions");
  count(TestStatus::vanished, "vanished test", "vanished tests");
  count(TestStatus::added_failing, "new failing test", "new failing tests");
  count(TestStatus::newly_unstable, "newly unstable test", "newly unstable tests");
  const std::size_t fresh = marks_of(report).fresh;
  if (fresh > 0) parts.push_back(counted(fresh, "new finding", "new findings"));
  const auto accepted = [](const auto& one) { return one.accepted && one.accepted->human; };
  const auto known = std::count_if(report.tests.begin(), report.tests.end(), accepted) + std::count_if(report.findings.begin(), report.findings.end(), accepted);
  if (known > 0) parts.push_back(std::to_string(known) + " of them accepted as known");
  count(TestStatus::fixed, "fixed test", "fixed tests");
  count(TestStatus::pre_existing, "failure that was there before", "failures that were there before");
  std::string sentence(to_string(report.verdict));
  if (report.provisional) sentence += " (provisional)";
  if (!report.cause.empty()) sentence += ": " + std::string(first_line(report.cause));
  // What the cause has said is not said again.
  std::erase_if(parts, [&](const std::string& part) { return holds_words(report.cause, part); });
  if (!parts.empty()) sentence += ". " + joined(parts, ", ");
  if (!sentence.ends_with('.')) sentence += '.';
  return sentence;
}

}  // namespace baton
