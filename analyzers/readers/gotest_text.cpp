// `go test` without -json: cut into the same pieces that -json gives and handed to GoTests.
#include <vector>

#include "analyzers/readers/readers.h"
#include "analyzers/readers/stack.h"
#include "analyzers/readers/test_ids.h"

namespace baton {
namespace {

struct Ended {
  std::string name;
  std::string action;
  double seconds = 0;
  std::string output;
  size_t line = 0;
};

// "    --- FAIL: TestTable/one (0.00s)"
bool parse_end(std::string_view line, Ended& out) {
  std::string_view text = trim_left(line);
  if (!take_prefix(text, "--- ")) return false;
  if (take_prefix(text, "PASS: ")) out.action = "pass";
  else if (take_prefix(text, "FAIL: ")) out.action = "fail";
  else if (take_prefix(text, "SKIP: ")) out.action = "skip";
  else return false;
  const size_t time = text.rfind(" (");
  out.name = trim(text.substr(0, time));
  if (time != std::string_view::npos) out.seconds = to_double(text.substr(time + 2));
  return true;
}

class GoText {
 public:
  explicit GoText(Reading& reading) : reading_(reading), text_(reading.text) {}

  void read() {
    reading_.go.structured = false;
    for (size_t i = 0; i < text_.size(); ++i) {
      if (reading_.claimed(i)) continue;
      const std::string_view line = text_.line(i);
      if (line.substr(0, 7) == "panic: ") panicking_ = true;
      Ended end;
      std::string_view rest = trim_left(line);
      if (take_prefix(rest, "=== RUN   ") || take_prefix(rest, "=== CONT  ") || take_prefix(rest, "=== NAME  ")) {
        running_ = trim(rest);
        reading_.claim(i, i + 1);
      } else if (take_prefix(rest, "=== PAUSE ")) {
        reading_.claim(i, i + 1);
      } else if (parse_end(line, end)) {
        end.line = i;
        end.output = std::move(before_[end.name]);
        ended_.push_back(std::move(end));
        running_.clear();
        reading_.claim(i, i + 1);
      } else if (package_line(i, line)) {
        reading_.claim(i, i + 1);
      } else if (!running_.empty()) {
        before_[running_] += std::string(line) + "\n";
        if (indent_of(line) >= 4) reading_.claim(i, i + 1);
      } else if (!ended_.empty() && (indent_of(line) >= 4 || panicking_)) {
        ended_.back().output += std::string(line) + "\n";
        reading_.claim(i, i + 1);
      }
      if (panicking_ && ended_.empty() && running_.empty() && loose_panic_ == 0) loose_panic_ = i;
    }
    flush("");
    Tally& tally = reading_.tally("go-test", false);
    tally.report.total = tally.report.passed = tally.report.failed = tally.report.skipped = std::nullopt;
    if (!tally.report.cases.empty() || none_) tally.count_cases();
    // Without -v passed tests are neither named nor counted.
    if (quiet_ok_) {
      reading_.ran_uncounted = true;
      if (tally.report.passed == 0) tally.report.passed = tally.report.total = std::nullopt;
    } else if (none_ && tally.report.cases.empty()) {
      reading_.nothing_ran = true;
    }
  }

 private:
  // "ok  	pkg	0.01s", "FAIL	pkg	0.01s", "FAIL	pkg [build failed]", "?   	pkg	[no test files]".
  bool package_line(size_t at, std::string_view line) {
    const size_t tab = line.find('\t');
    if (tab == std::string_view::npos) return false;
    const std::string_view word = trim(line.substr(0, tab));
    if (word != "ok" && word != "FAIL" && word != "?" && word != "---") return false;
    std::string_view rest = line.substr(tab + 1);
    const std::string package(trim(rest.substr(0, rest.find_first_of("\t ["))));
    const bool empty = rest.find("[no test files]") != std::string_view::npos || rest.find("[no tests to run]") != std::string_view::npos;
    reading_.recognised("gotest-text");
    if (empty) {
      none_ = true;
    } else if (word == "ok") {
      if (ended_.empty()) quiet_ok_ = true;
    } else if (word == "FAIL" && (rest.find("[build failed]") != std::string_view::npos || rest.find("[setup failed]") != std::string_view::npos)) {
      reading_.load_failure = true;
      if (reading_.failure.empty()) reading_.failure = package + " did not build";
    } else if (word == "FAIL" && ended_.empty() && loose_panic_ == 0) {
      reading_.failure = package + " failed";
    }
    flush(package);
    (void)at;
    return true;
  }

  void flush(const std::string& package) {
    for (Ended& one : ended_) {
      reading_.go.output(reading_, package, one.name, one.output, one.line);
      reading_.go.end(reading_, package, one.name, one.action, one.seconds, one.line);
      reading_.recognised("gotest-text");
    }
    ended_.clear();
    before_.clear();
    running_.clear();
    panicking_ = false;
  }

  Reading& reading_;
  const Text& text_;
  std::vector<Ended> ended_;
  std::map<std::string, std::string> before_;  // what -v printed before a test ended
  std::string running_;
  bool panicking_ = false, none_ = false, quiet_ok_ = false;
  size_t loose_panic_ = 0;
};

}  // namespace

void read_gotest(Reading& reading, const Hits& hits) {
  // "ok" and "FAIL" alone are words of other runners: a tab after them is go's.
  for (const size_t hit : hits) {
    const std::string_view line = reading.text.line(hit);
    Ended end;
    const size_t tab = line.find('\t');
    const bool package = tab != std::string_view::npos && (line.substr(0, 4) == "ok  " || line.substr(0, 5) == "FAIL\t" || line.substr(0, 2) == "? ");
    if (package || parse_end(line, end)) {
      GoText(reading).read();
      return;
    }
  }
}

void read_go_panic(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  const auto panics = [](std::string_view line) { return line.starts_with("panic: ") || line.starts_with("fatal error: "); };
  for (const size_t hit : hits) {
    const std::string_view line = text.line(hit);
    if (!panics(line)) continue;
    size_t end = hit + 1;
    bool goroutine = false;
    Finding out;
    for (; end < text.size() && end < hit + 200; ++end) {
      const std::string_view one = text.line(end);
      if (panics(one)) break;
      goroutine |= one.substr(0, 10) == "goroutine ";
      Place place;
      if (!goroutine || one.empty() || one[0] != '\t' || !parse_place(one.substr(1), place) || !out.path.empty()) continue;
      const std::string path = reading.map(place.path, end);
      if (reading.foreign(path)) continue;
      out.path = path;
      out.line = place.line;
    }
    if (!goroutine) continue;
    out.message = line;
    out.code = "panic";
    out.tool = "stack";
    reading.claim(hit, end);
    reading.report_mapped(hit, std::move(out), Weight::advisory);
    reading.recognised("go-panic");
    return;  // the program ended here
  }
}

}  // namespace baton
