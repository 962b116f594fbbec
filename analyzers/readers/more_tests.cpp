// Failures of runners whose counts stand in matchers.json: PHPUnit, RSpec, dotnet test. Each names the test, says why, then where.
#include <algorithm>

#include "analyzers/readers/readers.h"
#include "analyzers/readers/stack.h"
#include "analyzers/readers/test_ids.h"

namespace baton {
namespace {

struct Told {
  std::string id, message;
  Place place;
  bool placed = false;
};

void report(Reading& reading, std::string_view runner, const Told& told, size_t line) {
  TestCase test;
  test.id = reading.id(told.id);
  test.status = CaseStatus::failed;
  test.message = excerpt(told.message);
  Finding out;
  out.tool = runner;
  out.code = test.id;
  out.message = told.message;
  if (told.placed) {
    test.path = out.path = reading.map(told.place.path, line);
    test.line = out.line = told.place.line;
  }
  reading.tally(runner).add(std::move(test));
  if (!out.message.empty()) reading.report_mapped(line, std::move(out));
  reading.recognised(std::string(runner) + "-text");
}

// "3) name" to the name; "" when the line is no such head.
std::string_view numbered(std::string_view line, size_t max_indent) {
  if (indent_of(line) > max_indent) return {};
  std::string_view text = trim(line);
  if (take_int(text) <= 0 || !take_prefix(text, ") ")) return {};
  return text;
}

}  // namespace

void read_phpunit(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  for (size_t i = hits.front(); i < text.size(); ++i) {
    const std::string_view name = numbered(text.line(i), 0);
    if (name.find("::") == std::string_view::npos) continue;
    Told told;
    told.id = name;
    size_t end = i + 1;
    for (; end < text.size() && numbered(text.line(end), 0).empty() && text.line(end) != "--" && text.line(end).substr(0, 6) != "Tests:"; ++end) {
      const std::string_view line = trim(text.line(end));
      Place place;
      if (!line.empty() && parse_place(line, place) && place.rest.empty() && looks_like_file(place.path)) {
        if (!told.placed && place.path.find("/vendor/") == std::string_view::npos) {
          told.place = place;
          told.placed = true;
        }
      } else if (told.message.empty()) {
        told.message = line;
      }
    }
    reading.claim(i, end);
    report(reading, "phpunit", told, i);
    i = end - 1;
  }
}

void read_rspec(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  for (size_t i = hits.front(); i < text.size(); ++i) {
    if (text.line(i).substr(0, 15) == "Failed examples") {  // the same tests again
      size_t end = i;
      while (end < text.size() && (end <= i + 1 || !text.line(end).empty())) ++end;
      reading.claim(i, end);
      break;
    }
    const std::string_view name = numbered(text.line(i), 2);
    if (name.empty()) continue;
    Told told;
    told.id = name;
    size_t end = i + 1;
    bool code = false;
    std::string thrown;
    for (; end < text.size() && numbered(text.line(end), 2).empty() && text.line(end).substr(0, 9) != "Finished " && text.line(end).substr(0, 6) != "Failed"; ++end) {
      std::string_view line = trim(text.line(end));
      if (take_prefix(line, "Failure/Error:")) {
        code = true;
      } else if (take_prefix(line, "# ")) {
        Place place;
        if (!told.placed && parse_place(line, place) && place.path.find("/gems/") == std::string_view::npos) {
          told.place = place;
          told.placed = true;
        }
      } else if (code && !line.empty()) {
        told.message += (told.message.empty() ? "" : "\n") + std::string(line);
      }
    }
    if (!code) continue;
    reading.claim(i, end);
    report(reading, "rspec", told, i);
    i = end - 1;
  }
}

void read_dotnet_test(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  for (const size_t hit : hits) {
    std::string_view name = trim(text.line(hit));
    if (!take_prefix(name, "Failed ") || trim(text.line(hit + 1)) != "Error Message:") continue;
    Told told;
    told.id = name.substr(0, name.rfind(" ["));
    size_t i = hit + 2;
    for (; i < text.size() && trim(text.line(i)) != "Stack Trace:" && i < hit + 60; ++i) told.message += (told.message.empty() ? "" : "\n") + std::string(trim(text.line(i)));
    for (; i < text.size() && i < hit + 120; ++i) {
      const std::string_view line = trim(text.line(i));
      if (line != "Stack Trace:" && line.substr(0, 3) != "at ") break;
      const size_t in = line.rfind(" in ");
      const size_t number = line.rfind(":line ");
      if (told.placed || in == std::string_view::npos || number == std::string_view::npos || number < in) continue;
      told.place.path = line.substr(in + 4, number - in - 4);
      told.place.line = std::max(0, to_int(line.substr(number + 6)));
      told.placed = true;
    }
    reading.claim(hit, i);
    report(reading, "dotnet-test", told, hit);
  }
}

}  // namespace baton
