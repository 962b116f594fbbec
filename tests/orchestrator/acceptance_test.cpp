// Failures that are accepted as known: what a report says of them, over kinds of gates and callers, and what still blocks.
#include "orchestrator/acceptance.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>


namespace baton {
namespace {

const Caller kHuman{"cli:1", true, {}};
const Caller kAgent{"cli:2", false, "claude"};

GateReport gate(const std::string& name, GateKind kind, GateVerdict verdict, bool required = true) {
  GateReport one;
  one.name = name;
  one.kind = kind;
  one.verdict = verdict;
  one.required = required;
  return one;
}

TestVerdict test(const std::string& id, TestStatus status, const std::string& message = "12 is not 7") {
  TestVerdict one;
  one.id = id;
  one.status = status;
  one.gate = "unit";
  one.message = message;
  return one;
}

FindingVerdict finding(const std::string& gate, const std::string& path, int line, Severity severity, const std::string& message) {
  FindingVerdict one;
  one.gate = gate;
  one.finding.path = path;
  one.finding.line = line;
  one.finding.severity = severity;
  one.finding.message = message;
  return one;
}

VerifyReport rejected() {
  VerifyReport report;
  report.verdict = Verdict::rejected;
  report.cause = "unit failed: 2 regressions";
  report.gates = {gate("unit", GateKind::test, GateVerdict::fail)};
  report.tests = {test("a::one", TestStatus::regression), test("a::two", TestStatus::regression), test("a::three", TestStatus::unchanged)};
  return report;
}

Acceptance accepted(const VerifyReport& report, const std::string& name, const Caller& by = kHuman) {
  AcceptRequest request;
  request.test = name;
  request.reason = "known";
  const auto one = acceptance_of(report, request, by);
  EXPECT_TRUE(one.ok()) << name;
  return one ? *one : Acceptance();
}

struct Shown {
  bool all;
  std::string cause;
  int exit;
};

void check(VerifyReport report, const std::vector<Acceptance>& known, const Shown& expected) {
  const Verdict before = report.verdict;
  show_accepted(report, known);
  EXPECT_EQ(report.accepted, expected.all);
  EXPECT_EQ(report.cause, expected.cause);
  EXPECT_EQ(exit_code(report), expected.exit);
  EXPECT_EQ(report.verdict, before) << "no word ever changes";
}

TEST(Acceptance, CountsOnlyWhatAHumanSays) {
  const VerifyReport report = rejected();
  const Acceptance one = accepted(report, "one"), two = accepted(report, "two"), by_agent = accepted(report, "two", kAgent);
  const std::string cause = report.cause;
  check(report, {}, {false, cause, 1});
  check(report, {one}, {false, cause + " (1 of 2 failures accepted as known by a human)", 1});
  check(report, {one, two}, {true, cause + " (accepted as known by a human)", 0});
  check(report, {one, by_agent}, {false, cause + " (1 of 2 failures accepted as known by a human, 1 accepted by a process, which counts for nothing)", 1});
}

TEST(Acceptance, NeverCoversWhatHasNoName) {
  const Acceptance one = accepted(rejected(), "one"), two = accepted(rejected(), "two");
  const auto with = [&](const GateReport& other) {
    VerifyReport report = rejected();
    report.gates.push_back(other);
    show_accepted(report, {one, two});
    return report.accepted;
  };
  EXPECT_FALSE(with(gate("build", GateKind::build, GateVerdict::fail)));
  EXPECT_FALSE(with(gate("setup", GateKind::setup, GateVerdict::fail)));
  EXPECT_FALSE(with(gate("more", GateKind::test, GateVerdict::vacuous)));
  EXPECT_FALSE(with(gate("more", GateKind::test, GateVerdict::env_fault)));
  EXPECT_FALSE(with(gate("more", GateKind::build, GateVerdict::inconclusive)));
  EXPECT_TRUE(with(gate("more", GateKind::build, GateVerdict::pass)));
  EXPECT_TRUE(with(gate("more", GateKind::test, GateVerdict::fail, false)));
  EXPECT_TRUE(with(gate("lint", GateKind::lint, GateVerdict::env_fault)));
  VerifyReport inconclusive = rejected();
  inconclusive.verdict = Verdict::inconclusive;
  show_accepted(inconclusive, {one, two});
  EXPECT_FALSE(inconclusive.accepted);
  EXPECT_TRUE(inconclusive.tests[0].accepted.has_value());
}

TEST(Acceptance, HoldsForTheSameFailureAlone) {
  const Acceptance one = accepted(rejected(), "one");
  const auto holds = [&](const TestVerdict& now) {
    VerifyReport report = rejected();
    report.tests[0] = now;
    show_accepted(report, {one});
    return report.tests[0].accepted.has_value();
  };
  EXPECT_TRUE(holds(test("a::one", TestStatus::regression, "34 is not 56")));
  EXPECT_FALSE(holds(test("a::one", TestStatus::regression, "crashed")));
  EXPECT_FALSE(holds(test("a::one", TestStatus::vanished)));
  EXPECT_FALSE(holds(test("a::one", TestStatus::pre_existing)));
  EXPECT_FALSE(holds(test("a::other", TestStatus::regression)));
}

TEST(Acceptance, OfFindings) {
  VerifyReport report = rejected();
  report.tests.clear();
  report.gates = {gate("lint", GateKind::lint, GateVerdict::fail)};
  report.findings = {finding("lint", "a.py", 3, Severity::warning, "unused x"), finding("lint", "a.py", 9, Severity::note, "a remark")};
  AcceptRequest request{{}, {}, {}, "a.py", 3, {}, "generated", false};
  const auto one = acceptance_of(report, request, kHuman);
  ASSERT_TRUE(one.ok());
  report.findings[0].finding.line = 30;  // it moved along
  check(report, {*one}, {true, report.cause + " (accepted as known by a human)", 0});
  report.findings.push_back(finding("lint", "a.py", 4, Severity::warning, "unused y"));
  check(report, {*one}, {false, report.cause + " (1 of 2 failures accepted as known by a human)", 1});
}

TEST(Acceptance, RefusesWhatItCannotName) {
  const VerifyReport report = rejected();
  const auto why = [&](AcceptRequest request) {
    const auto one = acceptance_of(report, request, kHuman);
    return one ? std::string() : one.error().message;
  };
  EXPECT_NE(why({{}, {}, "one", {}, 0, {}, {}, false}).find("Say why"), std::string::npos);
  EXPECT_EQ(why({{}, {}, "one", {}, 0, {}, {}, true}), "");
  EXPECT_NE(why({{}, {}, {}, {}, 0, {}, "x", false}).find("Name a test"), std::string::npos);
  EXPECT_NE(why({{}, {}, "three", {}, 0, {}, "x", false}).find("shows no failure"), std::string::npos) << "it did not fail";
  EXPECT_NE(why({{}, {}, "ne", {}, 0, {}, "x", false}).find("shows no failure"), std::string::npos) << "a whole name";
  EXPECT_NE(why({{}, "lint", "one", {}, 0, {}, "x", false}).find("shows no failure"), std::string::npos);
  VerifyReport two = report;
  two.tests[1].id = "b::one";
  const auto one = acceptance_of(two, {{}, {}, "one", {}, 0, {}, "x", false}, kHuman);
  ASSERT_FALSE(one.ok());
  EXPECT_NE(one.error().message.find("names 2 failures"), std::string::npos);
}

}  // namespace
}  // namespace baton
