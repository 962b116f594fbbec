// Tests that a testing agent writes for criteria which nothing shows, once a round is green: who is asked for which, what it may change,
// and whose test it is that shows a criterion. Pure but for the store; worker threads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orchestrator/tasks/round.h"

namespace baton {

inline constexpr int kMaxTestAsks = 2;  // the second time with why the first tests show nothing

// Criteria that are sentences and that nothing shows.
std::vector<Criterion> unshown_sentences(const Plan& plan, const VerifyReport& report);

// The subtask that is to show them, on top of all others.
PlannedSubtask part_for_tests(const Plan& plan, const std::vector<Criterion>& unshown);
const PlannedSubtask* part_for_tests(const Plan& plan);  // that the plan has; null: none
std::string unshown_feedback(int round, const std::vector<Criterion>& unshown, const VerifyReport& report);

// What a subtask that may write tests alone changed besides, in one sentence; empty: nothing.
Result<std::string> beyond_tests(const Store& store, const std::string& start, const std::string& commit);

// Symbols of the program that the change touched, for the one who tests it: "`total` in `cart.py`", "`discount` in `cart.py` (new)". A
// test has to call one of them to show anything.
Result<std::vector<std::string>> touched_program(const Store& store, const std::string& base, const std::string& commit);

// The tests that a contribution made or altered, as `name_of` has them.
Result<std::vector<std::string>> tests_of(const Store& store, const Contribution& contribution);

// What a subtask for tests brought, and by whom the program is.
struct WrittenTests {
  std::string subtask, agent;
  std::vector<std::string> tests;
};
struct TestWriters {
  std::vector<WrittenTests> written;
  std::vector<std::string> programmers;  // agents
  std::vector<std::string> all_tests() const;
};
Result<TestWriters> test_writers(const Store& store, const Plan& plan, const std::vector<Contribution>& contributions);

// Says of each criterion that such a test shows who wrote it.
void name_writers(VerifyReport& report, const TestWriters& writers);

}  // namespace baton
