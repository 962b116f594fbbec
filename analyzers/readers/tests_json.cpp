// JSON reports of test runners: jest and vitest, mocha, GoogleTest.
#include "analyzers/readers/json_fields.h"
#include "analyzers/readers/readers.h"
#include "analyzers/readers/stack.h"
#include "analyzers/readers/test_ids.h"

namespace baton {
namespace {

// "> 12 | code" in a code frame: the line a bundler or jest points at.
int code_frame_line(std::string_view message) {
  for (size_t at = 0; at < message.size();) {
    const size_t end = std::min(message.find('\n', at), message.size());
    std::string_view line = trim_left(message.substr(at, end - at));
    at = end + 1;
    if (!take_prefix(line, ">")) continue;
    line = trim_left(line);
    const int number = take_int(line);
    if (number > 0 && trim_left(line).substr(0, 1) == "|") return number;
  }
  return 0;
}

void report_failure(Reading& reading, size_t line, const TestCase& test, std::string message, std::string_view tool, int column) {
  Finding out;
  out.path = test.path;
  out.line = test.line;
  out.column = column;
  out.code = test.id;
  out.message = std::move(message);
  out.tool = tool;
  reading.report_mapped(line, std::move(out));
}

std::string plain(const std::string& text) {
  std::string out;
  return clean_text(text, out) ? out : text;
}

void read_jest_case(Reading& reading, Tally& tally, const Json& one, const std::string& file, std::string_view tool, size_t line) {
  TestCase test;
  std::string name = text_field(one, "fullName");
  if (name.empty()) {
    for (const Json& title : items(one, "ancestorTitles")) name += text_of(title) + " ";
    name += text_field(one, "title");
  }
  test.id = reading.id(trim(name));
  test.path = file;
  test.line = int_field(field(one, "location"), "line");
  test.seconds = number_field(one, "duration") / 1000;
  const std::string status = text_field(one, "status");
  test.status = status == "passed" ? CaseStatus::passed : status == "failed" ? CaseStatus::failed : CaseStatus::skipped;
  std::string message;
  for (const Json& part : items(one, "failureMessages")) message += (message.empty() ? "" : "\n") + plain(text_of(part));
  int column = 0;
  if (const auto frame = js_frame(message, reading, line)) {
    test.path = frame->path;
    test.line = frame->line;
    column = frame->column;
  }
  test.message = excerpt(message);
  if (test.status == CaseStatus::failed) report_failure(reading, line, test, headline(message), tool, column);
  tally.add_another(std::move(test));
}

}  // namespace

bool read_jest_json(Reading& reading, const Json& value, size_t line) {
  if (!value.is_object() || !value.contains("numTotalTests") || !value.contains("testResults")) return false;
  const std::string_view tool = value.contains("numRuntimeErrorTestSuites") ? "jest" : "vitest";
  Tally& tally = reading.tally("jest-json", true);
  for (const Json& suite : items(value, "testResults")) {
    std::string name = text_field(suite, "name");
    if (name.empty()) name = text_field(suite, "testFilePath");
    const std::string file = reading.map(name, line);
    const Json& cases = suite.contains("assertionResults") ? items(suite, "assertionResults") : items(suite, "testResults");
    bool failed_case = false;
    for (const Json& one : cases) {
      read_jest_case(reading, tally, one, file, tool, line);
      failed_case |= text_field(one, "status") == "failed";
    }
    if (text_field(suite, "status") != "failed" || failed_case) continue;
    // The suite failed although no test did: it could not be loaded.
    const std::string message = plain(text_field(suite, "message"));
    reading.load_failure = true;
    std::string said;
    for (std::string_view rest = message; !rest.empty();) {  // "● Test suite failed to run" is a heading
      const std::string_view one = trim(first_line(rest));
      rest.remove_prefix(std::min(rest.size(), first_line(rest).size() + 1));
      if (one.empty() || one.substr(0, 3) == "●") continue;
      said = one;
      break;
    }
    Finding out;
    out.path = file;
    out.line = code_frame_line(message);
    out.message = said.empty() ? "Test suite failed to run" : said;
    out.tool = tool;
    int column = 0;
    if (out.line == 0) {
      if (const auto frame = js_frame(message, reading, line)) {
        out.path = frame->path;
        out.line = frame->line;
        column = frame->column;
      }
    }
    out.column = column;
    reading.report_mapped(line, std::move(out));
    TestCase broken;
    broken.id = file;
    broken.path = file;
    broken.status = CaseStatus::failed;
    broken.load_failure = true;
    broken.message = excerpt(message);
    tally.add(std::move(broken));
  }
  if (int_field(value, "numTotalTests") == 0 && !reading.load_failure) reading.nothing_ran = true;
  // The runner's own counts: a suite that failed to load is no test to it.
  const auto add = [](std::optional<int>& sum, int more) { sum = sum.value_or(0) + more; };
  add(tally.report.passed, int_field(value, "numPassedTests"));
  add(tally.report.failed, int_field(value, "numFailedTests"));
  add(tally.report.skipped, int_field(value, "numPendingTests") + int_field(value, "numTodoTests"));
  add(tally.report.total, int_field(value, "numPassedTests") + int_field(value, "numFailedTests") + int_field(value, "numPendingTests") + int_field(value, "numTodoTests"));
  return true;
}

bool read_mocha_json(Reading& reading, const Json& value, size_t line) {
  if (!value.is_object() || !field(value, "stats").is_object() || !field(value, "tests").is_array() || !field(value, "failures").is_array()) return false;
  Tally& tally = reading.tally("mocha-json", true);
  const auto add = [&](const Json& one, CaseStatus status) {
    TestCase test;
    test.id = reading.id(text_field(one, "fullTitle"));
    test.path = reading.map(text_field(one, "file"), line);
    test.status = status;
    test.seconds = number_field(one, "duration") / 1000;
    const Json& error = field(one, "err");
    std::string stack = plain(text_field(error, "stack"));
    std::string message = plain(text_field(error, "message"));
    int column = 0;
    if (const auto frame = js_frame(stack, reading, line)) {
      test.path = frame->path;
      test.line = frame->line;
      column = frame->column;
    }
    if (status == CaseStatus::failed) {
      test.message = excerpt(stack.empty() ? message : stack);
      report_failure(reading, line, test, headline(stack.empty() ? message : stack), "mocha", column);
    }
    tally.add(std::move(test));
  };
  for (const Json& one : items(value, "failures")) add(one, CaseStatus::failed);
  for (const Json& one : items(value, "passes")) add(one, CaseStatus::passed);
  for (const Json& one : items(value, "pending")) add(one, CaseStatus::skipped);
  if (items(value, "tests").empty() && items(value, "failures").empty()) reading.nothing_ran = true;
  tally.count_cases();
  return true;
}

bool read_gtest_json(Reading& reading, const Json& value, size_t line) {
  if (!value.is_object() || !value.contains("testsuites") || !value.contains("tests")) return false;
  Tally& tally = reading.tally("gtest-json", true);
  for (const Json& suite : items(value, "testsuites")) {
    for (const Json& one : items(suite, "testsuite")) {
      const std::string status = text_field(one, "status");
      if (status == "NOTRUN") continue;  // disabled: not part of the run
      TestCase test;
      test.id = reading.id(text_field(suite, "name") + "." + text_field(one, "name"));
      test.path = reading.map(text_field(one, "file"), line);
      test.line = int_field(one, "line");
      test.seconds = to_double(text_field(one, "time"));
      if (text_field(one, "result") == "SKIPPED") test.status = CaseStatus::skipped;
      for (const Json& failure : items(one, "failures")) {
        const std::string message = text_field(failure, "failure");
        report_gtest_failure(reading, test, message, line);
      }
      tally.add(std::move(test));
    }
  }
  if (int_field(value, "tests") == 0) reading.nothing_ran = true;
  tally.count_cases();
  return true;
}

// "path:line\nmessage" as GoogleTest writes a failure; the test takes its first failure's place.
void report_gtest_failure(Reading& reading, TestCase& test, std::string_view message, size_t line) {
  const bool first = test.status != CaseStatus::failed;
  test.status = CaseStatus::failed;
  const std::string_view head = first_line(message);
  std::string_view body = message.size() > head.size() ? message.substr(head.size() + 1) : std::string_view();
  Finding out;
  Place place;
  if (parse_place(head, place)) {
    out.path = reading.map(place.path, line);
    out.line = place.line;
    if (body.empty()) body = place.rest;
  } else if (head.substr(0, 12) != "unknown file") {
    body = message;
  }
  out.code = test.id;
  out.message = gtest_headline(body);
  out.tool = "gtest";
  if (first) {
    if (out.line > 0) {
      test.path = out.path;
      test.line = out.line;
    }
    test.message = excerpt(body);
  }
  reading.report_mapped(line, std::move(out));
}

std::string gtest_headline(std::string_view body) {
  // "Expected equality of these values:" alone says little: the two sides belong to it.
  std::string out(trim(first_line(body)));
  if (out.empty() || out.back() != ':') return out;
  std::string_view rest = body.substr(std::min(body.size(), first_line(body).size() + 1));
  for (int taken = 0; !rest.empty() && taken < 4; ++taken) {
    const std::string_view one = first_line(rest);
    if (one.substr(0, 2) != "  ") break;
    out += "\n" + std::string(trim_right(one));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
  }
  return out;
}

}  // namespace baton
