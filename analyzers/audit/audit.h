// The audit: what a change does to the checks that hold the code. Two versions of the changed files go in, findings come out;
// nothing is run and nothing else is read. What removes protection escalates, what may be meant is a note: a rewrite, a move, an
// expectation that the task's words explain. Pure; any thread.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/finding.h"

namespace baton {

struct AuditFinding {
  std::string path;
  int line = 0;          // in the result; with `on_base` in the base
  std::string kind;      // "assertion_removed", "skip_added", ...: docs/audit.md; of a verification also "gate_script_changed", "gate_removed"
  Severity severity = Severity::warning;
  std::string message = {};
  bool escalates = false;  // it removes protection: a human decides
  bool on_base = false;
  std::string hunk = {};   // the lines, as a diff shows them
};

// What the base's tree says that it is (test_places.h), whatever its name says.
enum class AuditedPart {
  by_name,
  tests,    // a runner looks into it for tests
  support,  // tests rest on it, and the program does not
};

struct AuditedFile {
  std::string path;      // in the result; of what is deleted in the base
  std::string old_path;  // differs where it was renamed
  std::optional<std::string> before, after;  // absent: not there
  bool built = false;    // a program or its parts as a compiler leaves them: no text, and it came with the change
  AuditedPart part = AuditedPart::by_name;
  bool examples_run = false;  // `>>> f(2)` in it is a test
};

// A test as its file has it: a runner may name it in other ways.
struct PlacedTest {
  std::string path, name, qualified;
  int line = 0, end_line = 0;
};

enum class TestFate {
  lost,             // something that it insisted on is insisted on no more, or less, or nobody can tell
  held,             // tests of the result insist on all of it
  removed_by_task,  // it is gone, and what it tested, as the task's words say
};

// What became of a test of the base, in the files that changed and can be read.
struct AuditedTest {
  PlacedTest was;
  TestFate fate = TestFate::lost;
  std::vector<PlacedTest> held_by = {};
  std::size_t cases = 0;  // held: those that are written out, each of which is gone through within what holds it
  std::vector<std::string> removed_cases = {};  // as they stand there: all that is missed of it, and the task takes them away
};

struct Audit {
  std::vector<AuditFinding> findings;
  std::vector<AuditedTest> tests;
};

// `task`: what was asked for, where that is known; it explains changed expectations. Stopped, it gives back what it has by then.
Audit audit_of(const std::vector<AuditedFile>& files, const std::optional<std::string>& task, std::stop_token stop = {});
std::vector<AuditFinding> audit_change(const std::vector<AuditedFile>& files, const std::optional<std::string>& task, std::stop_token stop = {});  // the findings alone

bool escalates(const std::vector<AuditFinding>& findings);

// A file that the audit would read at all: source, or settings of a runner, a linter, a CI.
bool is_audited(std::string_view path);

}  // namespace baton
