// Runners that someone wrote in an afternoon, and Unity and Qt Test, which print alike: a line a test with a word for its
// outcome ("FAILED: name (at line 9)", "[PASS] name", "name ... ok", "a.c:9:name:PASS"), and counts at the end. Any log holds
// such words, so cases are taken only where the counts agree with them. Many runners name their failures alone: the passing
// tests are a count then.
#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

#include "analyzers/readers/readers.h"

namespace baton {
namespace {

constexpr size_t kLongestLine = 400, kMaxName = 200;

struct Marked {
  size_t line = 0;
  TestCase test;
  bool strict = false;  // capitals or brackets: a form that prose hardly has
};

struct LineCounts {
  std::optional<int> passed, failed, skipped, total;

  bool any() const { return passed || failed || total; }
  void add(const LineCounts& more) {
    const auto sum = [](std::optional<int>& into, const std::optional<int>& from) {
      if (from) into = into.value_or(0) + *from;
    };
    sum(passed, more.passed);
    sum(failed, more.failed);
    sum(skipped, more.skipped);
    sum(total, more.total);
  }
  void complete() {
    if (!failed && total && passed) failed = std::max(0, *total - *passed - skipped.value_or(0));
    if (!passed && total && failed) passed = std::max(0, *total - *failed - skipped.value_or(0));
  }
};

const re2::RE2& pattern(const char* text) {
  static std::map<const char*, std::unique_ptr<re2::RE2>>* known = new std::map<const char*, std::unique_ptr<re2::RE2>>;
  static std::mutex* guard = new std::mutex;
  const std::scoped_lock lock(*guard);
  auto& one = (*known)[text];
  if (!one) one = std::make_unique<re2::RE2>(text);
  return *one;
}

std::optional<CaseStatus> status_of(std::string_view word) {
  const std::string said = lower(trim(word));
  if (said == "pass" || said == "passed" || said == "ok" || said == "success" || said == "succeeded" || said == "✓" || said == "✔" || said == "√") return CaseStatus::passed;
  if (said == "fail" || said == "failed" || said == "fail!" || said == "not ok" || said == "error" || said == "✗" || said == "✘" || said == "×" || said == "✖") return CaseStatus::failed;
  if (said == "skip" || said == "skipped" || said == "ignore" || said == "ignored") return CaseStatus::skipped;
  return std::nullopt;
}

// A name without what changes from run to run, which is kept as the message.
bool take_name(Reading& reading, std::string_view told, TestCase& test) {
  std::string name(trim(told));
  std::string where;
  re2::StringPiece rest(name);
  if (re2::RE2::PartialMatch(name, pattern(R"(^(.*?)[ ,]*[(\[]?\b(?:at|on|in)? ?line:? ?(\d+)[)\]]?\.?$)"), &rest, &where)) {
    test.line = std::max(0, to_int(where));
    test.message = trim(std::string_view(name).substr(rest.size()));
    name = std::string(rest);
  }
  std::string time;
  if (re2::RE2::PartialMatch(name, pattern(R"(^(.*?)\s*[(\[][\d.]+ ?(?:s|ms|us|µs|sec|seconds)[)\]]$)"), &time)) name = time;
  while (!name.empty() && (name.back() == '.' || name.back() == ':' || name.back() == '-' || name.back() == ' ')) name.pop_back();
  if (name.empty() || name.size() > kMaxName || !re2::RE2::PartialMatch(name, pattern("\\pL"))) return false;
  test.id = reading.id(name);
  return true;
}

std::optional<Marked> parse_marked(Reading& reading, size_t at) {
  const std::string_view line = trim_right(reading.text.line(at));
  if (line.size() < 4 || line.size() > kLongestLine) return std::nullopt;
  Marked out;
  out.line = at;
  re2::StringPiece word, name, path, number, why;
  const re2::StringPiece whole(line.data(), line.size());
  const auto view = [](const re2::StringPiece& piece) { return std::string_view(piece.data(), piece.size()); };
  // Unity: "test/a.c:12:test_name:FAIL: Expected 1 Was 2"
  if (re2::RE2::FullMatch(whole, pattern(R"(([^\s:][^:]*):(\d+):([^:]+):(PASS|FAIL|IGNORE)(?:: ?(.*))?)"), &path, &number, &name, &word, &why)) {
    out.test.path = reading.map(view(path), at);
    out.test.line = std::max(0, to_int(view(number)));
    out.test.id = reading.id(trim(view(name)));
    out.test.message = std::string(view(why));
    out.test.status = *status_of(view(word));
    out.strict = true;
    return out;
  }
  // Qt Test: "FAIL!  : TestFoo::bar() Compared values are not the same"
  if (re2::RE2::FullMatch(whole, pattern(R"((PASS|FAIL!|SKIP)\s+: (\S+\(.*?\))(?: (.*))?)"), &word, &name, &why)) {
    out.test.id = reading.id(view(name));
    out.test.message = std::string(view(why));
    out.test.status = *status_of(view(word));
    out.strict = true;
    return out;
  }
  if (re2::RE2::FullMatch(whole, pattern(R"(\s*[\[(] ?(?i:(pass|passed|ok|success|fail|failed|not ok|skip|skipped)) ?[\])]:? +(.*))"), &word, &name) ||
      re2::RE2::FullMatch(whole, pattern(R"(\s*(PASS|PASSED|OK|FAIL|FAILED|NOT OK|SKIP|SKIPPED)(?: ?:| -)? +(.*))"), &word, &name)) {
    out.strict = true;
  } else if (!re2::RE2::FullMatch(whole, pattern(R"(\s*(?i:(pass|passed|ok|fail|failed|not ok|skip|skipped))(?: ?:| -) +(.*))"), &word, &name) &&
             !re2::RE2::FullMatch(whole, pattern(R"(\s*(✓|✔|√|✗|✘|×|✖) +(.*))"), &word, &name) &&
             !re2::RE2::FullMatch(whole, pattern(R"((.*\S)(?: ?\.\.+ ?| ?: | - |\s+[\[(] ?)(?i:(pass|passed|ok|success|fail|failed|not ok|skip|skipped))!? ?[\])]?)"), &name, &word)) {
    return std::nullopt;
  }
  const auto status = status_of(view(word));
  if (!status) return std::nullopt;
  out.test.status = *status;
  if (!take_name(reading, view(name), out.test)) return std::nullopt;
  return out;
}

LineCounts counts_of(std::string_view line) {
  LineCounts out;
  if (line.size() > kLongestLine || line.find("% tests passed") != std::string_view::npos) return out;  // CTest's own
  const auto put = [&](std::string_view word, int value) {
    const std::string what = lower(word);
    std::optional<int>& into = what.starts_with("pass") || what.starts_with("succe") || what == "ok" ? out.passed
                               : what.starts_with("fail") || what.starts_with("error")               ? out.failed
                               : what.starts_with("skip") || what.starts_with("ignore")              ? out.skipped
                                                                                                     : out.total;
    if (!into) into = value;
    else if (&into == &out.failed) into = *into + value;  // failures and errors
  };
  int a = 0, b = 0;
  std::string word;
  const re2::StringPiece whole(line.data(), line.size());
  if (re2::RE2::PartialMatch(whole, pattern(R"((?i)\b(\d+) ?(?:/|of|out of) ?(\d+) (?:\w+ )?(passed|pass|succeeded|ok|failed)\b)"), &a, &b, &word)) {
    out.total = b;
    put(word, a);
    return out;
  }
  re2::StringPiece rest = whole;
  while (re2::RE2::FindAndConsume(&rest, pattern(R"((?i)\b(passed|failed|failures|fail|pass|skipped|errors|ignored|succeeded|total|tests run|tests|checks)\s*[:=]\s*(\d+)\b)"), &word, &a)) put(word, a);
  if (out.any()) return out;
  rest = whole;
  while (re2::RE2::FindAndConsume(&rest, pattern(R"((?i)\b(\d+) (?:(?:test|tests|check|checks|case|cases|test cases) )?(passed|passes|failed|failures?|skipped|errors?|ignored|succeeded|tests?|test cases)\b)"), &a, &word)) put(word, a);
  // One number alone is prose ("2 errors"), unless it is of tests that passed or failed.
  if (!out.passed && !out.failed) return {};
  return out;
}

// Tests that share a name are told apart by their turn.
void number_equals(std::vector<Marked>& cases) {
  std::map<std::string, int> turns;
  for (Marked& one : cases)
    if (const int turn = ++turns[one.test.id]; turn > 1) one.test.id += " (" + std::to_string(turn) + ")";
}

int count(const std::vector<Marked>& cases, CaseStatus status) {
  return static_cast<int>(std::count_if(cases.begin(), cases.end(), [&](const Marked& one) { return one.test.status == status; }));
}

}  // namespace

void read_case_lines(Reading& reading, const Hits& /*hits*/) {
  // A runner that is known by its own form has spoken, unless it is one that shows what others print.
  if (std::any_of(reading.tallies.begin(), reading.tallies.end(), [](const Tally& tally) { return !tally.outer; })) return;
  std::vector<Marked> cases;
  LineCounts sum, last;
  std::vector<size_t> counted;
  static const re2::RE2 kWorth("(?i)pass|fail|ok|skip|ignore|succe|total|✓|✔|√|✗|✘|×|✖");
  for (size_t at = 0; at < reading.text.size(); ++at) {
    if (reading.claimed(at)) continue;
    const std::string_view line = reading.text.line(at);
    if (line.size() > kLongestLine || line.size() < 4 || !re2::RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), kWorth)) continue;
    if (const LineCounts told = counts_of(line); told.any()) {
      sum.add(told);
      last = told;
      counted.push_back(at);
    } else if (auto one = parse_marked(reading, at)) {
      cases.push_back(std::move(*one));
    }
  }
  sum.complete();
  last.complete();
  const auto agrees = [&](CaseStatus status, std::optional<int> LineCounts::* which) {
    const int named = count(cases, status);
    return (sum.*which && *(sum.*which) == named) || (last.*which && *(last.*which) == named);
  };
  if (counted.empty()) {
    // Without counts the status of the process has to agree, and every line has to be of a form that prose hardly has.
    const bool strict = std::all_of(cases.begin(), cases.end(), [](const Marked& one) { return one.strict; });
    const bool failing = count(cases, CaseStatus::failed) > 0;
    if (cases.empty() || !strict || !reading.run.tests_expected || failing != (reading.run.exit_code.value_or(1) != 0)) return;
  } else {
    if (cases.empty() || !agrees(CaseStatus::failed, &LineCounts::failed)) return;
    if (!agrees(CaseStatus::passed, &LineCounts::passed))
      std::erase_if(cases, [](const Marked& one) { return one.test.status == CaseStatus::passed; });
  }
  number_equals(cases);
  Tally& tally = reading.tally("case-lines");
  for (Marked& one : cases) {
    if (one.test.status == CaseStatus::failed) {
      Finding out;
      out.tool = "test";
      out.code = one.test.id;
      out.path = one.test.path;
      out.line = one.test.path.empty() ? 0 : one.test.line;
      out.message = one.test.message.empty() ? one.test.id + " failed" : one.test.message;
      reading.report_mapped(one.line, std::move(out));
    }
    if (one.test.path.empty()) one.test.line = 0;
    reading.claim(one.line, one.line + 1);
    tally.add(std::move(one.test));
  }
  for (const size_t at : counted) reading.claim(at, at + 1);
  if (!counted.empty()) {
    const LineCounts& told = sum.failed == count(cases, CaseStatus::failed) ? sum : last;
    tally.report.passed = told.passed;
    tally.report.failed = told.failed;
    tally.report.skipped = told.skipped;
  }
  tally.count_cases();
  reading.recognised("case-lines");
}

}  // namespace baton
