// Rust's test harness: "test a::b ... FAILED", "---- a::b stdout ----" blocks, "test result:"; and nextest's lines.
#include <algorithm>
#include <map>

#include "analyzers/readers/readers.h"
#include "analyzers/readers/stack.h"
#include "analyzers/readers/test_ids.h"

namespace baton {
namespace {

std::string plain_name(std::string_view name) {
  for (const std::string_view suffix : {" - should panic", " - compile fail", " - compile"}) {
    const size_t at = name.size() >= suffix.size() ? name.size() - suffix.size() : std::string_view::npos;
    if (at != std::string_view::npos && name.substr(at) == suffix) name = name.substr(0, at);
  }
  return std::string(trim(name));
}

// "thread 'x' panicked at src/lib.rs:7:24:" with the message below, or the older "panicked at 'msg', src/lib.rs:7:24".
bool parse_panic(std::string_view head, std::string_view after, Finding& out) {
  const size_t at = head.find(" panicked at ");
  if (at == std::string_view::npos) return false;
  std::string_view text = head.substr(at + 13);
  Place place;
  if (!text.empty() && (text[0] == '\'' || text[0] == '"')) {
    const size_t comma = text.rfind(", ");
    if (comma == std::string_view::npos || !parse_place(text.substr(comma + 2), place)) return false;
    out.message = text.substr(1, comma > 1 ? comma - 2 : 0);
  } else {
    while (!text.empty() && text.back() == ':') text.remove_suffix(1);
    if (!parse_place(text, place)) return false;
    for (std::string_view rest = after; !rest.empty();) {
      const std::string_view line = first_line(rest);
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (line.substr(0, 16) == "stack backtrace:" || line.substr(0, 6) == "note: " || line.empty()) break;
      out.message += (out.message.empty() ? "" : "\n") + std::string(trim_right(line));
      if (out.message.size() > 2000) break;
    }
  }
  out.path = place.path;
  out.line = place.line;
  out.column = place.column;
  return true;
}

// A panic inside the standard library or a dependency: the first frame in the checkout is where the user looks.
void prefer_own_frame(const Reading& reading, std::string_view body, size_t line, Finding& out) {
  if (!reading.foreign(reading.map(out.path, line))) return;
  for (std::string_view rest = body; !rest.empty();) {
    std::string_view one = trim(first_line(rest));
    rest.remove_prefix(std::min(rest.size(), first_line(rest).size() + 1));
    Place place;
    if (!take_prefix(one, "at ") || !parse_place(one, place)) continue;
    if (reading.foreign(reading.map(place.path, line))) continue;
    out.path = place.path;
    out.line = place.line;
    out.column = place.column;
    return;
  }
}

class Libtest {
 public:
  Libtest(Reading& reading, const Hits& hits) : reading_(reading), text_(reading.text), hits_(hits) {}

  void read() {
    std::string binary;
    unit_binaries_ = std::count_if(hits_.begin(), hits_.end(), [&](size_t hit) {
      std::string_view line = trim_left(text_.line(hit));
      return take_prefix(line, "Running unittests ");
    });
    for (const size_t hit : hits_) {
      std::string_view line = trim_left(text_.line(hit));
      if (take_prefix(line, "Running ") || take_prefix(line, "Doc-tests ")) {
        binary = binary_of(line);
        reading_.claim(hit, hit + 1);
      } else if (take_prefix(line, "test result: ")) {
        result(line);
        reading_.claim(hit, hit + 1);
      } else if (text_.line(hit).substr(0, 5) == "test ") {
        test_line(hit, text_.line(hit).substr(5), binary);
      } else if (text_.line(hit).substr(0, 5) == "---- ") {
        block(hit);
      }
    }
    if (!seen_) return;
    reading_.recognised("libtest-text");
    TestReport& report = tally().report;
    if (results_ == 0) tally().count_cases();
    if (report.passed.value_or(0) + report.failed.value_or(0) == 0) reading_.nothing_ran = true;
  }

 private:
  // "tests/it.rs (target/debug/deps/it-0123)": its file, and for one of several binaries of unit tests its crate before it.
  std::string binary_of(std::string_view line) const {
    const size_t open = line.find(" (");
    std::string_view file = line.substr(0, open);
    const bool unit = take_prefix(file, "unittests ");
    if (file.find('/') == std::string_view::npos) return "";
    if (!unit) return std::string(file);
    if (unit_binaries_ < 2 || open == std::string_view::npos) return "";
    const std::string_view program = line.substr(open, line.find(')', open) - open);
    const size_t slash = program.rfind('/'), dash = program.rfind('-');
    if (slash == std::string_view::npos || dash == std::string_view::npos || dash < slash) return "";
    return std::string(program.substr(slash + 1, dash - slash - 1)) + " " + std::string(file);
  }

  // A test in documentation has a line in its name, which moves with every edit above it: "src/lib.rs - f (line 12) - compile".
  static std::string stable_name(const std::string& name) {
    const size_t open = name.rfind(" (line "), close = open == std::string::npos ? open : name.find(')', open);
    if (close == std::string::npos || name.find(" -") >= open) return name;
    return name.substr(0, open) + name.substr(close + 1);
  }

  void test_line(size_t at, std::string_view line, const std::string& binary) {
    const size_t dots = line.rfind(" ... ");
    if (dots == std::string_view::npos) return;
    const std::string_view word = trim(line.substr(dots + 5));
    TestCase test;
    const std::string name = plain_name(line.substr(0, dots));
    if (word.substr(0, 2) == "ok") test.status = CaseStatus::passed;
    else if (word.substr(0, 7) == "ignored") test.status = CaseStatus::skipped;
    else if (word.substr(0, 6) == "FAILED") test.status = CaseStatus::failed;
    else if (word.substr(0, 6) == "bench:") test.status = CaseStatus::passed;
    else return;
    test.id = reading_.id(binary.empty() ? stable_name(name) : binary + "::" + stable_name(name));
    if (!binary.empty() || stable_name(name) != name) ids_[name] = test.id;
    tally().add(std::move(test));
    reading_.claim(at, at + 1);
    seen_ = true;
  }

  // "ok. 1 passed; 4 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.19s"
  void result(std::string_view line) {
    TestReport& report = tally().report;
    int passed = 0, failed = 0, ignored = 0;
    const size_t dot = line.find(". ");
    if (dot == std::string_view::npos) return;
    for (std::string_view rest = line.substr(dot + 2); !rest.empty();) {
      rest = trim_left(rest);
      const int count = take_int(rest);
      const size_t end = std::min(rest.find(';'), rest.size());
      const std::string_view word = trim(rest.substr(0, end));
      rest.remove_prefix(std::min(rest.size(), end + 1));
      if (count < 0) continue;
      if (word == "passed") passed = count;
      else if (word == "failed") failed = count;
      else if (word == "ignored") ignored = count;
    }
    report.passed = report.passed.value_or(0) + passed;
    report.failed = report.failed.value_or(0) + failed;
    report.skipped = report.skipped.value_or(0) + ignored;
    report.total = *report.passed + *report.failed + *report.skipped;
    ++results_;
    seen_ = true;
  }

  void block(size_t head) {
    std::string_view title = trim_right(text_.line(head).substr(5));
    const size_t out_word = title.rfind(" stdout ----");
    const size_t err_word = title.rfind(" stderr ----");
    const size_t cut = std::min(out_word, err_word);
    if (cut == std::string_view::npos) return;
    const std::string name = plain_name(title.substr(0, cut));
    size_t end = head + 1;
    while (end < text_.size() && text_.line(end).substr(0, 5) != "---- " && text_.line(end) != "failures:" && text_.line(end).substr(0, 13) != "test result: ") ++end;
    const size_t from = head + 1 < text_.size() ? text_.offset_of(head + 1) : text_.all().size();
    const size_t to = end < text_.size() ? text_.offset_of(end) : text_.all().size();
    const std::string_view body = to > from ? text_.all().substr(from, to - from) : std::string_view();
    Finding out;
    out.tool = "cargo";
    out.code = name;
    std::string_view said;
    for (std::string_view rest = body; !rest.empty();) {
      const std::string_view line = first_line(rest);
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (parse_panic(line, rest, out)) {
        prefer_own_frame(reading_, rest, head, out);
        break;
      }
      std::string_view note = line;
      if (take_prefix(note, "note: test did not panic as expected")) {
        out.message = "test did not panic as expected";
        Place place;
        if (take_prefix(note, " at ") && parse_place(note, place)) {
          out.path = place.path;
          out.line = place.line;
          out.column = place.column;
        }
        break;
      }
      if (said.empty() && !trim(line).empty()) said = trim(line);
      if (line.substr(0, 7) == "Error: ") said = trim(line);
    }
    if (out.message.empty()) out.message = said;
    reading_.claim(head, end);
    seen_ = true;
    TestCase test;
    const auto known = ids_.find(name);
    test.id = known == ids_.end() ? reading_.id(stable_name(name)) : known->second;
    test.path = reading_.map(out.path, head);
    test.line = out.line;
    test.status = CaseStatus::failed;
    test.message = excerpt(out.message);
    tally().add(std::move(test));
    if (!out.message.empty()) reading_.report(head, std::move(out), Weight::normal, ColumnUnit::code_points);
  }

  Tally& tally() { return reading_.tally("libtest"); }

  Reading& reading_;
  const Text& text_;
  const Hits& hits_;
  std::map<std::string, std::string> ids_;  // printed name to id
  std::ptrdiff_t unit_binaries_ = 0;
  int results_ = 0;
  bool seen_ = false;
};

}  // namespace

void read_libtest(Reading& reading, const Hits& hits) { Libtest(reading, hits).read(); }

void read_rust_panic(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  for (const size_t hit : hits) {
    Finding out;
    out.tool = "stack";
    out.code = "panic";
    const size_t next = hit + 1 < text.size() ? text.offset_of(hit + 1) : text.all().size();
    const std::string_view after = text.all().substr(next, 8192);
    if (!parse_panic(text.line(hit), after, out)) continue;
    prefer_own_frame(reading, after, hit, out);
    reading.claim(hit, hit + 1);
    reading.report(hit, std::move(out), Weight::advisory, ColumnUnit::code_points);
    reading.recognised("rust-panic");
  }
}

// "        PASS [   0.005s] crate::bin tests::ok"
void read_nextest(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  Tally& tally = reading.tally("nextest");
  for (const size_t hit : hits) {
    std::string_view line = trim(text.line(hit));
    TestCase test;
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(word.size());
    line = trim_left(line);
    if (!take_prefix(line, "[") || line.find("s] ") == std::string_view::npos) continue;
    test.seconds = to_double(trim_left(line));
    line = trim_left(line.substr(line.find("s] ") + 3));
    if (!line.empty() && line[0] == '(') line = trim_left(line.substr(std::min(line.size(), line.find(')') + 1)));
    test.id = reading.id(line);
    if (test.id.empty()) continue;
    test.status = word == "PASS" || word == "LEAK" ? CaseStatus::passed : word == "SKIP" ? CaseStatus::skipped : CaseStatus::failed;
    tally.add(std::move(test));
    reading.claim(hit, hit + 1);
    reading.recognised("nextest-text");
  }
  if (tally.report.cases.empty()) return;
  tally.report.total = tally.report.passed = tally.report.failed = tally.report.skipped = std::nullopt;
  tally.count_cases();
}

}  // namespace baton
