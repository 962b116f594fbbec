#include "orchestrator/living_tests.h"

#include <gtest/gtest.h>

#include <sstream>

#include "orchestrator/comparison.h"

namespace baton {
namespace {

PlacedTest placed(const std::string& path, const std::string& qualified, const std::string& name = "") { return {path, name.empty() ? qualified : name, qualified, 1, 9}; }

TEST(LivingTests, IdsOfRunners) {
  struct Row {
    const char* id;
    PlacedTest test;
    const char* stem;  // empty: it is another's
  };
  const Row rows[] = {
      {"tests/test_a.py::TestX::test_b[1::2-x]", placed("tests/test_a.py", "TestX.test_b", "test_b"), "tests/test_a.py::TestX::test_b"},
      {"tests/test_a.py::test_b_more", placed("tests/test_a.py", "test_b"), ""},
      {"m/calc.TestAdd/one_and_two#01", placed("calc/calc_test.go", "TestAdd"), "m/calc.TestAdd"},
      {"a.test.js > sums > adds 1 and 2", placed("a.test.js", "sums.adds %i and %i", "adds %i and %i"), "a.test.js > sums.adds %i and %i"},
      {"a.test.js > sums > adds 1 and 2", placed("a.test.js", "sums.adds $a and $b", "adds $a and $b"), "a.test.js > sums.adds $a and $b"},
      {"sums > x", placed("a.test.js", "sums.%s", "%s"), "sums.%s"},
      {"other > x", placed("a.test.js", "sums.%s", "%s"), ""},
      {"All/Adds.Works/0", placed("calc_test.cc", "Adds.Works"), "All/Adds.Works"},
      {"All/Adds.Works/(1, 2)::All/Adds.Works/0", placed("calc_test.cc", "Adds.Works"), "All/Adds.Works"},  // CTest names the values as well
      {"calc_test::Adds.Works", placed("calc_test.cc", "Adds.Works"), "calc_test::Adds.Works"},
      {"Typed/1.Works", placed("calc_test.cc", "Typed.Works"), "Typed/1.Works"},
      {"tests::adds::case_1", placed("src/lib.rs", "tests.adds", "adds"), "tests::adds"},
      {"com.x.CalcTest.adds(int, int)[1]", placed("src/test/java/com/x/CalcTest.java", "CalcTest.adds", "adds"), "com.x.CalcTest.adds"},
      {"test_b (tests.test_a.TestX)", placed("tests/test_a.py", "TestX.test_b", "test_b"), "test_b"},
  };
  for (const Row& row : rows) EXPECT_EQ(match_id(row.id, "", row.test).stem, row.stem) << row.id << " / " << row.test.qualified;
  EXPECT_EQ(match_id("a::t", "b.py", placed("a.py", "t")).weight, 0);
  const auto weight = [](const char* id, const char* path) { return match_id(id, "", placed(path, "tests.adds", "adds")).weight; };
  EXPECT_GT(weight("a::tests::adds", "src/a.rs"), weight("a::tests::adds", "src/b.rs"));
}

// "a b[1]!": ids of one side; ! it fails or is skipped.
std::vector<RanTest> ran(const std::string& side, const std::string& other) {
  const auto ids = [](const std::string& text) {
    std::vector<std::string> all;
    std::istringstream words(text);
    for (std::string word; words >> word;) all.push_back(word);
    return all;
  };
  std::vector<RanTest> tests;
  for (std::string id : ids(side)) {
    const bool passed = !id.ends_with('!');
    if (!passed) id.pop_back();
    const auto there = ids(other);
    tests.push_back({id, "t.py", passed, std::find(there.begin(), there.end(), id) == there.end()});
  }
  return tests;
}

AuditedTest held(const std::string& name, const std::vector<std::string>& by) {
  AuditedTest test{placed("t.py", name), TestFate::held};
  for (const std::string& one : by) test.held_by.push_back(placed("t.py", one));
  return test;
}

std::string told(const std::string& base, const std::string& head, const std::vector<AuditedTest>& audited) {
  const LivingTests living = living_tests(ran(base, head), ran(head, base), audited);
  std::string text;
  for (const auto& [from, ids] : living.now) {
    text += from + "=";
    for (const std::string& id : ids) text += id + ",";
    text += " ";
  }
  for (const std::string& id : living.removed_by_task) text += id + "=removed ";
  return text;
}

TEST(LivingTests, CasesInNumber) {
  const std::vector<AuditedTest> same = {held("a", {"a"})};
  EXPECT_EQ(told("a[1] a[2]", "a[1-x] a[2-x]", same), "a[1]=a[1-x], a[2]=a[2-x], ");
  EXPECT_EQ(told("a[1] a[2]", "a[1] a[2-x] a[3-x]", same), "a[2]=a[2-x], ");
  EXPECT_EQ(told("a[1] a[2]", "a[1-x]", same), "");           // fewer
  EXPECT_EQ(told("a[1] a[2] a[3]", "a[1] a[2-x]", same), "");
  EXPECT_EQ(told("a[1] a[2]", "a[1-x] a[2-x]!", same), "");   // it does not pass
  EXPECT_EQ(told("a[1]", "a[1-x] a[2-x]!", same), "");        // nor one beside it that is new
  EXPECT_EQ(told("a", "a[1] a[2]!", same), "");
  EXPECT_EQ(told("a[1] a[2]", "a", same), "");                // one in place of two
  EXPECT_EQ(told("a", "a[1] a[2]", same), "a=a[1], ");
  EXPECT_EQ(told("a[1] b[1]", "c[1]", {held("a", {"c"}), held("b", {"c"})}), "a[1]=c[1], ");  // a case stands for one
}

TEST(LivingTests, CasesInOneLoop) {
  const auto in_one = [](std::size_t cases) {
    AuditedTest test = held("a", {"a"});
    test.cases = cases;
    return std::vector<AuditedTest>{test};
  };
  EXPECT_EQ(told("a[1] a[2]", "a", in_one(2)), "a[1]=a, a[2]=a, ");
  EXPECT_EQ(told("a a/1 a/2", "a", in_one(2)), "a/1=a, a/2=a, ");
  EXPECT_EQ(told("a[1] a[2] a[3]", "a", in_one(2)), "");  // a case that nobody has read
  EXPECT_EQ(told("a[1] a[2]", "a!", in_one(2)), "");
  EXPECT_EQ(told("a[1] a[2]", "a[1,2]", in_one(2)), "");  // one that has cases itself
}

TEST(LivingTests, CasesThatTheTaskRemoves) {
  AuditedTest test{placed("t.py", "a"), TestFate::lost, {placed("t.py", "a")}};
  test.removed_cases = {"param('IV',4,id='roman')"};
  EXPECT_EQ(told("a[one] a[roman]", "a[one]", {test}), "a[roman]=removed ");
  EXPECT_EQ(told("a[one] a[IV-4]", "a[one]", {test}), "a[IV-4]=removed ");
  EXPECT_EQ(told("a[one] a[two]", "a[one]", {test}), "");           // another one
  EXPECT_EQ(told("a[one] a[two] a[roman]", "a[one]", {test}), "");  // and one more
  EXPECT_EQ(told("a a/one a/roman", "a a/one", {test}), "a/roman=removed ");
}

TEST(LivingTests, SplitAndMerged) {
  EXPECT_EQ(told("a", "b c", {held("a", {"b", "c"})}), "a=b,c, ");
  EXPECT_EQ(told("a", "b c!", {held("a", {"b", "c"})}), "");
  EXPECT_EQ(told("a", "b", {held("a", {"b", "c"})}), "");  // the other half does not run
  EXPECT_EQ(told("a b", "c[1] c[2]", {held("a", {"c"}), held("b", {"c"})}), "a=c[1], b=c[2], ");
  EXPECT_EQ(told("a b d", "c[1] c[2]", {held("a", {"c"}), held("b", {"c"}), held("d", {"c"})}), "a=c[1], b=c[2], ");
  EXPECT_EQ(told("a b", "c", {held("a", {"c"}), held("b", {"c"})}), "a=c, b=c, ");
  EXPECT_EQ(told("a b", "b", {held("a", {"b"}), held("b", {"b"})}), "a=b, ");
  EXPECT_EQ(told("a b", "b!", {held("a", {"b"}), held("b", {"b"})}), "");
}

TEST(LivingTests, WhatNobodyKnows) {
  EXPECT_EQ(told("a", "b", {{placed("t.py", "a"), TestFate::lost, {placed("t.py", "b")}}}), "");
  EXPECT_EQ(told("a", "b", {}), "");
  EXPECT_EQ(told("a", "b", {{placed("t.py", "a"), TestFate::removed_by_task}}), "a=removed ");
  // Two tests of one name.
  EXPECT_EQ(told("x.a y.a", "b", {held("a", {"b"})}), "");
  EXPECT_EQ(told("a", "b", {held("a", {"b"}), held("a", {"b"})}), "");
}

TEST(LivingTests, InAGate) {
  const auto run = [](const std::vector<RanTest>& tests) {
    Try one;
    one.diagnosis.tests.emplace();
    for (const RanTest& test : tests) {
      TestCase shown;
      shown.id = test.id;
      shown.path = test.path;
      if (!test.passed) shown.status = CaseStatus::failed;
      one.diagnosis.tests->cases.push_back(std::move(shown));
    }
    return Tries{one};
  };
  const Tries base = run(ran("a c d", "")), head = run(ran("b d", ""));
  const std::vector<AuditedTest> audited = {held("a", {"b"}), {placed("t.py", "c"), TestFate::removed_by_task}};
  ComparisonInput input;
  input.base = &base;
  input.head = &head;
  const auto judged = [&] {
    const Comparison result = compare(input);
    std::string text;
    for (const TestVerdict& test : result.tests) text += test.id + "=" + std::string(to_string(test.status)) + (blocks(test) ? "!" : "") + (test.message.empty() ? "" : "(" + test.message + ")") + " ";
    const GateOutcome outcome = judge_gate(result.gate);
    return text + std::string(to_string(outcome.verdict)) + ": " + outcome.cause;
  };
  EXPECT_EQ(judged(), "a=vanished! b=added c=vanished! d=unchanged fail: 2 tests no longer run");
  input.audited = [&] { return &audited; };
  EXPECT_EQ(judged(), "b=unchanged(was a) c=vanished(the task removes it) d=unchanged pass: 1 test went as the task asks");
}

}  // namespace
}  // namespace baton
