#include "orchestrator/base_tests.h"

#include <re2/re2.h>

#include <algorithm>

#include "analyzers/audit/code_text.h"
#include "orchestrator/test_said.h"

namespace baton {
namespace {

// Where an error may be the test's own: wherever tests lie, since a helper fails in the place of those that call it.
std::set<std::string> files_of_tests(const BaseTestsInput& input) {
  std::set<std::string> files = input.put_back;
  for (const BaseTestsRun& one : input.runs) {
    const Diagnosis& run = one.diagnosis;
    for (const TestCase& test : run.tests ? run.tests->cases : std::vector<TestCase>()) {
      const ChangePart part = part_of_change(test.path);
      if (part == ChangePart::test || part == ChangePart::both || input.collects(test.path)) files.insert(test.path);
    }
  }
  return files;
}

// It looks for a file that the change took away or gave another name.
bool looks_for(const std::string& words, const std::set<std::string>& gone) {
  static const RE2 kMissing("(?i)no such file|cannot open|can't open|not found|ENOENT|FileNotFound|does not exist|cannot access|No rule to make");
  if (gone.empty()) return false;
  const std::vector<std::string_view> lines = audit::lines_of(words);
  return std::any_of(lines.begin(), lines.end(), [&](std::string_view line) {
    return RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), kMissing) && std::any_of(gone.begin(), gone.end(), [&](const std::string& name) { return line.find(name) != line.npos; });
  });
}

// A script compiles what it tests, or calls what is not there. That a test stopped with an error of the program's is no such thing.
bool gate_does_not_load(const Diagnosis& run) {
  static const RE2 kLoad("did not build|failed to load|could not compile|collection");
  return RE2::PartialMatch(run.cause, kLoad) || std::any_of(run.findings.begin(), run.findings.end(), [](const Finding& one) {
           const bool stopped = one.tool == "stack" || one.tool == "test";
           return one.severity == Severity::error && ((!one.low_confidence && one.line > 0 && !stopped) || names_what_is_missing(one.message));
         });
}

bool names_tests(const Diagnosis& run) { return run.tests && !run.tests->cases.empty(); }

std::string short_words(std::string words) {
  while (!words.empty() && (words.back() == '.' || words.back() == ' ' || words.back() == '\r')) words.pop_back();
  constexpr std::size_t kMost = 200;
  if (words.size() <= kMost) return words;
  std::size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(words[end]) & 0xC0) == 0x80) --end;  // not within a character
  return words.substr(0, end) + "…";
}

class FailingTests {
 public:
  explicit FailingTests(const BaseTestsInput& input) : input_(input), test_files_(files_of_tests(input)), base_(histories(*input.base)), head_(histories(*input.head)) {}

  std::vector<FailingBaseTest> run() const {
    std::vector<FailingBaseTest> failing;
    if (input_.runs.empty()) return failing;
    const Diagnosis& first = input_.runs.front().diagnosis;
    if (!names_tests(first)) return the_gate();
    std::set<std::string> seen;
    for (const TestCase& test : first.tests->cases) {
      if (test.status != CaseStatus::failed || test.load_failure || !seen.insert(test.id).second) continue;
      if (!passed_on_base(test) || wavers_on_head(test.id) || !fails_each_time(test)) continue;
      failing.push_back({test.id, input_.gate, test.path, test.line, short_words(failure_words(test, first))});
    }
    drop_programs_of_cases(failing);
    return failing;
  }

  std::vector<FailingBaseTest> unasked() const {
    std::vector<FailingBaseTest> found;
    if (input_.runs.empty() || !input_.runs.front().diagnosis.tests) return found;
    const Diagnosis& first = input_.runs.front().diagnosis;
    for (const TestCase& test : first.tests->cases) {
      if (test.status != CaseStatus::failed || test.load_failure || !passed_on_base(test) || wavers_on_head(test.id)) continue;
      const TestSaid said = said_of(test.id, first, test_files_, true);
      if (said == TestSaid::did_not_load || said == TestSaid::fault) found.push_back({test.id, input_.gate, test.path, test.line, short_words(failure_words(test, first))});
    }
    drop_programs_of_cases(found);
    return found;
  }

 private:
  // A gate that names no tests is one test.
  std::vector<FailingBaseTest> the_gate() const {
    const auto passes = [this](const Tries& tries) {
      return !tries.empty() && std::all_of(tries.begin(), tries.end(), [this](const Try& one) { return one.diagnosis.verdict == RunVerdict::pass && (input_.by_script || !names_tests(one.diagnosis)); });
    };
    if (!passes(*input_.base) || !passes(*input_.head)) return {};
    const bool fails = std::all_of(input_.runs.begin(), input_.runs.end(), [&](const BaseTestsRun& one) {
      const Diagnosis& run = one.diagnosis;
      const bool ended = run.verdict == RunVerdict::fail || run.verdict == RunVerdict::crash;
      return ended && !run.unknown && !gate_does_not_load(run) && !looks_for(one.log, input_.gone_names);
    });
    if (!fails) return {};
    return {{"", input_.gate, "", 0, short_words(input_.runs.front().diagnosis.cause)}};
  }

  bool passed_on_base(const TestCase& test) const {
    const auto known = base_.find(test.id);
    if (known == base_.end()) return std::any_of(input_.base->begin(), input_.base->end(), [&](const Try& one) { return one.whole() && Unnamed(one.diagnosis).outcome(test) == SideOutcome::passed; });
    // Of several tests of one name that one failed, no one knows which.
    for (int i = 2; base_.contains(test.id + " (" + std::to_string(i) + ")"); ++i) {
      if (base_.at(test.id + " (" + std::to_string(i) + ")").outcome() != SideOutcome::passed) return false;
    }
    return known->second.outcome() == SideOutcome::passed;
  }

  // What fails with the result's own tests is told as such.
  bool wavers_on_head(const std::string& id) const {
    const auto known = head_.find(id);
    if (known == head_.end()) return false;
    const SideOutcome outcome = known->second.outcome();
    return outcome == SideOutcome::failed || outcome == SideOutcome::mixed || outcome == SideOutcome::env_fault;
  }

  // A run that was asked for other tests says nothing of this one.
  bool fails_each_time(const TestCase& test) const {
    std::size_t failures = 0;
    for (const BaseTestsRun& run : input_.runs) {
      const TestSaid said = said_of(test.id, run.diagnosis, test_files_, true);
      if (said == TestSaid::absent && Unnamed(run.diagnosis).outcome(test) != SideOutcome::passed) continue;
      if (said != TestSaid::failed || looks_for_what_is_gone(test.id, run)) return false;
      ++failures;
    }
    return failures >= std::min<std::size_t>(2, input_.runs.size());
  }

  // A test of few words is a script's: why it fails stands somewhere in what it printed.
  bool looks_for_what_is_gone(const std::string& id, const BaseTestsRun& run) const {
    const auto& cases = run.diagnosis.tests->cases;
    return std::any_of(cases.begin(), cases.end(), [&](const TestCase& test) {
      if (!is_target(test, id) || test.status != CaseStatus::failed) return false;
      const std::string words = failure_words(test, run.diagnosis);
      return looks_for(words.empty() ? run.log : words + "\n" + test.message, input_.gone_names);
    });
  }

  // The entry of a program fails with its cases.
  void drop_programs_of_cases(std::vector<FailingBaseTest>& failing) const {
    std::set<std::string> programs;
    for (const TestCase& test : input_.runs.front().diagnosis.tests->cases) {
      const bool told = std::any_of(failing.begin(), failing.end(), [&](const FailingBaseTest& one) { return one.id == test.id; });
      if (told && !test.program.empty()) programs.insert(test.program);
    }
    std::erase_if(failing, [&](const FailingBaseTest& one) { return programs.contains(one.id); });
  }

  const BaseTestsInput& input_;
  const std::set<std::string> test_files_;
  const Histories base_, head_;
};

}  // namespace

std::vector<FailingBaseTest> failing_base_tests(const BaseTestsInput& input) { return FailingTests(input).run(); }

std::vector<FailingBaseTest> unasked_base_tests(const BaseTestsInput& input) { return FailingTests(input).unasked(); }

std::vector<FailingBaseTest> base_tests_of_file(const BaseTestsInput& input, const std::string& path, const TextOf& base) {
  const std::vector<NamedTest> named = changed_tests({{ChangeKind::added, path, path}}, {}, base);
  std::vector<FailingBaseTest> found;
  for (const auto& [id, history] : histories(*input.base)) {
    const bool of_file = history.shown.path == path || id.starts_with(path + "::") || std::any_of(named.begin(), named.end(), [&](const NamedTest& one) { return speaks_of(id, "", one); });
    if (of_file && history.outcome() == SideOutcome::passed) found.push_back({id, input.gate, path, 0, "it does not load"});
  }
  return found;
}

std::string not_judged_because(const BaseTestsInput& input) {
  if (input.runs.empty()) return "nothing ran";
  const Diagnosis& run = input.runs.back().diagnosis;
  const bool named_before = !input.by_script && !input.base->empty() && names_tests(input.base->front().diagnosis);
  const bool loads = named_before || names_tests(run) ? !failed_to_load(run) : !gate_does_not_load(run);
  if (is_fault(run) || (run.verdict != RunVerdict::pass && !loads)) return run.cause.empty() ? "they do not load" : run.cause;
  if (named_before && !names_tests(run) && run.verdict != RunVerdict::pass) return run.cause.empty() ? "no test ran" : run.cause;
  return {};
}

namespace {

// A runner names the file in its own way: as a path, or as the module that it is.
bool names_file(const TestCase& test, const std::string& path) {
  std::string module = path.substr(0, path.rfind('.'));
  std::replace(module.begin(), module.end(), '/', '.');
  return test.path == path || test.id.find(path) != test.id.npos || test.id.ends_with(module);
}

// "./calc_test.go:6:12: undefined: Mul", from the folder where the runner stands
bool names_place(std::string_view line, const std::string& path) {
  static const RE2 kPlace(R"(([\w./-]+):\d+(?::\d+)?: )");
  std::string place;
  if (!RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), kPlace, &place)) return false;
  if (place.starts_with("./")) place.erase(0, 2);
  return path == place || path.ends_with("/" + place);
}

}  // namespace

std::set<std::string> unloadable(const BaseTestsRun& run, const std::set<std::string>& put_back) {
  std::set<std::string> paths;
  for (const TestCase& test : run.diagnosis.tests ? run.diagnosis.tests->cases : std::vector<TestCase>()) {
    for (const std::string& path : put_back) {
      if (test.load_failure && names_file(test, path)) paths.insert(path);
    }
  }
  if (run.diagnosis.verdict == RunVerdict::pass || failed_cases(run.diagnosis) > 0) return paths;
  for (const Finding& finding : run.diagnosis.findings) {
    if (finding.severity == Severity::error && put_back.contains(finding.path)) paths.insert(finding.path);
  }
  if (!paths.empty() || !failed_to_load(run.diagnosis)) return paths;
  for (const std::string_view line : audit::lines_of(run.log)) {
    for (const std::string& path : put_back) {
      if (names_place(line, path)) paths.insert(path);
    }
  }
  return paths;
}

}  // namespace baton
