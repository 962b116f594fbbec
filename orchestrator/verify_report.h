// The answer of a verification: what faces.md calls `baton verify --json`, as values. Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "analyzers/audit/audit.h"
#include "analyzers/finding.h"
#include "analyzers/test_report.h"
#include "orchestrator/red_green.h"
#include "orchestrator/verdict.h"
#include "support/result.h"

namespace baton {

// Somebody has said that a failure is known.
struct AcceptedNote {
  std::string reason;
  std::string by;      // "a human", "a process below claude"
  bool human = false;  // what a process accepts is shown, and counts for nothing
};

struct RunSummary {
  RunVerdict verdict = RunVerdict::pass;
  std::string cause;
  std::optional<int> exit_code, signal;
  double seconds = 0;
  std::optional<int> total, passed, failed, skipped;
  std::string log;       // absolute path of the redacted, content-addressed log
  std::string evidence;  // sha256 of the statement
  bool cached = false;   // taken from an earlier run of the same tree, command and toolchain
};

struct GateReport {
  std::string name;
  GateKind kind = GateKind::test;
  bool required = true;
  GateVerdict verdict = GateVerdict::pass;
  std::string cause;
  std::vector<std::string> argv;
  std::string source;
  std::optional<RunSummary> base, head;
};

struct TestVerdict {
  std::string id;
  TestStatus status = TestStatus::unchanged;
  std::string gate;
  std::string path;   // where to show it; may be empty
  int line = 0;       // in the judged tree (of the base when vanished); 0 = not told
  std::string message;
  std::string symbol;  // enclosing function, where known
  double seconds = 0;
  std::optional<AcceptedNote> accepted = {};
  bool removed_by_task = false;  // vanished with what it tested, as the task asks: it does not block
};
bool blocks(const TestVerdict& test);

struct FindingVerdict {
  Finding finding;     // line in the judged tree
  std::string gate;
  bool is_new = true;  // false: the base has it too
  std::optional<AcceptedNote> accepted = {};
};

struct CriterionVerdict {
  std::string text;
  CriterionStatus status = CriterionStatus::not_checkable;
  std::vector<std::string> evidence;
  std::string why = {};  // what it rests on, or what is missing: one clause
  std::string test = {};  // a sentence: the test that shows it, as `name_of` has it; empty: none
};

// Small changes of the changed lines, each tried against the tests. Those that none noticed stand among the findings, with this code.
inline constexpr const char* kMutantCode = "mutant";
struct MutantCount {
  int made = 0, tried = 0, noticed = 0, unnoticed = 0;
  int not_viable = 0;  // did not build
  double seconds = 0;
};

// The base's tests put back into the result, and what they say of the new code (base_tests.h). What fails stands in the audit.
struct BaseTests {
  std::vector<std::string> put_back;  // files that are as the base has them
  std::vector<std::string> failing;   // tests, or gates that name none
  std::vector<std::string> unasked;   // tests that do not load with the new code, or call it in another way than it is to be called
  std::vector<std::string> evidence;  // statements of all its runs
  std::vector<std::string> trees;     // that were made for it
};

struct Judged {
  std::string commit, tree;
  std::string name;  // what the user called it: "HEAD", "working tree", "a1b2c3d"
};

struct VerifyReport {
  std::string id;
  Verdict verdict = Verdict::inconclusive;
  std::string cause;
  Judged base, head;
  std::vector<GateReport> gates;
  std::vector<TestVerdict> tests;        // every test that is not `unchanged` first, then the unchanged ones
  std::vector<FindingVerdict> findings;
  std::vector<FindingVerdict> gone;      // what the base alone has; lines in the base
  std::string task;                      // what was asked for, as the audit was told; it explains changed expectations
  bool task_by_agent = false;            // a coding agent said so
  std::vector<AuditFinding> audit;       // what removes protection first
  std::vector<CriterionVerdict> criteria;
  std::optional<Reproduction> reproduction;  // where a criterion asks for red → green, or rests on it
  std::optional<BaseTests> base_tests;       // where the change takes from the base's tests
  std::optional<std::vector<std::string>> prove;  // as it was asked for (engine.h)
  std::optional<MutantCount> mutants;        // on request
  std::vector<std::string> notes;        // assumptions and what was left out, each a sentence
  std::string sandbox;                   // rung: "bubblewrap" or "not isolated"
  bool whole = true;         // about all gates: none were named, and it is no quick one
  bool provisional = false;
  bool cached = false;
  bool accepted = false;     // rejected, and a human has accepted each failure that it rests on; the verdict stays the same word
  double seconds = 0;        // wall, whole verification
  double gate_seconds = 0;   // of which the gates' own commands
};

// Of its audit: how many findings remove protection.
std::size_t weakened_checks(const VerifyReport& report);

int exit_code(const VerifyReport& report);  // as of its verdict; 0 where all was accepted

nlohmann::json to_json(const AuditFinding& finding);
nlohmann::json to_json(const VerifyReport& report);
Result<VerifyReport> verify_report_from_json(const nlohmann::json& json);

}  // namespace baton
