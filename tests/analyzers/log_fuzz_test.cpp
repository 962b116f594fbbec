// Random logs against the readers of tools' output: what the tools of tests/analyzers/data printed, and the corpus beside the source when
// it is there, cut, joined, repeated and nested. Nothing crashes, every finding can be shown, a second look says the same, and the
// time grows with the log alone, whatever is repeated in it.
#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "analyzers/diagnose.h"
#include "analyzers/readers/json_value.h"
#include "support/json.h"
#include "tests/support/fuzz.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream out;
  out << file.rdbuf();
  return out.str();
}

// Of a case of tests/analyzers/data: each output and each report.
void add_parts(const std::string& run, std::vector<std::string>& logs) {
  std::istringstream lines(run);
  bool begun = false;
  for (std::string line; std::getline(lines, line) && line != "---- expect";) {
    if (line.starts_with("---- ")) {
      logs.emplace_back();
      begun = true;
    } else if (begun) {
      logs.back() += line + "\n";
    }
  }
}

const std::vector<std::string>& logs() {
  static const std::vector<std::string> kLogs = [] {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(BATON_SOURCE_DIR "/tests/analyzers/data/output")) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<std::string> found;
    for (const fs::path& file : files) add_parts(slurp(file), found);
    const fs::path corpus = BATON_SOURCE_DIR "/../shared/data/verify";
    files.clear();
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(corpus, absent)) files.push_back(entry.path() / "output.txt");
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) found.push_back(slurp(file));
    std::erase_if(found, [](const std::string& log) { return log.empty(); });
    return found;
  }();
  return kLogs;
}

std::string log_of(Dice& dice) {
  const std::string& whole = logs()[dice.below(logs().size())];
  constexpr std::size_t kMost = 6000;
  return whole.size() <= kMost ? whole : whole.substr(dice.below(whole.size() - kMost), kMost);
}

std::string line_of(Dice& dice, const std::string& log) {
  const std::size_t begin = log.rfind('\n', dice.below(log.size()));
  const std::size_t first = begin == log.npos ? 0 : begin + 1;
  return log.substr(first, std::min(log.find('\n', first), log.size()) - first);
}

// What formats are made of: openings without an end, ends without an opening, words that wake readers, and terminal control.
constexpr std::string_view kPieces[] = {
    "{", "}", "[", "]", "{\"", "\":", "\"", "\\", "\\u", "\\ud800", ",", "[[", "{\"a\":", "[{\"", "null", "1e999", "-", "<testsuites>",
    "<testsuite", "</testsuite>", "<testcase name=\"", "<testcase/>", "<failure>", "<![CDATA[", "]]>", "<!--", "<?xml", "&quot;", "&lt;",
    "&#x0;", "<checkstyle>", "<results>", ">", "\x1b[31m", "\x1b[", "\x1b]8;;", "\x1b\\", "\r", "\b", "\r\n", "\t", " ", "    ", "\n",
    "\n\n", "::error file=", "at f (", "a.c:1:2: error: ", "a.c:99999999999:1: warning: ", "/w/a/b/", "../", ":1:", "(1,2): ", "FAILED",
    "FAIL ", "PASS ", "ok 1 - ", "not ok ", "1..9", "# ", "--- FAIL: ", "=== RUN ", "error: ", "error[E0308]: ", " --> ", "  | ", "^", "~",
    "[ RUN      ] ", "[  FAILED  ] ", "Traceback (most recent call last):", "  File \"a.py\", line 1", "E   ", "____ ", "====",
    "make[1]: Entering directory '", "make: *** [", "In file included from ", "undefined reference to `", "==1==ERROR: AddressSanitizer: ",
    "    #0 0x1 in f a.c:1", "panic: ", "goroutine 1 [", "thread 'main' panicked at ", "Tests: ", "● ", "✓ ", "✗ ", "×", "\xff", "\xe2\x82",
    "passed in 1s", "ed in ", "0", "9999999999", "Test #1: ", "1/1 Test", "***Failed", "ERROR: ", "Ran 1 test in ", "test result: ",
    "{\"Action\":\"output\",\"Package\":\"p\",\"Output\":\"", "{\"reason\":\"compiler-message\""};

std::string piece_of(Dice& dice) {
  return dice.one_in(3) ? line_of(dice, log_of(dice)) : std::string(dice.pick(kPieces));
}

// A log that some tool might have begun to write.
std::string mixed(Dice& dice) {
  std::string log = log_of(dice);
  for (std::size_t n = dice.below(6); n > 0; --n) {
    const std::size_t at = dice.below(log.size() + 1);
    switch (dice.below(8)) {
      case 0: log.insert(at, piece_of(dice)); break;
      case 1: log.insert(at, log_of(dice)); break;
      case 2: log.erase(at, dice.below(200)); break;
      case 3: log.resize(at); break;
      case 4: mutate(dice, log); break;
      case 5: log.insert(at, log.substr(at, dice.below(400))); break;
      case 6: if (const std::size_t end = log.find('\n', at); end != log.npos) log.erase(end, 1); break;
      case 7: {
        std::string repeated;
        for (std::size_t times = dice.below(300), piece = dice.below(1000); times > 0; --times) repeated += kPieces[piece % std::size(kPieces)];
        log.insert(at, repeated);
      }
    }
  }
  return log;
}

struct AnyRun {
  RunOutput output;
  std::string text, report;

  AnyRun(Dice& dice, std::string log, std::string file) : text(std::move(log)), report(std::move(file)) {
    output.text = text;
    output.cwd = dice.one_in(2) ? "/w" : "/";
    if (dice.one_in(2)) output.root = "/w";
    if (!dice.one_in(8)) output.exit_code = static_cast<int>(dice.one_in(4) ? 0 : dice.below(256));
    output.timed_out = dice.one_in(16);
    output.report_expected = dice.one_in(4);
    if (!report.empty()) output.reports.push_back({"report", report});
    if (!dice.one_in(4)) return;
    output.source_line = [](const std::string&, int line) { return std::optional<std::string>(std::string(static_cast<std::size_t>(line % 7), '\t') + "ä = 1;"); };
  }
};

std::string fault_of(const Diagnosis& told) {
  if (told.findings.size() > 20001) return "too many findings";
  for (const Finding& finding : told.findings) {
    if (finding.line < 0 || finding.column < 0 || finding.end_line < 0) return "a place before the first";
    if (finding.path.find('\n') != finding.path.npos) return "a path of several lines";
  }
  if (told.tests && (told.tests->total.value_or(0) < 0 || told.tests->passed.value_or(0) < 0 || told.tests->failed.value_or(0) < 0)) return "less than no tests";
  if (told.verdict != RunVerdict::pass && told.cause.empty()) return "no cause";
  return {};
}

std::string in_short(const Diagnosis& told) {
  std::string all = std::string(to_string(told.verdict)) + told.cause + told.format;
  for (const Finding& one : told.findings) all += "\n" + one.path + ":" + std::to_string(one.line) + one.message;
  return all;
}

TEST(Fuzz, AnyLogIsRead) {
  fuzz([](Dice& dice) -> std::string {
    const AnyRun run(dice, mixed(dice), dice.one_in(3) ? mixed(dice) : std::string());
    const Diagnosis told = diagnose(run.output);
    if (dice.one_in(16) && in_short(told) != in_short(diagnose(run.output))) return "a second look says something else";
    return fault_of(told);
  });
}

// --- time

// So many bytes of one shape. Digits of what is repeated may count, so that every name in it is another.
class Shape {
 public:
  explicit Shape(Dice& dice) : kind_(dice.below(6)), counts_(dice.one_in(2)), head_(log_of(dice)), tail_(dice.one_in(2) ? log_of(dice) : std::string()) {
    for (std::size_t n = dice.below(3) + 1; n > 0; --n) piece_ += piece_of(dice);
    for (std::size_t n = dice.below(2) + 1; n > 0; --n) close_ += piece_of(dice);
    if (dice.one_in(2)) head_ = line_of(dice, head_) + "\n";
    if (piece_.size() > kMostPiece) piece_.resize(kMostPiece);
    if (piece_.empty()) piece_ = "x";
  }

  std::string text(std::size_t size) const {
    switch (kind_) {
      case 0: return repeated(piece_ + "\n", size);                     // a line
      case 1: return head_ + repeated(piece_ + "\n", size) + tail_;     // of a report that begins and perhaps ends
      case 2: return head_ + repeated(one_line(piece_), size) + tail_;  // a long line
      case 3: return repeated(one_line(piece_), size / 2) + head_ + repeated(one_line(close_ + "x"), size / 2);  // nested
      case 4: return repeated(head_, size);                             // a whole log
      default: return head_ + repeated(piece_ + "\n" + close_ + "\n", size) + tail_;
    }
  }

 private:
  static constexpr std::size_t kMostPiece = 400;

  static std::string one_line(std::string text) {
    std::erase(text, '\n');
    return text.empty() ? "x" : text;
  }

  std::string repeated(const std::string& once, std::size_t size) const {
    const std::size_t digit = counts_ ? once.find_first_of("0123456789") : once.npos;
    std::string all;
    for (std::size_t n = 0; all.size() < size; ++n) {
      if (digit == once.npos) all += once;
      else all.append(once, 0, digit).append(std::to_string(n)).append(once, digit + 1);
    }
    return all;
  }

  std::size_t kind_;
  bool counts_;
  std::string head_, tail_, piece_, close_;
};

double processor_seconds(const RunOutput& output) {
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  };
  const double start = now();
  diagnose(output);
  return now() - start;
}

constexpr std::size_t kSmall = 24 << 10, kTimes = 8;

// Of a log and of one that is kTimes as long: why the time is too long; empty when it is not.
std::string too_slow(const RunOutput& small, const RunOutput& large) {
  // What is no reader's (a cache that is full, a noisy machine) is within it.
  constexpr double kMost = 2.5 * kTimes, kTooShort = 0.02;
  // Megabytes a second of what nobody writes: a reader that looks hundreds of lines ahead from each line is within the growth.
#ifdef NDEBUG
  constexpr double kLeast = 2;
#else
  constexpr double kLeast = 0.1;
#endif
  constexpr double kLongest = static_cast<double>(kSmall * kTimes) / 1e6 / kLeast;
  double once = processor_seconds(small), more = processor_seconds(large);
  const auto good = [&] { return more <= kTooShort || (more <= kMost * once && more <= kLongest); };
  for (int i = 0; i < 3 && !good(); ++i) {
    once = std::max(once, processor_seconds(small));
    more = std::min(more, processor_seconds(large));
  }
  if (good()) return {};
  return std::to_string(kTimes) + " times the log takes " + std::to_string(more / once) + " times as long (" + std::to_string(more) + " s)";
}

TEST(Fuzz, TimeGrowsWithTheLogAlone) {
  diagnose({});
  fuzz([](Dice& dice) -> std::string {
    const Shape shape(dice);
    const bool as_report = dice.one_in(3);
    const std::size_t settings = dice.below(1 << 20);
    const auto run_of = [&](std::size_t size) {
      Dice same(settings);
      return as_report ? AnyRun(same, "ran\n", shape.text(size)) : AnyRun(same, shape.text(size), {});
    };
    const std::string slow = too_slow(run_of(kSmall).output, run_of(kSmall * kTimes).output);
    return slow.empty() ? slow : slow + ", as in\n" + shape.text(400).substr(0, 2000);
  });
}

// Logs that took the square of their length once.
TEST(LogTime, IsLinearWhereItOnceWasNot) {
  const auto many = [](std::size_t size, const std::function<std::string(int)>& one) {
    std::string all;
    for (int n = 0; all.size() < size; ++n) all += one(n);
    return all;
  };
  const auto s = [](int n) { return std::to_string(n); };
  const std::pair<const char*, std::function<std::string(std::size_t)>> kLogs[] = {
      {"SARIF: results that name their rules among as many", [&](std::size_t size) {
         const auto list = [&](const std::string& one) { return many(size / 3, [&](int n) { return (n ? "," : "") + one + s(n) + "\"}"; }); };
         const std::string overrides = many(size / 3, [&](int n) { return std::string(n ? "," : "") + "{\"descriptor\":{\"id\":\"o" + s(n) + "\"}}"; });
         return R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t","rules":[)" + list("{\"id\":\"r") + R"(]}},"invocations":[{"executionSuccessful":true,)" +
                R"("ruleConfigurationOverrides":[)" + overrides + R"(]}],"results":[)" + list("{\"ruleId\":\"r") + "]}]}";
       }},
      {"SARIF: a message of braces", [&](std::size_t size) {
         return R"({"version":"2.1.0","runs":[{"results":[{"message":{"text":")" + std::string(size, '{') + R"(","arguments":["a"]}}]}]})";
       }},
      {"XML: reports on one line after a long one",
       [&](std::size_t size) { return std::string(size, 'x') + "\n" + many(size, [](int) { return "<testsuite name=\"A\"><testcase name=\"b\"/></testsuite>"; }); }},
      {"XML: elements that close and are none", [&](std::size_t size) { return many(size / 2, [](int) { return "<testsuite>"; }) + "<" + many(size / 2, [](int) { return "</testsuite>"; }); }},
      {"node's JUnit: quotes in a name",
       [&](std::size_t size) { return "<testsuites><testcase classname=\"test\" name=\"" + many(size, [](int) { return "&amp;quot;"; }) + "\"/></testsuites>"; }},
      {"TAP: a name of many places", [&](std::size_t size) { return "1..1\nnot ok 1 - " + many(size, [](int) { return "/w/"; }) + "\n"; }},
      {"pytest: a name of many classes", [&](std::size_t size) {
         return "=== short test summary info ===\nFAILED a.py" + many(size, [](int) { return "::A"; }) + " - no\n=== 1 failed in 0.01s ===\n";
       }},
      {"jest: a name of many groups", [&](std::size_t size) { return "Test Suites: 1 failed\n● " + many(size, [](int) { return "a › "; }) + "\n\n  no\n"; }},
      {"sanitizers: reports without an end", [&](std::size_t size) { return many(size, [](int) { return "WARNING: ThreadSanitizer: data race (pid=1)\n"; }); }},
      {"Go: panics without an end", [&](std::size_t size) { return many(size, [](int) { return "panic: no\n"; }); }},
      {"the environment: a phrase without its other half", [&](std::size_t size) { return many(size, [](int) { return "dial tcp "; }); }},
  };
  for (const auto& [name, log] : kLogs) {
    const std::string small = log(kSmall), large = log(kSmall * kTimes);
    RunOutput once, more;
    once.text = small, more.text = large;
    once.exit_code = more.exit_code = 1;
    once.cwd = more.cwd = "/w";
    EXPECT_EQ(too_slow(once, more), "") << name;
  }
}

// --- JSON

std::string difference(const Json& ours, const nlohmann::json& theirs) {
  if (theirs.is_object()) {
    if (!ours.is_object()) return "no object";
    for (const auto& [name, value] : theirs.items()) {
      const Json* const same = ours.find(name);
      if (!same) return "no member " + name;
      if (std::string fault = difference(*same, value); !fault.empty()) return fault;
    }
    for (std::size_t i = 0; i < ours.size(); ++i)
      if (!theirs.contains(ours.name(i))) return "a member too many";
    return {};
  }
  if (theirs.is_array()) {
    if (!ours.is_array() || ours.size() != theirs.size()) return "no array of that size";
    for (std::size_t i = 0; i < ours.size(); ++i)
      if (std::string fault = difference(ours[i], theirs[i]); !fault.empty()) return fault;
    return {};
  }
  if (theirs.is_string()) return ours.is_string() && ours.text() == theirs.get<std::string>() ? "" : "another text: " + std::string(ours.text());
  if (theirs.is_boolean()) return ours.is_boolean() && ours.boolean() == theirs.get<bool>() ? "" : "another truth";
  if (theirs.is_number()) return ours.is_number() && ours.is_number_integer() == (ours.text().find_first_of(".eE") == std::string_view::npos) ? "" : "no number";
  return ours.is_null() ? "" : "not null";
}

std::string json_of(Dice& dice) {
  std::string text;
  for (int tries = 0; tries < 20 && text.empty(); ++tries) {
    const std::string& log = logs()[dice.below(logs().size())];
    const std::size_t begin = log.find_first_of("{[");
    if (begin != log.npos) text = log.substr(begin, std::min(log.find_last_of("}]"), log.size() - 1) + 1 - begin);
  }
  return text;
}

// The sizes at which an object is searched in another way.
std::string many_members(Dice& dice) {
  std::string text = "{";
  for (std::size_t n = dice.below(40); n > 0; --n) text += "\"" + std::to_string(dice.below(30)) + (dice.one_in(4) ? "\\u00e9" : "") + "\":" + std::to_string(n) + (n > 1 ? "," : "");
  return text + "}";
}

TEST(Fuzz, JsonOfReportsIsReadAsItIs) {
  JsonDocument document;
  fuzz([&](Dice& dice) -> std::string {
    std::string text = dice.one_in(4) ? many_members(dice) : json_of(dice);
    if (!dice.one_in(8)) {
      for (std::size_t n = dice.below(3); n > 0; --n) text.insert(dice.below(text.size() + 1), dice.one_in(2) ? std::string(dice.pick(kPieces)) : "\\u" + std::to_string(dice.below(9999)));
      if (dice.one_in(2)) mutate(dice, text);
    }
    const auto theirs = parse_json(text);
    const Json* const ours = document.read(text);
    if (!theirs) return document.end() <= text.size() + 1 ? "" : "it looked beyond the end";
    if (!ours) return "JSON is refused: " + text;
    const std::string fault = difference(*ours, *theirs);
    return fault.empty() ? fault : fault + " in " + text;
  });
}

}  // namespace
}  // namespace baton
