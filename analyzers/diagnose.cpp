#include "analyzers/diagnose.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "analyzers/environment.h"
#include "analyzers/readers/columns.h"
#include "analyzers/readers/reader.h"
#include "analyzers/verdict.h"

namespace baton {
namespace {

constexpr size_t kMaxFindings = 20000;

// What all streams of one run said.
struct Gathered {
  std::vector<Reported> findings;
  std::vector<Tally> tallies;
  std::vector<std::string> formats;
  bool nothing_ran = false, ran_uncounted = false, load_failure = false, tool_failed = false;
  std::string failure;

  // `from_report`: so many of the findings, the first, were said by structured reports.
  void add(Reading& reading, bool structured, size_t from_report) {
    for (size_t i = 0; i < reading.findings.size(); ++i) {
      reading.findings[i].from_report = i < from_report;
      findings.push_back(std::move(reading.findings[i]));
    }
    for (Tally& tally : reading.tallies) {
      tally.structured |= structured;
      tallies.push_back(std::move(tally));
    }
    for (std::string& format : reading.formats)
      if (std::find(formats.begin(), formats.end(), format) == formats.end()) formats.push_back(std::move(format));
    nothing_ran |= reading.nothing_ran;
    ran_uncounted |= reading.ran_uncounted;
    load_failure |= reading.load_failure;
    tool_failed |= reading.tool_failed;
    if (failure.empty()) failure = reading.failure;
  }
};

bool has_counts(const TestReport& report) { return report.total || report.passed || report.failed || report.skipped || !report.cases.empty(); }

void add_counts(TestReport& into, const TestReport& from) {
  const auto add = [](std::optional<int>& sum, const std::optional<int>& more) {
    if (more) sum = sum.value_or(0) + *more;
  };
  add(into.total, from.total);
  add(into.passed, from.passed);
  add(into.failed, from.failed);
  add(into.skipped, from.skipped);
}

// One report of several. An outer runner's counts stand for those it ran; a structured report stands for the text that repeats it,
// unless the text knows of more: a suite that failed to load is missing from some JUnit files.
std::optional<TestReport> merge(std::vector<Tally>& tallies) {
  std::erase_if(tallies, [](const Tally& tally) { return !has_counts(tally.report); });
  if (tallies.empty()) return std::nullopt;
  const bool outer = std::any_of(tallies.begin(), tallies.end(), [](const Tally& tally) { return tally.outer; });
  const bool structured = std::any_of(tallies.begin(), tallies.end(), [](const Tally& tally) { return tally.structured; });
  Tally merged;
  TestReport text_only;
  for (Tally& tally : tallies) {
    const TestReport& told = tally.report;
    if (!told.total && !told.passed && !told.failed && !told.skipped) tally.count_cases();
    if (structured && !tally.structured) {
      if (!outer || tally.outer) add_counts(text_only, tally.report);
      continue;
    }
    if (!structured && outer && !tally.outer) continue;
    add_counts(merged.report, tally.report);
    merged.report.interrupted.insert(merged.report.interrupted.end(), tally.report.interrupted.begin(), tally.report.interrupted.end());
    if (merged.report.cases.empty()) {
      merged.report.cases = std::move(tally.report.cases);
      merged.places = std::move(tally.places);
    } else {
      for (TestCase& one : tally.report.cases) merged.add(std::move(one));
    }
  }
  TestReport& report = merged.report;
  if (structured && text_only.failed.value_or(0) > report.failed.value_or(0)) {
    report.failed = text_only.failed;
    if (report.passed && report.skipped) report.total = *report.passed + *report.failed + *report.skipped;
  }
  return std::move(report);
}

// Which of the findings of one test to keep, and the rest of the cleaning up.
class Cleaner {
 public:
  explicit Cleaner(const RunOutput& run) : run_(run) {}

  std::vector<Finding> clean(std::vector<Reported>& reported) {
    const auto earlier = [](const Reported& a, const Reported& b) { return a.order < b.order; };
    if (!std::is_sorted(reported.begin(), reported.end(), earlier)) std::stable_sort(reported.begin(), reported.end(), earlier);
    std::vector<Finding> out;
    std::set<std::tuple<std::string, int, int, int, std::string, std::string, std::string>> seen;
    // A failed test that a report has told is not told again by the text beside it.
    std::set<std::string> told;
    std::set<std::pair<std::string, int>> told_places;
    for (const Reported& one : reported) {
      if (!one.from_report) continue;
      if (!one.finding.code.empty()) told.insert(one.finding.code);
      told_places.insert({one.finding.path + "\n" + one.finding.message.substr(0, one.finding.message.find('\n')), 0});
      if (one.finding.line > 0) told_places.insert({one.finding.path, one.finding.line});
    }
    for (Reported& one : reported) {
      Finding& finding = one.finding;
      if (out.size() >= kMaxFindings) break;
      if (!one.from_report && is_test_runner(finding.tool) && (told.count(finding.code) || told_places.count({finding.path, finding.line}) ||
                                                                told_places.count({finding.path + "\n" + finding.message.substr(0, finding.message.find('\n')), 0})))
        continue;
      columns(finding, one.unit);
      // The same words with other notes are another finding.
      const std::string note = finding.related.empty() ? "" : finding.related.back().message;
      if (!seen.insert({finding.path, finding.line, finding.column, static_cast<int>(finding.severity), finding.code, finding.message, note}).second) continue;
      out.push_back(std::move(finding));
    }
    return out;
  }

 private:
  static bool is_test_runner(std::string_view tool) {
    static constexpr std::array<std::string_view, 14> kRunners = {"pytest", "unittest", "gtest", "jest",   "vitest",  "mocha",      "node",
                                                                "ava",    "cargo",    "go",    "catch2", "doctest", "boost-test", "test"};
    return std::find(kRunners.begin(), kRunners.end(), tool) != kRunners.end();
  }

  void columns(Finding& finding, ColumnUnit unit) const {
    if (!run_.source_line || unit == ColumnUnit::utf16 || finding.column <= 1 || finding.line == 0 || finding.path.empty()) return;
    const std::optional<std::string> line = run_.source_line(finding.path, finding.line);
    if (!line) return;
    finding.column = utf16_column(*line, finding.column, unit);
    if (finding.end_column > 0 && (finding.end_line == 0 || finding.end_line == finding.line))
      finding.end_column = utf16_column(*line, finding.end_column, unit);
  }

  const RunOutput& run_;
};

// A log's tail is what a person looks at when nothing in it was understood.
std::optional<Finding> tail_of(const Text& text) {
  constexpr size_t kLines = 5;
  std::vector<std::string_view> tail;
  for (size_t i = text.size(); i-- > 0 && tail.size() < kLines;)
    if (!trim(text.line(i)).empty()) tail.push_back(trim_right(text.line(i)).substr(0, 400));
  if (tail.empty()) return std::nullopt;
  Finding out;
  out.severity = Severity::note;
  out.low_confidence = true;
  for (size_t i = tail.size(); i-- > 0;) out.message += std::string(tail[i]) + (i > 0 ? "\n" : "");
  return out;
}

std::string in_few_words(const Finding& finding) {
  std::string out = finding.message.substr(0, finding.message.find('\n'));
  if (!finding.path.empty()) out = finding.path + (finding.line > 0 ? ":" + std::to_string(finding.line) : "") + ": " + out;
  return out;
}

// The stage that looks at a green run's stack traces and the like: with a status of 0 they are its log.
void drop_log_noise(std::vector<Reported>& findings, const RunOutput& run) {
  if (run.exit_code != 0 || run.signal || run.timed_out) return;
  std::erase_if(findings, [](const Reported& one) { return one.weight == Weight::advisory && one.finding.tool == "stack"; });
}


// Programs that leave by process.exit() lose what the pipe did not take: it holds whole pages, and the last line ends in its middle.
bool ends_in_a_full_pipe(std::string_view text) {
  constexpr size_t kPipe = 64u << 10;
  return !text.empty() && text.size() % kPipe == 0 && text.back() != '\n' && text.find('\n') != text.npos;
}

}  // namespace

Diagnosis diagnose(const RunOutput& run) {
  RunOutput output = run;
  const bool cut_off = ends_in_a_full_pipe(run.text);
  if (cut_off) output.text = run.text.substr(0, run.text.rfind('\n') + 1);
  const PathMapper paths(output.cwd, output.root, output.file_exists);
  Gathered gathered;
  bool readable_report = false;
  for (const ReportFile& file : output.reports) {
    const Text text(file.content);
    Reading reading(text, output, paths);
    if (read_report(reading) && !reading.truncated) readable_report = true;
    gathered.add(reading, true, reading.findings.size());
  }
  const Text text(output.text);
  Reading reading(text, output, paths);
  read_xml_blocks(reading);
  read_json_blocks(reading);
  const size_t from_report = reading.findings.size();
  read_text(reading);
  gathered.add(reading, false, from_report);

  Diagnosis out;
  out.format = gathered.formats.empty() ? "" : gathered.formats.front();
  out.tests = merge(gathered.tallies);
  out.cut_off = cut_off;
  drop_log_noise(gathered.findings, output);

  Evidence evidence;
  evidence.run = &output;
  evidence.tests = &out.tests;
  evidence.nothing_ran = gathered.nothing_ran;
  evidence.ran_uncounted = gathered.ran_uncounted;
  evidence.load_failure = gathered.load_failure;
  evidence.tool_failed = gathered.tool_failed;
  evidence.failure = gathered.failure;
  evidence.report_missing = output.report_expected && !readable_report;
  const bool green_tests = out.tests && out.tests->executed().value_or(0) > 0 && out.tests->failed.value_or(0) == 0;
  bool code_error = false;
  for (const Reported& one : gathered.findings) {
    evidence.findings += !one.finding.suppressed;
    if (one.finding.severity != Severity::error || one.finding.suppressed) continue;
    evidence.any_error = true;
    code_error |= one.weight == Weight::normal && one.finding.tool != "cmake" && one.finding.tool != "make";
    // What a green test run printed is its log, unless a sanitizer wrote it.
    evidence.hidden_error |= one.weight == Weight::certain || (one.weight == Weight::normal && !green_tests);
    if (evidence.first_error.empty()) evidence.first_error = in_few_words(one.finding);
  }
  const bool asks_environment = output.not_started || (output.exit_code.value_or(0) != 0 && !output.timed_out);
  if (asks_environment) {
    EnvironmentFault fault = environment_fault(text);
    if (fault.certain || !code_error || output.not_started) evidence.environment = std::move(fault.what);
  }
  const Judgement judgement = judge(evidence);
  out.verdict = judgement.verdict;
  out.unknown = judgement.unknown;
  out.cause = judgement.cause;
  out.findings = Cleaner(output).clean(gathered.findings);
  const bool silent = out.findings.empty() && !(out.tests && out.tests->failed.value_or(0) > 0);
  if (silent && out.verdict != RunVerdict::pass && out.verdict != RunVerdict::vacuous)
    if (std::optional<Finding> tail = tail_of(text)) out.findings.push_back(std::move(*tail));
  return out;
}

}  // namespace baton
