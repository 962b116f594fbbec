#include "lsp/lens_text.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

TestVerdict test(std::string id, TestStatus status, std::string path = {}, int line = 0, std::string symbol = {}) {
  TestVerdict one;
  one.id = std::move(id);
  one.status = status;
  one.path = std::move(path);
  one.line = line;
  one.symbol = std::move(symbol);
  return one;
}

// What the report says of a test function that stands on lines 5 to 9 of t.py: the id, "-": nothing.
void check(std::vector<TestVerdict> tests, std::string name, std::string_view expected, bool same_lines = true) {
  VerifyReport report;
  report.tests = std::move(tests);
  const TestIndex index(report);
  OutlinedFunction function;
  function.name = function.qualified = name;
  if (const std::size_t dot = name.rfind('.'); dot != name.npos) function.name = name.substr(dot + 1);
  function.line = 5;
  function.end_line = 9;
  function.test = true;
  const TestVerdict* found = index.find(function, "t.py", same_lines);
  EXPECT_EQ(found ? found->id : "-", expected) << name;
}

TEST(TestIndex, FindsByNameInItsFile) {
  check({test("t.py::adds", TestStatus::regression, "t.py")}, "adds", "t.py::adds");
  check({test("pkg.Calc.adds", TestStatus::fixed, "t.py")}, "Calc.adds", "pkg.Calc.adds");
  check({test("suite > adds two", TestStatus::fixed, "t.py")}, "adds two", "suite > adds two");
  check({test("readds", TestStatus::regression, "t.py")}, "adds", "-");
  check({test("adds", TestStatus::regression, "other.py")}, "adds", "-");
  check({test("renamed", TestStatus::regression, "t.py", 0, "adds")}, "adds", "renamed");
  check({test("adds", TestStatus::unchanged, "t.py")}, "adds", "-");
}

TEST(TestIndex, FindsByLineWhereTheLinesAgree) {
  check({test("x", TestStatus::regression, "t.py", 9)}, "adds", "x");
  check({test("x", TestStatus::regression, "t.py", 9)}, "adds", "-", false);
  check({test("x", TestStatus::regression, "t.py", 10)}, "adds", "-");
}

TEST(TestIndex, WhereNoFileIsToldTheNameIsEnough) {
  check({test("adds", TestStatus::regression)}, "adds", "adds");
  check({test("t.py::adds", TestStatus::regression)}, "adds", "t.py::adds");
}

TEST(TestIndex, WhatBlocksComesFirstThenTheOrder) {
  check({test("a.adds", TestStatus::pre_existing, "t.py"), test("b.adds", TestStatus::regression)}, "adds", "b.adds");
  check({test("b.adds", TestStatus::flaky), test("a.adds", TestStatus::pre_existing, "t.py")}, "adds", "b.adds");
}

TEST(TestIndex, CountsTheFilesTests) {
  VerifyReport report;
  report.tests = {test("a", TestStatus::regression, "t.py"), test("b", TestStatus::unchanged, "t.py"), test("t.py::c", TestStatus::regression),
                  test("t.p", TestStatus::regression), test("t.pz", TestStatus::regression), test("d", TestStatus::regression, "u.py")};
  const std::map<TestStatus, std::size_t> expected{{TestStatus::regression, 2}, {TestStatus::unchanged, 1}};
  EXPECT_EQ(TestIndex(report).counts("t.py"), expected);
}

TEST(Lenses, StandOnTheLinesOfTheProtocol) {
  FileOutline outline;
  outline.base = "HEAD";
  outline.functions = {{"f", "f", 2, 3, false, true}};
  LensView view{outline, nullptr, nullptr, {}, "a.py", false};
  view.lines = EditorLines("x = 1\ry = 2\ndef f():\n  pass\r  more\n");
  const std::vector<Lens> lenses = lenses_of(view);
  ASSERT_EQ(lenses.size(), 1u);
  EXPECT_EQ(lenses[0].line, 3);
  EXPECT_EQ(lenses[0].end_line, 5);
}

}  // namespace
}  // namespace baton
