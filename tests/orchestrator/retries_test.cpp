#include "orchestrator/retries.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

namespace baton {
namespace {

// How a test behaves: given its try (0, 1, ...) and whether it runs with the others, does it pass?
using Behaviour = std::function<bool(int attempt, bool with_others)>;
using Side = std::map<std::string, Behaviour>;

const Behaviour passes = [](int, bool) { return true; };
const Behaviour fails = [](int, bool) { return false; };
const Behaviour alternates = [](int attempt, bool) { return attempt % 2 == 1; };
const Behaviour lucky = [](int attempt, bool) { return attempt % 2 == 0; };
const Behaviour fails_with_others = [](int, bool with_others) { return !with_others; };

Try run_side(const Side& side, const std::vector<std::string>& chosen, std::map<std::string, int>& attempts) {
  Try one;
  one.chosen = chosen;
  one.seconds = 1;
  one.diagnosis.tests.emplace();
  for (const auto& [id, passes_now] : side) {
    if (!chosen.empty() && std::find(chosen.begin(), chosen.end(), id) == chosen.end()) continue;
    TestCase test;
    test.id = id;
    test.status = passes_now(attempts[id]++, chosen.empty()) ? CaseStatus::passed : CaseStatus::failed;
    if (test.status == CaseStatus::failed) one.diagnosis.verdict = RunVerdict::fail;
    one.diagnosis.tests->cases.push_back(std::move(test));
  }
  return one;
}

struct Played {
  Tries base, head;
  std::string trace;  // "h1" a chosen test on the head, "H" the whole gate there, "b", "B" on the base
};

Played play(const Side& base, const Side& head, bool can_select = true) {
  std::map<std::string, int> on_base, on_head;
  Played played{{run_side(base, {}, on_base)}, {run_side(head, {}, on_head)}, {}};
  for (int steps = 0; steps < 50; ++steps) {
    RetryInput input;
    input.base = &played.base;
    input.head = &played.head;
    input.can_select = can_select;
    input.base_can_run = true;
    const auto next = next_retry(input);
    if (!next) return played;
    const bool here = next->side == RetrySide::head;
    const std::string many = next->tests.empty() ? "" : std::to_string(next->tests.size());
    played.trace += (here ? (many.empty() ? "H" : "h") : (many.empty() ? "B" : "b")) + many + " ";
    (here ? played.head : played.base).push_back(run_side(here ? head : base, next->tests, here ? on_head : on_base));
  }
  ADD_FAILURE() << "never settled: " << played.trace;
  return played;
}

void check(const Side& base, const Side& head, const std::string& trace, TestStatus expected, bool can_select = true) {
  const Played played = play(base, head, can_select);
  EXPECT_EQ(played.trace, trace);
  const auto outcome = [](const Tries& tries) {
    const Histories all = histories(tries);
    const auto found = all.find("t");
    return found == all.end() ? SideOutcome::absent : found->second.outcome();
  };
  EXPECT_EQ(to_string(test_status(outcome(played.base), outcome(played.head))), to_string(expected)) << trace;
}

TEST(Retries, OnlyWhatDiffersIsTriedAgain) {
  check({{"t", passes}}, {{"t", passes}}, "", TestStatus::unchanged);
  check({{"t", fails}}, {{"t", fails}}, "", TestStatus::pre_existing);
  check({{"t", fails}, {"u", passes}}, {{"t", fails}, {"u", fails}}, "h1 h1 h1 h1 ", TestStatus::pre_existing);
}

TEST(Retries, ASteadyFailureIsARegression) {
  check({{"t", passes}}, {{"t", fails}}, "h1 h1 h1 h1 ", TestStatus::regression);
  check({{"t", passes}}, {{"t", fails}}, "H H H H ", TestStatus::regression, false);
  check({{"u", passes}}, {{"t", fails}, {"u", passes}}, "h1 h1 h1 h1 ", TestStatus::added_failing);
}

TEST(Retries, MixedOnBothSidesIsFlaky) {
  // The base passes first, so only tries of it tell; a pass alone is confirmed by a whole run.
  check({{"t", lucky}}, {{"t", alternates}}, "H B ", TestStatus::flaky, false);
}

TEST(Retries, MixedOnTheHeadAloneIsNewlyUnstable) {
  check({{"t", passes}}, {{"t", alternates}}, "H B B B B ", TestStatus::newly_unstable, false);
}

TEST(Retries, MixedOnTheBaseAloneIsFlaky) {
  check({{"t", alternates}}, {{"t", passes}}, "B ", TestStatus::flaky, false);
  check({{"t", fails}}, {{"t", passes}}, "b1 b1 b1 b1 ", TestStatus::fixed);
}

TEST(Retries, FailingOnlyWithTheOthersIsARegressionAllTheSame) {
  check({{"t", passes}}, {{"t", fails_with_others}}, "h1 H h1 H ", TestStatus::regression);
}

TEST(Retries, WhatRunsOutOfTimeOnTheHeadIsTriedOnTheBaseAgain) {
  const auto one = [](CaseStatus status, const std::string& message) {
    Try run;
    run.seconds = 1;
    run.diagnosis.verdict = status == CaseStatus::failed ? RunVerdict::fail : RunVerdict::pass;
    TestCase test;
    test.id = "t";
    test.status = status;
    test.message = message;
    run.diagnosis.tests.emplace().cases = {test};
    return run;
  };
  const auto next = [&](const std::string& message, int base_tries) {
    const Tries head(kMaxTries, one(CaseStatus::failed, message)), base(base_tries, one(CaseStatus::passed, ""));
    RetryInput input;
    input.base = &base;
    input.head = &head;
    input.base_can_run = true;
    return next_retry(input);
  };
  for (const char* message : {"Error: Test timed out in 10000ms.", "Timeout of 2000ms exceeded. For async tests", "Failed: Timeout >10.0s",
                              "thrown: \"Exceeded timeout of 5000 ms for a test.\"", "test timed out after 100ms", "Timeout"}) {
    ASSERT_TRUE(next(message, 1)) << message;
    EXPECT_EQ(next(message, 1)->side, RetrySide::base) << message;
    EXPECT_FALSE(next(message, kTimeLimitTries)) << message;
  }
  for (const char* message : {"expected 1 to be 2", "expected timeout to be 3", "the timeout option is missing"}) {
    EXPECT_FALSE(next(message, 1)) << message;
  }
}

TEST(Retries, TheRunnerThatCannotFindATestRunsWhole) {
  Try first;
  first.seconds = 1;
  first.diagnosis.verdict = RunVerdict::fail;
  TestCase test;
  test.id = "t";
  test.status = CaseStatus::failed;
  first.diagnosis.tests.emplace().cases = {test};
  Try nothing_found;
  nothing_found.chosen = {"t"};
  nothing_found.diagnosis.verdict = RunVerdict::vacuous;
  Try passed = first;
  passed.diagnosis.verdict = RunVerdict::pass;
  passed.diagnosis.tests->cases[0].status = CaseStatus::passed;
  const Tries base{passed}, head{first, nothing_found};
  RetryInput input;
  input.base = &base;
  input.head = &head;
  input.can_select = input.base_can_run = true;
  const auto next = next_retry(input);
  ASSERT_TRUE(next);
  EXPECT_TRUE(next->tests.empty());
}

TEST(Retries, TheBudgetEndsThemAfterTheSecondTry) {
  std::map<std::string, int> attempts;
  Tries base{run_side({{"t", passes}}, {}, attempts)}, head{run_side({{"t", fails}}, {}, attempts)};
  head[0].seconds = 100;
  RetryInput input;
  input.base = &base;
  input.head = &head;
  EXPECT_TRUE(next_retry(input));
  Try slow = head[0];
  slow.seconds = 400;
  head.push_back(slow);
  EXPECT_FALSE(next_retry(input));
}

Try ended(RunVerdict verdict) {
  Try one;
  one.seconds = 1;
  one.diagnosis.verdict = verdict;
  return one;
}

// Names that hold a time or a random number: the base is run once more, and then its own names are seen to differ.
TEST(Retries, NamesThatDifferInEveryRunAskTheBaseAgain) {
  EXPECT_EQ(play({{"a", passes}, {"at 17:01", passes}}, {{"a", passes}, {"at 17:02", passes}}).trace, "B ");
  EXPECT_EQ(play({{"a", passes}, {"gone", passes}}, {{"a", passes}}).trace, "");
  EXPECT_EQ(play({{"a", passes}}, {{"a", passes}, {"new", passes}}).trace, "");
}

TEST(Retries, AGateThatNamesNoTestsIsOneTest) {
  const auto retried = [](RunVerdict base, RunVerdict head) {
    const Tries base_tries{ended(base)}, head_tries{ended(head)};
    RetryInput input;
    input.base = &base_tries;
    input.head = &head_tries;
    input.base_can_run = true;
    const auto next = next_retry(input);
    return !next ? std::string("none") : next->side == RetrySide::head ? "head" : "base";
  };
  EXPECT_EQ(retried(RunVerdict::pass, RunVerdict::fail), "head");
  EXPECT_EQ(retried(RunVerdict::pass, RunVerdict::crash), "head");
  EXPECT_EQ(retried(RunVerdict::fail, RunVerdict::pass), "base");
  EXPECT_EQ(retried(RunVerdict::pass, RunVerdict::timeout), "none");
  EXPECT_EQ(retried(RunVerdict::pass, RunVerdict::env_fault), "none");
  EXPECT_EQ(retried(RunVerdict::fail, RunVerdict::fail), "none");
  EXPECT_EQ(whole_outcome({ended(RunVerdict::fail), ended(RunVerdict::pass)}), SideOutcome::mixed);
}

}  // namespace
}  // namespace baton
