// Python's unittest text (Django's and nose's too): blocks "FAIL: name (where)" and "ERROR: ...", the dots or -v lines, "Ran N tests".
#include <algorithm>

#include "analyzers/readers/readers.h"
#include "analyzers/readers/stack.h"
#include "analyzers/readers/test_ids.h"

namespace baton {
namespace {

// "test_a (__main__.T.test_a) (i=1)" to "T.test_a": 3.11 and later repeat the method in the parentheses, before they did not.
std::string id_of(std::string_view text) {
  text = trim(text);
  const size_t open = text.find(" (");
  if (open == std::string_view::npos) return std::string(text);
  const std::string_view method = text.substr(0, open);
  const size_t close = text.find(')', open);
  std::string where(text.substr(open + 2, close == std::string_view::npos ? std::string_view::npos : close - open - 2));
  if (method == "setUpClass" || method == "tearDownClass" || method == "setUpModule" || method == "tearDownModule") return where + "." + std::string(method);
  if (where.size() <= method.size() || where.compare(where.size() - method.size() - 1, std::string::npos, "." + std::string(method)) != 0)
    where += "." + std::string(method);
  std::string_view id = where;
  take_prefix(id, "__main__.");
  return stable_id(id);
}

bool rule(std::string_view line, char c) { return line.size() >= 60 && line.find_first_not_of(c) == std::string_view::npos; }

struct Summary {
  int failures = 0, errors = 0, skipped = 0, expected = 0, unexpected = 0;
};

// "FAILED (failures=2, errors=1, skipped=1)"
Summary parse_summary(std::string_view line) {
  Summary out;
  const size_t open = line.find('(');
  if (open == std::string_view::npos) return out;
  std::string_view rest = line.substr(open + 1);
  while (!rest.empty()) {
    const size_t end = std::min(rest.find_first_of(",)"), rest.size());
    const std::string_view pair = trim(rest.substr(0, end));
    rest.remove_prefix(std::min(rest.size(), end + 1));
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    const int count = std::max(0, to_int(pair.substr(equals + 1)));
    const std::string_view key = pair.substr(0, equals);
    if (key == "failures") out.failures = count;
    else if (key == "errors") out.errors = count;
    else if (key == "skipped") out.skipped = count;
    else if (key == "expected failures") out.expected = count;
    else if (key == "unexpected successes") out.unexpected = count;
  }
  return out;
}

// The exception's own words: the last unindented line of the last traceback, with what follows it.
std::string exception_of(std::string_view body) {
  std::string message;
  bool in_trace = false;
  for (std::string_view rest = body; !rest.empty();) {
    const std::string_view line = first_line(rest);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line == "Traceback (most recent call last):") {
      in_trace = true;
      message.clear();
    } else if (in_trace && !line.empty() && line[0] != ' ') {
      in_trace = false;
      message = line;
    } else if (rule(line, '-')) {
      break;
    } else if (!in_trace && !message.empty() && line.substr(0, 6) != "Stdout" && line.substr(0, 6) != "Stderr" && message.size() < 2000) {
      message += "\n" + std::string(line);
    }
  }
  return message.empty() ? excerpt(body, 6) : excerpt(message, 12);
}

class Unittest {
 public:
  Unittest(Reading& reading, const Hits& hits) : reading_(reading), text_(reading.text), hits_(hits) {}

  void read() {
    const bool ran = std::any_of(hits_.begin(), hits_.end(), [&](size_t hit) { return ran_count(text_.line(hit)) >= 0; });
    if (!ran) return;
    for (const size_t hit : hits_) {
      const std::string_view line = text_.line(hit);
      if (const int count = ran_count(line); count >= 0) {
        summary(hit, count);
      } else if (hit > 0 && rule(text_.line(hit - 1), '=')) {
        block(hit);
      }
    }
    reading_.recognised("unittest-text");
    verbose();
  }

 private:
  static int ran_count(std::string_view line) {
    if (!take_prefix(line, "Ran ")) return -1;
    const int count = take_int(line);
    return take_prefix(line, " test") ? count : -1;
  }

  void block(size_t head) {
    std::string_view title = text_.line(head);
    if (!take_prefix(title, "FAIL: ") && !take_prefix(title, "ERROR: ")) return;
    size_t end = head + 1;
    while (end < text_.size() && !rule(text_.line(end), '=') && ran_count(text_.line(end)) < 0) ++end;
    size_t body = head + 1;
    while (body < end && !rule(text_.line(body), '-')) ++body;  // a docstring's first line may stand before the rule
    const size_t from = body + 1 < text_.size() ? text_.offset_of(std::min(body + 1, end)) : text_.all().size();
    const size_t to = end < text_.size() ? text_.offset_of(end) : text_.all().size();
    const std::string_view trace = to > from ? text_.all().substr(from, to - from) : std::string_view();
    TestCase test;
    test.id = id_of(title);
    test.status = CaseStatus::failed;
    Finding out;
    out.tool = "unittest";
    out.code = test.id;
    out.message = exception_of(trace);
    if (const auto frame = python_frame(trace, reading_, head)) {
      test.path = out.path = frame->path;
      test.line = out.line = frame->line;
    }
    test.message = out.message;
    if (title.find("unittest.loader._FailedTest") != std::string_view::npos) {
      test.load_failure = reading_.load_failure = true;
      test.id = trim(title.substr(0, title.find(" (")));
      out.code.clear();
    }
    tally().add(std::move(test));
    reading_.claim(head - 1, end);
    reading_.report_mapped(head, std::move(out));
  }

  void summary(size_t line, int ran) {
    Summary counts;
    bool ok = false;
    for (size_t i = line + 1; i < std::min(text_.size(), line + 6); ++i) {
      const std::string_view one = text_.line(i);
      if (one.substr(0, 2) != "OK" && one.substr(0, 6) != "FAILED" && one.substr(0, 12) != "NO TESTS RAN") continue;
      counts = parse_summary(one);
      ok = true;
      reading_.claim(i, i + 1);
      break;
    }
    reading_.claim(line, line + 1);
    if (!ok && ran > 0) return;
    TestReport& report = tally().report;
    int failed = counts.failures + counts.errors + counts.unexpected;
    // Subtests are told one by one, yet each test ran once.
    const int distinct = static_cast<int>(tally().report.cases.size()) - counted_;
    counted_ += distinct;
    if (distinct > 0) failed = std::min(failed, distinct + counts.unexpected);
    // A class's set-up that fails is an error without a test.
    const int skipped = counts.skipped + counts.expected;
    report.failed = report.failed.value_or(0) + failed;
    report.skipped = report.skipped.value_or(0) + skipped;
    report.passed = report.passed.value_or(0) + std::max(0, ran - failed - skipped);
    report.total = *report.passed + *report.failed + *report.skipped;
    if (ran == 0 && failed == 0) reading_.nothing_ran = true;
  }

  // With -v: "test_a (m.T.test_a) ... ok".
  void verbose() {
    for (size_t i = 0; i < text_.size(); ++i) {
      const std::string_view line = text_.line(i);
      if (line.size() > 1000 || line.empty() || line[0] == ' ') continue;
      const size_t dots = line.rfind(" ... ");
      if (dots == std::string_view::npos || line.find(" (") > dots) continue;
      const std::string_view word = trim(line.substr(dots + 5));
      TestCase test;
      test.id = id_of(line.substr(0, dots));
      if (word == "ok" || word == "unexpected success") test.status = CaseStatus::passed;
      else if (word.substr(0, 7) == "skipped" || word == "expected failure") test.status = CaseStatus::skipped;
      else if (word == "FAIL" || word == "ERROR") test.status = CaseStatus::failed;
      else continue;
      tally().add(std::move(test));
    }
  }

  Tally& tally() { return reading_.tally("unittest"); }

  Reading& reading_;
  const Text& text_;
  const Hits& hits_;
  int counted_ = 0;  // cases of earlier summaries
};

}  // namespace

void read_unittest(Reading& reading, const Hits& hits) { Unittest(reading, hits).read(); }

}  // namespace baton
