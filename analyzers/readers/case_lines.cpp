// Runners that someone wrote in an afternoon, and Unity and Qt Test, which print alike: a line a test with a word for its
// outcome ("FAILED: name (at line 9)", "[PASS] name", "name ... ok", "a.c:9:name:PASS"), and counts at the end. Any log holds
// such words, so cases are taken only where the counts agree with them. Many runners name their failures alone: the passing
// tests are a count then.
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <map>

#include "analyzers/readers/readers.h"
#include "analyzers/readers/word_finder.h"

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

// Where a line may tell of a test at all; most lines of a log have none of these words.
bool worth_reading(std::string_view line) {
  static const WordFinder kWords({"pass", "fail", "ok", "skip", "ignore", "succe", "total", "✓", "✔", "√", "✗", "✘", "×", "✖"}, WordFinder::Letters::small_or_large);
  return kWords.any_in(line);
}

bool has_digit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A match that may fail first and gives its groups then: without groups it takes one pass over the line, however it ends.
template <class... Groups>
bool is_of_form(const re2::StringPiece& line, const re2::RE2& form, Groups... groups) {
  return re2::RE2::FullMatch(line, form) && re2::RE2::FullMatch(line, form, groups...);
}

// The outcome stands at the line's start or at its end, in brackets or not: what the forms below have in common.
bool begins_with_outcome(std::string_view line) {
  line = trim_left(line);
  if (!line.empty() && (line[0] == '[' || line[0] == '(')) line.remove_prefix(1);
  const std::string start = lower(trim_left(line).substr(0, 6));
  static constexpr std::array<std::string_view, 12> kOutcomes = {"pass", "ok", "succes", "fail", "not ok", "skip", "✓", "✔", "√", "✗", "✘", "×"};
  return start.starts_with("✖") || std::any_of(kOutcomes.begin(), kOutcomes.end(), [&](std::string_view word) { return start.starts_with(word); });
}

bool ends_with_outcome(std::string_view line) {
  while (!line.empty() && (line.back() == ']' || line.back() == ')' || line.back() == '!' || line.back() == ' ')) line.remove_suffix(1);
  const std::string end = lower(line.substr(line.size() - std::min<size_t>(line.size(), 7)));
  static constexpr std::array<std::string_view, 8> kOutcomes = {"pass", "passed", "ok", "success", "fail", "failed", "skip", "skipped"};
  return std::any_of(kOutcomes.begin(), kOutcomes.end(), [&](std::string_view word) { return end.ends_with(word); });
}

bool holds_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.find(word) != text.npos; });
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
  static const re2::RE2 kAtLine(R"(^(.*?)[ ,]*[(\[]?\b(?:at|on|in)? ?line:? ?(\d+)[)\]]?\.?$)"), kTook(R"(^(.*?)\s*[(\[][\d.]+ ?(?:s|ms|us|µs|sec|seconds)[)\]]$)"), kLetter("\\pL");
  const bool numbered = has_digit(name);
  if (numbered && name.find("line") != name.npos && re2::RE2::PartialMatch(name, kAtLine, &rest, &where)) {
    test.line = std::max(0, to_int(where));
    test.message = trim(std::string_view(name).substr(rest.size()));
    name = std::string(rest);
  }
  std::string time;
  if (numbered && !name.empty() && (name.back() == ')' || name.back() == ']') && re2::RE2::PartialMatch(name, kTook, &time)) name = time;
  while (!name.empty() && (name.back() == '.' || name.back() == ':' || name.back() == '-' || name.back() == ' ')) name.pop_back();
  if (name.empty() || name.size() > kMaxName || !re2::RE2::PartialMatch(name, kLetter)) return false;
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
  static const re2::RE2 kUnity(R"(([^\s:][^:]*):(\d+):([^:]+):(PASS|FAIL|IGNORE)(?:: ?(.*))?)"), kQt(R"((PASS|FAIL!|SKIP)\s+: (\S+\(.*?\))(?: (.*))?)"),
      kBracketed(R"(\s*[\[(] ?(?i:(pass|passed|ok|success|fail|failed|not ok|skip|skipped)) ?[\])]:? +(.*))"),
      kCapital(R"(\s*(PASS|PASSED|OK|FAIL|FAILED|NOT OK|SKIP|SKIPPED)(?: ?:| -)? +(.*))"), kPlain(R"(\s*(?i:(pass|passed|ok|fail|failed|not ok|skip|skipped))(?: ?:| -) +(.*))"),
      kSigned(R"(\s*(✓|✔|√|✗|✘|×|✖) +(.*))"), kAfter(R"((.*\S)(?: ?\.\.+ ?| ?: | - |\s+[\[(] ?)(?i:(pass|passed|ok|success|fail|failed|not ok|skip|skipped))!? ?[\])]?)");
  // Unity: "test/a.c:12:test_name:FAIL: Expected 1 Was 2"
  if (holds_one_of(line, {":PASS", ":FAIL", ":IGNORE"}) && is_of_form(whole, kUnity, &path, &number, &name, &word, &why)) {
    out.test.path = reading.map(view(path), at);
    out.test.line = std::max(0, to_int(view(number)));
    out.test.id = reading.id(trim(view(name)));
    out.test.message = std::string(view(why));
    out.test.status = *status_of(view(word));
    out.strict = true;
    return out;
  }
  // Qt Test: "FAIL!  : TestFoo::bar() Compared values are not the same"
  if ((line.starts_with("PASS") || line.starts_with("FAIL!") || line.starts_with("SKIP")) && is_of_form(whole, kQt, &word, &name, &why)) {
    out.test.id = reading.id(view(name));
    out.test.message = std::string(view(why));
    out.test.status = *status_of(view(word));
    out.strict = true;
    return out;
  }
  const bool begins = begins_with_outcome(line);
  if (begins && (is_of_form(whole, kBracketed, &word, &name) || is_of_form(whole, kCapital, &word, &name))) {
    out.strict = true;
  } else if (!(begins && (is_of_form(whole, kPlain, &word, &name) || is_of_form(whole, kSigned, &word, &name))) &&
             !(ends_with_outcome(line) && is_of_form(whole, kAfter, &name, &word))) {
    return std::nullopt;
  }
  const auto status = status_of(view(word));
  if (!status) return std::nullopt;
  out.test.status = *status;
  if (!take_name(reading, view(name), out.test)) return std::nullopt;
  return out;
}

// Which forms of counts a line may be of: what each must have is seen in one pass, and a search for it is not.
struct CountForms {
  bool of = false;            // "3 of 4", "3/4"
  bool word_first = false;    // "passed: 3"
  bool number_first = false;  // "3 passed"

  explicit CountForms(std::string_view line) {
    const auto at = [&](size_t i) { return i < line.size() ? line[i] : '\0'; };
    for (size_t i = 0; i < line.size(); ++i) {
      if (line[i] >= '0' && line[i] <= '9') {
        const char next = at(i + 1) == ' ' ? at(i + 2) : at(i + 1);
        number_first |= at(i + 1) == ' ';
        of |= next == '/' || next == 'o' || next == 'O';
      } else if (line[i] == ':' || line[i] == '=') {
        const std::string_view after = trim_left(line.substr(i + 1));
        word_first |= !after.empty() && after[0] >= '0' && after[0] <= '9';
      }
    }
  }
};

LineCounts counts_of(std::string_view line) {
  LineCounts out;
  if (line.size() > kLongestLine || !has_digit(line) || line.find("% tests passed") != std::string_view::npos) return out;  // CTest's own
  static const re2::RE2 kOf(R"((?i)\b(\d+) ?(?:/|of|out of) ?(\d+) (?:\w+ )?(passed|pass|succeeded|ok|failed)\b)"),
      kWordFirst(R"((?i)\b(passed|failed|failures|fail|pass|skipped|errors|ignored|succeeded|total|tests run|tests|checks)\s*[:=]\s*(\d+)\b)"),
      kNumberFirst(R"((?i)\b(\d+) (?:(?:test|tests|check|checks|case|cases|test cases) )?(passed|passes|failed|failures?|skipped|errors?|ignored|succeeded|tests?|test cases)\b)");
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
  const CountForms may_be(line);
  if (may_be.of && re2::RE2::PartialMatch(whole, kOf, &a, &b, &word)) {
    out.total = b;
    put(word, a);
    return out;
  }
  re2::StringPiece rest = whole;
  while (may_be.word_first && re2::RE2::FindAndConsume(&rest, kWordFirst, &word, &a)) put(word, a);
  if (out.any()) return out;
  rest = whole;
  while (may_be.number_first && re2::RE2::FindAndConsume(&rest, kNumberFirst, &a, &word)) put(word, a);
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
  std::vector<size_t> counted, worth;
  for (size_t at = 0; at < reading.text.size(); ++at) {
    if (reading.claimed(at)) continue;
    const std::string_view line = reading.text.line(at);
    if (line.size() > kLongestLine || line.size() < 4 || !worth_reading(line)) continue;
    if (const LineCounts told = counts_of(line); told.any()) {
      sum.add(told);
      last = told;
      counted.push_back(at);
    } else {
      worth.push_back(at);
    }
  }
  if (counted.empty() && !reading.run.tests_expected) return;
  for (const size_t at : worth)
    if (auto one = parse_marked(reading, at)) cases.push_back(std::move(*one));
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
    if (cases.empty() || !strict || failing != (reading.run.exit_code.value_or(1) != 0)) return;
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
