// What tools print, judged: each file of data/output is one run and what must come out of it.
//
//   exit 1                 or: signal 11, timed_out, not_started, exit none
//   tests_expected         any of RunOutput's switches, one a line
//   report NAME            begins a report file; `output` begins what was printed; `expect` begins what comes out:
//   fail: cause            the verdict
//   tests 3 passed, 1 failed, 0 skipped
//   failed NAME            one line a failed test
//   PATH:LINE:COL severity [code] message, with " | " for a line break; "~" before it when confidence is low; "  PATH:LINE:COL message" for related places
//
// BATON_UPDATE=1 writes what comes out into the files, to be read before it is committed.
#include "analyzers/diagnose.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace baton {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(BATON_SOURCE_DIR) / "tests/analyzers/data/output";
constexpr std::string_view kCut = "---- ";

struct Case {
  std::string head;  // everything before the expectation, as it stands in the file
  RunOutput run;
  std::string output, expected;
};

void set(RunOutput& run, const std::string& line) {
  std::istringstream words(line);
  std::string key, value;
  words >> key >> value;
  if (key == "exit") {
    if (value != "none") run.exit_code = std::stoi(value);
  } else if (key == "signal") {
    run.signal = std::stoi(value);
  } else if (key == "timed_out") {
    run.timed_out = true;
  } else if (key == "not_started") {
    run.not_started = true;
  } else if (key == "tests_expected") {
    run.tests_expected = true;
  } else if (key == "own_script") {
    run.own_script = true;
  } else if (key == "report_expected") {
    run.report_expected = true;
  } else if (key == "cwd") {
    run.cwd = value;
  } else if (key == "root") {
    run.root = value;
  } else {
    ADD_FAILURE() << "unknown setting: " << line;
  }
}

Case load(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  Case out;
  out.run.cwd = "/w";
  std::string* target = nullptr;
  for (std::string line; std::getline(file, line);) {
    if (line == "---- expect") {
      target = &out.expected;
      continue;
    }
    if (target != &out.expected) out.head += line + "\n";
    if (line.substr(0, kCut.size()) == kCut) {
      if (line == "---- output") {
        target = &out.output;
      } else {
        out.run.reports.push_back({line.substr(kCut.size() + 7), ""});
        target = nullptr;
      }
    } else if (target) {
      *target += line + "\n";
    } else if (!out.run.reports.empty()) {
      out.run.reports.back().content += line + "\n";
    } else if (!line.empty()) {
      set(out.run, line);
    }
  }
  // \e stands for the escape character and \r for a carriage return, so that the files are plain text.
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"\\e", "\x1b"}, {"\\r", "\r"}, {"\\xff", "\xff"}})
    for (size_t at = out.output.find(from); at != std::string::npos; at = out.output.find(from, at + 1)) out.output.replace(at, from.size(), to);
  out.run.text = out.output;
  return out;
}

std::string one_line(std::string text) {
  for (size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at)) text.replace(at, 1, " | ");
  return text;
}

std::string place(const std::string& path, int line, int column) {
  std::string out = path.empty() ? "-" : path;
  if (line > 0) out += ":" + std::to_string(line);
  if (column > 0) out += ":" + std::to_string(column);
  return out;
}

std::string render(const Diagnosis& diagnosis) {
  std::string out(to_string(diagnosis.verdict));
  if (!diagnosis.cause.empty()) out += ": " + diagnosis.cause;
  out += "\n";
  if (!diagnosis.format.empty()) out += "format " + diagnosis.format + "\n";
  if (diagnosis.tests) {
    const TestReport& tests = *diagnosis.tests;
    const auto number = [](const std::optional<int>& count) { return count ? std::to_string(*count) : std::string("?"); };
    out += "tests " + number(tests.passed) + " passed, " + number(tests.failed) + " failed, " + number(tests.skipped) + " skipped\n";
    for (const TestCase& one : tests.cases) out += std::string(to_string(one.status)) + " " + one.id + (one.load_failure ? " (load)" : "") + "\n";
  }
  for (const Finding& finding : diagnosis.findings) {
    out += std::string(finding.low_confidence ? "~" : "") + place(finding.path, finding.line, finding.column) + " " + std::string(to_string(finding.severity));
    if (finding.suppressed) out += " suppressed";
    if (!finding.code.empty()) out += " [" + finding.code + "]";
    out += " " + one_line(finding.message) + "\n";
    for (const RelatedPlace& related : finding.related) out += "  " + place(related.path, related.line, related.column) + " " + one_line(related.message) + "\n";
  }
  return out;
}

std::vector<std::string> cases() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) out.push_back(entry.path().stem().string());
  std::sort(out.begin(), out.end());
  return out;
}

class Output : public testing::TestWithParam<std::string> {};

TEST_P(Output, Judged) {
  const std::filesystem::path path = kFolder / (GetParam() + ".txt");
  const Case one = load(path);
  const std::string got = render(diagnose(one.run));
  if (std::getenv("BATON_UPDATE")) {
    std::ofstream(path, std::ios::binary) << one.head << "---- expect\n" << got;
    return;
  }
  EXPECT_EQ(got, one.expected);
}

// A program that leaves by process.exit() loses what the pipe did not take: the last line is no finding.
TEST(Diagnose, ALineThatThePipeCutOffIsNotRead) {
  const std::string line = "src/a.ts(1,2): error TS2304: Cannot find name 'E'.\n";
  std::string text;
  while (text.size() + line.size() < (64u << 10)) text += line;
  const std::string rest = "src/b.ts(7,1): error TS2304: Cannot find name 'Http1Request'." + std::string(100, ' ');
  text += rest.substr(0, (64u << 10) - text.size());
  RunOutput run;
  run.exit_code = 1;
  run.text = text;
  Diagnosis cut = diagnose(run);
  EXPECT_TRUE(cut.cut_off);
  for (const Finding& finding : cut.findings) EXPECT_EQ(finding.path, "src/a.ts");
  text += "\n";
  run.text = text;
  EXPECT_FALSE(diagnose(run).cut_off);
}

std::string repeated(const std::string& text, size_t size) {
  std::string out;
  while (out.size() < size) out += text;
  return out;
}

// Of this thread's processor: the least of some tries.
double seconds_to_read(const std::string& text, int tries = 3) {
  RunOutput run;
  run.text = text;
  run.exit_code = 1;
  run.cwd = "/w";
  double best = 1e9;
  for (int i = 0; i < tries; ++i) {
    const std::clock_t start = std::clock();
    diagnose(run);
    best = std::min(best, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  return best;
}

constexpr double kFourTimesTheLog = 4 * 2.5;  // in time; what is quadratic takes sixteen

TEST(Diagnose, TheTimeGrowsWithTheLogAlone) {
  for (const std::string& name : cases()) {
    const Case one = load(kFolder / (name + ".txt"));
    const std::string once = one.run.reports.empty() ? one.output : one.run.reports[0].content;
    if (once.empty()) continue;
    const std::string text = repeated(once, 64u << 10), longer = repeated(once, 256u << 10);
    const auto linear = [&](int tries) { return seconds_to_read(longer, tries) < seconds_to_read(text, tries) * kFourTimesTheLog; };
    EXPECT_TRUE(linear(1) || linear(3)) << name;
  }
}

TEST(Diagnose, ManyReportsInOneLogAreCountedOnce) {
  const std::string report = "<testsuites><testcase classname=\"test\" name=\"a\"/></testsuites>\n";
  const std::string few = repeated(report, report.size() * 7500), many = repeated(report, report.size() * 30000);
#if !defined(__SANITIZE_THREAD__)  // its shadow memory is what would be measured
  EXPECT_LT(seconds_to_read(many), seconds_to_read(few) * kFourTimesTheLog * 0.8);
#endif
  RunOutput run;
  run.text = few;
  run.exit_code = 0;
  const Diagnosis diagnosis = diagnose(run);
  ASSERT_TRUE(diagnosis.tests);
  EXPECT_EQ(diagnosis.tests->passed, 7500);
}

// Nobody reads a million findings, and they would fill the memory; the worst of them decides all the same.
TEST(Diagnose, OfTooManyFindingsTheWorstIsKept) {
  std::string text;
  for (int i = 0; i < 60000; ++i) text += "CMake Warning at a" + std::to_string(i) + ".cmake:1 (message):\n  old\n\n\n";
  text += "a.cpp:3: runtime error: signed integer overflow: 1 + 2 cannot be represented in type 'int'\n";
  RunOutput run;
  run.text = text;
  run.exit_code = 0;
  EXPECT_EQ(diagnose(run).verdict, RunVerdict::fail);
}

TEST(Diagnose, UnknownIsNotZero) {
  const auto unknown = [](std::string_view text, std::optional<int> exit_code) {
    RunOutput run;
    run.text = text;
    run.exit_code = exit_code;
    return diagnose(run).unknown;
  };
  EXPECT_TRUE(unknown("Something went wrong, see the log\n", std::nullopt));
  EXPECT_TRUE(unknown("", std::nullopt));
  EXPECT_FALSE(unknown("", 0));
  EXPECT_FALSE(unknown("Something went wrong, see the log\n", 3));
  EXPECT_FALSE(unknown("a.c:1:2: error: no\n", std::nullopt));
  EXPECT_FALSE(unknown("=== 2 passed in 0.01s ===\n", std::nullopt));
}

TEST(Diagnose, TapNeedsNoPlanWhereItsNumbersCount) {
  const auto tests = [](std::string_view text) {
    RunOutput run;
    run.text = text;
    run.exit_code = 1;
    const Diagnosis diagnosis = diagnose(run);
    return diagnosis.format == "tap" && diagnosis.tests ? diagnosis.tests->total.value_or(0) : 0;
  };
  EXPECT_EQ(tests("ok 1 - a\nnot ok 2 - b\n"), 2);
  EXPECT_EQ(tests("ok 1 - a\n"), 0);
  EXPECT_EQ(tests("ok 1\nok 2\n"), 2);
  EXPECT_EQ(tests("ok 1\n"), 0);
  EXPECT_EQ(tests("ok 3 - a\nok 9 - b\n"), 0);
  EXPECT_EQ(tests("ok then\n"), 0);
}

std::string name(const testing::TestParamInfo<std::string>& info) {
  std::string out = info.param;
  for (char& c : out)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return out;
}

INSTANTIATE_TEST_SUITE_P(Tools, Output, testing::ValuesIn(cases()), name);

}  // namespace
}  // namespace baton
