#include "analyzers/verdict.h"

#include <csignal>

namespace baton {
namespace {

constexpr int kNotExecutable = 126, kNotFound = 127, kTimeoutStatus = 124, kSignalBase = 128;
constexpr int kPytestNone = 5, kCtestNone = 8;

std::string plural(int count, const std::string& noun) { return std::to_string(count) + " " + noun + (count == 1 ? "" : "s"); }

std::string signal_name(int signal) {
  switch (signal) {
    case SIGSEGV: return "a segmentation fault";
    case SIGABRT: return "an abort";
    case SIGBUS: return "a bus error";
    case SIGFPE: return "an arithmetic fault";
    case SIGILL: return "an illegal instruction";
    case SIGKILL: return "SIGKILL, usually for memory";
    case SIGTERM: return "SIGTERM";
    case SIGTRAP: return "a trap";
    default: return "signal " + std::to_string(signal);
  }
}

// A shell reports a child's signal as 128 + n.
std::optional<int> signal_of(const RunOutput& run) {
  if (run.signal) return run.signal;
  if (!run.exit_code) return std::nullopt;
  const int number = *run.exit_code - kSignalBase;
  switch (number) {
    case SIGILL:
    case SIGTRAP:
    case SIGABRT:
    case SIGBUS:
    case SIGFPE:
    case SIGKILL:
    case SIGSEGV:
    case SIGTERM: return number;
    default: return std::nullopt;
  }
}

bool none_found_status(int code) { return code == 0 || code == kPytestNone || code == kCtestNone; }

std::string failing(const TestReport& report) {
  std::string cause = plural(report.failed.value_or(0), "test") + " failed";
  for (const TestCase& one : report.cases) {
    if (one.status != CaseStatus::failed) continue;
    cause += ": " + one.id + (report.failed.value_or(0) > 1 ? ", ..." : "");
    break;
  }
  return cause;
}

}  // namespace

Judgement judge(const Evidence& evidence) {
  const RunOutput& run = *evidence.run;
  const std::optional<TestReport>& tests = *evidence.tests;
  const std::optional<int> executed = tests ? tests->executed() : std::nullopt;
  const int failed = tests ? tests->failed.value_or(0) : 0;
  const int code = run.exit_code.value_or(0);

  if (run.not_started) return {RunVerdict::env_fault, evidence.environment.empty() ? "the command could not be started" : evidence.environment};
  if (run.timed_out) return {RunVerdict::timeout, "the time limit was reached"};
  if (run.exit_code && code == kTimeoutStatus && failed == 0 && !evidence.any_error) return {RunVerdict::timeout, "ended by timeout (status 124)"};
  if (run.exit_code && (code == kNotFound || code == kNotExecutable) && !executed)
    return {RunVerdict::env_fault, !evidence.environment.empty() ? evidence.environment : code == kNotFound ? "a command was not found" : "a command is not executable"};
  if (!evidence.environment.empty() && code != 0 && failed == 0) return {RunVerdict::env_fault, evidence.environment};
  if (const std::optional<int> signal = signal_of(run)) return {RunVerdict::crash, "ended by " + signal_name(*signal)};

  const std::string said = !evidence.first_error.empty() ? evidence.first_error : evidence.failure;
  if (evidence.report_missing && code == 0 && failed == 0 && !evidence.load_failure) return {RunVerdict::fail, "no readable report, although one was asked for"};
  if (failed > 0) return {RunVerdict::fail, failing(*tests)};
  if (evidence.load_failure) return {RunVerdict::fail, said.empty() ? "a test file failed to load" : said};
  if (evidence.tool_failed) return {RunVerdict::fail, !evidence.failure.empty() ? evidence.failure : "the tool did not complete"};

  const bool none = !evidence.ran_uncounted && ((executed && *executed == 0) || (!executed && (evidence.nothing_ran || (run.tests_expected && !run.own_script && none_found_status(code) && !evidence.any_error))));
  if (none || (!evidence.ran_uncounted && evidence.nothing_ran && executed.value_or(0) == 0)) {
    // With any other status, or an error that was told, it is a build or load failure that kept the tests from running.
    const bool quiet = none_found_status(code) || (code == 1 && evidence.nothing_ran && !evidence.any_error);
    if (quiet && !evidence.hidden_error) {
      if (tests && tests->skipped.value_or(0) > 0) return {RunVerdict::vacuous, "every test was skipped"};
      return {RunVerdict::vacuous, "no test ran"};
    }
  }
  if (code != 0) {
    if (!said.empty()) return {RunVerdict::fail, said};
    if (executed.value_or(0) > 0) return {RunVerdict::fail, "exit status " + std::to_string(code) + " although no test failed"};
    if (evidence.findings > 0) return {RunVerdict::fail, "exit status " + std::to_string(code) + " with " + plural(evidence.findings, "finding")};
    return {RunVerdict::fail, "exit status " + std::to_string(code) + ", unparsed"};
  }
  if (evidence.hidden_error) return {RunVerdict::fail, evidence.first_error.empty() ? "an error with exit status 0" : evidence.first_error};
  if (evidence.report_missing) return {RunVerdict::fail, "no readable report, although one was asked for"};
  // Unknown is not zero: only tests that ran and passed speak for themselves.
  if (!run.exit_code && executed.value_or(0) == 0 && !evidence.ran_uncounted) return {RunVerdict::pass, "neither an exit status nor the output tells how it ended", true};
  return {RunVerdict::pass, ""};
}

}  // namespace baton
