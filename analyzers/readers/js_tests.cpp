// Text reporters of JavaScript's test runners: vitest, jest, mocha, node's spec, ava.
#include <algorithm>
#include <map>
#include <vector>

#include "analyzers/readers/readers.h"
#include "analyzers/readers/stack.h"
#include "analyzers/readers/test_ids.h"

namespace baton {
namespace {

std::string_view lines(const Text& text, size_t first, size_t last) {
  if (first >= text.size() || last <= first) return {};
  const size_t from = text.offset_of(first);
  const size_t to = last < text.size() ? text.offset_of(last) : text.all().size();
  return text.all().substr(from, to - from);
}

// "3 failed | 1 passed | 1 skipped | 1 todo (6)" and jest's "4 failed, 1 skipped, 7 total": words to counts.
std::map<std::string, int> counted_words(std::string_view text) {
  std::map<std::string, int> out;
  while (!text.empty()) {
    const size_t digit = text.find_first_of("0123456789");
    if (digit == std::string_view::npos) break;
    text.remove_prefix(digit);
    const int count = take_int(text);
    if (count < 0) break;
    text = trim_left(text);
    size_t end = 0;
    while (end < text.size() && ((text[end] >= 'a' && text[end] <= 'z') || text[end] == '-')) ++end;
    if (end > 0) out[std::string(text.substr(0, end))] += count;
    text.remove_prefix(end);
  }
  return out;
}

void set_counts(TestReport& report, const std::map<std::string, int>& words) {
  const auto of = [&](const char* word) {
    const auto found = words.find(word);
    return found == words.end() ? 0 : found->second;
  };
  report.passed = report.passed.value_or(0) + of("passed") + of("pass") + of("passing");
  report.failed = report.failed.value_or(0) + of("failed") + of("fail") + of("failing") + of("cancelled");
  report.skipped = report.skipped.value_or(0) + of("skipped") + of("todo") + of("pending");
  report.total = *report.passed + *report.failed + *report.skipped;
}

struct Failure {
  std::string id;
  std::string file;  // printed
  std::string_view body;
  size_t line = 0;
  bool load = false;
};

void report(Reading& reading, Tally& tally, const Failure& failure, std::string_view tool, std::string message) {
  TestCase test;
  test.id = reading.id(failure.load ? failure.file : failure.id);
  test.status = CaseStatus::failed;
  test.load_failure = failure.load;
  test.message = excerpt(message.empty() ? std::string(failure.body) : message);
  Finding out;
  out.tool = tool;
  out.code = failure.load ? "" : test.id;
  out.path = reading.map(failure.file, failure.line);
  if (const auto frame = js_frame(failure.body, reading, failure.line)) {
    out.path = frame->path;
    out.line = frame->line;
    out.column = frame->column;
  }
  out.message = headline(message);
  test.path = out.path;
  test.line = out.line;
  reading.load_failure |= failure.load;
  const TestCase* had = tally.find(test.id);
  const bool known = had && had->status == CaseStatus::failed && !had->message.empty();
  tally.add(std::move(test));
  if (!known && !out.message.empty()) reading.report_mapped(failure.line, std::move(out));
}

// First words of a body that are a message, not a heading, a frame or a picture.
std::string message_of(std::string_view body) {
  for (std::string_view rest = body; !rest.empty();) {
    const std::string_view line = trim(first_line(rest));
    rest.remove_prefix(std::min(rest.size(), first_line(rest).size() + 1));
    Place place;
    if (line.empty() || line.substr(0, 3) == "●" || line.substr(0, 3) == "⎯") continue;
    if (js_frame_line(line, place)) break;
    if (parse_place(line, place) && place.rest.empty()) continue;  // ava heads its code frame with the place
    std::string_view code = line;
    if (take_int(code) > 0 && (code.empty() || code[0] == ':' || trim_left(code).substr(0, 1) == "|")) continue;
    return std::string(line);
  }
  return {};
}

std::string without_time(std::string_view name) {
  name = trim(name);
  // "adds 10ms", "adds (5 ms)", "adds (1.3ms)"
  if (!name.empty() && name.back() == ')') {
    const size_t open = name.rfind(" (");
    if (open != std::string_view::npos && name.find("ms)", open) != std::string_view::npos) return std::string(trim(name.substr(0, open)));
    if (open != std::string_view::npos && name.substr(name.size() - 2) == "s)" && name[open + 2] >= '0' && name[open + 2] <= '9') return std::string(trim(name.substr(0, open)));
  }
  const size_t space = name.rfind(' ');
  if (space != std::string_view::npos && name.size() > 2 && name.substr(name.size() - 2) == "ms" && name[space + 1] >= '0' && name[space + 1] <= '9')
    return std::string(trim(name.substr(0, space)));
  return std::string(name);
}

}  // namespace

void read_vitest(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  const bool ours = text.contains("Test Files ") || text.contains(" RUN  v") || text.contains("No test files found");
  if (!ours) return;
  reading.recognised("vitest-text");
  Tally& tally = reading.tally("vitest");
  size_t first = hits.front(), last = hits.front();
  for (const size_t hit : hits) {
    std::string_view line = trim(text.line(hit));
    last = std::max(last, hit);
    if (take_prefix(line, "FAIL ")) {
      line = trim(line);
      if (!line.empty() && line[0] == '|') line = trim(line.substr(std::min(line.size(), line.find('|', 1) + 1)));
      Failure failure;
      failure.line = hit;
      const size_t arrow = line.find(" > ");
      if (arrow == std::string_view::npos) {
        failure.load = true;
        failure.file = trim(line.substr(0, line.find(" [")));
      } else {
        failure.file = trim(line.substr(0, arrow));
        failure.id = trim(line.substr(arrow + 3));
      }
      size_t end = hit + 1;
      // Tests with one and the same error are listed one under the other.
      while (end < text.size() && trim(text.line(end)).substr(0, 5) == "FAIL ") ++end;
      const size_t body = end;
      while (end < text.size() && text.line(end).find("⎯⎯⎯⎯") == std::string_view::npos && trim(text.line(end)).substr(0, 5) != "FAIL ") ++end;
      failure.body = lines(text, body, end);
      report(reading, tally, failure, "vitest", message_of(failure.body));
      last = std::max(last, end);
    } else if (take_prefix(line, "Tests  ")) {
      set_counts(tally.report, counted_words(line.substr(0, line.find('('))));
      if (line.substr(0, 8) == "no tests") reading.nothing_ran = true;
    } else if (line.substr(0, 19) == "No test files found") {
      reading.nothing_ran = true;
    } else if (take_prefix(line, "✓ ") || take_prefix(line, "× ") || take_prefix(line, "↓ ")) {
      // With the verbose reporter every test has its line: "✓ v.spec.ts > sum > zero 2ms".
      const bool failed = trim(text.line(hit)).substr(0, 2) == std::string_view("×").substr(0, 2);
      const bool skipped = trim(text.line(hit)).substr(0, 3) == "↓";
      const size_t arrow = line.find(" > ");
      if (arrow == std::string_view::npos || failed) continue;
      const std::string_view file = line.substr(0, arrow);
      if (!looks_like_file(file)) continue;
      TestCase test;
      test.id = reading.id(without_time(line.substr(arrow + 3)));
      test.path = reading.map(file, hit);
      test.status = skipped ? CaseStatus::skipped : CaseStatus::passed;
      tally.add(std::move(test));
    }
  }
  reading.claim(first, last + 1);
}

void read_jest(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  const bool ours = text.contains("Test Suites: ") || text.contains("No tests found");
  if (!ours) return;
  reading.recognised("jest-text");
  Tally& tally = reading.tally("jest");
  std::string file;
  size_t first = hits.front(), last = hits.front();
  for (const size_t hit : hits) {
    std::string_view line = trim(text.line(hit));
    last = std::max(last, hit);
    if (take_prefix(line, "FAIL ") || take_prefix(line, "PASS ")) {
      file = trim(line.substr(0, line.find(" (")));
    } else if (take_prefix(line, "Tests: ")) {
      const auto words = counted_words(line);
      set_counts(tally.report, words);
      if (words.count("total") && words.at("total") == 0 && !reading.load_failure) reading.nothing_ran = true;
    } else if (line.substr(0, 14) == "No tests found") {
      reading.nothing_ran = true;
    } else if (take_prefix(line, "● ")) {
      if (text.line(hit).size() > 1 && indent_of(text.line(hit)) > 4) continue;
      size_t end = hit + 1;
      while (end < text.size() && end < hit + 400) {
        const std::string_view one = trim(text.line(end));
        if (one.substr(0, 4) == "● " || one.substr(0, 5) == "FAIL " || one.substr(0, 5) == "PASS " || one.substr(0, 12) == "Test Suites:") break;
        ++end;
      }
      Failure failure;
      failure.line = hit;
      failure.file = file;
      failure.body = lines(text, hit + 1, end);
      failure.load = line == "Test suite failed to run";
      failure.id = replaced(std::string(line), " › ", " ");
      if (line.substr(0, 8) == "Console" || line.find("Console") == 0 || line.substr(0, 19) == "Validation Warning:" || line.substr(0, 11) == "Deprecation") continue;
      report(reading, tally, failure, "jest", message_of(failure.body));
      last = std::max(last, end > 0 ? end - 1 : end);
    }
  }
  reading.claim(first, last + 1);
}

void read_mocha(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  Tally& tally = reading.tally("mocha");
  size_t passing = std::string::npos, failing = std::string::npos;
  for (const size_t hit : hits) {
    std::string_view line = trim(text.line(hit));
    if (line.substr(0, 26) == "Error: No test files found") {
      reading.nothing_ran = true;
      reading.recognised("mocha-text");
      reading.claim(hit, hit + 1);
      continue;
    }
    const int count = take_int(line);
    line = trim_left(line);
    if (count < 0 || text.line(hit).substr(0, 2) != "  ") continue;
    if (line.substr(0, 7) == "passing") {
      passing = hit;
      tally.report.passed = tally.report.passed.value_or(0) + count;
      if (!tally.report.failed) tally.report.failed = 0;
    } else if (passing != std::string::npos && line.substr(0, 7) == "failing") {
      failing = hit;
      tally.report.failed = tally.report.failed.value_or(0) + count;
    } else if (passing != std::string::npos && line.substr(0, 7) == "pending") {
      tally.report.skipped = tally.report.skipped.value_or(0) + count;
    } else {
      continue;
    }
    reading.claim(hit, hit + 1);
  }
  if (passing == std::string::npos) return;
  reading.recognised("mocha-text");
  tally.report.total = tally.report.passed.value_or(0) + tally.report.failed.value_or(0) + tally.report.skipped.value_or(0);
  if (*tally.report.total == 0) reading.nothing_ran = true;
  if (failing == std::string::npos) return;
  // "  1) suite", deeper titles, "       test:", blank, then the error.
  int expected = 1;
  for (size_t i = failing + 1; i < text.size(); ++i) {
    std::string_view line = trim(text.line(i));
    std::string_view rest = line;
    if (take_int(rest) != expected || !take_prefix(rest, ") ")) continue;
    ++expected;
    Failure failure;
    failure.line = i;
    failure.id = trim(rest);
    size_t at = i + 1;
    while (failure.id.back() != ':' && at < text.size() && !trim(text.line(at)).empty()) failure.id += " " + std::string(trim(text.line(at++)));
    if (failure.id.back() == ':') failure.id.pop_back();
    size_t end = at;
    for (; end < text.size(); ++end) {
      std::string_view next = trim(text.line(end));
      if (take_int(next) == expected && next.substr(0, 2) == ") " && indent_of(text.line(end)) <= 4) break;
    }
    failure.body = lines(text, at, end);
    report(reading, tally, failure, "mocha", message_of(failure.body));
    reading.claim(i, end);
    i = end > 0 ? end - 1 : end;
  }
}

// "✖ failing tests:" heads the details, each after "test at nt.mjs:3:1".
void read_node_spec(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  const auto summary = std::find_if(hits.begin(), hits.end(), [&](size_t hit) { return text.line(hit).substr(0, 10) == "ℹ tests "; });
  if (summary == hits.end()) return;
  reading.recognised("node-spec");
  Tally& tally = reading.tally("node-test");
  size_t details = text.size();
  std::map<std::string, int> words;
  for (const size_t hit : hits) {
    std::string_view line = trim(text.line(hit));
    if (line == "✖ failing tests:") details = hit;
    std::string_view rest = line;
    if (!take_prefix(rest, "ℹ ")) continue;
    const std::string word(rest.substr(0, rest.find(' ')));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    const int count = take_int(rest);
    if (count >= 0 && rest.empty()) words[word] = count;
    reading.claim(hit, hit + 1);
  }
  // The tree: a line ends a test, its depth tells its parents, which come before as "▶ name".
  std::vector<std::pair<size_t, std::string>> open;
  std::map<std::string, std::vector<std::string>> failed_ids;  // last name to whole ids
  for (size_t i = 0; i < std::min(details, text.size()); ++i) {
    const std::string_view line = text.line(i);
    const size_t indent = indent_of(line);
    std::string_view rest = line.substr(indent);
    if (take_prefix(rest, "▶ ")) {
      const std::string name = without_time(rest);
      while (!open.empty() && open.back().first >= indent) open.pop_back();
      if (rest.size() == name.size()) open.push_back({indent, name});
      reading.claim(i, i + 1);
      continue;
    }
    TestCase test;
    if (take_prefix(rest, "✔ ")) test.status = CaseStatus::passed;
    else if (take_prefix(rest, "✖ ")) test.status = CaseStatus::failed;
    else if (take_prefix(rest, "﹣ ")) test.status = CaseStatus::skipped;
    else continue;
    while (!open.empty() && open.back().first > indent) open.pop_back();
    if (!open.empty() && open.back().first == indent) {  // the end of a suite
      open.pop_back();
      reading.claim(i, i + 1);
      continue;
    }
    std::string id;
    for (const auto& [depth, name] : open) id += name + " > ";
    std::string_view name = rest;
    const size_t hash = name.rfind(" # ");
    if (hash != std::string_view::npos) {
      const std::string directive = lower(trim(name.substr(hash + 3)));
      if (directive.substr(0, 4) == "skip" || directive.substr(0, 4) == "todo") {
        if (test.status == CaseStatus::failed || directive.substr(0, 4) == "skip") test.status = CaseStatus::skipped;
        if (directive.substr(0, 4) == "todo") test.status = CaseStatus::skipped;
      }
      name = name.substr(0, hash);
    }
    const std::string last = reading.id(without_time(name));
    test.id = reading.id(id + without_time(name));
    if (test.status == CaseStatus::failed) failed_ids[last].push_back(test.id);
    tally.add(std::move(test));
    reading.claim(i, i + 1);
  }
  for (size_t i = details + 1; i < text.size(); ++i) {
    std::string_view line = trim(text.line(i));
    if (!take_prefix(line, "test at ")) continue;
    Place place;
    size_t end = i + 2;
    while (end < text.size() && trim(text.line(end)).substr(0, 8) != "test at ") ++end;
    std::string_view title = trim(text.line(i + 1));
    take_prefix(title, "✖ ");
    const std::string name = without_time(title);
    Failure failure;
    failure.line = i;
    failure.body = lines(text, i + 2, end);
    if (parse_place(line, place)) failure.file = place.path;
    // The tree knows the whole id; the details only the last name.
    failure.id = reading.id(name);
    std::vector<std::string>& full = failed_ids[failure.id];
    if (!full.empty()) {
      failure.id = full.front();
      full.erase(full.begin());
    }
    std::string message = message_of(failure.body);
    // "Error [ERR_ASSERTION]: Expected values to be strictly equal:" goes on below.
    if (message.size() > 2 && message.front() == '\'' && message.back() == '\'') message = message.substr(1, message.size() - 2);
    report(reading, tally, failure, "node", message);
    reading.claim(i, end);
    i = end - 1;
  }
  if (words.count("pass") || words.count("fail")) {
    // Counts of node include suites and parents in some versions: the cases are surer where there are any.
    if (tally.report.cases.empty()) set_counts(tally.report, words);
  }
  if (!tally.report.cases.empty()) tally.count_cases();
  if (words["tests"] == 0 && tally.report.cases.empty()) reading.nothing_ran = true;
}

constexpr size_t kMaxTitle = 500;

// ava: "  ✔ name", "  ✘ [fail]: name message", then "  1 test failed" and the details.
void read_ava(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  bool ours = false;
  std::map<std::string, int> words;
  for (const size_t hit : hits) {
    std::string_view line = trim(text.line(hit));
    if (line.substr(0, 11) == "✘ [fail]:" || line.substr(0, 12) == "✖ [fail]: ") ours = true;
    const int count = take_int(line);
    if (count >= 0 && (line == " test failed" || line == " tests failed" || line == " test passed" || line == " tests passed" || line == " test skipped" || line == " tests skipped" ||
                       line == " test todo" || line == " tests todo" || line == " uncaught exception" || line == " uncaught exceptions")) {
      words[std::string(trim(line.substr(line.rfind(' '))))] += count;
      ours = true;
    }
  }
  if (!ours || words.empty()) return;
  reading.recognised("ava-text");
  Tally& tally = reading.tally("ava");
  // Lines that stand alone: the titles of the details are among them.
  std::map<std::string_view, std::vector<size_t>> titles;
  std::string_view above = "none", line = trim(text.line(0));
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view below = trim(text.line(i + 1));
    if (above.empty() && !line.empty() && line.size() < kMaxTitle && below.empty()) titles[line].push_back(i);
    above = line;
    line = below;
  }
  const auto may_begin = [](std::string_view one) { return !one.empty() && (one[0] == '-' || one[0] == "✔"[0]); };  // as all of the signs do
  for (size_t i = 0; i < text.size(); ++i) {
    line = trim(text.line(i));
    if (!may_begin(line)) continue;
    TestCase test;
    if (take_prefix(line, "✔ ")) test.status = CaseStatus::passed;
    else if (take_prefix(line, "✘ [fail]: ") || take_prefix(line, "✖ [fail]: ")) test.status = CaseStatus::failed;
    else if (take_prefix(line, "- [skip] ") || take_prefix(line, "- [todo] ")) test.status = CaseStatus::skipped;
    else continue;
    std::string name = without_time(line);
    if (test.status == CaseStatus::failed) {
      // "[fail]: file › name Message": the details repeat the title alone, so the longest line above that begins this one is it.
      Failure failure;
      failure.line = i;
      size_t title = std::string::npos;
      for (std::string_view candidate = std::string_view(name).substr(0, kMaxTitle); !candidate.empty() && title == std::string::npos; candidate = candidate.substr(0, std::max<size_t>(candidate.rfind(' ') + 1, 1) - 1)) {
        const auto found = titles.find(trim_right(candidate));
        if (found == titles.end()) continue;
        // A log of several runs has it several times.
        const auto next = std::upper_bound(found->second.begin(), found->second.end(), i);
        title = next == found->second.end() ? found->second.front() : *next;
      }
      if (title != std::string::npos) {
        const std::string full(trim(text.line(title)));
        std::string message(trim(std::string_view(name).substr(full.size())));
        failure.id = replaced(full, " › ", " > ");
        size_t end = title + 1;
        const auto ends = [&](std::string_view one) { return may_begin(one) && (one.starts_with("─") || one.starts_with("✘ [fail]: ")); };
        while (end < text.size() && end < title + 120 && !ends(trim_left(text.line(end)))) ++end;
        std::string body(lines(text, title + 1, end));
        Place place;
        for (size_t k = title + 1; k < std::min(end, title + 6); ++k)
          if (parse_place(trim(text.line(k)), place) && looks_like_file(place.path)) break;
        body = replaced(body, "› ", "at ");
        failure.body = body;
        if (!place.path.empty()) failure.file = place.path;
        report(reading, tally, failure, "ava", message.empty() ? message_of(body) : message);
        if (!place.path.empty() && !reading.findings.empty() && reading.findings.back().finding.line == 0) {
          reading.findings.back().finding.path = reading.map(place.path, i);
          reading.findings.back().finding.line = place.line;
        }
        reading.claim(title, end);
        continue;
      }
    }
    test.id = reading.id(replaced(name, " › ", " > "));
    tally.add(std::move(test));
    reading.claim(i, i + 1);
  }
  TestReport& report = tally.report;
  if (!words.count("passed"))
    for (const TestCase& one : report.cases) words["passed"] += one.status == CaseStatus::passed;
  report.passed = words["passed"];
  report.failed = words["failed"] + words["exception"] + words["exceptions"];
  report.skipped = words["skipped"] + words["todo"];
  report.total = *report.passed + *report.failed + *report.skipped;
}

}  // namespace baton
