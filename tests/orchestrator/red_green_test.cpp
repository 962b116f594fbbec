// Red → green over what runners really printed: tests/orchestrator/red_green has a file a framework, whose sections are runs of one
// small project ("=== NAME exit N"), so that each reason is shown in each of them.
#include "orchestrator/red_green.h"

#include <gtest/gtest.h>

#include "orchestrator/change_parts.h"
#include "tests/orchestrator/recorded_runs.h"

namespace baton {
namespace {

RedGreenRuns step(RedGreenStep which, const std::vector<Diagnosis>& runs, bool frozen = true) {
  RedGreenRuns one;
  one.step = which;
  for (const Diagnosis& run : runs) one.runs.push_back({run, frozen});
  return one;
}

// "proven", "invalid flaky tests_on_base", "not_judged with_change"
std::string words(const Reproduction& shown) {
  std::string text(to_string(shown.status));
  if (shown.reason) text += " " + std::string(to_string(*shown.reason));
  if (shown.step) text += " " + std::string(to_string(*shown.step));
  EXPECT_FALSE(shown.message.empty());
  return text;
}

class RedGreenOf : public testing::TestWithParam<Framework> {
 protected:
  std::string judged(std::vector<RedGreenRuns> steps) const { return words(judge_red_green({{GetParam().target}, {GetParam().test_file}, std::move(steps)})); }
};

TEST_P(RedGreenOf, EachReasonOnce) {
  using enum RedGreenStep;
  const Outputs said = recorded(GetParam());
  for (const char* name : {"passes", "fails", "none", "broken", "silent", "other"}) ASSERT_TRUE(said.contains(name)) << name;
  const Diagnosis &passes = said.at("passes"), &fails = said.at("fails");
  const std::vector<Diagnosis> red(3, fails), green(3, passes);
  const auto on_base = [&](const char* name) { return judged({step(tests_on_base, std::vector<Diagnosis>(3, said.at(name)))}); };

  EXPECT_EQ(judged({step(tests_on_base, red), step(with_change, green), step(change_reverted, red)}), "proven");
  EXPECT_EQ(on_base("passes"), "invalid unexpected_green tests_on_base");
  EXPECT_EQ(on_base("none"), "invalid zero_tests_discovered tests_on_base");
  EXPECT_EQ(on_base("silent"), "invalid nonzero_exit_without_test_failure tests_on_base");
  EXPECT_EQ(on_base("broken"), "invalid fixture_or_load_failure tests_on_base");
  EXPECT_EQ(on_base("other"), "invalid no_target_test_failure tests_on_base");
  EXPECT_EQ(judged({step(tests_on_base, red), step(with_change, green, false)}), "invalid edited_between with_change");
  EXPECT_EQ(judged({step(tests_on_base, {fails, passes, fails})}), "invalid flaky tests_on_base");
  EXPECT_EQ(judged({step(tests_on_base, red), step(with_change, {passes, fails, passes})}), "invalid flaky with_change");
  EXPECT_EQ(judged({step(tests_on_base, red), step(with_change, red)}), "invalid still_red with_change");
  EXPECT_EQ(judged({step(tests_on_base, red), step(with_change, green), step(change_reverted, green)}), "invalid unexpected_green change_reverted");
}

TEST_P(RedGreenOf, WhatCouldNotRunIsNotJudged) {
  using enum RedGreenStep;
  const Outputs said = recorded(GetParam());
  Diagnosis fault;
  fault.verdict = RunVerdict::env_fault;
  fault.cause = "a command was not found";
  EXPECT_EQ(judged({step(tests_on_base, {fault})}), "not_judged tests_on_base");
  EXPECT_EQ(judged({step(tests_on_base, std::vector<Diagnosis>(3, said.at("fails")))}), "not_judged with_change");
  RedGreenRuns blocked = step(tests_on_base, {});
  blocked.blocked_by = "build: 'mul' was not declared";
  EXPECT_EQ(judged({blocked}), "invalid fixture_or_load_failure tests_on_base");
  blocked.blocked_by_fault = true;
  EXPECT_EQ(judged({blocked}), "not_judged tests_on_base");
}

INSTANTIATE_TEST_SUITE_P(Frameworks, RedGreenOf, testing::ValuesIn(kFrameworks), [](const auto& info) { return std::string(info.param.name); });

// What does not come to its assertion on the base is told apart from what is green there, also where others are red.
TEST(RedGreen, WhatDoesNotLoadOnTheBaseIsNamed) {
  using enum RedGreenStep;
  const auto run = [](std::vector<std::pair<const char*, const char*>> failed) {
    Diagnosis one;
    one.tests.emplace();
    for (const char* id : {"old", "fresh", "idle"}) {
      TestCase test;
      test.id = id;
      for (const auto& [name, message] : failed) {
        if (test.id == name) test.status = CaseStatus::failed, test.message = message;
      }
      one.tests->cases.push_back(test);
    }
    one.verdict = failed.empty() ? RunVerdict::pass : RunVerdict::fail;
    return std::vector<Diagnosis>(3, one);
  };
  const auto red = run({{"old", "assert 1 == 2"}, {"fresh", "AttributeError: module 'cart' has no attribute 'discount'"}});
  const Reproduction shown = judge_red_green({{"old", "fresh", "idle"}, {"tests/test_cart.py"}, {step(tests_on_base, red), step(with_change, run({})), step(change_reverted, red)}});
  EXPECT_EQ(shown.proven, std::vector<std::string>{"old"});
  EXPECT_EQ(shown.unloaded, std::vector<std::string>{"fresh"});
  RedGreenRuns blocked;
  blocked.blocked_by = "compile: exit status 1";
  EXPECT_EQ(judge_red_green({{"old"}, {}, {blocked}}).unloaded, std::vector<std::string>{"old"});
  blocked.blocked_by_fault = true;
  EXPECT_TRUE(judge_red_green({{"old"}, {}, {blocked}}).unloaded.empty());
}

TEST(RedGreen, WithoutATargetThereIsNothingToShow) {
  EXPECT_EQ(words(judge_red_green({})), "invalid zero_tests_discovered with_change");
}

// A message of a failed test, in the test's own file or in the program's, on the base.
std::string on_base(const std::string& message, const std::string& path) {
  Diagnosis run;
  run.verdict = RunVerdict::fail;
  run.tests.emplace();
  TestCase test;
  test.id = "t";
  test.path = path;
  test.status = CaseStatus::failed;
  test.message = message;
  run.tests->cases = {test};
  const Reproduction shown = judge_red_green({{"t"}, {"tests/t.py"}, {step(RedGreenStep::tests_on_base, {run, run, run})}});
  return shown.reason ? std::string(to_string(*shown.reason)) : "red";
}

TEST(RedGreen, AnErrorIsRedWhereTheProgramRaisesIt) {
  struct Case {
    const char *message, *path, *expected;
  };
  const Case cases[] = {
      {"AssertionError: assert 1 == 2", "tests/t.py", "red"},
      {"IndexError: list index out of range", "tests/t.py", "red"},
      {"AttributeError: module 'calc' has no attribute 'mul'", "tests/t.py", "fixture_or_load_failure"},
      {"AttributeError: 'Calc' object has no attribute 'mul'", "tests/t.py", "fixture_or_load_failure"},
      {"AttributeError: 'NoneType' object has no attribute 'name'", "tests/t.py", "red"},
      {"AttributeError: 'Calc' object has no attribute 'mul'", "calc.py", "red"},
      {"TypeError: add() got an unexpected keyword argument 'base'", "tests/t.py", "fixture_or_load_failure"},
      {"NameError: name 'x' is not defined", "calc.py", "red"},
      {"failed on setup with \"RuntimeError: no\"", "tests/t.py", "fixture_or_load_failure"},
      {"calc.mul is not a function", "tests/t.py", "fixture_or_load_failure"},
      {"calc.mul is not a function", "calc.js", "red"},
      {"Cannot read properties of undefined (reading 'x')", "tests/t.py", "red"},
      {"C++ exception with description \"no\" thrown in SetUp().", "tests/t.py", "fixture_or_load_failure"},
      {"C++ exception with description \"no\" thrown in the test body.", "tests/t.py", "red"},
      {"panic: runtime error: index out of range [3]", "calc.go", "red"},
  };
  for (const Case& one : cases) EXPECT_EQ(on_base(one.message, one.path), one.expected) << one.message << " in " << one.path;
}

// --- what of a change is its tests

TEST(ChangeParts, ByPath) {
  const std::map<std::string, ChangePart> expected = {
      {"tests/test_calc.py", ChangePart::test},   {"tests/data/in.json", ChangePart::test}, {"conftest.py", ChangePart::test},      {"calc_test.go", ChangePart::test},
      {"src/calc.test.ts", ChangePart::test},     {"tests/calc_test.cpp", ChangePart::test}, {"tests/CMakeLists.txt", ChangePart::manifest}, {"Cargo.toml", ChangePart::manifest},
      {"package.json", ChangePart::manifest},     {"README.md", ChangePart::document},      {"src/lib.rs", ChangePart::both},        {"src/calc.py", ChangePart::program},
      {"templates/a.html", ChangePart::program}, {"tests/it.rs", ChangePart::test},       {"testing_tools.py", ChangePart::program},
      {"lib/calc_spec.rb", ChangePart::test},     {"calc.bats", ChangePart::test},          {"run_tests.sh", ChangePart::test},      {"app/CalcTest.kt", ChangePart::test},
      {"CalcTests.cs", ChangePart::test},         {"build.sh", ChangePart::program},        {"lib/calc.rb", ChangePart::program}};
  for (const auto& [path, part] : expected) EXPECT_EQ(static_cast<int>(part_of_change(path)), static_cast<int>(part)) << path;
}

TEST(ChangeParts, InlineTestsOfRustAreTakenAlone) {
  const std::string was = "pub fn add(a: i32, b: i32) -> i32 {\n    a - b\n}\n\n#[cfg(test)]\nmod tests {\n    fn old() {}\n}\n";
  const std::string now = "pub fn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n\n#[cfg(test)]\nmod tests {\n    fn new() {\n    }\n}\n";
  EXPECT_EQ(with_inline_tests(was, now), "pub fn add(a: i32, b: i32) -> i32 {\n    a - b\n}\n\n#[cfg(test)]\nmod tests {\n    fn new() {\n    }\n}\n");
  EXPECT_EQ(with_inline_tests(was, "fn x() {}\n"), "pub fn add(a: i32, b: i32) -> i32 {\n    a - b\n}\n\n");
  EXPECT_EQ(inline_test_lines(now), (std::set<int>{5, 6, 7, 8, 9}));
  EXPECT_TRUE(inline_test_lines("#[cfg(test)]\nmod tests;\nfn main() {\n}\n").empty());
}

TextOf texts(std::map<std::string, std::string> files) {
  return [files](const std::string& path) {
    const auto found = files.find(path);
    return found == files.end() ? std::optional<std::string>() : std::optional<std::string>(found->second);
  };
}

std::string edits(const std::vector<SplitChange::Edit>& all) {
  std::string text;
  constexpr const char* kFrom[] = {"base", "head", "text", "gone"};
  for (const auto& edit : all) text += (text.empty() ? "" : " ") + edit.path + "=" + kFrom[static_cast<int>(edit.from)];
  return text;
}

TEST(ChangeParts, TheTwoTrees) {
  const auto split = [](const std::vector<FileChange>& changes) {
    const SplitChange both = split_change(changes, texts({}), texts({}));
    return edits(both.tests_on_base) + " | " + edits(both.reverted);
  };
  using enum ChangeKind;
  EXPECT_EQ(split({{modified, "calc.py", "calc.py"}, {added, "tests/test_calc.py", "tests/test_calc.py"}}), "tests/test_calc.py=head | calc.py=base");
  EXPECT_EQ(split({{added, "calc.py", "calc.py"}, {deleted, "old.py", "old.py"}, {renamed, "b.py", "a.py"}}), " | calc.py=gone old.py=base a.py=base b.py=gone");
  EXPECT_EQ(split({{modified, "calc.cpp", "calc.cpp"}, {modified, "CMakeLists.txt", "CMakeLists.txt"}, {modified, "README.md", "README.md"}}), "CMakeLists.txt=head | calc.cpp=base");
  const std::string both = "add_library(c src/calc.cpp src/fresh.cpp)\n";
  const SplitChange with_new = split_change({{modified, "CMakeLists.txt", "CMakeLists.txt"}, {added, "src/fresh.cpp", "src/fresh.cpp"}}, texts({}), texts({{"CMakeLists.txt", both}}));
  EXPECT_EQ(edits(with_new.tests_on_base) + " | " + edits(with_new.reverted), " | CMakeLists.txt=base src/fresh.cpp=gone");
  EXPECT_EQ(split({{modified, "CMakeLists.txt", "CMakeLists.txt"}, {deleted, "tests/test_a.py", "tests/test_a.py"}}), "tests/test_a.py=gone | CMakeLists.txt=base");
}

TEST(ChangeParts, IdsOfRunnersSpeakOfTests) {
  const NamedTest test{"tests/test_calc.py", "test_adds", "TestCalc::test_adds"};
  EXPECT_TRUE(speaks_of("tests/test_calc.py::TestCalc::test_adds[1-2]", "tests/test_calc.py", test));
  EXPECT_TRUE(speaks_of("tests/test_calc.py::test_adds", "", test));
  EXPECT_FALSE(speaks_of("tests/test_calc.py::test_adds_more", "", test));
  EXPECT_FALSE(speaks_of("tests/test_calc.py::test_adds", "tests/test_other.py", test));
  EXPECT_TRUE(speaks_of("calc > adds negatives", "", {"a.test.js", "adds negatives", "calc > adds negatives"}));
  EXPECT_TRUE(speaks_of("example.com/calc.TestAdds/zero", "", {"calc_test.go", "TestAdds", "TestAdds"}));
  EXPECT_TRUE(speaks_of("src/lib.rs::tests::adds", "", {"src/lib.rs", "adds", "tests::adds"}));
}

}  // namespace
}  // namespace baton
