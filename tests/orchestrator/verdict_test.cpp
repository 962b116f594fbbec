// docs/verdicts.md is the table: every cell there is checked against the functions, and every pair must have its cell.
#include "orchestrator/verdict.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <map>
#include <sstream>

namespace baton {
namespace {

struct Table {
  std::vector<std::string> columns;
  std::vector<std::pair<std::string, std::vector<std::string>>> rows;
};

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> result;
  std::istringstream in(line.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    size_t from = cell.find_first_not_of(' '), to = cell.find_last_not_of(' ');
    if (from != std::string::npos) result.push_back(cell.substr(from, to - from + 1));
  }
  return result;
}

Table read_table(const std::string& name) {
  std::ifstream in(std::string(BATON_SOURCE_DIR) + "/docs/verdicts.md");
  Table table;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line == "<!-- table: " + name + " -->") {
      inside = true;
      continue;
    }
    if (!inside) continue;
    if (!line.starts_with("|")) break;
    if (line.starts_with("|---")) continue;
    std::vector<std::string> parts = cells(line);
    std::string first = parts.front();
    parts.erase(parts.begin());
    if (table.columns.empty())
      table.columns = parts;
    else
      table.rows.emplace_back(first, parts);
  }
  EXPECT_FALSE(table.rows.empty()) << name;
  return table;
}

constexpr std::array kOutcomes{SideOutcome::absent, SideOutcome::passed, SideOutcome::failed, SideOutcome::skipped,
                               SideOutcome::mixed, SideOutcome::env_fault, SideOutcome::not_run};
constexpr std::array kOutcomeNames{"absent", "passed", "failed", "skipped", "mixed", "env_fault", "not_run"};
constexpr std::array kRuns{RunVerdict::pass, RunVerdict::fail, RunVerdict::vacuous,
                           RunVerdict::env_fault, RunVerdict::timeout, RunVerdict::crash};
constexpr std::array kKinds{GateKind::setup, GateKind::build, GateKind::test, GateKind::typecheck, GateKind::lint};
constexpr std::array kGateVerdicts{GateVerdict::pass, GateVerdict::fail, GateVerdict::vacuous, GateVerdict::env_fault,
                                   GateVerdict::inconclusive};

std::optional<RunVerdict> run_named(const std::string& name) {
  for (RunVerdict run : kRuns)
    if (to_string(run) == name) return run;
  EXPECT_TRUE(name == "absent" || name == "blocked") << name;
  return std::nullopt;
}

// "fail, 12 known, 1 new error" on the result.
void set_result(GateInput& in, const std::string& scenario) {
  std::istringstream parts(scenario);
  std::string part;
  std::getline(parts, part, ',');
  in.head = run_named(part);
  while (std::getline(parts, part, ',')) {
    std::istringstream words(part);
    int n = 0;
    std::string what;
    words >> n;
    std::getline(words >> std::ws, what);
    auto times = [&](SideOutcome base, SideOutcome head) {
      for (int i = 0; i < n; ++i) tally(in, base, head);
    };
    if (what == "known" && in.kind == GateKind::test) times(SideOutcome::failed, SideOutcome::failed);
    else if (what == "known") in.known_findings = n;
    else if (what == "flaky") times(SideOutcome::mixed, SideOutcome::mixed);
    else if (what == "unstable") times(SideOutcome::passed, SideOutcome::mixed);
    else if (what == "regression") times(SideOutcome::passed, SideOutcome::failed);
    else if (what == "vanished") times(SideOutcome::passed, SideOutcome::absent);
    else if (what == "removed by the task") for (int i = 0; i < n; ++i) tally(in, SideOutcome::passed, SideOutcome::absent, true);
    else if (what == "unjudged") times(SideOutcome::passed, SideOutcome::env_fault);
    else if (what == "known env") times(SideOutcome::env_fault, SideOutcome::env_fault);
    else if (what == "new error") in.new_errors = in.new_findings = n;
    else if (what == "new findings") in.new_findings = n;
    else ADD_FAILURE() << "unknown: " << what;
  }
}

TEST(Verdicts, EveryPairOfTestOutcomes) {
  Table table = read_table("test");
  ASSERT_EQ(table.rows.size(), kOutcomes.size());
  ASSERT_EQ(table.columns.size(), kOutcomes.size());
  for (size_t b = 0; b < kOutcomes.size(); ++b) {
    EXPECT_EQ(table.rows[b].first, kOutcomeNames[b]);
    EXPECT_EQ(table.columns[b], kOutcomeNames[b]);
    ASSERT_EQ(table.rows[b].second.size(), kOutcomes.size());
    for (size_t h = 0; h < kOutcomes.size(); ++h) {
      EXPECT_EQ(to_string(test_status(kOutcomes[b], kOutcomes[h])), table.rows[b].second[h])
          << kOutcomeNames[b] << " -> " << kOutcomeNames[h];
    }
  }
}

TEST(Verdicts, EveryPairOfRunsWithNothingFiner) {
  Table table = read_table("gate");
  ASSERT_EQ(table.rows.size(), kRuns.size() + 2);
  ASSERT_EQ(table.columns.size(), kRuns.size() + 1);
  for (GateKind kind : kKinds) {
    for (const auto& [base, row] : table.rows) {
      ASSERT_EQ(row.size(), table.columns.size());
      for (size_t h = 0; h < row.size(); ++h) {
        GateInput in{.kind = kind, .base = run_named(base), .head = run_named(table.columns[h])};
        in.base_blocked = base == "blocked";
        GateOutcome outcome = judge_gate(in);
        EXPECT_EQ(to_string(outcome.verdict), row[h]) << to_string(kind) << ": " << base << " -> " << table.columns[h];
        bool plain = outcome.verdict == GateVerdict::pass && base == "pass" && kind != GateKind::test;  // no test is named here
        EXPECT_EQ(outcome.cause.empty(), plain) << to_string(kind) << ": " << base << " -> " << table.columns[h];
      }
    }
  }
}

TEST(Verdicts, TestsToldApart) {
  Table table = read_table("tests told apart");
  ASSERT_EQ(table.rows.size(), kRuns.size());
  for (const auto& [base, row] : table.rows) {
    ASSERT_EQ(row.size(), table.columns.size()) << base;
    for (size_t i = 0; i < row.size(); ++i) {
      GateInput in{.kind = GateKind::test, .base = run_named(base), .tests_told_apart = true};
      set_result(in, table.columns[i]);
      EXPECT_EQ(to_string(judge_gate(in).verdict), row[i]) << base << " -> " << table.columns[i];
    }
  }
}

TEST(Verdicts, FindingsToldApart) {
  Table table = read_table("findings");
  for (const auto& [name, row] : table.rows) {
    ASSERT_EQ(row.size(), table.columns.size()) << name;
    std::string kind = name.substr(0, name.find(','));
    for (size_t i = 0; i < row.size(); ++i) {
      GateInput in;
      for (GateKind known : kKinds)
        if (to_string(known) == kind) in.kind = known;
      in.base = run_named(name.substr(name.find(',') + 2));
      set_result(in, table.columns[i]);
      EXPECT_EQ(to_string(judge_gate(in).verdict), row[i]) << name << " -> " << table.columns[i];
    }
  }
}

TEST(Verdicts, TheWhole) {
  Table table = read_table("whole");
  std::map<std::string, WholeInput> columns;
  columns["no criteria"] = {};
  columns["all met"].criteria_met = 3;
  columns["some met"] = {.criteria_met = 1, .criteria_unmet = 1, .criteria_not_checkable = 1};
  columns["gate changed, all met"].criteria_met = 3;
  columns["weaker, all met"] = {.criteria_met = 3, .weakened = 1};
  columns["not required, no criteria"] = {};
  for (const auto& [name, row] : table.rows) {
    std::istringstream words(name);
    std::string kind, verdict, before;
    words >> kind >> verdict >> before;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string& column = table.columns[i];
      ASSERT_TRUE(columns.contains(column)) << column;
      WholeInput in = columns[column];
      WholeInput::GateState gate{};
      gate.required = !column.starts_with("not required");
      gate.gate_changed = column.starts_with("gate changed");
      gate.vacuous_on_base = before == "before";
      for (GateKind known : kKinds)
        if (to_string(known) == kind) gate.kind = known;
      for (GateVerdict known : kGateVerdicts)
        if (to_string(known) == verdict) gate.verdict = known;
      ASSERT_EQ(to_string(gate.verdict), verdict);
      in.gates.push_back(gate);
      WholeOutcome outcome = judge_whole(in);
      EXPECT_EQ(to_string(outcome.verdict), row[i]) << name << " / " << column;
      EXPECT_FALSE(outcome.cause.empty()) << name << " / " << column;
    }
  }
}

// Over every combination of runs, kinds and counts: what may never happen.
TEST(Verdicts, NoBiggerWordThanTheEvidence) {
  std::vector<std::optional<RunVerdict>> runs(kRuns.begin(), kRuns.end());
  runs.push_back(std::nullopt);
  for (GateKind kind : kKinds)
    for (auto base : runs)
      for (auto head : runs)
        for (unsigned bits = 0; bits < 1u << 11; ++bits) {
          GateInput in{.kind = kind, .base = base, .head = head};
          auto bit = [&](int i) { return (bits >> i & 1) != 0; };
          in.tests_told_apart = bit(0);
          in.blocking_tests = in.regressions = bit(1) ? 2 : 0;
          in.unstable_tests = bit(2);
          in.tests_env_fault = bit(3);
          in.new_errors = bit(4);
          in.new_findings = bit(5) ? 3 : in.new_errors;
          in.count_dropped = bit(6);
          in.known_failures = bit(7) ? 12 : 0;
          in.known_env_faults = bit(8);
          in.known_findings = bit(9) ? 9 : 0;
          in.base_blocked = !base && bit(10);
          GateOutcome out = judge_gate(in);
          bool pass = out.verdict == GateVerdict::pass;
          auto where = [&] {
            return std::string(to_string(kind)) + " " + (base ? std::string(to_string(*base)) : "absent") + " -> " +
                   (head ? std::string(to_string(*head)) : "absent") + " bits " + std::to_string(bits) + ": " +
                   std::string(to_string(out.verdict)) + " " + out.cause;
          };
          if (!pass && out.cause.empty()) FAIL() << where();
          if (pass && !head) FAIL() << where();
          if (pass && (head == RunVerdict::vacuous || head == RunVerdict::timeout || head == RunVerdict::crash))
            FAIL() << where();
          if (pass && head == RunVerdict::fail && (!base || base == RunVerdict::vacuous || in.base_blocked) &&
              !(kind == GateKind::test && in.tests_told_apart && base))
            FAIL() << where();
          if (pass && kind == GateKind::test && in.tests_told_apart && base && in.blocking_tests > 0) FAIL() << where();
          if (pass && kind == GateKind::test && in.count_dropped && head != RunVerdict::env_fault) FAIL() << where();
          if (pass && kind != GateKind::test && kind != GateKind::typecheck && kind != GateKind::lint &&
              head == RunVerdict::fail)
            FAIL() << where();
          // And no false alarm: green, and nothing finer speaks against it.
          if (head == RunVerdict::pass && bits == 0 && !pass) FAIL() << where();
          // A red result is never called green without something that was there before or a reason in the tests.
          if (pass && head == RunVerdict::fail && out.cause.empty()) FAIL() << where();
        }
}

TEST(Verdicts, TallyAgreesWithStatus) {
  for (SideOutcome base : kOutcomes)
    for (SideOutcome head : kOutcomes) {
      GateInput in;
      TestStatus status = tally(in, base, head);
      EXPECT_EQ(status, test_status(base, head));
      EXPECT_EQ(in.blocking_tests, blocks(status) ? 1 : 0);
      EXPECT_EQ(in.blocking_tests, in.regressions + in.vanished + in.added_failing);
      EXPECT_EQ(in.tests_env_fault + in.known_env_faults, status == TestStatus::env_fault ? 1 : 0);
    }
}

void check_cause(GateInput in, GateVerdict verdict, const std::string& cause) {
  GateOutcome outcome = judge_gate(in);
  EXPECT_EQ(outcome.verdict, verdict) << outcome.cause;
  EXPECT_EQ(outcome.cause, cause);
}

TEST(Verdicts, CausesReadAsAPersonWouldSayThem) {
  using R = RunVerdict;
  GateInput in{.base = R::fail, .head = R::fail, .tests_told_apart = true, .known_failures = 12};
  check_cause(in, GateVerdict::pass, "12 failures were there before");
  in.unstable_tests = 1;
  check_cause(in, GateVerdict::pass, "12 failures were there before; 1 newly unstable test");
  in.blocking_tests = 3, in.regressions = 2, in.vanished = 1;
  check_cause(in, GateVerdict::fail, "2 regressions, 1 test no longer runs");
  in.regressions = in.vanished = 0;
  check_cause(in, GateVerdict::fail, "3 tests got worse");
  check_cause({.base = R::pass, .head = R::pass, .base_executed = 3, .head_executed = 3}, GateVerdict::pass, "");
  check_cause({.base = R::pass, .head = R::pass}, GateVerdict::pass, "it names no test, so its exit status alone speaks");
  check_cause({.kind = GateKind::build, .base = R::pass, .head = R::pass}, GateVerdict::pass, "");
  check_cause({.base = R::fail, .head = R::pass, .head_executed = 3}, GateVerdict::pass, "mended: it failed on the base");
  check_cause({.base = R::env_fault, .head = R::pass, .head_executed = 3}, GateVerdict::pass,
              "the base could not be run: environment fault");
  check_cause({.base = R::pass, .head = R::vacuous, .base_executed = 12}, GateVerdict::vacuous,
              "nothing ran, where the base ran 12 tests");
  check_cause({.base = R::pass, .head = R::pass, .count_dropped = true, .base_executed = 12, .head_executed = 9},
              GateVerdict::fail, "fewer tests ran than on the base: 9 of 12");
  check_cause({.base = R::pass, .head = R::timeout}, GateVerdict::fail, "timed out, which the base does not");
  check_cause({.head = R::pass, .head_executed = 3}, GateVerdict::pass, "not run on the base");
  GateOutcome blocked = judge_blocked("cmake build", GateVerdict::fail);
  EXPECT_EQ(blocked.verdict, GateVerdict::fail);
  EXPECT_EQ(blocked.cause, "not run: it needs cmake build, which failed");
  EXPECT_EQ(judge_blocked("x", GateVerdict::pass).verdict, GateVerdict::inconclusive);
}

TEST(Verdicts, WholeNamesWhatDecided) {
  WholeInput in;
  EXPECT_EQ(judge_whole(in).cause, "no gate was found");
  auto gate = [](GateKind kind, GateVerdict verdict, std::string name, std::string cause) {
    WholeInput::GateState state{};
    state.required = true, state.kind = kind, state.verdict = verdict, state.name = name, state.cause = cause;
    return state;
  };
  in.gates = {gate(GateKind::build, GateVerdict::pass, "cmake build", ""),
              gate(GateKind::test, GateVerdict::pass, "ctest", "12 failures were there before")};
  EXPECT_EQ(judge_whole(in).cause, "no criteria were given");
  in.criteria_met = 1;
  EXPECT_EQ(judge_whole(in).verdict, Verdict::verified);
  in.gates[1].names_no_test = true;
  EXPECT_EQ(judge_whole(in).verdict, Verdict::no_regression);
  EXPECT_EQ(judge_whole(in).cause, "1 of 1 criterion shown; a gate names no test");
  in.criteria_met = 0, in.criteria_unmet = 2, in.criteria_not_checkable = 1;
  EXPECT_EQ(judge_whole(in).cause, "0 of 3 criteria shown; 2 not met");
  in.gates[1].verdict = GateVerdict::env_fault, in.gates[1].cause = "could not be run on the result";
  EXPECT_EQ(judge_whole(in).cause, "ctest: could not be run on the result");
  in.gates[0].verdict = GateVerdict::fail, in.gates[0].cause = "1 new error";
  EXPECT_EQ(judge_whole(in).cause, "cmake build failed: 1 new error");
  EXPECT_EQ(judge_whole(in).verdict, Verdict::rejected);
}

TEST(Verdicts, ExitCodes) {
  EXPECT_EQ(exit_code(Verdict::verified), 0);
  EXPECT_EQ(exit_code(Verdict::no_regression), 0);
  EXPECT_EQ(exit_code(Verdict::rejected), 1);
  EXPECT_EQ(exit_code(Verdict::inconclusive), 1);
}

}  // namespace
}  // namespace baton
