// Catch2, doctest and Boost.Test, as their programs print by default: the cases that failed are named, those that passed are
// counted. (GoogleTest, which names all, has a reader of its own.)
#include <re2/re2.h>

#include <algorithm>

#include "analyzers/readers/readers.h"
#include "analyzers/readers/stack.h"
#include "analyzers/readers/test_ids.h"

namespace baton {
namespace {

bool is_rule(std::string_view line, char of) {
  if (line.empty() || line[0] != of) return false;
  line = trim_right(line);
  return line.size() >= 40 && line.find_first_not_of(of) == std::string_view::npos;
}


// "path:12" or "path(12)", before what was found there. By hand: a regular expression with a lazy start costs most of the time that a log of
// failures takes.
bool take_place_before(std::string_view line, std::string_view said, std::string_view& path, int& number, std::string_view& rest) {
  const size_t at = line.find(said);
  if (at == line.npos) return false;
  std::string_view head = line.substr(0, at);
  rest = line.substr(at + said.size());
  const bool bracket = head.ends_with(')');
  if (bracket) head.remove_suffix(1);
  const size_t last = head.find_last_not_of("0123456789");
  if (last == head.npos || last == 0 || last + 1 == head.size() || head[last] != (bracket ? '(' : ':') || head[0] == ' ' || head[0] == '\t') return false;
  path = head.substr(0, last);
  number = to_int(head.substr(last + 1));
  return true;
}

// A failed case; its first failure gives the place.
void fail(Reading& reading, std::string_view runner, TestCase test, std::string_view path, int at_line, std::string message, size_t line) {
  Finding out;
  out.tool = runner;
  out.code = test.id;
  out.path = reading.map(path, line);
  out.line = std::max(0, at_line);
  out.message = message.empty() ? test.id + " failed" : message;
  test.status = CaseStatus::failed;
  test.path = out.path;
  test.line = out.line;
  test.message = excerpt(out.message);
  reading.tally(runner).add(std::move(test));
  reading.report_mapped(line, std::move(out));
}

void add_counts(Reading& reading, std::string_view runner, int passed, int failed, int skipped) {
  TestReport& report = reading.tally(runner).report;
  report.passed = report.passed.value_or(0) + passed;
  report.failed = report.failed.value_or(0) + failed;
  report.skipped = report.skipped.value_or(0) + skipped;
  report.total = *report.passed + *report.failed + *report.skipped;
  if (*report.total == 0) reading.nothing_ran = true;
  reading.recognised(std::string(runner) + "-text");
}

// The lines of a failure up to the next blank one after its expansion: what was checked, and with which values.
std::string body_of(const Text& text, size_t from) {
  std::string out;
  for (size_t i = from; i < text.size() && i < from + 12; ++i) {
    const std::string_view line = trim(text.line(i));
    if (line.empty() || is_rule(line, '=') || is_rule(line, '-')) break;
    if (line == "with expansion:") continue;
    out += (out.empty() ? "" : "\n") + std::string(line);
  }
  return out;
}

}  // namespace

void read_catch2(Reading& reading, const Hits& /*hits*/) {
  static const re2::RE2 kCounts(R"(test cases:\s+(\d+)(.*))");
  static const re2::RE2 kPart(R"(\|\s+(\d+) (passed|failed|skipped|failed as expected))");
  static const re2::RE2 kAll(R"(All tests passed \(.* in (\d+) test cases?\))");
  const Text& text = reading.text;
  TestCase current;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view line = text.line(i);
    if (line.size() > 1000) continue;
    // "---- / name / section / ---- / file:line": the head of all failures of a section.
    if (is_rule(line, '-') && i + 1 < text.size() && !trim(text.line(i + 1)).empty() && text.line(i + 1)[0] != ' ') {
      size_t end = i + 1;
      std::string name(trim(text.line(i + 1)));
      while (end < text.size() && end < i + 40 && !is_rule(text.line(end), '-')) {
        const std::string_view more = text.line(end);  // a long name goes on, sections are indented
        if (end > i + 1 && !more.empty() && more[0] != ' ') name += " " + std::string(trim(more));
        ++end;
      }
      if (end < text.size() && is_rule(text.line(end), '-')) {
        current = {};
        current.id = reading.id(name);
        i = end;
      }
      continue;
    }
    std::string_view path, rest;
    int at = 0;
    const bool failed_there = !current.id.empty() && take_place_before(line, ": FAILED", path, at, rest) && (rest.empty() || rest == ":");
    if (failed_there) fail(reading, "catch2", current, path, at, body_of(text, i + 1), i);
    if (failed_there || (!current.id.empty() && take_place_before(line, ": SKIPPED", path, at, rest) && (rest.empty() || rest == ":"))) {
      reading.claim(i, i + 1);
      continue;
    }
    const re2::StringPiece whole(line.data(), line.size());
    int total = 0;
    re2::StringPiece parts;
    if (line.starts_with("All tests passed") && re2::RE2::FullMatch(whole, kAll, &total)) {
      add_counts(reading, "catch2", total, 0, 0);
      reading.claim(i, i + 1);
    } else if (line.starts_with("test cases:") && re2::RE2::FullMatch(whole, kCounts, &total, &parts)) {
      int passed = 0, failed = 0, skipped = 0, n = 0;
      std::string kind;
      bool told = false;
      while (re2::RE2::FindAndConsume(&parts, kPart, &n, &kind)) {
        told = true;
        if (kind == "failed") failed = n;
        else if (kind == "skipped") skipped = n;
        else passed += n;
      }
      add_counts(reading, "catch2", told ? passed : total, failed, skipped);
      reading.claim(i, i + 1);
    } else if (line.starts_with("No tests ran") || line.starts_with("No test cases matched")) {
      add_counts(reading, "catch2", 0, 0, 0);
      reading.claim(i, i + 1);
    }
  }
}

void read_doctest(Reading& reading, const Hits& /*hits*/) {
  static const re2::RE2 kCounts(R"(\[doctest\] test cases:\s+(\d+) \|\s+(\d+) passed \|\s+(\d+) failed(?: \|\s+(\d+) skipped)?.*)");
  const Text& text = reading.text;
  TestCase current;
  for (size_t i = 0; i < text.size(); ++i) {
    std::string_view line = text.line(i);
    if (line.size() > 1000) continue;
    std::string_view name = trim_left(line);
    if (take_prefix(name, "TEST CASE:")) {
      current = {};
      current.id = reading.id(trim(name));
      reading.claim(i, i + 1);
      continue;
    }
    std::string_view path, what;
    const re2::StringPiece whole(line.data(), line.size());
    int at = 0, total = 0, passed = 0, failed = 0;
    if (!current.id.empty() && (take_place_before(line, ": ERROR: ", path, at, what) || take_place_before(line, ": FATAL ERROR: ", path, at, what))) {
      std::string message(what);
      const std::string more = body_of(text, i + 1);
      if (!more.empty()) message += "\n" + more;
      fail(reading, "doctest", current, path, at, std::move(message), i);
      reading.claim(i, i + 1);
    } else if (line.starts_with("[doctest] test cases:") && re2::RE2::FullMatch(whole, kCounts, &total, &passed, &failed)) {
      add_counts(reading, "doctest", passed, failed, 0);
      reading.claim(i, i + 1);
    }
  }
}

void read_boost_test(Reading& reading, const Hits& hits) {
  int total = -1, failures = 0;
  for (const size_t hit : hits) {
    const std::string_view line = reading.text.line(hit);
    std::string_view path, what, rest = line;
    int at = 0;
    const bool failed_there = take_place_before(line, ": error: in \"", path, at, what) || take_place_before(line, ": fatal error: in \"", path, at, what);
    if (const size_t end = failed_there ? what.find("\": ") : what.npos; end != what.npos && end > 0) {
      TestCase test;
      test.id = reading.id(what.substr(0, end));
      fail(reading, "boost-test", std::move(test), path, at, std::string(what.substr(end + 3)), hit);
      reading.claim(hit, hit + 1);
    } else if (take_prefix(rest, "Running ") && line.find(" test case") != std::string_view::npos) {
      total = std::max(0, total) + std::max(0, take_int(rest));
      reading.claim(hit, hit + 1);
    } else if (line.find("*** ") != std::string_view::npos) {
      ++failures;  // its figure is of failures, not of cases
      reading.claim(hit, hit + 1);
    }
  }
  if (total < 0) return;
  int failed = 0;
  for (const Tally& tally : reading.tallies)
    if (tally.runner == "boost-test") failed = static_cast<int>(tally.report.cases.size());
  add_counts(reading, "boost-test", std::max(0, total - failed), failed, 0);
}

}  // namespace baton
