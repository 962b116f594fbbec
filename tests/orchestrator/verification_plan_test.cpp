#include "orchestrator/verification_plan.h"

#include <gtest/gtest.h>

#include "orchestrator/gate_audit.h"

namespace baton {
namespace {

Gate gate(const std::string& name, GateKind kind, const std::string& command, std::vector<std::string> needs = {}) {
  Gate one;
  one.name = name;
  one.kind = kind;
  one.argv = {command};
  one.needs = std::move(needs);
  one.source = "package.json: scripts." + name;
  return one;
}

GatePlan plan(std::vector<Gate> gates) {
  GatePlan all;
  all.gates = std::move(gates);
  return all;
}

std::string shown(const VerificationPlan& verification) {
  std::string text;
  for (const PlannedGate& planned : verification.gates) {
    const auto side = [](const std::optional<Gate>& one) {
      if (!one) return std::string("-");
      std::string needs;
      for (const std::string& need : one->needs) needs += "<" + need;
      return one->argv[0] + needs;
    };
    text += planned.gate().name + "[" + side(planned.base) + " " + side(planned.head) +
            (planned.replacement ? " or " + side(planned.replacement) : "") + "] ";
  }
  return text;
}

TEST(VerificationPlan, GatesAreTheBasesAndSetUpIsEachSidesOwn) {
  const GatePlan base = plan({gate("npm ci", GateKind::setup, "ci"), gate("test", GateKind::test, "jest", {"npm ci"})});
  const GatePlan head =
      plan({gate("npm install", GateKind::setup, "install"), gate("test", GateKind::test, "vitest", {"npm install"}),
            gate("lint", GateKind::lint, "eslint", {"npm install"})});
  const VerificationPlan planned = plan_verification(&base, head);
  EXPECT_EQ(shown(planned),
            "npm ci[ci -] npm install[- install] test[jest<npm ci jest<npm install or vitest<npm install] "
            "lint[- eslint<npm install] ");
  EXPECT_EQ(planned.notes.size(), 1u);
  EXPECT_EQ(everything(planned).gates.size(), 5u);
}

TEST(VerificationPlan, ARemovedGateStillRunsAndIsShown) {
  const GatePlan base = plan({gate("a", GateKind::test, "run-a"), gate("b", GateKind::lint, "run-b")});
  const GatePlan head = plan({gate("c", GateKind::test, "run-c")});
  const VerificationPlan planned = plan_verification(&base, head);
  EXPECT_EQ(shown(planned), "a[run-a run-a or run-c] b[run-b run-b] ");
  ASSERT_EQ(planned.audit.size(), 2u);
  EXPECT_EQ(planned.audit[0].kind, "gate_removed");
  EXPECT_EQ(planned.audit[0].path, "package.json");
}

TEST(VerificationPlan, ABaseWithoutGatesGivesWayToTheHeads) {
  const GatePlan nothing, head = plan({gate("test", GateKind::test, "run")});
  EXPECT_EQ(shown(plan_verification(&nothing, head)), "test[run run] ");
  EXPECT_EQ(shown(plan_verification(nullptr, head)), "test[- run] ");
}

TEST(VerificationPlan, OnlyTheNamedGatesAndWhatTheyNeed) {
  const GatePlan both = plan({gate("setup", GateKind::setup, "s"), gate("build", GateKind::build, "b", {"setup"}),
                              gate("test", GateKind::test, "t", {"build"}), gate("lint", GateKind::lint, "l")});
  const auto chosen = only_gates(plan_verification(&both, both), {"test"});
  ASSERT_TRUE(chosen.ok());
  EXPECT_EQ(shown(*chosen), "setup[s s] build[b<setup b<setup] test[t<build t<build] ");
  const auto unknown = only_gates(plan_verification(&both, both), {"tests"});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().kind, ErrorKind::usage);
  EXPECT_NE(unknown.error().message.find("setup, build, test, lint"), std::string::npos);
}

std::vector<AuditFinding> audit(const std::string& path, const std::string& before, const std::string& after) {
  Gate one = gate("test", GateKind::test, "run");
  one.scripts = {path};
  const GatePlan both = plan({one});
  return audit_gates(
      plan_verification(&both, both), [&](const std::string&) { return std::optional<std::string>(before); },
      [&](const std::string&) { return std::optional<std::string>(after); });
}

TEST(GateAudit, WhatDecidesWhatRuns) {
  const auto package = audit("package.json", R"({"scripts":{"test":"jest"}})", "{\n\"scripts\":{\n\"test\":\"true\"}}");
  ASSERT_EQ(package.size(), 1u);
  EXPECT_EQ(package[0].kind, "gate_script_changed");
  EXPECT_EQ(package[0].line, 3);
  EXPECT_EQ(audit("CMakeLists.txt", "add_test(NAME a COMMAND a)\nadd_test(NAME b COMMAND b)\n",
                  "add_test(NAME a COMMAND a)\n")
                .size(),
            1u);
  EXPECT_EQ(audit("pyproject.toml", "[tool.pytest.ini_options]\naddopts='-q'\n",
                  "[tool.pytest.ini_options]\naddopts='-q -k x'\n")
                .size(),
            1u);
  EXPECT_EQ(audit("Makefile", "test: all\n\t./run\n", "test: all\n\t./run || true\n").size(), 1u);
}

TEST(GateAudit, AFileIsToldOnceWithAllThatItDecides) {
  GatePlan base = plan({gate("install", GateKind::setup, "i"), gate("test", GateKind::test, "t")});
  for (Gate& one : base.gates) one.scripts = {"package.json"};
  GatePlan head = base;
  head.gates[1].argv = {"other"};
  const auto found = audit_gates(
      plan_verification(&base, head), [](const std::string&) { return std::optional<std::string>(R"({"scripts":{"test":"jest"}})"); },
      [](const std::string&) { return std::optional<std::string>(R"({"scripts":{"test":"true"}})"); });
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].message, "The change touches what decides what \"install\" and \"test\" run; was: scripts.test: \"jest\"");
}

// Which file of the tree a command runs; it changes, and so does every other.
TEST(GateAudit, TheScriptOfACommandDecides) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"sh", "check.sh"}, "check.sh"},           {{"bash", "-eu", "ci/check.sh", "x"}, "ci/check.sh"}, {{"./check"}, "check"},
      {{"python3", "tests/run.py"}, "tests/run.py"}, {{"node", "test.js"}, "test.js"},                  {{"sh", "-c", "make"}, ""},
      {{"python3", "-m", "pytest", "a.py"}, ""},  {{"node", "--test", "a.js"}, ""},                     {{"clang-format", "-n", "a.c"}, ""},
      {{"make", "test"}, ""},                     {{"/usr/bin/check", "a.c"}, ""},
  };
  for (const auto& [argv, script] : cases) {
    Gate one = gate("check", GateKind::test, "run");
    one.argv = argv;
    one.scripts = {};
    const GatePlan both = plan({one});
    const auto found = audit_gates(
        plan_verification(&both, both), [](const std::string&) { return std::optional<std::string>("before\n"); },
        [](const std::string&) { return std::optional<std::string>("after\n"); });
    EXPECT_EQ(found.empty() ? "" : found[0].path, script) << argv[0] << " " << argv.back();
  }
}

TEST(GateAudit, HonestChangesPassUnbothered) {
  EXPECT_TRUE(audit("package.json", R"({"version":"1","scripts":{"test":"jest"}})",
                    R"({"version":"2","scripts":{"test":"jest","x":"y"}})")
                  .empty());
  EXPECT_TRUE(audit("CMakeLists.txt", "add_library(a a.cpp)\nadd_test(NAME a COMMAND a)\n",
                    "add_library(a a.cpp b.cpp)\nadd_test(NAME a COMMAND a)\nadd_test(NAME b COMMAND b)\n")
                  .empty());
  EXPECT_TRUE(audit("pyproject.toml", "[project]\nversion='1'\n[tool.pytest.ini_options]\naddopts='-q'\n",
                    "[project]\nversion='2'\n[tool.pytest.ini_options]\naddopts='-q'\n")
                  .empty());
  EXPECT_TRUE(
      audit("Makefile", "a.o: a.c\n\tcc -c a.c\ntest:\n\t./run\n", "a.o: a.c a.h\n\tcc -c a.c\ntest:\n\t./run\n")
          .empty());
}

}  // namespace
}  // namespace baton
