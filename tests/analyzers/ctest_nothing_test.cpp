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

// A test gate that ended well, or with the code that its runner has for "none found", and in which nothing ran.
TEST(NothingRan, InEveryRunner) {
  struct Case {
    const char *runner, *text;
    int exit;
  };
  const Case cases[] = {
      {"GoogleTest", "Note: Google Test filter = No.*\n[==========] Running 0 tests from 0 test suites.\n[==========] 0 tests from 0 test suites ran. (0 ms total)\n[  PASSED  ] 0 tests.\n", 0},
      {"ctest", "Test project /w\nNo tests were found!!!\n", 0},
      {"ctest, which was told that none is an error", "Test project /w\nNo tests were found!!!\nErrors while running CTest\n", 8},
      {"go test without files", "?   \texample.com/a\t[no test files]\n", 0},
      {"go test -run", "testing: warning: no tests to run\nPASS\nok  \texample.com/a\t0.002s [no tests to run]\n", 0},
      {"go test -json", "{\"Action\":\"start\",\"Package\":\"a\"}\n{\"Action\":\"output\",\"Package\":\"a\",\"Output\":\"testing: warning: no tests to run\\n\"}\n"
                        "{\"Action\":\"output\",\"Package\":\"a\",\"Output\":\"ok  \\ta\\t0.002s [no tests to run]\\n\"}\n{\"Action\":\"pass\",\"Package\":\"a\",\"Elapsed\":0.002}\n", 0},
      {"cargo test with a filter", "     Running unittests src/lib.rs (target/debug/deps/a-1)\n\nrunning 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 2 filtered out; finished in 0.00s\n\n"
                                   "     Running tests/it.rs (target/debug/deps/it-1)\n\nrunning 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out; finished in 0.00s\n", 0},
      {"python -m unittest", "\n----------------------------------------------------------------------\nRan 0 tests in 0.000s\n\nOK\n", 0},
      {"python -m unittest 3.12", "\n----------------------------------------------------------------------\nRan 0 tests in 0.000s\n\nNO TESTS RAN\n", 5},
      {"node --test", "TAP version 13\n1..0\n# tests 0\n# suites 0\n# pass 0\n# fail 0\n# cancelled 0\n# skipped 0\n# todo 0\n# duration_ms 4.1\n", 0},
      {"node --test with a pattern", "TAP version 13\n# Subtest: adds\nok 1 - adds # SKIP test name does not match pattern\n  ---\n  duration_ms: 0.3\n  ...\n1..1\n# tests 1\n# suites 0\n# pass 0\n# fail 0\n# cancelled 0\n# skipped 1\n# todo 0\n", 0},
      {"jest", "No tests found, exiting with code 0\n", 0},
      {"vitest", "\n RUN  v1.6.0 /w\n\nNo test files found, exiting with code 0\n", 0},
      {"pytest", "\nno tests ran in 0.01s\n", 5},
      {"pytest, all deselected", "\n1 deselected in 0.01s\n", 5},
      {"mocha", "\n\n  0 passing (1ms)\n\n", 0},
      {"Catch2", "No tests ran\n", 0},
      {"surefire", "[INFO] Tests run: 0, Failures: 0, Errors: 0, Skipped: 0\n[INFO] BUILD SUCCESS\n", 0},
      {"PHPUnit", "PHPUnit 10.5.0 by Sebastian Bergmann and contributors.\n\nNo tests executed!\n", 0},
      {"RSpec", "No examples found.\n\nFinished in 0.0002 seconds (files took 0.05 seconds to load)\n0 examples, 0 failures\n", 0},
      {"something of one's own", "done\n", 0},
  };
  for (const Case& one : cases) {
    RunOutput output;
    output.text = one.text;
    output.exit_code = one.exit;
    output.cwd = output.root = "/w";
    output.tests_expected = true;
    const Diagnosis run = diagnose(output);
    EXPECT_EQ(to_string(run.verdict), "vacuous") << one.runner << ": " << run.cause;
    EXPECT_FALSE(run.cause.empty()) << one.runner;
  }
}

}  // namespace
}  // namespace baton
