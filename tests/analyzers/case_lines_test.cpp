// Runners that have no name: cases only where their own counts, or the status, agree.
#include <gtest/gtest.h>

#include "analyzers/diagnose.h"

namespace baton {
namespace {

void check(const std::string& printed, int exit_code, const std::string& expected) {
  RunOutput output;
  output.text = printed;
  output.exit_code = exit_code;
  output.cwd = output.root = "/w";
  output.tests_expected = true;
  const Diagnosis diagnosis = diagnose(output);
  std::string out;
  if (diagnosis.tests) {
    const auto number = [](const std::optional<int>& n) { return n ? std::to_string(*n) : std::string("?"); };
    out = number(diagnosis.tests->passed) + " passed " + number(diagnosis.tests->failed) + " failed";
    for (const TestCase& test : diagnosis.tests->cases) out += "; " + test.id + " " + std::string(to_string(test.status));
  }
  EXPECT_EQ(out, expected) << printed;
}

TEST(CaseLines, NamesThatTheCountsConfirm) {
  check("FAILED: test for a JSON objects (at line 23)\nFAILED: test issue #22 (at line 9)\n\nPASSED: 14\nFAILED: 2\n", 2,
        "14 passed 2 failed; test for a JSON objects failed; test issue #22 failed");
  check("\nPASSED: 16\nFAILED: 0\n\nPASSED: 16\nFAILED: 0\n", 0, "32 passed 0 failed");
  check("[PASS] adds\n[FAIL] divides\n[PASS] rounds\nResults: 2 passed, 1 failed\n", 1, "2 passed 1 failed; adds passed; divides failed; rounds passed");
  check("adds ... ok\ndivides ... FAILED\n1/2 tests passed\n", 1, "1 passed 1 failed; adds passed; divides failed");
  check("PASS: a.sh\nFAIL: b.sh\n# TOTAL: 2\n# PASS:  1\n# FAIL:  1\n", 2, "1 passed 1 failed; a.sh passed; b.sh failed");
}

TEST(CaseLines, EqualNamesAreSeveralTests) {
  check("FAILED: a (at line 1)\nPASSED: 1\nFAILED: 1\nFAILED: a (at line 1)\nPASSED: 1\nFAILED: 1\n", 2, "2 passed 2 failed; a failed; a (2) failed");
}

TEST(CaseLines, WithoutCountsTheStatusDecides) {
  check("PASS: adds\nFAIL: divides\n", 1, "1 passed 1 failed; adds passed; divides failed");
  check("PASS: adds\nFAIL: divides\n", 0, "");
}

TEST(CaseLines, ChatterNamesNoCase) {
  check("warning: checking cache ... failed\nPASSED: 3\nFAILED: 0\n", 0, "3 passed 0 failed");
  check("connection failed: retrying\nok, done\n", 0, "");
  check("OK to continue\nPASSED: 3\nFAILED: 0\n", 0, "3 passed 0 failed");
}

}  // namespace
}  // namespace baton
