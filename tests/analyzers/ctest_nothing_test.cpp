// CTest believes a test program's exit code; a program that ran no test is no test that passed.
#include <gtest/gtest.h>

#include "analyzers/diagnose.h"

namespace baton {
namespace {

void check(const std::string& printed, CaseStatus expected, RunVerdict verdict) {
  RunOutput output;
  output.text = "100% tests passed, 0 tests failed out of 1\n";
  output.exit_code = 0;
  output.cwd = output.root = "/w";
  output.tests_expected = output.report_expected = true;
  output.reports = {{"ctest.xml", R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="Linux-c++" tests="1" failures="0" disabled="0" skipped="0" hostname="" time="0" timestamp="2026-01-01T00:00:00">
  <testcase name="money" classname="money" time="0.01" status="run"><system-out>)" + printed + R"(</system-out></testcase>
</testsuite>)"}};
  const Diagnosis diagnosis = diagnose(output);
  ASSERT_TRUE(diagnosis.tests && diagnosis.tests->cases.size() == 1) << printed;
  EXPECT_EQ(to_string(diagnosis.tests->cases[0].status), to_string(expected)) << printed;
  EXPECT_EQ(to_string(diagnosis.verdict), to_string(verdict)) << printed;
}

TEST(CTestCases, AProgramThatRanNothingIsNoPass) {
  check("[==========] Running 3 tests from 1 test suite.\n[  PASSED  ] 3 tests.\n", CaseStatus::passed, RunVerdict::pass);
  check("Note: Google Test filter = X.*\n[==========] Running 0 tests from 0 test suites.\n[  PASSED  ] 0 tests.\n",
        CaseStatus::skipped, RunVerdict::vacuous);
  check("all good\n", CaseStatus::passed, RunVerdict::pass);
}

}  // namespace
}  // namespace baton
