#include "orchestrator/red_green.h"

#include <re2/re2.h>

#include <algorithm>

#include "orchestrator/tries.h"

namespace baton {
namespace {

// What one run says of one target.
enum class Said { passed, failed, did_not_load, absent, fault };

bool is_target(const TestCase& test, const std::string& id) { return test.id == id || test.program == id; }

std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

// The test's own code could not do what it says: it calls what is not there, or its set-up failed. The same words from inside the
// program are what the program does, and may well be the bug.
bool names_what_is_missing(const std::string& message) {
  static const RE2 kMissing(
      R"((?m)^(?:E\s+)?(?:ImportError|ModuleNotFoundError|NameError|SyntaxError|IndentationError)\b)"
      R"(|AttributeError: .*has no attribute|TypeError: .*(?:unexpected keyword argument|takes \d+ positional|missing \d+ required))"
      R"(|\bis not a (?:function|constructor)\b|ReferenceError|\bis not defined\b|does not provide an export|Cannot find (?:module|package)|ERR_MODULE_NOT_FOUND)");
  // What the program gave back is nothing: that is how it behaves.
  if (message.find("'NoneType' object has no attribute") != message.npos) return false;
  return RE2::PartialMatch(message, kMissing);
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

int failed_cases(const Diagnosis& run) {
  if (!run.tests) return 0;
  const auto& cases = run.tests->cases;
  const auto named = std::count_if(cases.begin(), cases.end(), [](const TestCase& test) { return test.status == CaseStatus::failed && !test.load_failure; });
  return std::max(static_cast<int>(named), cases.empty() ? run.tests->failed.value_or(0) : 0);
}

// Tests did not come to run for what stands in the files: an error of a compiler, a file that did not load.
bool failed_to_load(const Diagnosis& run) {
  if (run.tests && std::any_of(run.tests->cases.begin(), run.tests->cases.end(), [](const TestCase& test) { return test.load_failure; })) return true;
  if (run.verdict != RunVerdict::fail || failed_cases(run) > 0) return false;
  static const RE2 kLoad("did not build|failed to load|could not compile|collection");
  return RE2::PartialMatch(run.cause, kLoad) ||
         std::any_of(run.findings.begin(), run.findings.end(), [](const Finding& one) { return one.severity == Severity::error && !one.low_confidence && one.line > 0; });
}

bool is_fault(const Diagnosis& run) { return run.verdict == RunVerdict::env_fault || run.verdict == RunVerdict::timeout || run.unknown; }

Said said_of(const std::string& target, const Diagnosis& run, const std::set<std::string>& test_files) {
  bool passed = false, failed = false, loads = true, seen = false;
  for (const TestCase& test : run.tests ? run.tests->cases : std::vector<TestCase>()) {
    if (!is_target(test, target) || test.status == CaseStatus::skipped) continue;
    seen = true;
    if (test.status == CaseStatus::passed) {
      passed = true;
      continue;
    }
    if (is_environment_failure(test) || ran_out_of_time(test)) return Said::fault;
    failed = true;
    loads = loads && !did_not_load(test, run, test_files);
  }
  if (seen) return failed ? (loads ? Said::failed : Said::did_not_load) : passed ? Said::passed : Said::absent;
  if (is_fault(run)) return Said::fault;
  return failed_to_load(run) ? Said::did_not_load : Said::absent;
}

std::vector<Said> all_said(const std::string& target, const RedGreenRuns& step, const std::set<std::string>& test_files) {
  std::vector<Said> all;
  for (const RedGreenRun& run : step.runs) all.push_back(said_of(target, run.diagnosis, test_files));
  return all;
}

bool always(const std::vector<Said>& all, Said one) { return !all.empty() && std::all_of(all.begin(), all.end(), [&](Said said) { return said == one; }); }
bool ever(const std::vector<Said>& all, Said one) { return std::find(all.begin(), all.end(), one) != all.end(); }

std::string_view place_of(RedGreenStep step) {
  switch (step) {
    case RedGreenStep::tests_on_base: return "on the base";
    case RedGreenStep::with_change: return "with the change";
    case RedGreenStep::change_reverted: return "with the program's part of the change taken back";
  }
  return "";
}

class Decision {
 public:
  explicit Decision(const RedGreenInput& input) : input_(input) { verdict_.targets = input.targets; }

  Reproduction run() {
    std::vector<std::string> left = input_.targets;
    if (left.empty()) {
      return invalid(RedGreenReason::zero_tests_discovered, RedGreenStep::with_change, "No test shows this fix: the change brings no new or changed one, and none that failed before passes with it.");
    }
    for (const RedGreenStep wanted : {RedGreenStep::tests_on_base, RedGreenStep::with_change, RedGreenStep::change_reverted}) {
      const auto step = std::find_if(input_.steps.begin(), input_.steps.end(), [&](const RedGreenRuns& one) { return one.step == wanted; });
      if (step == input_.steps.end() || (step->runs.empty() && step->blocked_by.empty())) return not_judged(wanted, "The tests did not run " + std::string(place_of(wanted)) + ".");
      if (std::any_of(step->runs.begin(), step->runs.end(), [](const RedGreenRun& run) { return !run.frozen; }))
        return invalid(RedGreenReason::edited_between, wanted, "A file of the tests was changed while they ran " + std::string(place_of(wanted)) + ".");
      if (!step->blocked_by.empty()) {
        if (step->blocked_by_fault) return not_judged(wanted, step->blocked_by);
        return invalid(RedGreenReason::fixture_or_load_failure, wanted, "The tests could not be made ready " + std::string(place_of(wanted)) + ": " + step->blocked_by);
      }
      left = wanted == RedGreenStep::with_change ? green(*step, left) : red(*step, left);
      if (left.empty()) return std::move(verdict_);
    }
    verdict_.status = ReproductionStatus::proven;
    verdict_.proven = left;
    if (left.size() > 1) verdict_.message = left.front() + " and " + std::to_string(left.size() - 1) + " more fail on the base, pass with the change, and fail again without the program's part of it.";
    else verdict_.message = left.front() + " fails on the base, passes with the change, and fails again without the program's part of it.";
    return std::move(verdict_);
  }

 private:
  Reproduction invalid(RedGreenReason reason, RedGreenStep step, std::string message) {
    verdict_.status = ReproductionStatus::invalid;
    verdict_.reason = reason;
    verdict_.step = step;
    verdict_.message = std::move(message);
    return verdict_;
  }

  Reproduction not_judged(RedGreenStep step, std::string message) {
    verdict_.status = ReproductionStatus::not_judged;
    verdict_.step = step;
    verdict_.message = std::move(message);
    return verdict_;
  }

  // Those of `targets` that pass in each run; none: the verdict says why.
  std::vector<std::string> green(const RedGreenRuns& step, const std::vector<std::string>& targets) {
    std::vector<std::string> green;
    for (const std::string& target : targets) {
      if (always(all_said(target, step, input_.test_files), Said::passed)) green.push_back(target);
    }
    if (!green.empty()) return green;
    const std::string& first = targets.front();
    const std::vector<Said> said = all_said(first, step, input_.test_files);
    if (ever(said, Said::fault)) not_judged(step.step, fault_words(step));
    else if (ever(said, Said::passed)) invalid(RedGreenReason::flaky, step.step, first + " passes with the change, and then does not.");
    else if (ever(said, Said::absent)) invalid(RedGreenReason::zero_tests_discovered, step.step, first + " is not among the tests that ran with the change.");
    else invalid(RedGreenReason::still_red, step.step, first + " fails with the change, too.");
    return {};
  }

  // Those that fail at their own assertion in each run.
  std::vector<std::string> red(const RedGreenRuns& step, const std::vector<std::string>& targets) {
    std::vector<std::string> red;
    bool wavers = false, fault = false, no_load = false, passes = false;
    std::string waverer, loader, passer;
    for (const std::string& target : targets) {
      const std::vector<Said> said = all_said(target, step, input_.test_files);
      if (always(said, Said::failed)) red.push_back(target);
      else if (ever(said, Said::fault)) fault = true;
      else if (!always(said, said.front())) wavers = true, waverer = target;
      else if (said.front() == Said::did_not_load) no_load = true, loader = target;
      else if (said.front() == Said::passed) passes = true, passer = target;
    }
    if (!red.empty()) return red;
    const std::string place(place_of(step.step));
    if (fault) not_judged(step.step, fault_words(step));
    else if (wavers) invalid(RedGreenReason::flaky, step.step, waverer + " does not fail each time " + place + ".");
    else if (no_load) invalid(RedGreenReason::fixture_or_load_failure, step.step, loader + " does not come to its assertion " + place + ": " + load_words(step, loader) + ".");
    else if (passes) passed_or_other(step, passer, place);
    else absent(step, targets.front(), place);
    return {};
  }

  void passed_or_other(const RedGreenRuns& step, const std::string& target, const std::string& place) {
    const Diagnosis& run = step.runs.front().diagnosis;
    if (failed_cases(run) > 0) invalid(RedGreenReason::no_target_test_failure, step.step, "What fails " + place + " is another test; " + target + " passes.");
    else if (run.verdict == RunVerdict::fail) invalid(RedGreenReason::nonzero_exit_without_test_failure, step.step, "The runner fails " + place + ", and no test does: " + run.cause + ".");
    else invalid(RedGreenReason::unexpected_green, step.step, target + " passes " + place + ".");
  }

  void absent(const RedGreenRuns& step, const std::string& target, const std::string& place) {
    const Diagnosis& run = step.runs.front().diagnosis;
    const bool silent_failure = (run.verdict == RunVerdict::fail || run.verdict == RunVerdict::crash) && failed_cases(run) == 0;
    if (silent_failure) invalid(RedGreenReason::nonzero_exit_without_test_failure, step.step, "The runner fails " + place + ", and no test does: " + run.cause + ".");
    else invalid(RedGreenReason::zero_tests_discovered, step.step, target + " is not among the tests that ran " + place + ".");
  }

  std::string fault_words(const RedGreenRuns& step) const {
    for (const RedGreenRun& run : step.runs) {
      if (is_fault(run.diagnosis)) return "The tests could not be judged " + std::string(place_of(step.step)) + ": " + run.diagnosis.cause + ".";
    }
    return "The environment kept the tests from being judged " + std::string(place_of(step.step)) + ".";
  }

  std::string load_words(const RedGreenRuns& step, const std::string& target) const {
    const Diagnosis& run = step.runs.front().diagnosis;
    for (const TestCase& test : run.tests ? run.tests->cases : std::vector<TestCase>()) {
      if (!is_target(test, target) && !test.load_failure) continue;
      for (const Finding& finding : run.findings) {
        if (finding.code == test.id && !finding.message.empty()) return first_line(finding.message);
      }
      if (!test.message.empty()) return first_line(test.message);
    }
    return run.cause.empty() ? "it does not load" : run.cause;
  }

  const RedGreenInput& input_;
  Reproduction verdict_;
};

}  // namespace

Reproduction judge_red_green(const RedGreenInput& input) { return Decision(input).run(); }

bool worth_repeating(const RedGreenInput& input, const RedGreenRuns& step) {
  if (step.runs.empty()) return true;
  return std::any_of(input.targets.begin(), input.targets.end(), [&](const std::string& target) {
    const Said said = said_of(target, step.runs.back().diagnosis, input.test_files);
    return said == Said::passed || said == Said::failed;
  });
}

bool reports_no_target(const RedGreenInput& input, const RedGreenRuns& step) {
  if (step.runs.empty() || !step.runs.back().diagnosis.tests) return true;
  const auto& cases = step.runs.back().diagnosis.tests->cases;
  return std::none_of(cases.begin(), cases.end(), [&](const TestCase& test) {
    return std::any_of(input.targets.begin(), input.targets.end(), [&](const std::string& target) { return is_target(test, target); });
  });
}

}  // namespace baton
