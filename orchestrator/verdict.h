// The verdicts and the pure, total functions that make them (design: "Verdicts"; their tables in docs/verdicts.md, tested over
// every pair). No input or output, no clock. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/diagnose.h"
#include "orchestrator/gate.h"

namespace baton {

enum class GateVerdict { pass, fail, vacuous, env_fault, inconclusive };
std::string_view to_string(GateVerdict verdict);

enum class TestStatus {
  fixed, regression, pre_existing, flaky, newly_unstable, vanished, added, added_failing, unchanged, env_fault, not_run, skipped
};
std::string_view to_string(TestStatus status);
bool blocks(TestStatus status);  // regression, vanished, added_failing

enum class CriterionStatus { met, unmet, not_checkable };
std::string_view to_string(CriterionStatus status);

enum class Verdict { verified, no_regression, rejected, inconclusive };
std::string_view to_string(Verdict verdict);
int exit_code(Verdict verdict);  // 0, 0, 1, 1

// One test on one side, all tries together.
enum class SideOutcome { absent, passed, failed, skipped, mixed, env_fault, not_run };
TestStatus test_status(SideOutcome base, SideOutcome head);

// One gate: the run on each side; absent = not run there (need failed, gate is new). Test comparison overrules the exit code
// where both sides told their tests apart. `blocking_tests`, `blocking_findings` are counts of what only the result has.
// Counts of tests are filled by `tally`, one call per test.
struct GateInput {
  GateKind kind = GateKind::test;
  std::optional<RunVerdict> base, head;
  bool tests_told_apart = false;  // both sides gave test cases by id
  int blocking_tests = 0;         // regression + vanished + added_failing
  int unstable_tests = 0;         // newly unstable
  int tests_env_fault = 0;        // kept by the environment from being compared
  int new_errors = 0;             // new error-level findings that are not the failure of a test told apart
  int new_findings = 0;           // new findings of warning or error level
  bool count_dropped = false;     // counts only: the result executed fewer tests than the base
  int regressions = 0, vanished = 0, added_failing = 0;  // what `blocking_tests` is made of
  int removed_tests = 0;          // vanished with what they tested, as the task asks
  int known_failures = 0;         // failed on both sides
  int flaky_tests = 0;            // mixed on the base too
  int known_env_faults = 0;       // kept by the environment from running, with nothing on the base to lose
  int known_findings = 0;         // findings of warning or error level that both sides have
  bool base_blocked = false;      // `base` is absent because a gate it needs did not pass there
  std::optional<int> base_executed, head_executed;  // tests that ran, for the cause
};
TestStatus tally(GateInput& input, SideOutcome base, SideOutcome head, bool removed_by_task = false);  // test_status, counted
struct GateOutcome {
  GateVerdict verdict = GateVerdict::pass;
  std::string cause;  // one clause a person understands; empty only for a plain pass
};
GateOutcome judge_gate(const GateInput& input);
bool names_no_test(const GateInput& input);  // a test gate whose output says nothing of tests
// A gate that was not run on the result because `need` did not pass there: takes the need's verdict.
GateOutcome judge_blocked(std::string_view need, GateVerdict need_verdict);

struct WholeInput {
  struct GateState {
    bool required;
    GateKind kind;
    GateVerdict verdict;
    bool gate_changed;                // the result's own command ran, since the base's tool is gone
    std::string name = {};            // for the cause
    std::string cause = {};           // of the gate, for the cause of the whole
    bool vacuous_on_base = false;     // nothing ran on the base either
    bool names_no_test = false;       // a script's exit status and nothing else: never enough for `verified`
  };
  std::vector<GateState> gates;
  int criteria_met = 0, criteria_unmet = 0, criteria_not_checkable = 0;
  int weakened = 0;  // findings of the audit that remove protection
  bool provisional = false;
};
struct WholeOutcome {
  Verdict verdict = Verdict::inconclusive;
  std::string cause;  // "0 of 3 criteria shown", "no gate was found", "cmake build failed"
};
WholeOutcome judge_whole(const WholeInput& input);

}  // namespace baton
