// Programs that CTest runs as one test: their own cases, where they name them.
#include <gtest/gtest.h>

#include "analyzers/diagnose.h"

namespace baton {
namespace {

std::string told(const std::string& printed, bool failed) {
  RunOutput output;
  // CTest shows again what a failing program printed.
  const std::string text = failed ? "Test project /w/b\n1/1 Test #1: p ................***Failed    0.01 sec\n" + printed + "\n0% tests passed, 1 tests failed out of 1\n"
                                  : "100% tests passed, 0 tests failed out of 1\n";
  output.text = text;
  output.exit_code = failed ? 8 : 0;
  output.cwd = output.root = "/w";
  output.tests_expected = output.report_expected = true;
  output.reports = {{"ctest.xml", R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="Linux-c++" tests="1" failures="0" disabled="0" skipped="0" hostname="" time="0" timestamp="2026-01-01T00:00:00">
  <testcase name="p" classname="p" time="0.01" status=")" + std::string(failed ? "fail" : "run") + "\">" + (failed ? "<failure message=\"\"/>" : "") +
                     "<system-out><![CDATA[" + printed + "]]></system-out></testcase>\n</testsuite>\n"}};
  const Diagnosis diagnosis = diagnose(output);
  std::string out;
  for (const TestCase& test : diagnosis.tests->cases) {
    out += (out.empty() ? "" : "\n") + test.id + " " + std::string(to_string(test.status));
    if (test.line > 0) out += " " + test.path + ":" + std::to_string(test.line);
  }
  for (const std::string& program : diagnosis.tests->interrupted) out += "\ninterrupted " + program;
  for (const Finding& finding : diagnosis.findings) out += "\nfinding " + finding.code;
  return out;
}

constexpr const char* kGtest = "[==========] Running 3 tests from 1 test suite.\n[ RUN      ] S.A\n[       OK ] S.A (0 ms)\n[ RUN      ] S.B\n";

TEST(ProgramCases, GoogleTestNamesAll) {
  EXPECT_EQ(told(std::string(kGtest) + "[       OK ] S.B (0 ms)\n[==========] 2 tests from 1 test suite ran. (0 ms total)\n[  PASSED  ] 2 tests.\n", false),
            "p::S.A passed\np::S.B passed");
  EXPECT_EQ(told(std::string(kGtest) + "/w/t.cc:7: Failure\nExpected equality of these values:\n  1\n  2\n[  FAILED  ] S.B (0 ms)\n[==========] 2 tests from 1 "
                                       "test suite ran. (0 ms total)\n[  PASSED  ] 1 test.\n[  FAILED  ] 1 test, listed below:\n[  FAILED  ] S.B\n",
                 true),
            "p::S.A passed\np::S.B failed t.cc:7\nfinding p::S.B");
}

TEST(ProgramCases, ACrashIsOfTheCaseThatRan) {
  EXPECT_EQ(told(kGtest, true), "p::S.A passed\np::S.B failed\ninterrupted p");
  EXPECT_EQ(told("Segmentation fault\n", true), "p failed");
}

TEST(ProgramCases, Catch2NamesItsFailures) {
  const std::string rule(79, '-'), dots(79, '.'), equals(79, '=');
  EXPECT_EQ(told(equals + "\nAll tests passed (12 assertions in 3 test cases)\n\n", false), "p passed");
  EXPECT_EQ(told(rule + "\nShort options\n  given twice\n" + rule + "\n/w/t.cpp:10\n" + dots + "\n\n/w/t.cpp:12: FAILED:\n  CHECK( a == b )\nwith expansion:\n  1 == 2\n\n" +
                     equals + "\ntest cases: 3 | 2 passed | 1 failed\nassertions: 12 | 11 passed | 1 failed\n\n",
                 true),
            "p::Short options failed t.cpp:12\np passed\nfinding p::Short options");
}

TEST(ProgramCases, DiscoveredCasesAreNotNestedTwice) {
  EXPECT_EQ(told("[==========] Running 1 test from 1 test suite.\n[ RUN      ] p\n[       OK ] p (0 ms)\n[==========] 1 test ran.\n[  PASSED  ] 1 test.\n", false),
            "p passed");
}

TEST(ProgramCases, UnityNamesAll) {
  EXPECT_EQ(told("/w/t.c:9:adds:PASS\n/w/t.c:14:divides:FAIL: Expected 2 Was 1\n\n-----------------------\n2 Tests 1 Failures 0 Ignored \nFAIL\n", true),
            "p::adds passed t.c:9\np::divides failed t.c:14\nfinding p::divides");
}

TEST(ProgramCases, AnExpectedFailureIsNone) {
  EXPECT_EQ(told(std::string(kGtest) + "t.cc:7: Failure\nx\n[  FAILED  ] S.B (0 ms)\n[==========] 2 tests ran.\n[  FAILED  ] 1 test, listed below:\n[  FAILED  ] S.B\n", false),
            "p passed");
}

TEST(ProgramCases, WhatCTestCutOffIsNotKnown) {
  EXPECT_EQ(told(std::string(kGtest) + "...\nThe rest of the test output was removed since it exceeds the threshold of 1024 bytes.\n", false), "p passed");
}

}  // namespace
}  // namespace baton
