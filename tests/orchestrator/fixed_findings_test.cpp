// Criteria about findings: how they are written, which gates show them, and when they are met.
#include "orchestrator/fixed_findings.h"

#include "orchestrator/criteria.h"
#include "tests/orchestrator/workshop.h"

namespace baton {
namespace {

void round_trip(const FixedFinding& finding, const std::string& text) {
  EXPECT_EQ(to_criterion(finding), text);
  const auto read = fixed_finding(text);
  ASSERT_TRUE(read.has_value()) << text;
  EXPECT_EQ(*read, finding) << text;
}

TEST(FixedFindings, AreWrittenAsCriteria) {
  round_trip({"clang-tidy", "modernize-use-nullptr", "src/a.cpp", 12}, "fixed: clang-tidy modernize-use-nullptr at src/a.cpp:12");
  round_trip({"ruff", "F401", "", 0}, "fixed: ruff F401");
  round_trip({"eslint", "no-var", "a b at c.js", 3}, "fixed: eslint no-var at a b at c.js:3");
  round_trip({"ruff format", "ruff format", "a.py", 1}, "fixed: ruff format ruff format at a.py:1");
  round_trip({"gofmt", "gofmt", "x:y.go", 0}, "fixed: gofmt gofmt at x:y.go");
  for (const char* text : {"fixed:", "fixed: clang-tidy", "gate: ctest", "It is fixed: a b", ""}) EXPECT_FALSE(fixed_finding(text).has_value()) << text;
}

CriterionStatus judged(const FixedFinding& asked, std::vector<FindingFate> fates, int head_exit = 0, const std::string& new_code = "") {
  VerifyReport report;
  GateReport gate;
  gate.name = fixed_findings_gate("clang-tidy");
  gate.base = RunSummary{RunVerdict::pass, {}, 0, {}, 1, {}, {}, {}, {}, {}, "e1", false};
  gate.head = RunSummary{head_exit == 0 ? RunVerdict::pass : RunVerdict::fail, {}, head_exit, {}, 1, {}, {}, {}, {}, {}, "e2", false};
  report.gates = {gate};
  if (!new_code.empty()) {
    FindingVerdict found;
    found.gate = gate.name;
    found.finding.code = new_code;
    report.findings.push_back(found);
  }
  const auto verdicts = judge_criteria({to_criterion(asked)}, report, fates);
  if (verdicts.at(0).status != CriterionStatus::not_checkable) EXPECT_EQ(verdicts.at(0).evidence, (std::vector<std::string>{"e1", "e2"}));
  return verdicts.at(0).status;
}

FindingFate fate(const std::string& path, int line, const std::string& code, bool gone, const std::string& gate = fixed_findings_gate("clang-tidy")) {
  FindingFate one;
  one.finding.path = path;
  one.finding.line = line;
  one.finding.code = code;
  one.gate = gate;
  one.gone = gone;
  return one;
}

TEST(FixedFindings, AreMetWhereTheToolNoLongerShowsThem) {
  const FixedFinding asked{"clang-tidy", "c", "a.cpp", 3};
  using enum CriterionStatus;
  EXPECT_EQ(judged(asked, {fate("a.cpp", 3, "c", true), fate("a.cpp", 4, "c", false), fate("b.cpp", 3, "c", false), fate("a.cpp", 3, "d", false)}), met);
  EXPECT_EQ(judged(asked, {fate("a.cpp", 3, "c", false)}), unmet);
  EXPECT_EQ(judged(asked, {fate("a.cpp", 3, "c", true), fate("a.cpp", 3, "c", false)}), unmet) << "one of two is still there";
  EXPECT_EQ(judged(asked, {}), not_checkable) << "the tool does not show it on the base";
  EXPECT_EQ(judged(asked, {fate("a.cpp", 3, "c", true, "another gate")}), not_checkable);
  EXPECT_EQ(judged(asked, {fate("a.cpp", 3, "c", true)}, 70), not_checkable) << "it did not look at everything";
  EXPECT_EQ(judged(asked, {fate("a.cpp", 3, "c", true)}, 1), met);
  EXPECT_EQ(judged(asked, {fate("a.cpp", 3, "c", true)}, 0, "clang-diagnostic-error"), not_checkable) << "it could not read the result";
  const FixedFinding everywhere{"clang-tidy", "c", "", 0};
  EXPECT_EQ(judged(everywhere, {fate("a.cpp", 3, "c", true), fate("b.cpp", 9, "c", true)}), met);
  EXPECT_EQ(judged(everywhere, {fate("a.cpp", 3, "c", true), fate("b.cpp", 9, "c", false)}), unmet);
}

TEST(FixedFindings, AToolThatCannotRunIsNamed) {
  VerificationPlan plan;
  add_fixed_findings_gates(plan, {"fixed: clang-tidy modernize-use-nullptr at a.cpp:1", "fixed: unheard-of x at y:1"}, {});
  EXPECT_TRUE(plan.gates.empty());
  ASSERT_EQ(plan.notes.size(), 2u);
  EXPECT_NE(plan.notes[0].find("clang-tidy"), std::string::npos);
}

// The tool itself, on both sides of a real project.
class FixedFindingsTest : public Workshop {
 protected:
  std::string judge(const std::vector<std::string>& criteria) {
    VerifyRequest asked = request();
    asked.criteria = criteria;
    const VerifyReport report = judged(asked);
    std::string text(to_string(report.verdict));
    for (const CriterionVerdict& one : report.criteria) text += " " + std::string(to_string(one.status));
    return text;
  }
};

TEST_F(FixedFindingsTest, ByClangTidy) {
  for (const char* tool : {"clang-tidy", "cmake", "g++"}) {
    if (!find_program(tool, *get(env_, "PATH"))) GTEST_SKIP() << tool << " is not installed";
  }
  const std::string header = "inline int *third() { return 0; }\n";
  commit({{"CMakeLists.txt", "cmake_minimum_required(VERSION 3.16)\nproject(x CXX)\nenable_testing()\nadd_executable(x a.cpp)\nadd_test(NAME x COMMAND x)\n"},
          {"a.cpp", "#include \"a.h\"\nint *first() { return 0; }\nint *second() { return 0; }\nint main() { return first() == second() && third() == first() ? 0 : 1; }\n"},
          {"a.h", header}});
  const std::string first = "fixed: clang-tidy modernize-use-nullptr at a.cpp:2", second = "fixed: clang-tidy modernize-use-nullptr at a.cpp:3",
                    third = "fixed: clang-tidy modernize-use-nullptr at a.h:1", nowhere = "fixed: clang-tidy modernize-use-nullptr at a.cpp:4";
  write({{"a.cpp", "#include \"a.h\"\n// moved\nint *first() { return nullptr; }\nint *second() { return 0; }\nint main() { return first() == second() && third() == first() ? 0 : 1; }\n"}});
  EXPECT_EQ(judge({first, second, third, nowhere}), "no_regression met unmet unmet not_checkable");
  write({{"a.h", "inline int *third() { return nullptr; }\n"}});
  EXPECT_EQ(judge({first, third}), "verified met met");
  EXPECT_EQ(judge({"gate: ctest", first}), "verified met met");
  // A configuration that mutes the check shows nothing.
  write({{".clang-tidy", "Checks: '-*'\n"}, {"a.h", header}});
  EXPECT_EQ(judge({first, third}), "no_regression met unmet");
}

TEST_F(FixedFindingsTest, ByAFormatter) {
  if (!find_program("clang-format", *get(env_, "PATH"))) GTEST_SKIP() << "clang-format is not installed";
  commit({gate(R"(["true"])", "build"), {"a.c", "int   a;\n"}, {"b.c", "int   b;\n"}});
  write({{"a.c", "int a;\n"}});
  EXPECT_EQ(judge({"fixed: clang-format clang-format at a.c:1"}), "verified met");
  EXPECT_EQ(judge({"fixed: clang-format clang-format at b.c:1"}), "no_regression unmet");
}

// As the fixer formats: by the edition of each package, and each file for itself.
TEST_F(FixedFindingsTest, ByRustfmt) {
  const std::string home = get(current_environment(), "HOME").value_or("");
  set(env_, "RUSTUP_HOME", get(current_environment(), "RUSTUP_HOME").value_or(home + "/.rustup"));
  for (const char* tool : {"cargo", "cargo-fmt"}) {
    if (!find_program(tool, *get(env_, "PATH"))) GTEST_SKIP() << tool << " is not installed";
  }
  commit({gate(R"(["true"])", "build"), {"Cargo.toml", "[package]\nname = \"x\"\nversion = \"0.1.0\"\nedition = \"2018\"\n\n[workspace]\nmembers = [\"old\"]\n"},
          {"src/lib.rs", "mod a;\npub async  fn f() {}\n"}, {"src/a.rs", "pub  fn g() {}\n"},
          {"old/Cargo.toml", "[package]\nname = \"old\"\nversion = \"0.1.0\"\n"}, {"old/src/lib.rs", "pub  fn async() {}\n"}});
  const std::string lib = "fixed: rustfmt rustfmt at src/lib.rs:2", a = "fixed: rustfmt rustfmt at src/a.rs:1", old = "fixed: rustfmt rustfmt at old/src/lib.rs:1";
  write({{"src/lib.rs", "mod a;\npub async fn f() {}\n"}, {"old/src/lib.rs", "pub fn async() {}\n"}});
  const auto statuses = [&](const std::vector<std::string>& criteria) {
    const std::string text = judge(criteria);
    return text.substr(text.find(' ') + 1);
  };
  EXPECT_EQ(statuses({lib, a, old}), "met unmet met") << "another file of it is not formatted yet";
  write({{"src/a.rs", "pub fn g() {}\n"}});
  EXPECT_EQ(statuses({lib, a, old}), "met met met");
  write({{"src/a.rs", "pub fn g( {}\n"}});
  EXPECT_EQ(statuses({a}), "not_checkable") << "it could not be read";
}

}  // namespace
}  // namespace baton
