#include "orchestrator/red_green.h"

#include <algorithm>

#include "orchestrator/test_said.h"

namespace baton {
namespace {

std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

std::vector<TestSaid> all_said(const std::string& target, const RedGreenRuns& step, const std::set<std::string>& test_files) {
  std::vector<TestSaid> all;
  for (const RedGreenRun& run : step.runs) all.push_back(said_of(target, run.diagnosis, test_files));
  return all;
}

bool always(const std::vector<TestSaid>& all, TestSaid one) { return !all.empty() && std::all_of(all.begin(), all.end(), [&](TestSaid said) { return said == one; }); }
bool ever(const std::vector<TestSaid>& all, TestSaid one) { return std::find(all.begin(), all.end(), one) != all.end(); }

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
        if (wanted == RedGreenStep::tests_on_base) verdict_.unloaded = left;
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
      if (always(all_said(target, step, input_.test_files), TestSaid::passed)) green.push_back(target);
    }
    if (!green.empty()) return green;
    const std::string& first = targets.front();
    const std::vector<TestSaid> said = all_said(first, step, input_.test_files);
    if (ever(said, TestSaid::fault)) not_judged(step.step, fault_words(step));
    else if (ever(said, TestSaid::passed)) invalid(RedGreenReason::flaky, step.step, first + " passes with the change, and then does not.");
    else if (ever(said, TestSaid::absent)) invalid(RedGreenReason::zero_tests_discovered, step.step, first + " is not among the tests that ran with the change.");
    else invalid(RedGreenReason::still_red, step.step, first + " fails with the change, too.");
    return {};
  }

  // Those that fail at their own assertion in each run.
  std::vector<std::string> red(const RedGreenRuns& step, const std::vector<std::string>& targets) {
    std::vector<std::string> red;
    bool wavers = false, fault = false, no_load = false, passes = false;
    std::string waverer, loader, passer;
    for (const std::string& target : targets) {
      const std::vector<TestSaid> said = all_said(target, step, input_.test_files);
      if (always(said, TestSaid::failed)) red.push_back(target);
      else if (ever(said, TestSaid::fault)) fault = true;
      else if (!always(said, said.front())) wavers = true, waverer = target;
      else if (said.front() == TestSaid::did_not_load) {
        no_load = true, loader = target;
        if (step.step == RedGreenStep::tests_on_base) verdict_.unloaded.push_back(target);
      } else if (said.front() == TestSaid::passed) passes = true, passer = target;
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
    const TestSaid said = said_of(target, step.runs.back().diagnosis, input.test_files);
    return said == TestSaid::passed || said == TestSaid::failed;
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
