// The tables of docs/verdicts.md. A cell that could be wrong takes the smaller word: `inconclusive` before `pass`.
#include "orchestrator/verdict.h"

#include <algorithm>
#include <utility>

namespace baton {
namespace {

bool is_red(RunVerdict verdict) { return verdict != RunVerdict::pass && verdict != RunVerdict::vacuous; }

std::string counted(int n, std::string_view one, std::string_view many) {
  return std::to_string(n) + " " + std::string(n == 1 ? one : many);
}

void add_clause(std::string& clauses, std::string clause) {
  if (clause.empty()) return;
  if (!clauses.empty()) clauses += "; ";
  clauses += clause;
}

// --- one test -------------------------------------------------------------------------------------------------------

TestStatus passed_on_result(SideOutcome base) {
  switch (base) {
    case SideOutcome::absent:
    case SideOutcome::skipped: return TestStatus::added;
    case SideOutcome::failed: return TestStatus::fixed;
    case SideOutcome::mixed: return TestStatus::flaky;
    case SideOutcome::passed:
    case SideOutcome::env_fault:
    case SideOutcome::not_run: break;
  }
  return TestStatus::unchanged;
}

TestStatus failed_on_result(SideOutcome base) {
  switch (base) {
    case SideOutcome::passed:
    case SideOutcome::mixed: return TestStatus::regression;
    case SideOutcome::failed: return TestStatus::pre_existing;
    case SideOutcome::env_fault: return TestStatus::env_fault;
    case SideOutcome::absent:
    case SideOutcome::skipped:
    case SideOutcome::not_run: break;
  }
  return TestStatus::added_failing;
}

TestStatus absent_on_result(SideOutcome base) {
  switch (base) {
    case SideOutcome::absent: return TestStatus::not_run;
    case SideOutcome::skipped: return TestStatus::skipped;
    case SideOutcome::passed:
    case SideOutcome::failed:
    case SideOutcome::mixed:
    case SideOutcome::env_fault:
    case SideOutcome::not_run: break;
  }
  return TestStatus::vanished;
}

// --- one gate -------------------------------------------------------------------------------------------------------

std::string blocking_cause(const GateInput& in) {
  std::string cause;
  if (in.regressions > 0) cause = counted(in.regressions, "regression", "regressions");
  auto add = [&](std::string part) { cause += (cause.empty() ? "" : ", ") + part; };
  if (in.vanished > 0) add(counted(in.vanished, "test no longer runs", "tests no longer run"));
  if (in.added_failing > 0) add(counted(in.added_failing, "new test fails", "new tests fail"));
  if (cause.empty()) cause = counted(in.blocking_tests, "test got worse", "tests got worse");
  return cause;
}

std::string base_clause(const GateInput& in) {
  if (!in.base) return in.base_blocked ? "the base could not run it: what it needs failed there" : "not run on the base";
  switch (*in.base) {
    case RunVerdict::pass: return "";
    case RunVerdict::fail: return "it failed on the base";
    case RunVerdict::vacuous: return "nothing ran on the base";
    case RunVerdict::env_fault: return "the base could not be run: environment fault";
    case RunVerdict::timeout: return "it timed out on the base";
    case RunVerdict::crash: return "it crashed on the base";
  }
  return "";
}

// What a green gate should still say.
std::string shown_clause(const GateInput& in) {
  std::string cause;
  if (in.known_failures > 0)
    cause = counted(in.known_failures, "failure was there before", "failures were there before");
  if (in.unstable_tests > 0)
    add_clause(cause, counted(in.unstable_tests, "newly unstable test", "newly unstable tests"));
  if (in.flaky_tests > 0) add_clause(cause, counted(in.flaky_tests, "flaky test", "flaky tests"));
  if (in.removed_tests > 0) add_clause(cause, counted(in.removed_tests, "test went", "tests went") + " as the task asks");
  int unrunnable = in.known_env_faults + in.tests_env_fault;
  if (unrunnable > 0) add_clause(cause, counted(unrunnable, "test", "tests") + " could not run in this environment");
  return cause;
}

GateOutcome passed(const GateInput& in) {
  std::string cause = base_clause(in);
  if (in.base == RunVerdict::fail || in.base == RunVerdict::timeout || in.base == RunVerdict::crash)
    cause = "mended: " + cause;
  add_clause(cause, shown_clause(in));
  if (names_no_test(in)) add_clause(cause, "it names no test, so its exit status alone speaks");
  if (in.kind == GateKind::test && in.new_errors > 0)
    add_clause(cause, counted(in.new_errors, "new error-level message", "new error-level messages"));
  return {GateVerdict::pass, cause};
}

// Timed out or crashed on the result.
GateOutcome ended_early(const GateInput& in) {
  bool timeout = in.head == RunVerdict::timeout;
  if (in.base == in.head)
    return {GateVerdict::env_fault, timeout ? "timed out on both sides" : "crashed on both sides"};
  std::string what = timeout ? "timed out" : "crashed";
  if (in.base == RunVerdict::env_fault || (!in.base && in.base_blocked))
    return {GateVerdict::inconclusive, what + "; " + base_clause(in)};
  std::string cause = what;
  if (in.base == RunVerdict::pass)
    cause += ", which the base does not";
  else
    add_clause(cause, base_clause(in));
  return {GateVerdict::fail, cause};
}

// Red on the result, and nothing finer than the exit code to go by.
GateOutcome failed_plainly(const GateInput& in) {
  bool comparable = in.base ? !is_red(*in.base) : !in.base_blocked;
  if (!comparable) {
    bool ran = in.base == RunVerdict::fail;
    return {GateVerdict::inconclusive, ran ? "red on both sides, and nothing tells the failures apart"
                                           : "failed, and nothing to compare with: " + base_clause(in)};
  }
  if (in.base == RunVerdict::pass) return {GateVerdict::fail, "passed on the base"};
  return {GateVerdict::fail, "failed; " + base_clause(in)};
}

GateOutcome failed_tests(const GateInput& in) {
  bool compared = in.tests_told_apart && in.base;
  if (in.tests_env_fault > 0 && (compared || (!in.base && !in.base_blocked && in.blocking_tests == 0)))
    return {GateVerdict::env_fault,
            counted(in.tests_env_fault, "test", "tests") + " could not be judged in this environment"};
  if (!compared) return failed_plainly(in);
  bool explained = in.known_failures + in.flaky_tests + in.unstable_tests + in.known_env_faults > 0;
  if (!explained && in.base != RunVerdict::fail) {
    if (is_red(*in.base)) return failed_plainly(in);
    return {GateVerdict::fail, "failed, though no test did"};
  }
  std::string cause = shown_clause(in);
  if (cause.empty()) cause = "it failed on the base too, and no test got worse";
  if (in.new_errors > 0) {
    return {GateVerdict::inconclusive,
            counted(in.new_errors, "new error", "new errors") + " that no test explains; " + cause};
  }
  return {GateVerdict::pass, cause};
}

// The environment kept the run from being clean. Where tests were told apart all the same, they decide.
GateOutcome could_not_run(const GateInput& in) {
  if (in.kind == GateKind::test && in.tests_told_apart && in.base) {
    if (in.regressions > 0) return {GateVerdict::fail, blocking_cause(in)};
    if (in.base == RunVerdict::env_fault && in.blocking_tests == 0 && in.tests_env_fault == 0 && in.known_env_faults > 0)
      return {GateVerdict::pass, shown_clause(in)};
  }
  return {GateVerdict::env_fault, in.base == RunVerdict::env_fault ? "could not be run on either side"
                                                                   : "could not be run on the result"};
}

GateOutcome judge_tests(const GateInput& in) {
  if (in.tests_told_apart && in.base && in.blocking_tests > 0) return {GateVerdict::fail, blocking_cause(in)};
  if (in.count_dropped) {
    std::string cause = "fewer tests ran than on the base";
    if (in.base_executed && in.head_executed)
      cause += ": " + std::to_string(*in.head_executed) + " of " + std::to_string(*in.base_executed);
    return {GateVerdict::fail, cause};
  }
  if (in.head == RunVerdict::pass) return passed(in);
  if (in.head == RunVerdict::fail) return failed_tests(in);
  return ended_early(in);
}

// Only a run that came to its end shows what the base did not have.
bool told_findings(std::optional<RunVerdict> base) {
  return base == RunVerdict::pass || base == RunVerdict::fail || base == RunVerdict::vacuous;
}

GateOutcome judge_lint(const GateInput& in) {
  int fresh = std::max(in.new_findings, in.new_errors);
  bool ended = in.head == RunVerdict::pass || in.head == RunVerdict::fail;
  if (fresh > 0 && ended && told_findings(in.base))
    return {GateVerdict::fail, counted(fresh, "new finding", "new findings")};
  if (in.head == RunVerdict::pass) return passed(in);
  if (in.head != RunVerdict::fail) return ended_early(in);
  if (in.base == RunVerdict::fail && in.known_findings > 0)
    return {GateVerdict::pass, counted(in.known_findings, "finding was there before", "findings were there before")};
  return failed_plainly(in);
}

// Build, type check, set-up.
GateOutcome judge_command(const GateInput& in) {
  bool ended = in.head == RunVerdict::pass || in.head == RunVerdict::fail;
  if (in.kind != GateKind::setup && in.new_errors > 0 && ended && told_findings(in.base))
    return {GateVerdict::fail, counted(in.new_errors, "new error", "new errors")};
  if (in.head == RunVerdict::pass) return passed(in);
  if (in.head != RunVerdict::fail) return ended_early(in);
  // A type checker reports all it finds; a build stops at its first errors, so equal errors say nothing of what follows.
  if (in.kind == GateKind::typecheck && in.base == RunVerdict::fail && in.known_findings > 0)
    return {GateVerdict::pass, counted(in.known_findings, "finding was there before", "findings were there before")};
  return failed_plainly(in);
}

// --- the whole ------------------------------------------------------------------------------------------------------

std::string_view said(GateVerdict verdict) {
  switch (verdict) {
    case GateVerdict::pass: return "passed";
    case GateVerdict::fail: return "failed";
    case GateVerdict::vacuous: return "ran nothing";
    case GateVerdict::env_fault: return "could not be run";
    case GateVerdict::inconclusive: return "is inconclusive";
  }
  return "is inconclusive";
}

bool rejects(const WholeInput::GateState& gate) {
  if (!gate.required) return false;
  if (gate.verdict == GateVerdict::fail) return true;
  return gate.verdict == GateVerdict::vacuous && gate.kind == GateKind::test && !gate.vacuous_on_base;
}

// Lint blocks on new findings only, so a lint gate that could not be judged leaves the whole as it is.
bool leaves_open(const WholeInput::GateState& gate) {
  return gate.required && gate.kind != GateKind::lint && gate.verdict != GateVerdict::pass;
}

// Build, tests and type check speak of the change; set-up alone does not, and lint alone says too little.
bool speaks(const WholeInput::GateState& gate) {
  return gate.required && gate.kind != GateKind::setup && gate.kind != GateKind::lint;
}

template <class Predicate>
std::string named(const std::vector<WholeInput::GateState>& gates, Predicate holds) {
  std::string cause;
  int more = 0;
  for (const auto& gate : gates) {
    if (!holds(gate)) continue;
    if (!cause.empty()) {
      ++more;
      continue;
    }
    cause = gate.name.empty() ? std::string(to_string(gate.kind)) : gate.name;
    bool tells_itself = !gate.cause.empty() && gate.verdict != GateVerdict::fail;
    if (!tells_itself) cause += " " + std::string(said(gate.verdict));
    if (!gate.cause.empty()) cause += ": " + gate.cause;
  }
  if (more > 0) cause += ", and " + counted(more, "gate more", "gates more");
  return cause;
}

}  // namespace

std::string_view to_string(GateVerdict verdict) {
  switch (verdict) {
    case GateVerdict::pass: return "pass";
    case GateVerdict::fail: return "fail";
    case GateVerdict::vacuous: return "vacuous";
    case GateVerdict::env_fault: return "env_fault";
    case GateVerdict::inconclusive: return "inconclusive";
  }
  return "inconclusive";
}

std::string_view to_string(TestStatus status) {
  switch (status) {
    case TestStatus::fixed: return "fixed";
    case TestStatus::regression: return "regression";
    case TestStatus::pre_existing: return "pre_existing";
    case TestStatus::flaky: return "flaky";
    case TestStatus::newly_unstable: return "newly_unstable";
    case TestStatus::vanished: return "vanished";
    case TestStatus::added: return "added";
    case TestStatus::added_failing: return "added_failing";
    case TestStatus::unchanged: return "unchanged";
    case TestStatus::env_fault: return "env_fault";
    case TestStatus::not_run: return "not_run";
    case TestStatus::skipped: return "skipped";
  }
  return "not_run";
}

std::string_view to_string(CriterionStatus status) {
  switch (status) {
    case CriterionStatus::met: return "met";
    case CriterionStatus::unmet: return "unmet";
    case CriterionStatus::not_checkable: return "not_checkable";
  }
  return "not_checkable";
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::verified: return "verified";
    case Verdict::no_regression: return "no_regression";
    case Verdict::rejected: return "rejected";
    case Verdict::inconclusive: return "inconclusive";
  }
  return "inconclusive";
}

int exit_code(Verdict verdict) { return verdict == Verdict::verified || verdict == Verdict::no_regression ? 0 : 1; }

bool blocks(TestStatus status) {
  return status == TestStatus::regression || status == TestStatus::vanished || status == TestStatus::added_failing;
}

TestStatus test_status(SideOutcome base, SideOutcome head) {
  switch (head) {
    case SideOutcome::absent: return absent_on_result(base);
    case SideOutcome::passed: return passed_on_result(base);
    case SideOutcome::failed: return failed_on_result(base);
    case SideOutcome::skipped:
      return base == SideOutcome::passed || base == SideOutcome::mixed ? TestStatus::vanished : TestStatus::skipped;
    case SideOutcome::mixed: return base == SideOutcome::mixed ? TestStatus::flaky : TestStatus::newly_unstable;
    case SideOutcome::env_fault: return TestStatus::env_fault;
    case SideOutcome::not_run: break;
  }
  return TestStatus::not_run;
}

TestStatus tally(GateInput& input, SideOutcome base, SideOutcome head, bool removed_by_task) {
  TestStatus status = test_status(base, head);
  if (status == TestStatus::vanished && removed_by_task) {
    ++input.removed_tests;
    return status;
  }
  if (blocks(status)) ++input.blocking_tests;
  switch (status) {
    case TestStatus::regression: ++input.regressions; break;
    case TestStatus::vanished: ++input.vanished; break;
    case TestStatus::added_failing: ++input.added_failing; break;
    case TestStatus::pre_existing: ++input.known_failures; break;
    case TestStatus::flaky: ++input.flaky_tests; break;
    case TestStatus::newly_unstable: ++input.unstable_tests; break;
    case TestStatus::env_fault: {
      bool nothing_to_lose = head == SideOutcome::env_fault &&
                             (base == SideOutcome::env_fault || base == SideOutcome::failed ||
                              base == SideOutcome::mixed || base == SideOutcome::skipped);
      ++(nothing_to_lose ? input.known_env_faults : input.tests_env_fault);
      break;
    }
    case TestStatus::fixed:
    case TestStatus::added:
    case TestStatus::unchanged:
    case TestStatus::not_run:
    case TestStatus::skipped: break;
  }
  return status;
}

bool names_no_test(const GateInput& in) { return in.kind == GateKind::test && !in.head_executed; }

GateOutcome judge_gate(const GateInput& in) {
  if (!in.head) return {GateVerdict::inconclusive, in.base ? "not run on the result" : "not run on either side"};
  if (*in.head == RunVerdict::env_fault) return could_not_run(in);
  if (*in.head == RunVerdict::vacuous) {
    if (in.base == RunVerdict::vacuous) return {GateVerdict::vacuous, "nothing ran on either side"};
    std::string cause = "nothing ran";
    if (in.base_executed.value_or(0) > 0)
      cause += ", where the base ran " + counted(*in.base_executed, "test", "tests");
    return {GateVerdict::vacuous, cause};
  }
  switch (in.kind) {
    case GateKind::test: return judge_tests(in);
    case GateKind::lint: return judge_lint(in);
    case GateKind::setup:
    case GateKind::build:
    case GateKind::typecheck: break;
  }
  return judge_command(in);
}

GateOutcome judge_blocked(std::string_view need, GateVerdict need_verdict) {
  GateVerdict verdict = need_verdict == GateVerdict::pass ? GateVerdict::inconclusive : need_verdict;
  return {verdict, "not run: it needs " + std::string(need) + ", which " + std::string(said(need_verdict))};
}

namespace {

WholeOutcome judge_gates_and_criteria(const WholeInput& in) {
  if (in.gates.empty()) return {Verdict::inconclusive, "no gate was found"};
  if (std::string cause = named(in.gates, rejects); !cause.empty()) return {Verdict::rejected, cause};
  if (std::string cause = named(in.gates, leaves_open); !cause.empty()) return {Verdict::inconclusive, cause};

  bool any_speaks = false, any_changed = false, any_unnamed = false;
  for (const auto& gate : in.gates) {
    any_speaks = any_speaks || speaks(gate);
    any_unnamed = any_unnamed || (gate.required && gate.names_no_test);
    any_changed = any_changed || (gate.required && gate.gate_changed);
  }
  if (!any_speaks) return {Verdict::inconclusive, "no required build, test or type check was found"};

  int criteria = in.criteria_met + in.criteria_unmet + in.criteria_not_checkable;
  std::string cause = criteria == 0 ? "no criteria were given"
                                    : std::to_string(in.criteria_met) + " of " +
                                          counted(criteria, "criterion shown", "criteria shown");
  if (in.criteria_unmet > 0) add_clause(cause, std::to_string(in.criteria_unmet) + " not met");
  bool all_met = criteria > 0 && in.criteria_met == criteria;
  if (all_met && any_changed) add_clause(cause, "a gate ran as the result defines it");
  if (all_met && any_unnamed) add_clause(cause, "a gate names no test");
  if (in.provisional) add_clause(cause, "provisional");
  return {all_met && !any_changed && !any_unnamed && in.weakened == 0 ? Verdict::verified : Verdict::no_regression, cause};
}

}  // namespace

WholeOutcome judge_whole(const WholeInput& in) {
  WholeOutcome outcome = judge_gates_and_criteria(in);
  if (in.weakened > 0) add_clause(outcome.cause, counted(in.weakened, "check is", "checks are") + " weaker than before");
  return outcome;
}

}  // namespace baton
