// What a task's words explain, clause by clause.
#include <gtest/gtest.h>

#include <string>

#include "analyzers/audit/task_clauses.h"
#include "tests/analyzers/audit_cases.h"

namespace baton {
namespace {

using namespace audit_cases;

const std::string kTest =
    "import test from 'node:test';\nimport assert from 'node:assert/strict';\nimport { total, refund } from '../src/tax.js';\n\n"
    "test('total adds the tax', () => {\n  assert.equal(total(100), 118);\n});\n\ntest('refund gives it back', () => {\n  assert.equal(refund(118), 100);\n});\n";
const std::string kProgram = "export function total(n) {\n  return n + n * 18 / 100;\n}\n", kOther = "export function total(n) {\n  return n;\n}\n";

void expects(const std::string& from, const std::string& to, const std::string& task, const char* kind) {
  check(Change{task.c_str(), {{"src/tax.js", kProgram, kOther}, {"test/tax.test.js", kTest, replaced(kTest, from, to)}}, kind, task.c_str()});
}

// Each names the test's subject, or its new value, and asks for nothing else of it.
TEST(AuditTask, KeepsTheExpectation) {
  for (const char* task : {"Refactor total. All tests must pass.", "Refactor total; nothing must change for callers.", "Speed up total; update nothing in the tests.", "total is correct. Add a test for refund.",
                           "Add an option `rate` to refund; total keeps adding the tax of 18 %.", "Add an option to refund without changing total.", "Make the module faster (closes #100 and #50).",
                           "Run on Node 20 and 22; at most 100 ms for 50 calls.", "Refactor total. Make sure that nothing changes.", "Rename n to net in total, and document its default.", "Fix the typo in the comment of total.",
                           "Tidy up how total handles its argument.", "Fix the lint errors in total.", "Add type annotations to total.", "Add documentation to total.", "Add tests for total.",
                           "Improve the performance of total: it should run in half the time.", "total is slow. Make it twice as fast.", "Document in the README how total is called.", "Move total to its own file now.",
                           "Add logging to refund. Make sure total is unaffected.", "perf(total): avoid the division", "Use a for loop in total.", "Remove the duplicated code in total.", "total should be faster.", "Return early in total.", "Move total to lib/tax.js, and update the imports."})
    expects("total(100), 118", "total(100), 100", task, "expectation_changed");
}

TEST(AuditTask, AsksForAnother) {
  for (const char* task : {"The tax rate is 20 % from now on.", "Round totals up (#123)", "total: return 120 for 100", "Refactor total to charge more, and round it up.", "Raise the tax to 20 %\n\nThe law has changed.\n\n- nothing else changes\n",
                           "fix(tax): charge 20 % instead of 18 %\n\nRefund is not changed.", "Fix that total still adds the old rate.", "Fix large numbers (#12)\n\nThe total of 100 was off by two.", "Expect 120 where 118 was.", "Remove duplicates from the total.", "Use 20 % in total.", "Change the tax. Keep the API as it is.", "Don't add the tax twice in total"})
    expects("total(100), 118", "total(100), 120", task, "");
  check(Case{"none", "test_calc.py", "def test_empty_input():\n    assert parse('') == []\n", "def test_empty_input():\n    assert parse('') is None\n", "", "Return None for empty input"});
}

// What switches a test off speaks of tests.
TEST(AuditTask, SwitchesOff) {
  for (const char* task : {"Show it in the Markdown export.", "Skip blank lines.", "Add retries to refund.", "Ignore empty lines, and add a test.", "Do not skip tests."}) expects("test('total", "test.skip('total", task, "skip_added");
  for (const char* task : {"Skip the tests of total on Windows.", "Mark test_total as xfail until #12 is fixed.", "Quarantine what is flaky", "The tests of total are disabled for a while"}) expects("test('total", "test.skip('total", task, "");
}

// A part of a value is less, where a part of a text says the same thing.
TEST(AuditTask, PartsOfAnObject) {
  const std::string js = "test('total', () => {\n  expect(total(100)).toEqual({ sum: 118, rate: 18 });\n});\n";
  const auto parts = [&](const char* name, const std::string& to, const char* kind) {
    check(Change{name, {{"src/tax.js", kProgram, kOther}, {"src/tax.test.js", js, replaced(js, "toEqual({ sum: 118, rate: 18 })", to)}}, kind, "Make total faster."});
  };
  parts("a field is gone", "toMatchObject({ rate: 18 })", "assertion_weakened");
  parts("all fields", "toMatchObject({ sum: 118, rate: 18 })", "");
}

TEST(AuditTask, Clauses) {
  const auto means = [](const char* task) {
    std::string text;
    for (const audit::TaskClause& clause : audit::clauses_of(task)) text += "aktTs"[static_cast<int>(clause.means)];
    return text;
  };
  EXPECT_EQ(means("Refactor a, and return 0 for b. Tests must pass. Add a test"), "takT");
  EXPECT_EQ(means("Round prices up\n\nPrices had cents.\n\nSigned-off-by: A <a@b>"), "as");
  EXPECT_EQ(means("feat(api): support b"), "a");
  EXPECT_EQ(means("add failing tests for bom"), "a");
  EXPECT_EQ(means("Fix the test client"), "a");
  EXPECT_EQ(means("Fix comment parsing. Fix the comment of b. Add a comment. Add a spec."), "attT");
  EXPECT_EQ(means("perf: cache it"), "t");
  EXPECT_EQ(means("Refactor proxies to allow others"), "ta");
  EXPECT_EQ(audit::clauses_of("Fix b (#123)")[0].text.find("123"), std::string::npos);
}

}  // namespace
}  // namespace baton
