// CMake, make and prettier: messages over several lines, or with a place of their own kind.
#include <algorithm>

#include "analyzers/readers/readers.h"
#include "analyzers/readers/severity.h"

namespace baton {
namespace {

// "Error at CMakeLists.txt:3 (find_package):", "Warning (dev) in CMakeLists.txt:", "Error: text"
bool cmake_head(std::string_view line, Finding& out) {
  if (take_prefix(line, "CMake Error")) out.severity = Severity::error;
  else if (take_prefix(line, "CMake Warning")) out.severity = Severity::warning;
  else if (take_prefix(line, "CMake Deprecation Warning") || take_prefix(line, "CMake Deprecation Error")) out.severity = Severity::warning;
  else return false;
  if (take_prefix(line, " (dev)")) out.code = "dev";
  if (take_prefix(line, " at ")) {
    Place place;
    if (!parse_place(line, place)) return false;
    out.path = place.path;
    out.line = place.line;
    return true;
  }
  if (take_prefix(line, " in ")) {
    out.path = trim(line.substr(0, line.rfind(':')));
    return true;
  }
  if (line.substr(0, 1) == ":") {
    out.message = trim(line.substr(1));
    return true;
  }
  return false;
}

}  // namespace

void read_cmake(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  for (const size_t hit : hits) {
    Finding out;
    out.tool = "cmake";
    if (reading.claimed(hit) || !cmake_head(text.line(hit), out)) continue;
    size_t end = hit + 1;
    bool stack = false;
    for (; end < text.size() && end < hit + 200; ++end) {
      const std::string_view line = text.line(end);
      if (line.substr(0, 10) == "Call Stack") {
        stack = true;
        continue;
      }
      if (trim(line).empty()) {
        // Paragraphs of one message are indented; two blank lines or other text end it.
        const std::string_view next = text.line(end + 1);
        if (next.substr(0, 10) == "Call Stack" || (next.size() > 2 && next.substr(0, 2) == "  ")) continue;
        break;
      }
      if (line.substr(0, 2) != "  ") break;
      if (stack) {
        Place place;
        if (parse_place(trim(line), place)) out.related.push_back({std::string(place.path), place.line, 0, "called from here"});
      } else if (out.message.size() < 1500) {
        out.message += (out.message.empty() ? "" : " ") + std::string(trim(line));
      }
    }
    reading.claim(hit, end);
    reading.report(hit, std::move(out));
    reading.recognised("cmake-text");
  }
}

void read_make(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  for (const size_t hit : hits) {
    std::string_view line = text.line(hit);
    const size_t stars = line.find(": *** ");
    if (stars == std::string_view::npos || reading.claimed(hit)) continue;
    std::string_view message = trim(line.substr(stars + 6));
    Finding out;
    out.tool = "make";
    Place place;
    if (parse_place(line.substr(0, stars + 1), place)) {  // "Makefile:5: *** missing separator.  Stop."
      out.path = place.path;
      out.line = place.line;
    } else if (message.substr(0, 7) != "No rule" && message.substr(0, 10) != "No targets") {
      // "[Makefile:5: a.o] Error 1": the consequence of what was said before.
      if (reading.failure.empty() && reading.findings.empty()) reading.failure = "make: " + std::string(message);
      reading.claim(hit, hit + 1);
      continue;
    }
    const size_t stop = message.rfind("  Stop.");
    if (stop != std::string_view::npos) message = message.substr(0, stop);
    out.message = message;
    reading.claim(hit, hit + 1);
    reading.report(hit, std::move(out));
    reading.recognised("make-text");
  }
}

// "[warn] src/a.js", "[error] src/b.js: SyntaxError: Unexpected token (1:10)"
void read_prettier(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  const bool checking = std::any_of(hits.begin(), hits.end(), [&](size_t hit) {
    const std::string_view line = text.line(hit);
    return line.substr(0, 22) == "Checking formatting..." || line.find("Run Prettier") != std::string_view::npos || line.find(": SyntaxError: ") != std::string_view::npos ||
           line.find("Code style issues") != std::string_view::npos;
  });
  if (!checking) return;
  for (const size_t hit : hits) {
    std::string_view line = text.line(hit);
    Finding out;
    out.tool = "prettier";
    if (take_prefix(line, "[warn] ")) {
      line = trim(line);
      if (line.find("Code style issues") != std::string_view::npos || line.find("Forgot to run") != std::string_view::npos || !looks_like_file(line)) {
        reading.claim(hit, hit + 1);
        continue;
      }
      out.severity = Severity::warning;
      out.path = line;
      out.message = "not formatted";
    } else if (take_prefix(line, "[error] ")) {
      reading.claim(hit, hit + 1);
      const size_t colon = line.find(": ");
      if (colon == std::string_view::npos || line[0] == ' ' || line[0] == '>' || !looks_like_file(line.substr(0, colon))) continue;
      out.path = line.substr(0, colon);
      std::string_view message = trim(line.substr(colon + 2));
      const size_t open = message.rfind('(');
      if (open != std::string_view::npos && message.back() == ')') {
        std::string_view place = message.substr(open + 1);
        const int row = take_int(place);
        if (row > 0 && take_prefix(place, ":")) {
          out.line = row;
          out.column = std::max(0, take_int(place));
          message = trim(message.substr(0, open));
        }
      }
      out.message = message;
    } else {
      continue;
    }
    reading.claim(hit, hit + 1);
    reading.report(hit, std::move(out));
    reading.recognised("prettier-check");
  }
}

}  // namespace baton
