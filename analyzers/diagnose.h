// A tool's output to findings, tests and the verdict of that one run. The face of the readers in this folder.
// Formats are recognised by content, structured first (notes on each reader in its file); pure functions of their input, any
// thread, linear in the size of the output.
//
// Order of judgement: how the process ended, the report, the counts, the exit code, the findings. An exit code alone is never
// the verdict, a report file alone neither.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/finding.h"
#include "analyzers/test_report.h"

namespace baton {

// What one command did, once.
enum class RunVerdict { pass, fail, vacuous, env_fault, timeout, crash };
std::string_view to_string(RunVerdict verdict);

struct ReportFile {
  std::string name;     // file name, for messages only
  std::string content;  // whole file; read when its format is recognised by content
};

struct RunOutput {
  std::string_view text;              // stdout and stderr as the tool printed them, in order
  std::optional<int> exit_code;       // absent when killed by a signal or never started
  std::optional<int> signal;
  bool timed_out = false;             // our clock ended it
  bool not_started = false;           // the program could not be started; `text` holds the reason
  std::string cwd;                    // absolute folder where it ran; paths in the output are resolved against it
  std::string root;                   // absolute root of the checkout; empty = cwd
  std::string tool;                   // what ran when known ("pytest"); a hint only, content decides
  bool tests_expected = false;        // a test gate: no test run is `vacuous`, not `pass`
  bool own_script = false;            // no runner but a script of the project: where it says nothing of tests, its exit status speaks
  bool report_expected = false;       // a report was asked for: none, or one that does not parse, is never `pass`
  std::vector<ReportFile> reports;    // structured reports that the run wrote to files
  // Optional looks at the checkout; both take a path relative to the root and may be called from diagnose() only. The first gives
  // a line's text without its newline, and lets columns of tools that count bytes or screen cells become UTF-16; the second
  // settles paths that a tool printed relative to a place of its own (a Go package, a SARIF base).
  std::function<std::optional<std::string>(const std::string& path, int line)> source_line;
  std::function<bool(const std::string& path)> file_exists;
};

struct Diagnosis {
  RunVerdict verdict = RunVerdict::pass;
  std::string cause;              // one short clause, always there when the verdict is not `pass`
  std::vector<Finding> findings;  // in order of appearance, deduplicated by (path, line, code, message)
  std::optional<TestReport> tests;
  std::string format;             // the recognised format's name, "" when none
  bool unknown = false;           // neither an exit status nor the output tells; `verdict` says nothing then
  bool cut_off = false;           // the tool left before its output was read: what it found is known in part
};

Diagnosis diagnose(const RunOutput& output);

}  // namespace baton
