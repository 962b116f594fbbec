#include "analyzers/readers/go_tests.h"

#include "analyzers/readers/reader.h"
#include "analyzers/readers/stack.h"
#include "analyzers/readers/test_ids.h"

namespace baton {
namespace {

// A test's own words: lines "    a_test.go:13: message" with deeper lines that belong to it. The last is the one that ended a
// failed test; what stands before may be a log.
struct Said {
  Place place;
  std::string message;
};

std::vector<Said> own_lines(std::string_view output) {
  std::vector<Said> said;
  size_t depth = 0;
  for (std::string_view rest = output; !rest.empty();) {
    const std::string_view line = first_line(rest);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const size_t indent = indent_of(line);
    Place place;
    if (indent >= 4 && parse_place(line.substr(indent), place) && place.path.size() > 3 && place.path.substr(place.path.size() - 3) == ".go" && place.column == 0) {
      said.push_back({place, std::string(trim(place.rest))});
      depth = indent;
    } else if (!said.empty() && indent > depth && !trim(line).empty()) {
      std::string& message = said.back().message;
      if (message.size() < 2000) message += (message.empty() ? "" : "\n") + std::string(trim(line));
    } else if (line.substr(0, 4) == "--- " || line.substr(0, 4) == "=== ") {
      depth = 1000;
    }
  }
  return said;
}

// testify prints a table; its "Error:" row is the message.
std::string readable(const std::string& message) {
  const size_t error = message.find("Error:");
  if (message.find("Error Trace:") == std::string::npos || error == std::string::npos) return message;
  return std::string(trim(std::string_view(message).substr(error + 6, message.find("\nTest:", error) == std::string::npos ? std::string::npos : message.find("\nTest:", error) - error - 6)));
}

std::optional<Frame> panic_frame(std::string_view output, const Reading& reading, size_t line) {
  bool after = false;
  for (std::string_view rest = output; !rest.empty();) {
    const std::string_view one = first_line(rest);
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    after |= one.substr(0, 10) == "goroutine ";
    Place place;
    if (!after || one.empty() || one[0] != '\t' || !parse_place(one.substr(1), place)) continue;
    const std::string path = reading.map(place.path, line);
    if (!reading.foreign(path)) return Frame{path, place.line, 0};
  }
  return std::nullopt;
}

}  // namespace

void GoTests::output(Reading& reading, const std::string& package, const std::string& test, std::string_view text, size_t) {
  std::string& gathered = outputs_[{package, test}];
  if (gathered.size() < kMaxOutput) gathered += text;
  if (text.find("[no test files]") != std::string_view::npos || text.find("[no tests to run]") != std::string_view::npos) reading.nothing_ran = true;
}

void GoTests::end(Reading& reading, const std::string& package, const std::string& test, std::string_view action, double seconds, size_t line) {
  const std::string output = std::move(outputs_[{package, test}]);
  outputs_.erase({package, test});
  Tally& tally = reading.tally("go-test", structured);
  if (test.empty()) {
    tally.report.total = tally.report.passed = tally.report.failed = tally.report.skipped = std::nullopt;
    tally.count_cases();
    if (action != "fail" || failed_tests_[package] > 0) return;
    // The package itself failed: it did not build, or its TestMain did not end well.
    reading.load_failure = true;
    for (std::string_view rest = output; !rest.empty();) {
      const std::string_view one = first_line(rest);
      rest.remove_prefix(std::min(rest.size(), one.size() + 1));
      Place place;
      if (!parse_place(one, place) || place.path.find(".go") == std::string_view::npos) continue;
      Finding out;
      out.path = reading.paths.map_first(place.path, package);
      out.line = place.line;
      out.column = place.column;
      out.message = place.rest;
      out.tool = "go";
      reading.report_mapped(line, std::move(out), Weight::normal, ColumnUnit::bytes);
    }
    return;
  }
  TestCase one;
  one.id = reading.id(package.empty() ? test : package + "." + test);
  one.seconds = seconds;
  one.status = action == "pass" ? CaseStatus::passed : action == "skip" ? CaseStatus::skipped : CaseStatus::failed;
  if (one.status == CaseStatus::failed) {
    ++failed_tests_[package];
    Finding out;
    out.code = test;
    out.tool = "go";
    const size_t panic = output.find("panic: ");
    const std::vector<Said> said = own_lines(output);
    if (panic != std::string::npos && (panic == 0 || output[panic - 1] == '\n')) {
      out.message = first_line(std::string_view(output).substr(panic));
      const size_t recovered = out.message.find(" [recovered");
      if (recovered != std::string::npos) out.message.resize(recovered);
      if (const auto frame = panic_frame(std::string_view(output).substr(panic), reading, line)) {
        out.path = frame->path;
        out.line = frame->line;
      }
    } else if (!said.empty()) {
      const Said& last = said.back();
      out.path = reading.paths.map_first(last.place.path, package);
      out.line = last.place.line;
      out.message = readable(last.message);
      for (size_t i = 0; i + 1 < said.size(); ++i)
        out.related.push_back({reading.paths.map_first(said[i].place.path, package), said[i].place.line, 0, said[i].message});
    }
    one.path = out.path;
    one.line = out.line;
    one.message = excerpt(out.message);
    if (!out.message.empty()) reading.report_mapped(line, std::move(out));
  } else if (one.status == CaseStatus::skipped) {
    const std::vector<Said> said = own_lines(output);
    if (!said.empty()) one.message = said.back().message;
  }
  tally.add(std::move(one));
}

}  // namespace baton
