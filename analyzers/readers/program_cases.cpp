#include "analyzers/readers/program_cases.h"

#include <algorithm>

namespace baton {
namespace {

// CTest writes bytes that XML cannot hold in words.
std::string with_escapes(std::string_view printed) { return replaced(printed, "[NON-XML-CHAR-0x1B]", "\x1b"); }

int count(const TestReport& report, CaseStatus status) {
  return static_cast<int>(std::count_if(report.cases.begin(), report.cases.end(), [&](const TestCase& one) { return one.status == status; }));
}

// A runner inside of it that runs programs in turn has cases of another kind.
const Tally* most_telling(const Reading& inner) {
  const Tally* best = nullptr;
  for (const Tally& tally : inner.tallies)
    if (!tally.outer && !tally.report.cases.empty() && (!best || tally.report.cases.size() > best->report.cases.size())) best = &tally;
  return best;
}

// CTest keeps so much of an output and says so: what it cut off is not known.
bool is_cut(std::string_view printed) { return printed.find(" of the test output was removed since it exceeds the threshold of ") != std::string_view::npos; }

// Catch2 and doctest report the case that crashed and end there.
bool caught_a_crash(std::string_view printed) {
  return printed.find("due to a fatal error condition") != std::string_view::npos || printed.find("test case CRASHED") != std::string_view::npos;
}

// gtest_discover_tests and its like make a test of each case, and the program tells it again.
bool is_one_case(const TestReport& report, const TestCase& program) {
  return report.cases.size() == 1 && program.id.find(report.cases.front().id) != std::string::npos;
}

void take_place(TestCase& into, const TestCase& from) {
  if (from.line > 0) {
    into.path = from.path;
    into.line = from.line;
  }
  if (into.status == CaseStatus::failed && !from.message.empty()) into.message = from.message;
}

}  // namespace

void add_program(Reading& reading, Tally& tally, TestCase program, std::string_view printed, size_t line) {
  const std::string output = with_escapes(printed);
  const Text text(output);
  RunOutput run;
  run.cwd = reading.run.cwd;
  run.root = reading.run.root;
  run.file_exists = reading.run.file_exists;
  run.exit_code = program.status == CaseStatus::failed ? 1 : 0;
  run.tests_expected = true;
  Reading inner(text, run, reading.paths);
  if (program.status != CaseStatus::skipped) read_text(inner);
  const Tally* told = most_telling(inner);
  // CTest's word counts where it calls a failure expected (WILL_FAIL, a regular expression over the output).
  const bool overruled = told && program.status == CaseStatus::passed && count(told->report, CaseStatus::failed) > 0;
  if (!told || overruled || is_cut(output)) {
    tally.add(std::move(program));
    return;
  }
  const auto rename = [&](std::string& id) { id = program.id + "::" + id; };
  const bool single = is_one_case(told->report, program);
  const int failed = count(told->report, CaseStatus::failed);
  const int passed = count(told->report, CaseStatus::passed);
  if (failed > 0) std::erase_if(reading.findings, [&](const Reported& one) { return one.finding.code == program.id; });
  for (Reported& one : inner.findings) {
    if (!told->find(one.finding.code)) continue;  // the run's own text tells it too
    if (single) one.finding.code = program.id;
    else rename(one.finding.code);
    reading.report_mapped(line, std::move(one.finding), one.weight, one.unit);
  }
  if (single) {
    const TestCase& one = told->report.cases.front();
    if (program.status == CaseStatus::passed) program.status = one.status;
    take_place(program, one);
    tally.add(std::move(program));
    return;
  }
  const bool ended_early = program.status == CaseStatus::failed && (!inner.failure.empty() || caught_a_crash(output));
  for (TestCase one : told->report.cases) {
    rename(one.id);
    one.program = program.id;
    tally.add(std::move(one));
  }
  if (ended_early) tally.report.interrupted.push_back(program.id);
  const bool unexplained = program.status == CaseStatus::failed && failed == 0;
  const bool some_unnamed = told->report.passed.value_or(passed) > passed;
  if (unexplained) {
    tally.add(std::move(program));
  } else if (some_unnamed && !ended_early) {
    program.status = CaseStatus::passed;  // what is left of it when the failures stand for themselves
    program.message.clear();
    tally.add(std::move(program));
  }
}

}  // namespace baton
