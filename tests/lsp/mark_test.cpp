#include "lsp/mark.h"

#include <gtest/gtest.h>

#include "lsp/evidence_page.h"

namespace baton {
namespace {

std::string shown(const Range& range) {
  return std::to_string(range.start.line) + ":" + std::to_string(range.start.character) + "-" + std::to_string(range.end.line) +
         ":" + std::to_string(range.end.character);
}

struct At {
  int line = 0, column = 0, end_line = 0, end_column = 0;
  MarkSide side = MarkSide::head;
};

void check(At at, std::string_view judged, std::string_view live, std::string_view expected,
           PositionEncoding encoding = PositionEncoding::utf16) {
  Mark mark;
  mark.line = at.line;
  mark.column = at.column;
  mark.end_line = at.end_line;
  mark.end_column = at.end_column;
  mark.side = at.side;
  const bool base = at.side == MarkSide::base;
  const auto placed = place_marks({mark}, base ? judged : "", base ? "" : judged, live, encoding);
  ASSERT_EQ(placed.size(), 1u);
  EXPECT_EQ(shown(placed[0].range), expected) << testing::PrintToString(live);
}

TEST(PlaceMarks, WholeLineWithoutItsIndent) {
  check({2}, "a\n  b c  \nd\n", "a\n  b c  \nd\n", "1:2-1:5");
  check({2}, "a\n\nd\n", "a\n\nd\n", "1:0-1:0");
  check({0}, "abc\n", "abc\n", "0:0-0:3");
  check({99}, "a\nb\n", "a\nb\n", "2:0-2:0");
}

TEST(PlaceMarks, FollowsTheLine) {
  check({2}, "a\nb\nc\n", "new\na\nb\nc\n", "2:0-2:1");
  check({2}, "a\nb\nc\n", "b\nc\n", "0:0-0:1");
  check({2}, "a\nb\nc\n", "a\r\nb\r\nc\r\n", "1:0-1:1");
  check({2}, "a\r\nb\r\nc\r\n", "x\na\nb\nc\n", "2:0-2:1");
  check({2}, "a\nb\nc", "a\nb\nc\n", "1:0-1:1");
}

TEST(PlaceMarks, ARewrittenLineKeepsItsPlace) {
  check({2, 3}, "a\nb = 1\nc\n", "a\nb = 22\nc\n", "1:0-1:6");
  check({3}, "a\nb\nc\n", "a\nb\n", "1:0-1:1");
  check({1}, "a\nb\n", "", "0:0-0:0");
}

TEST(PlaceMarks, FromTheBase) { check({3, 0, 0, 0, MarkSide::base}, "a\nb\ntest\nd\n", "a\nb\nd\n", "2:0-2:1"); }

TEST(PlaceMarks, Columns) {
  check({1, 5}, "int value = 3;\n", "int value = 3;\n", "0:4-0:9");
  check({1, 5, 1, 7}, "int value = 3;\n", "int value = 3;\n", "0:4-0:6");
  check({1, 11}, "int value = 3;\n", "int value = 3;\n", "0:10-0:11");
  check({1, 5, 2, 1}, "int value = 3;\n", "int value = 3;\n", "0:4-0:14");
  check({1, 99}, "int v;\n", "int v;\n", "0:0-0:6");
  // A column is told in UTF-16 units, whatever the client counts in.
  check({1, 6}, "\xf0\x9f\x98\x80\xc3\xa4 = x\n", "\xf0\x9f\x98\x80\xc3\xa4 = x\n", "0:5-0:6");
  check({1, 7}, "\xf0\x9f\x98\x80\xc3\xa4 = x\n", "\xf0\x9f\x98\x80\xc3\xa4 = x\n", "0:9-0:10", PositionEncoding::utf8);
  check({1, 7}, "\xf0\x9f\x98\x80\xc3\xa4 = x\n", "\xf0\x9f\x98\x80\xc3\xa4 = x\n", "0:5-0:6", PositionEncoding::utf32);
}

// A tool's lines end with \n, the protocol's with a \r alone as well.
TEST(PlaceMarks, AReturnAloneEndsALineOfTheProtocol) {
  check({2}, "one\nbad\nthree\n", "pasted\rfrom\rmac\rone\nbad\nthree\n", "4:0-4:3");
  check({2}, "one\nbad\nthree\n", "one\rbad\rthree\r", "1:0-1:3");
  check({2}, "one\rtwo\nbad\n", "one\rtwo\nbad\n", "2:0-2:3");
  check({1}, "one\rbad x\n", "one\rbad x\n", "0:0-0:3");
  check({1, 5}, "one\rbad x\n", "one\rbad x\n", "1:0-1:3");
  check({1, 9, 1, 10}, "one\rbad x\r\n", "one\rbad x\r\n", "1:4-1:5");
  check({1, 3, 1, 8}, "one\rbad x\n", "one\rbad x\n", "0:2-0:3");
}

// The line that says most of what a tool found, by its number.
void check_place(const FindingPlace& finding, std::string_view log, int expected) { EXPECT_EQ(line_about(log, finding), expected) << log; }

TEST(Evidence, IsOpenedWhereTheLogTellsOfTheFinding) {
  const FindingPlace bad{"in/a.txt", "bad word", 12};
  check_place(bad, "in/a.txt:2:1: bad word\nin/a.txt:12:1: bad word\n", 2);
  check_place(bad, "in/a.txt:112: bad word\nin/a.txt:120: bad word\nin/a.txt:12: bad word\n", 3);
  check_place(bad, "checking in/a.txt\nin/b.txt:12: bad word\nin/a.txt:12: bad word\n", 3);
  // By its name alone, where the tool ran in its folder; below its name; with the message before the place.
  check_place(bad, "12 files\na.txt(12,1): bad word\n", 2);
  check_place(bad, "/tmp/x/in/a.txt\n  3:1  error  other\n  12:1  error  bad word\n", 3);
  check_place(bad, "error: bad word\n  --> in/a.txt:12:1\n", 2);
  check_place(bad, "nothing of it\nat all, 12\n", 1);
  check_place({"a.txt", "", 0}, "x\na.txt\n", 2);
  check_place(bad, "", 1);
}

VerifyReport report_with(std::vector<TestVerdict> tests) {
  VerifyReport report;
  report.base.name = "HEAD";
  report.verdict = Verdict::rejected;
  report.tests = std::move(tests);
  return report;
}

TestVerdict test(std::string id, TestStatus status, std::string path = "t.py", int line = 3) {
  TestVerdict verdict;
  verdict.id = std::move(id);
  verdict.status = status;
  verdict.path = std::move(path);
  verdict.line = line;
  return verdict;
}

TEST(Marks, OnlyWhatGotWorse) {
  const Marks marks = marks_of(report_with({test("unstable", TestStatus::newly_unstable), test("old", TestStatus::pre_existing),
                                            test("fine", TestStatus::unchanged), test("gone", TestStatus::vanished),
                                            test("worse", TestStatus::regression), test("late", TestStatus::added_failing)}));
  std::string kinds;
  for (const Mark& mark : marks.marks) kinds += mark.kind + " ";
  EXPECT_EQ(kinds, "vanished regression added_failing newly_unstable ");
}

TEST(Marks, FindingsOfATestAreNotTwice) {
  VerifyReport report = report_with({test("worse", TestStatus::regression)});
  FindingVerdict same, old, compile;
  same.finding.path = "t.py";
  same.finding.line = 3;
  old.is_new = false;
  compile.finding = {"m.c", 1, 2};
  compile.gate = "build";
  report.findings = {same, old, compile};
  GateReport build;
  build.name = "build";
  build.kind = GateKind::build;
  build.verdict = GateVerdict::fail;
  report.gates = {build};
  const Marks marks = marks_of(report);
  ASSERT_EQ(marks.marks.size(), 2u);
  EXPECT_EQ(marks.marks[0].kind, "regression");
  EXPECT_EQ(marks.marks[1].kind, "compile_error");
}

FindingVerdict error_at(std::string path, int line, std::string message) {
  FindingVerdict one;
  one.gate = "unit";
  one.finding.path = std::move(path);
  one.finding.line = line;
  one.finding.message = std::move(message);
  return one;
}

TEST(Marks, ATestWithoutAPlaceTakesThatOfTheFindingThatNamesIt) {
  VerifyReport report = report_with({test("adds", TestStatus::regression, ""), test("divides", TestStatus::regression, "")});
  for (TestVerdict& one : report.tests) one.gate = "unit";
  report.findings = {error_at("a.c", 7, "in divides: 1 != 2"), error_at("a.c", 7, "again"), error_at("b.c", 9, "nobody's")};
  const Marks marks = marks_of(report);
  ASSERT_EQ(marks.marks.size(), 3u);
  EXPECT_EQ(marks.marks[0].path, "");
  EXPECT_EQ(marks.marks[1].path + ":" + std::to_string(marks.marks[1].line), "a.c:7");
  EXPECT_EQ(marks.marks[1].message, "Regression: divides passed on HEAD and fails here: in divides: 1 != 2");
  EXPECT_EQ(marks.marks[2].path, "b.c");
  EXPECT_EQ(marks.fresh, 1u);
}

TEST(Marks, TheOnlyErrorOfAGateBelongsToItsOnlyTest) {
  VerifyReport report = report_with({test("adds", TestStatus::regression, "")});
  report.tests[0].gate = "unit";
  report.findings = {error_at("a.c", 7, "1 != 2")};
  ASSERT_EQ(marks_of(report).marks.size(), 1u);
  EXPECT_EQ(marks_of(report).marks[0].path, "a.c");
  report.findings.push_back(error_at("b.c", 7, "3 != 4"));
  EXPECT_EQ(marks_of(report).marks.size(), 3u);
}

TEST(Marks, ARedGateWithNothingToShowIsShown) {
  VerifyReport report = report_with({});
  GateReport gate;
  gate.name = "ctest";
  gate.verdict = GateVerdict::env_fault;
  gate.cause = "cmake is missing";
  report.gates = {gate};
  const Marks marks = marks_of(report);
  ASSERT_EQ(marks.marks.size(), 1u);
  EXPECT_EQ(marks.marks[0].message, "ctest: env_fault, cmake is missing");
}

TEST(Marks, WhatIsWeakerIsAWarningAndWhatMayBeMeantInforms) {
  VerifyReport report = report_with({});
  report.audit = {{"t.py", 3, "assertion_removed", Severity::warning, "\"a\" is no longer checked.", true, true, "-assert a\n"},
                  {"t.py", 9, "skip_added", Severity::note, "\"b\" is skipped on Windows."},
                  {"Makefile", 2, "gate_script_changed", Severity::warning, "The change touches what decides."}};
  const Marks marks = marks_of(report);
  ASSERT_EQ(marks.marks.size(), 3u);
  EXPECT_EQ(marks.marks[0].message, "Weaker than before: \"a\" is no longer checked.");
  EXPECT_EQ(marks.marks[0].severity, Severity::warning);
  EXPECT_EQ(marks.marks[0].side, MarkSide::base) << "where it was";
  EXPECT_EQ(marks.marks[1].kind, "gate_script_changed");
  EXPECT_EQ(marks.marks[2].severity, Severity::info);
  EXPECT_FALSE(can_be_accepted(marks.marks[0]));
  const std::string page = evidence_page(report);
  EXPECT_NE(page.find("## Weaker than before\n\n- **assertion_removed** \"a\" is no longer checked. at t.py:3 of the base\n\n  ```diff\n  -assert a\n  ```\n"), std::string::npos) << page;
  EXPECT_LT(page.find("## Weaker"), page.find("## Changes to what is checked"));
}

TEST(Marks, AreBounded) {
  std::vector<TestVerdict> tests(kMaxMarks + 5, test("t", TestStatus::regression));
  const Marks marks = marks_of(report_with(std::move(tests)));
  EXPECT_EQ(marks.marks.size(), kMaxMarks);
  EXPECT_EQ(marks.left_out, 5u);
}

TEST(Marks, FindingsAreCountedBeforeTheBound) {
  VerifyReport report = report_with({});
  for (int line = 1; line <= 3000; ++line) report.findings.push_back(error_at("m.c", line, "wrong"));
  report.cause = "lint failed: m.c:1: wrong; 3000 new findings";
  EXPECT_EQ(marks_of(report).marks.size(), kMaxMarks);
  EXPECT_EQ(marks_of(report).fresh, 3000u);
  EXPECT_EQ(verdict_sentence(report), "rejected: lint failed: m.c:1: wrong; 3000 new findings.");
}

TEST(Sentence, SaysTheVerdictAndWhy) {
  VerifyReport report = report_with({test("a", TestStatus::regression), test("b", TestStatus::pre_existing),
                                     test("c", TestStatus::pre_existing)});
  report.cause = "pytest failed";
  EXPECT_EQ(verdict_sentence(report), "rejected: pytest failed. 1 regression, 2 failures that were there before.");
  report.cause = "pytest failed: 1 regression";
  EXPECT_EQ(verdict_sentence(report), "rejected: pytest failed: 1 regression. 2 failures that were there before.");
  report.cause = "pytest failed: 11 regression tests";
  EXPECT_EQ(verdict_sentence(report), "rejected: pytest failed: 11 regression tests. 1 regression, 2 failures that were there before.");
}

}  // namespace
}  // namespace baton
