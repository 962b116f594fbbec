#include "orchestrator/comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "orchestrator/moved_tests.h"

namespace baton {
namespace {

// "a=pass b=fail c=skip d=refused e=load": one run of a gate. "!crash", "!timeout", "!vacuous": how it ended. "p::a=pass": a case of
// the program p; "#p": p ended early; "+3": so many tests passed without a name, "!silent": none did.
Try run_of(const std::string& text) {
  Try one;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (word == "!crash") one.diagnosis.verdict = RunVerdict::crash;
    if (word == "!timeout") one.diagnosis.verdict = RunVerdict::timeout;
    if (word == "!vacuous") one.diagnosis.verdict = RunVerdict::vacuous;
    if (!one.diagnosis.tests && word[0] != '!') one.diagnosis.tests.emplace();
    if (word[0] == '#') one.diagnosis.tests->interrupted.push_back(word.substr(1));
    if (word[0] == '+') one.diagnosis.tests->passed = std::stoi(word.substr(1));
    const auto equals = word.find('=');
    if (equals == word.npos) continue;
    TestCase test;
    test.id = word.substr(0, equals);
    const std::string what = word.substr(equals + 1);
    if (what == "skip") test.status = CaseStatus::skipped;
    if (what == "fail" || what == "refused" || what == "offline" || what == "late" || what == "load") test.status = CaseStatus::failed;
    if (what == "refused") test.message = "connect ECONNREFUSED 127.0.0.1:80";
    if (what == "offline") test.message = "getaddrinfo EAI_AGAIN example.org";
    if (what == "late") test.message = "Error: Test timed out in 10000ms.";
    test.load_failure = what == "load";
    if (test.status == CaseStatus::failed && one.diagnosis.verdict == RunVerdict::pass)
      one.diagnosis.verdict = RunVerdict::fail;
    if (const auto inside = test.id.find("::"); inside != test.id.npos) test.program = test.id.substr(0, inside);
    one.diagnosis.tests->cases.push_back(std::move(test));
  }
  if (one.diagnosis.tests && one.diagnosis.tests->passed) {
    const auto& cases = one.diagnosis.tests->cases;
    one.diagnosis.tests->failed = static_cast<int>(
        std::count_if(cases.begin(), cases.end(), [](const TestCase& test) { return test.status == CaseStatus::failed; }));
  }
  return one;
}

std::string statuses(const Comparison& comparison) {
  std::string text;
  for (const TestVerdict& test : comparison.tests) {
    text += (text.empty() ? "" : " ") + test.id + "=" + std::string(to_string(test.status));
  }
  return text;
}

void check(const std::string& base, const std::string& head, const std::string& expected) {
  const Tries base_tries{run_of(base)}, head_tries{run_of(head)};
  ComparisonInput input;
  input.gate = "tests";
  input.base = base == "none" ? nullptr : &base_tries;
  input.head = head == "none" ? nullptr : &head_tries;
  input.head_blocked = head == "none";
  EXPECT_EQ(statuses(compare(input)), expected) << "base: " << base << ", head: " << head;
}

TEST(Comparison, TestByTest) {
  check("a=pass b=fail c=pass", "a=fail b=fail c=pass", "a=regression b=pre_existing c=unchanged");
  check("a=fail b=pass", "a=pass", "a=fixed b=vanished");
  check("a=pass", "a=skip", "a=vanished");
  check("a=pass", "a=pass b=pass c=fail", "a=unchanged b=added c=added_failing");
  check("none", "a=pass b=fail", "a=added b=added_failing");
}

TEST(Comparison, WhatRunsOutOfTimeOnBothSidesIsNoRegression) {
  const auto judged = [](const std::vector<std::string>& base, const std::vector<std::string>& head) {
    Tries base_tries, head_tries;
    for (const std::string& run : base) base_tries.push_back(run_of(run));
    for (const std::string& run : head) head_tries.push_back(run_of(run));
    ComparisonInput input;
    input.gate = "tests";
    input.base = &base_tries;
    input.head = &head_tries;
    return statuses(compare(input));
  };
  EXPECT_EQ(judged({"a=pass", "a=late"}, {"a=late", "a=late"}), "a=flaky");
  EXPECT_EQ(judged({"a=pass", "a=pass"}, {"a=late", "a=late"}), "a=regression");
  EXPECT_EQ(judged({"a=pass", "a=late"}, {"a=fail", "a=fail"}), "a=regression");
  EXPECT_EQ(judged({"a=pass", "a=fail"}, {"a=late", "a=late"}), "a=regression");
}

TEST(Comparison, WhatDidNotRunIsNotGone) {
  check("a=pass b=fail", "none", "a=not_run b=not_run");
  check("a=pass b=pass", "a=pass !crash", "a=unchanged b=not_run");
  check("a=pass b=pass", "a=pass !timeout", "a=unchanged b=not_run");
  check("a=pass b=pass", "a=pass file=load", "a=unchanged b=not_run file=added_failing");
  check("a=pass b=pass", "SyntaxError=fail", "SyntaxError=added_failing a=not_run b=not_run");
  // A file that never loaded excuses nothing.
  check("a=pass b=pass file=load", "a=pass file=load", "a=unchanged b=vanished file=pre_existing");
  // On the base, too: what ran there for the first time on the head is not blamed on the change.
  check("a=pass !crash", "a=pass b=pass", "a=unchanged b=unchanged");
}

TEST(Comparison, NothingRanMeansEveryTestIsGone) {
  check("a=pass b=pass", "!vacuous", "a=vanished b=vanished");
  check("a=pass b=pass +2", "!silent", "a=vanished b=vanished");  // a script that passes and says nothing of tests any more
}

TEST(Comparison, PassesWithoutAName) {
  check("+16", "a=fail b=fail +14", "a=regression b=regression");
  check("a=fail +15", "+16", "a=fixed");
  check("a=fail +15", "b=fail +15", "a=fixed b=regression");
  check("+16", "a=fail +16", "a=added_failing");  // one test more than before: it may be new
  check("+16", "a=fail +3", "a=regression");      // the run ended at its first failure
}

TEST(Comparison, CasesInsidePrograms) {
  check("p::a=pass p::b=pass", "p::a=pass p::b=fail", "p::a=unchanged p::b=regression");
  check("p::a=pass p::b=pass", "p::a=pass", "p::a=unchanged p::b=vanished");
  check("p::a=pass p::b=pass p::c=pass", "p::a=pass p::b=fail #p", "p::a=unchanged p::b=regression p::c=not_run");
  // It crashed outside of any case.
  check("p::a=pass p::b=pass", "p=fail", "p=regression p::a=not_run p::b=not_run");
  check("p=fail", "p::a=pass", "p=fixed p::a=unchanged");
  check("p::a=pass p::b=pass", "p=skip", "p=skipped p::a=vanished p::b=vanished");  // it runs nothing any more
  // Failures are named alone.
  check("p=pass", "p::a=fail p=pass", "p=unchanged p::a=regression");
  check("p::a=fail p=pass", "p=pass", "p=unchanged p::a=fixed");
  check("p=pass q=pass", "p::a=fail #p q=pass", "p=not_run p::a=regression q=unchanged");
}

TEST(Comparison, TheSameBoxOnBothSides) {
  check("a=refused", "a=refused", "a=env_fault");
  check("a=offline", "a=offline", "a=env_fault");
  check("a=pass", "a=offline", "a=env_fault");
  check("a=pass", "a=refused", "a=regression");  // the base's server came up in the same box
}

TEST(Comparison, EqualNamesCompareAsASet) {
  check("a=pass a=fail", "a=fail a=pass", "a=unchanged a (2)=pre_existing");
  check("a=pass a=pass", "a=pass a=fail", "a=unchanged a (2)=regression");
  check("a=pass a=pass a=pass", "a=pass a=pass", "a=unchanged a (2)=unchanged a (3)=vanished");
}

TEST(Comparison, AMovedTestIsNotVanished) {
  check("t/a.py::test_one=pass", "t/b.py::test_one=pass", "t/b.py::test_one=unchanged");
  check("t/a.py::test_one=pass", "t/b.py::test_one=fail", "t/b.py::test_one=regression");
  check("Old.adds=pass x=pass", "New.adds=pass", "New.adds=unchanged x=vanished");
  // Two candidates: no one can say which.
  check("a::t=pass", "b::t=pass c::t=pass", "a::t=vanished b::t=added c::t=added");
}

TEST(MovedTests, ByRenamedFileAndByBody) {
  MovedTestsInput input;
  input.vanished = {"old.py::a", "x.py::was"};
  input.added = {"new.py::a", "other.py::a", "x.py::is"};
  input.renamed_files = {{"old.py", "new.py"}};
  input.base_body = [](const std::string& id) {
    return std::optional<std::string>(id == "x.py::was" ? body_fingerprint("def was():\n  assert 1", "was") : "?");
  };
  input.head_body = [](const std::string& id) {
    return std::optional<std::string>(id == "x.py::is" ? body_fingerprint("def is():\n    assert 1", "is") : "!");
  };
  const std::map<std::string, std::string> expected{{"old.py::a", "new.py::a"}, {"x.py::was", "x.py::is"}};
  EXPECT_EQ(moved_tests(input), expected);
}

// JUnit counts the rows before it tells them.
TEST(MovedTests, ARowBeforeOthers) {
  const auto moved = [](std::vector<std::string> vanished, std::vector<std::string> added) {
    MovedTestsInput input;
    input.vanished = std::move(vanished);
    input.added = std::move(added);
    return moved_tests(input);
  };
  using Pairs = std::map<std::string, std::string>;
  EXPECT_EQ(moved({"com.x.CalcTest.[1] 1, 2", "com.x.CalcTest.[2] 3, 4"}, {"com.x.CalcTest.[1] 0, 0", "com.x.CalcTest.[2] 1, 2", "com.x.CalcTest.[3] 3, 4"}),
            (Pairs{{"com.x.CalcTest.[1] 1, 2", "com.x.CalcTest.[2] 1, 2"}, {"com.x.CalcTest.[2] 3, 4", "com.x.CalcTest.[3] 3, 4"}}));
  EXPECT_EQ(moved({"CalcTest.adds(int, int)[1] 1, 2"}, {"CalcTest.adds(int, int)[1] 0, 0", "CalcTest.adds(int, int)[2] 1, 2"}),
            (Pairs{{"CalcTest.adds(int, int)[1] 1, 2", "CalcTest.adds(int, int)[2] 1, 2"}}));
  EXPECT_EQ(moved({"CalcTest.[1] 1, 2"}, {"CalcTest.[2] 1, 3"}), Pairs());                         // other values
  EXPECT_EQ(moved({"CalcTest.[1] 1, 2"}, {"OtherTest.[2] 1, 2"}), Pairs());                        // of another class
  EXPECT_EQ(moved({"CalcTest.[1] 1", "CalcTest.[2] 1"}, {"CalcTest.[3] 1", "CalcTest.[4] 2"}), Pairs());  // two, and one
  EXPECT_EQ(moved({"sums > item [1] works"}, {"sums > item [2] works"}), Pairs());                 // a title of one's own
}

TEST(MovedTests, NamesOfTests) {
  const std::pair<const char*, const char*> cases[] = {{"tests/test_a.py::TestX::test_b[1::2]", "test_b[1::2]"},
                                                       {"math.test.js > sum > adds 1.5 to 2", "adds 1.5 to 2"},
                                                       {"Suite.Name", "Name"},
                                                       {"pkg.module.Class.test", "test"},
                                                       {"handles 1.5 values", "handles 1.5 values"}};
  for (const auto& [id, name] : cases) EXPECT_EQ(test_name(id), name);
}

Finding finding(const std::string& path, int line, const std::string& message) {
  Finding one;
  one.path = path;
  one.line = line;
  one.severity = Severity::warning;
  one.message = message;
  return one;
}

void check_findings(const std::vector<Finding>& base, const std::vector<Finding>& head, const std::string& base_text,
                    const std::string& head_text, const std::vector<bool>& expected) {
  FindingMatchInput input;
  input.base = &base;
  input.head = &head;
  input.base_text = [&](const std::string&) { return std::optional<std::string>(base_text); };
  input.head_text = [&](const std::string&) { return std::optional<std::string>(head_text); };
  EXPECT_EQ(new_findings(input), expected);
}

TEST(FindingMatch, LinesAreCarriedThroughTheDiff) {
  const std::string base = "int a;\nint b;\nint c;\n";
  // Two lines above: the same finding.
  check_findings({finding("f", 2, "unused b")}, {finding("f", 4, "unused b")}, base, "//\n//\n" + base, {false});
  // The old one stays where it was; a second of the same words is new.
  check_findings({finding("f", 2, "unused b")}, {finding("f", 2, "unused b"), finding("f", 3, "unused b")}, base, base,
                 {false, true});
  // Another place of an unchanged text is another finding.
  check_findings({finding("f", 1, "unused")}, {finding("f", 3, "unused")}, base, base, {true});
  // Its line was moved.
  check_findings({finding("f", 1, "unused a")}, {finding("f", 3, "unused a")}, base, "int b;\nint c;\nint a;\n",
                 {false});
  // Its line was rewritten in place.
  check_findings({finding("f", 2, "unused b")}, {finding("f", 2, "unused b")}, base, "int a;\nlong b;\nint c;\n",
                 {false});
  // Numbers in the message move with the text.
  check_findings({finding("f", 2, "shadows line 1")}, {finding("f", 3, "shadows line 2")}, base, "//\n" + base,
                 {false});
}

// Five lines are rewritten, and the fourth still has what all of them had: the fourth is not gone, and the others are.
TEST(FindingMatch, AmongRewrittenLinesTheNeighbourIsNotTaken) {
  std::string base_text = "top\n", head_text = "top\n";
  std::vector<Finding> base;
  for (int line = 2; line <= 6; ++line) {
    base_text += "old " + std::to_string(line) + "\n";
    head_text += "new " + std::to_string(line) + "\n";
    base.push_back(finding("f", line, "old style"));
  }
  const std::vector<Finding> head = {finding("f", 5, "old style")};
  FindingMatchInput input;
  input.base = &base;
  input.head = &head;
  input.base_text = [&](const std::string&) { return std::optional(base_text); };
  input.head_text = [&](const std::string&) { return std::optional(head_text); };
  const FindingMatch match = match_findings(input);
  EXPECT_EQ(match.is_new, std::vector<bool>{false});
  EXPECT_EQ(match.gone, (std::vector<bool>{true, true, true, false, true}));
}

TEST(Comparison, FailuresOfTestsAreNotCountedTwice) {
  Try base = run_of("a=pass b=fail"), head = run_of("a=fail b=fail");
  Finding of_a = finding("t.py", 3, "assert 1 == 2");
  of_a.severity = Severity::error;
  of_a.code = "a";
  Finding of_b = of_a;
  of_b.code = "b";
  Finding loose = of_a;
  loose.code = "";
  head.diagnosis.findings = {of_a, of_b, loose};
  const Tries base_tries{base}, head_tries{head};
  ComparisonInput input;
  input.base = &base_tries;
  input.head = &head_tries;
  const Comparison result = compare(input);
  ASSERT_EQ(result.findings.size(), 3u);
  EXPECT_TRUE(result.findings[0].is_new);
  EXPECT_FALSE(result.findings[1].is_new);
  EXPECT_EQ(result.gate.new_errors, 1);
}

TEST(Comparison, ATestNamedByChanceIsNotGone) {
  const Tries head{run_of("a=pass at3=pass")};
  const auto judged = [&](const Tries& base) {
    ComparisonInput input;
    input.base = &base;
    input.head = &head;
    return statuses(compare(input));
  };
  EXPECT_EQ(judged({run_of("a=pass at1=pass"), run_of("a=pass at2=pass")}), "a=unchanged at1=flaky at2=flaky at3=added");
  EXPECT_EQ(judged({run_of("a=pass gone=pass"), run_of("a=pass gone=pass")}), "a=unchanged at3=added gone=vanished");
  EXPECT_EQ(judged({run_of("a=pass gone=pass"), run_of("a=pass !crash")}), "a=unchanged at3=added gone=vanished");
}

// The tool left before its pipe was read: what the base would have gone on to say is not known.
TEST(Comparison, WhatABaseThatWasCutOffDidNotSay) {
  Try base = run_of(""), head = run_of("");
  base.diagnosis.verdict = head.diagnosis.verdict = RunVerdict::fail;
  base.diagnosis.cut_off = true;
  Finding kept = finding("same.ts", 3, "Cannot find name E."), touched = finding("touched.ts", 3, "Cannot find name E.");
  kept.severity = touched.severity = Severity::error;
  head.diagnosis.findings = {kept, touched};
  const Tries base_tries{base}, head_tries{head};
  ComparisonInput input;
  input.kind = GateKind::typecheck;
  input.base = &base_tries;
  input.head = &head_tries;
  input.base_text = [](const std::string& path) -> std::optional<std::string> { return path == "same.ts" ? "same" : "old"; };
  input.head_text = [](const std::string& path) -> std::optional<std::string> { return path == "same.ts" ? "same" : "new"; };
  const Comparison result = compare(input);
  EXPECT_FALSE(result.findings[0].is_new);
  EXPECT_TRUE(result.findings[1].is_new);
  EXPECT_EQ(result.gate.new_errors, 1);
}

TEST(Comparison, CountsAloneCanDrop) {
  const auto counted = [](int passed) {
    Try one;
    one.diagnosis.tests.emplace();
    one.diagnosis.tests->total = one.diagnosis.tests->passed = passed;
    one.diagnosis.tests->failed = 0;
    return Tries{one};
  };
  const Tries ten = counted(10), nine = counted(9);
  ComparisonInput input;
  input.base = &ten;
  input.head = &nine;
  EXPECT_TRUE(compare(input).gate.count_dropped);
  input.head = &ten;
  EXPECT_FALSE(compare(input).gate.count_dropped);
}

}  // namespace
}  // namespace baton
