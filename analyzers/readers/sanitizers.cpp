// Address, leak, thread, memory and undefined behaviour sanitizers, and valgrind. Some of them go on and end with 0: their reports are
// failures all the same.
#include <algorithm>
#include <set>

#include "analyzers/readers/readers.h"
#include "analyzers/readers/stack.h"

namespace baton {
namespace {

// "    #0 0x55 in main /a/asan.cpp:4:10" and valgrind's "==1==    at 0x10: main (a.cpp:4)".
bool frame_line(std::string_view line, Place& out) {
  const std::string_view text = trim(line);
  if (text.substr(0, 1) == "#") {
    const size_t in = text.find(" in ");
    const size_t last = text.rfind(' ');
    if (in != std::string_view::npos && last > in + 3 && parse_place(text.substr(last + 1), out)) return true;
    // TSan: "    #0 f(int) /a/b.cpp:3:4 (prog+0x12)"
    const size_t open = text.rfind(" (");
    if (open != std::string_view::npos) {
      const std::string_view head = text.substr(0, open);
      return parse_place(head.substr(head.rfind(' ') == std::string_view::npos ? 0 : head.rfind(' ') + 1), out);
    }
    return false;
  }
  if (text.substr(0, 2) == "==" && (text.find(" at 0x") != std::string_view::npos || text.find(" by 0x") != std::string_view::npos)) return parse_trailing_place(text, out);
  return false;
}

bool begins_report(std::string_view line) {
  return line.find("Sanitizer: ") != std::string_view::npos && (line.find("ERROR: ") != std::string_view::npos || line.find("WARNING: ") != std::string_view::npos);
}

}  // namespace

void read_sanitizers(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  std::set<std::string> seen;
  for (const size_t hit : hits) {
    const std::string_view line = text.line(hit);
    Finding out;
    const size_t runtime = line.find(": runtime error: ");
    if (runtime != std::string_view::npos) {
      Place place;
      if (!parse_place(line.substr(0, runtime), place)) continue;
      out.path = place.path;
      out.line = place.line;
      out.column = place.column;
      out.message = line.substr(runtime + 2);
      out.tool = "ubsan";
      reading.claim(hit, hit + 1);
      reading.report(hit, std::move(out), Weight::certain, ColumnUnit::bytes);
      reading.recognised("sanitizer");
      continue;
    }
    size_t at = std::string_view::npos;
    for (const std::string_view name : {"AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "MemorySanitizer", "UndefinedBehaviorSanitizer", "HWAddressSanitizer"}) {
      const size_t found = line.find(name);
      if (found == std::string_view::npos || line.substr(0, 8) == "SUMMARY:") continue;
      if (line.find("ERROR: ") == std::string_view::npos && line.find("WARNING: ") == std::string_view::npos) continue;
      at = found + name.size();
      out.tool = name == "AddressSanitizer" ? "asan" : name == "LeakSanitizer" ? "lsan" : name == "ThreadSanitizer" ? "tsan" : name == "MemorySanitizer" ? "msan" : "sanitizer";
    }
    if (at == std::string_view::npos) continue;
    std::string_view message = line.substr(at);
    take_prefix(message, ":");
    message = trim(message);
    out.code = message.substr(0, message.find_first_of(" ("));
    // The address differs from run to run: the message stops before it.
    const size_t address = message.find(" on address 0x");
    const size_t unknown = message.find(" on unknown address");
    const size_t pid = message.find(" (pid=");
    out.message = std::string(out.tool) + ": " + std::string(message.substr(0, std::min({address, unknown, pid, message.size()})));
    if (out.code == "data") out.code = "data-race";
    size_t end = hit + 1;
    for (; end < text.size() && end < hit + 400; ++end) {
      const std::string_view one = text.line(end);
      if (one.substr(0, 8) == "SUMMARY:" || (one.find("==ERROR: ") != std::string_view::npos) || begins_report(one)) break;
      Place place;
      if (!out.path.empty() || !frame_line(one, place)) continue;
      const std::string path = reading.map(place.path, end);
      if (reading.foreign(path)) continue;
      out.path = path;
      out.line = place.line;
      out.column = place.column;
    }
    if (text.line(end).substr(0, 8) == "SUMMARY:") ++end;
    reading.claim(hit, end);
    reading.report_mapped(hit, std::move(out), Weight::certain, ColumnUnit::bytes);
    reading.recognised("sanitizer");
  }
}

void read_valgrind(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  for (const size_t hit : hits) {
    const std::string_view line = text.line(hit);
    const size_t close = line.find("== ");
    if (close == std::string_view::npos || close < 3 || reading.claimed(hit)) continue;
    const std::string_view message = line.substr(close + 3);
    static constexpr std::string_view kKinds[] = {"Invalid read", "Invalid write", "Conditional jump or move", "Use of uninitialised value", "Invalid free", "Mismatched free",
                                                  "Source and destination overlap", "Process terminating with default action"};
    const bool leak = message.find(" are definitely lost in loss record") != std::string_view::npos;
    const bool known = std::any_of(std::begin(kKinds), std::end(kKinds), [&](std::string_view kind) { return message.substr(0, kind.size()) == kind; });
    if (!known && !leak) continue;
    Finding out;
    out.tool = "valgrind";
    out.message = trim(message);
    for (size_t i = hit + 1; i < std::min(text.size(), hit + 30); ++i) {
      Place place;
      if (!frame_line(text.line(i), place)) {
        if (text.line(i).find(" at 0x") == std::string_view::npos && text.line(i).find(" by 0x") == std::string_view::npos) break;
        continue;
      }
      if (place.path.find(".so") != std::string_view::npos || place.path.find("vg_replace") != std::string_view::npos) continue;
      out.path = reading.map(place.path, i);
      out.line = place.line;
      break;
    }
    reading.claim(hit, hit + 1);
    reading.report_mapped(hit, std::move(out), Weight::certain);
    reading.recognised("valgrind");
  }
}

}  // namespace baton
