// GoogleTest's text, alone or inside ctest's.
#include <algorithm>

#include "analyzers/readers/readers.h"
#include "analyzers/readers/stack.h"
#include "analyzers/readers/test_ids.h"

namespace baton {
namespace {

// "Suite.Name (3 ms)" or "Suite.Name, where GetParam() = 3 (0 ms)" to the name.
std::string test_name(std::string_view text) {
  const size_t where = text.find(", where ");
  if (where != std::string_view::npos) return std::string(trim(text.substr(0, where)));
  const size_t time = text.rfind(" (");
  return std::string(trim(text.substr(0, time)));
}

bool is_failure_head(std::string_view line) {
  const std::string_view text = trim_right(line);
  for (const std::string_view end : {": Failure", ": Fatal failure", ": error: Failure"})
    if (text.size() > end.size() && text.substr(text.size() - end.size()) == end) return true;
  return text.find("): error: ") != std::string_view::npos;  // MSVC style
}

}  // namespace

void read_gtest(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  Tally& tally = reading.tally("gtest");
  TestCase current;
  bool running = false, listing = false, ended = false;
  int announced = -1, disabled = 0;
  size_t body = 0;
  // Everything the test printed since its RUN line, cut at each failure's head.
  const auto failures = [&](size_t end) {
    for (size_t i = body; i < end; ++i) {
      if (!is_failure_head(text.line(i))) continue;
      size_t stop = i + 1;
      while (stop < end && !is_failure_head(text.line(stop)) && text.line(stop).substr(0, 13) != "Stack trace:") ++stop;
      std::string message(text.line(i).substr(0, text.line(i).rfind(": ")));
      for (size_t k = i + 1; k < stop; ++k) message += "\n" + std::string(text.line(k));
      report_gtest_failure(reading, current, message, i);
      i = stop - 1;
    }
  };
  for (const size_t hit : hits) {
    std::string_view line = trim_left(text.line(hit));
    if (take_prefix(line, "[ RUN      ] ")) {
      current = {};
      current.id = reading.id(test_name(line));
      running = true;
      listing = false;
      body = hit + 1;
    } else if (take_prefix(line, "[==========] ")) {
      listing = false;
      std::string_view rest = line;
      if (take_prefix(rest, "Running ")) {
        announced = std::max(0, announced) + std::max(0, take_int(rest));
        ended = false;
      } else if (line.find(" ran.") != std::string_view::npos) {
        ended = true;
        listing = true;
      }
    } else if (line.substr(0, 12) == "[       OK ]" || line.substr(0, 12) == "[  FAILED  ]" || line.substr(0, 12) == "[  SKIPPED ]") {
      if (!running || listing) {
        reading.claim(hit, hit + 1);
        continue;
      }
      const char kind = line[3];
      if (test_name(line.substr(12)) != current.id && reading.id(test_name(line.substr(12))) != current.id) continue;  // a suite's set-up
      failures(hit);
      current.status = line[3] == 'F' ? CaseStatus::failed : line[3] == 'S' ? CaseStatus::skipped : CaseStatus::passed;
      (void)kind;
      if (current.status == CaseStatus::failed && current.message.empty()) current.message = excerpt(std::string_view());
      const size_t time = line.rfind('(');
      if (time != std::string_view::npos) current.seconds = to_double(line.substr(time + 1)) / 1000;
      tally.add(current);
      reading.claim(body, hit + 1);
      running = false;
    } else if (take_prefix(line, "YOU HAVE ")) {
      disabled = std::max(0, take_int(line));
    }
    reading.claim(hit, hit + 1);
  }
  (void)disabled;
  reading.recognised("gtest-text");
  if (running) {  // the process died inside this test
    failures(text.size());
    current.status = CaseStatus::failed;
    if (current.message.empty()) current.message = "the test program ended while this test ran";
    tally.add(current);
    if (!ended) reading.failure = "the test program ended inside " + current.id;
  }
  tally.report.total = tally.report.passed = tally.report.failed = tally.report.skipped = std::nullopt;
  tally.count_cases();
  if (announced == 0 && tally.report.cases.empty()) reading.nothing_ran = true;
}

}  // namespace baton
