#include "orchestrator/test_said.h"

#include <re2/re2.h>

#include <algorithm>

#include "orchestrator/tries.h"

namespace baton {
namespace {

// A value of the program's own type is used as one of another kind: what it gives back has another form, where one of the language's own
// types would be a wrong value.
bool is_of_another_kind(const std::string& message) {
  static const RE2 kUsed(R"(TypeError: '(\w+)' object is not (?:subscriptable|iterable|callable))");
  static const RE2 kOwn("NoneType|bool|int|float|complex|str|bytes|list|tuple|dict|set|frozenset|range|object|type|module|function|method|generator|coroutine|map|filter|zip");
  std::string type;
  return RE2::PartialMatch(message, kUsed, &type) && !RE2::FullMatch(type, kOwn);
}

bool is_set_up(const std::string& message) {
  static const RE2 kSetUp(
      R"(^failed on (?:setup|teardown) with|fixture '.*' not found|\bthrown in (?:SetUp\(\)|SetUpTestSuite\(\)|TearDown\(\)|the test fixture's constructor))"
      R"(|(?:before|after)(?: ?[eE]ach| ?[aA]ll)?"? hook\b|\bhookFailed\b)");
  return RE2::PartialMatch(message, kSetUp);
}

// All that the run says of a failed test: its own words, and the finding that is about it.
std::string words_of(const TestCase& test, const Diagnosis& run) {
  std::string words = test.message;
  for (const Finding& finding : run.findings) {
    if (!finding.code.empty() && (finding.code == test.id || test.id.ends_with("." + finding.code))) words += "\n" + finding.message;
  }
  return words;
}

bool did_not_load(const TestCase& test, const Diagnosis& run, const std::set<std::string>& test_files) {
  if (test.load_failure) return true;
  const std::string words = words_of(test, run);
  if (is_set_up(words)) return true;
  const bool in_the_test = test.path.empty() || test_files.contains(test.path);
  return in_the_test && names_what_is_missing(words);
}

}  // namespace

// The same words from inside the program are what the program does, and may well be the bug.
bool names_what_is_missing(const std::string& message) {
  static const RE2 kMissing(
      R"((?m)^(?:E\s+)?(?:ImportError|ModuleNotFoundError|NameError|SyntaxError|IndentationError)\b)"
      R"(|AttributeError: .*has no attribute|TypeError: .*(?:unexpected keyword argument|takes \d+ positional|missing \d+ required|got multiple values for argument))"
      R"(|^error\[E\d{4}\]: )"
      R"(|\bis not a (?:function|constructor)\b|ReferenceError|\bis not defined\b|does not provide an export|Cannot find (?:module|package)|ERR_MODULE_NOT_FOUND)");
  // What the program gave back is nothing: that is how it behaves.
  if (message.find("'NoneType' object has no attribute") != message.npos) return false;
  return RE2::PartialMatch(message, kMissing) || is_of_another_kind(message);
}

bool is_target(const TestCase& test, const std::string& id) { return test.id == id || test.program == id; }

int failed_cases(const Diagnosis& run) {
  if (!run.tests) return 0;
  const auto& cases = run.tests->cases;
  const auto named = std::count_if(cases.begin(), cases.end(), [](const TestCase& test) { return test.status == CaseStatus::failed && !test.load_failure; });
  return std::max(static_cast<int>(named), cases.empty() ? run.tests->failed.value_or(0) : 0);
}

bool failed_to_load(const Diagnosis& run) {
  if (run.tests && std::any_of(run.tests->cases.begin(), run.tests->cases.end(), [](const TestCase& test) { return test.load_failure; })) return true;
  if (run.verdict != RunVerdict::fail || failed_cases(run) > 0) return false;
  static const RE2 kLoad("did not build|failed to load|could not compile|collection");
  return RE2::PartialMatch(run.cause, kLoad) ||
         std::any_of(run.findings.begin(), run.findings.end(), [](const Finding& one) { return one.severity == Severity::error && !one.low_confidence && one.line > 0; });
}

bool is_fault(const Diagnosis& run) { return run.verdict == RunVerdict::env_fault || run.verdict == RunVerdict::timeout || run.unknown; }

TestSaid said_of(const std::string& target, const Diagnosis& run, const std::set<std::string>& test_files, bool could) {
  bool passed = false, failed = false, loads = true, seen = false;
  for (const TestCase& test : run.tests ? run.tests->cases : std::vector<TestCase>()) {
    if (!is_target(test, target) || test.status == CaseStatus::skipped) continue;
    seen = true;
    if (test.status == CaseStatus::passed) {
      passed = true;
      continue;
    }
    if (could ? ended_by_its_runner(test) : is_environment_failure(test) || ran_out_of_time(test)) return TestSaid::fault;
    failed = true;
    loads = loads && !did_not_load(test, run, test_files);
  }
  if (seen) return failed ? (loads ? TestSaid::failed : TestSaid::did_not_load) : passed ? TestSaid::passed : TestSaid::absent;
  if (is_fault(run)) return TestSaid::fault;
  return failed_to_load(run) ? TestSaid::did_not_load : TestSaid::absent;
}

std::string failure_words(const TestCase& test, const Diagnosis& run) {
  // pytest shows the test before it says what went wrong.
  static const RE2 kSource("^(?:async )?def \\w+\\(|^@\\w|^self = ");
  std::string words = RE2::PartialMatch(test.message, kSource) ? std::string() : test.message;
  for (const Finding& finding : run.findings) {
    if (words.empty() && !finding.code.empty() && finding.code == test.id) words = finding.message;
  }
  if (words.empty()) words = test.message;
  return words.substr(0, words.find('\n'));
}

}  // namespace baton
