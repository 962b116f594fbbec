// gcc, clang, clang-tidy, cppcheck, shellcheck -f gcc and all who print "path:line[:col]: severity: message [code]". A note belongs to the
// finding before it; "In file included from" to the one after it; the code and caret lines below are skipped.
#include <algorithm>

#include "analyzers/readers/readers.h"
#include "analyzers/readers/severity.h"

namespace baton {
namespace {

struct Parsed {
  Place place;
  Severity severity;
  std::string_view word;
  bool parenthesis = false;  // path(line): MSVC's way
  std::string_view message;
};

// The severities that stand in this form; longest first where one begins another.
constexpr std::string_view kWords[] = {"error", "warning", "note", "fatal error", "fatal", "remark", "info", "style", "performance", "portability",
                                       "information", "internal compiler error", "sorry, unimplemented", "ignored"};

bool parse(std::string_view line, Parsed& out) {
  if (line.empty() || line[0] == ' ' || line[0] == '\t' || line[0] == '[' || line.size() > 16384) return false;
  if (!parse_place(line, out.place)) return false;
  const std::string_view rest = out.place.rest;
  for (const std::string_view word : kWords) {
    if (rest.size() <= word.size() || rest.compare(0, word.size(), word) != 0) continue;
    if (rest[word.size()] != ':') continue;
    out.word = word;
    out.severity = severity_of(word, Severity::warning);
    out.message = trim(rest.substr(word.size() + 1));
    out.parenthesis = line[out.place.path.size()] == '(';
    if (out.place.path.size() > 3 && out.place.path.substr(out.place.path.size() - 3) == ".hs") return false;  // GHC's messages begin on the next line
    return !out.place.path.empty() && out.place.path.size() < 1024 && out.place.path.find("://") == std::string_view::npos;
  }
  return false;
}

bool is_code(std::string_view text) {
  if (text.empty() || text.size() > 120) return false;
  for (const char c : text) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == ',' || c == '=' ||
                      c == '+' || c == '/' || c == ':' || c == '#' || c == '@';
    if (!good) return false;
  }
  return true;
}

// " [code]" at the end of a message. "[-fpermissive]" is advice how to silence it, yet gcc's JSON calls it the option: kept as the code.
std::string take_code(std::string_view& message) {
  if (message.size() < 4 || message.back() != ']') return {};
  const size_t open = message.rfind('[');
  if (open == std::string_view::npos || open == 0 || message[open - 1] != ' ') return {};
  std::string_view code = message.substr(open + 1, message.size() - open - 2);
  if (!is_code(code)) return {};
  message = trim_right(message.substr(0, open));
  take_prefix(code, "-Werror,");  // clang's form of a warning made an error
  const size_t comma = code.find(",-warnings-as-errors");
  if (comma != std::string_view::npos) code = code.substr(0, comma);
  if (code.substr(0, 8) == "-Werror=") return "-W" + std::string(code.substr(8));
  return std::string(code);
}

struct Includes {
  std::vector<RelatedPlace> chain;
  size_t last_line = 0;
};

// "In file included from a.h:3:10," and its "                 from b.cpp:1:" lines.
bool include_line(std::string_view line, Includes& includes, size_t at) {
  std::string_view text = trim_left(line);
  const bool first = take_prefix(text, "In file included from ");
  if (!first && !(line.size() != text.size() && !includes.chain.empty() && includes.last_line + 1 == at && take_prefix(text, "from "))) return false;
  if (first) includes.chain.clear();
  while (!text.empty() && (text.back() == ',' || text.back() == ':')) text.remove_suffix(1);
  Place place;
  if (!parse_place(text, place)) return false;
  includes.chain.push_back({std::string(place.path), place.line, place.column, "included from here"});
  includes.last_line = at;
  return true;
}

bool snippet_line(std::string_view line) { return !line.empty() && (line[0] == ' ' || line[0] == '\t' || line[0] == '^' || line[0] == '}'); }

std::string_view tool_of(const Parsed& parsed, const std::string& code, bool clang) {
  if (code.substr(0, 2) == "SC" && code.size() > 4) return "shellcheck";
  if (code.substr(0, 2) == "-W" || code == "-fpermissive") return clang ? "clang" : "gcc";
  const std::string_view path = parsed.place.path;
  if (path.size() > 3 && path.substr(path.size() - 3) == ".py") return "mypy";
  if (path.size() > 5 && path.substr(path.size() - 5) == ".java") return "javac";
  if (!code.empty() && code.find('-') != std::string::npos) return "clang-tidy";
  return {};
}

// mypy --pretty and narrow terminals break a message: what follows up to the "[code]" belongs to it.
size_t join_wrapped(const Text& text, size_t line, std::string& message, std::string& code) {
  for (size_t next = line + 1; next <= line + 3 && next < text.size(); ++next) {
    Parsed other;
    std::string_view more = text.line(next);
    if (more.empty() || more[0] == ' ' || parse(more, other)) return line;
    if (more.back() != ']') continue;
    std::string joined = message;
    for (size_t i = line + 1; i <= next; ++i) joined += " " + std::string(trim(text.line(i)));
    std::string_view whole = joined;
    const std::string found = take_code(whole);
    if (found.empty()) return line;
    code = found;
    message = std::string(whole);
    return next;
  }
  return line;
}

// SwiftLint's rule stands in parentheses at the end.
void take_swift_rule(std::string_view& message, std::string& code) {
  const size_t open = message.rfind(" (");
  if (open == std::string_view::npos || message.back() != ')') return;
  const std::string_view rule = message.substr(open + 2, message.size() - open - 3);
  if (rule.find('_') == std::string_view::npos || !is_code(rule)) return;
  code = rule;
  message = message.substr(0, open);
}

// javac's caret line tells the column, and its lint category stands before the message.
void finish_javac(const Text& text, size_t line, Finding& finding) {
  std::string_view message = finding.message;
  if (message.substr(0, 1) == "[" && finding.code.empty()) {
    const size_t close = message.find("] ");
    if (close != std::string_view::npos && is_code(message.substr(1, close - 1))) {
      finding.code = message.substr(1, close - 1);
      finding.message = std::string(message.substr(close + 2));
    }
  }
  for (size_t next = line + 1; finding.column == 0 && next < std::min(text.size(), line + 8); ++next) {
    const std::string_view caret = text.line(next);
    if (trim(caret) == "^") {
      finding.column = static_cast<int>(caret.find('^')) + 1;
    } else {
      Parsed other;
      if (parse(caret, other)) break;
    }
  }
}

}  // namespace

void read_gcc(Reading& reading) {
  const Text& text = reading.text;
  Includes includes;
  // The finding that notes attach to; an index, for the vector grows.
  size_t owner = std::string::npos;
  const bool clang = reading.run.tool == "clang-tidy" || text.contains(" generated.\n");
  const bool gcc_columns = !clang && text.all().find("\xE2\x80\x98") != std::string_view::npos;
  for (size_t i = 0; i < text.size() && !reading.full(); ++i) {
    const std::string_view line = text.line(i);
    if (reading.claimed(i) || line.size() < 8) continue;
    if (include_line(line, includes, i)) {
      reading.claim(i, i + 1);
      continue;
    }
    Parsed parsed;
    if (line.find(": ") == std::string_view::npos || !parse(line, parsed)) continue;
    if (parsed.parenthesis && parsed.severity == Severity::note) continue;
    std::string_view message = parsed.message;
    std::string code = take_code(message);
    const std::string_view path = parsed.place.path;
    if (code.empty() && path.size() > 6 && path.substr(path.size() - 6) == ".swift") take_swift_rule(message, code);
    reading.claim(i, i + 1);
    const std::string_view tool = tool_of(parsed, code, clang);
    const bool adopt = parsed.severity == Severity::note && owner != std::string::npos && tool != "shellcheck";
    if (adopt) {
      reading.findings[owner].finding.related.push_back(
          {reading.map(parsed.place.path, i), parsed.place.line, parsed.place.column, std::string(message)});
      includes.chain.clear();
      continue;
    }
    Finding out;
    out.path = parsed.place.path;
    out.line = parsed.place.line;
    out.column = parsed.place.column;
    out.severity = parsed.severity == Severity::note ? Severity::info : parsed.severity;
    out.code = code;
    out.message = message;
    out.tool = tool;
    out.related = std::move(includes.chain);
    includes.chain.clear();
    if (tool == "javac") finish_javac(text, i, out);
    if (tool == "mypy" && code.empty()) {
      const size_t end = join_wrapped(text, i, out.message, out.code);
      reading.claim(i, end + 1);
    }
    // cppcheck reports errors and ends with 0: its words, and its "[id]" codes without a dash.
    const bool cppcheck = parsed.word == "style" || parsed.word == "performance" || parsed.word == "portability" || parsed.word == "information" ||
                          (!code.empty() && code.find_first_of("-.") == std::string::npos && tool.empty());
    if (cppcheck) out.tool = "cppcheck";
    owner = reading.findings.size();
    reading.report(i, std::move(out), cppcheck ? Weight::advisory : Weight::normal,
                   tool == "javac" ? ColumnUnit::code_points : gcc_columns ? ColumnUnit::display : ColumnUnit::bytes);
    reading.recognised(cppcheck ? "cppcheck-text" : tool.empty() ? "gcc-text" : std::string(tool) + "-text");
    // The code shown below the message is no output of its own.
    for (size_t next = i + 1; next < std::min(text.size(), i + 40) && snippet_line(text.line(next)); ++next) {
      if (text.line(next).substr(0, 17) == "                 " && trim_left(text.line(next)).substr(0, 5) == "from ") break;
      reading.claim(next, next + 1);
    }
  }
}

// What the linker says has a section offset for a place, or none: the file is all there is to point at.
void read_linker(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  for (const size_t index : hits) {
    const std::string_view line = text.line(index);
    if (line.size() > 8192) continue;
    for (const std::string_view needle : {"undefined reference to ", "multiple definition of ", "undefined symbol: ", "cannot find -l", "Undefined symbols for architecture",
                                          "duplicate symbol", "could not read symbols", "file format not recognized", "cannot find "}) {
      if (reading.claimed(index) || line.find(needle) == std::string_view::npos) continue;
      // "/usr/bin/ld: a.cpp:(.text+0xd): undefined reference to `f'"
      std::string_view rest = line;
      bool linker = false;
      const size_t ld = rest.find("ld: ");
      const size_t lld = rest.find("lld: ");
      if (lld != std::string_view::npos && lld < 80) {
        rest = rest.substr(lld + 5);
        linker = true;
      } else if (ld != std::string_view::npos && ld < 80 && (ld == 0 || rest[ld - 1] == '/' || rest[ld - 1] == '-' || rest[ld - 1] == '.')) {
        rest = rest.substr(ld + 4);
        linker = true;
      }
      Finding out;
      out.tool = "ld";
      take_prefix(rest, "error: ");
      const size_t section = rest.find(":(.");
      const size_t message_at = rest.find(needle);
      if (message_at == std::string_view::npos) continue;
      Place place;
      if (section != std::string_view::npos && section < message_at) {
        out.path = rest.substr(0, section);
      } else if (parse_place(rest, place) && place.path.find(' ') == std::string_view::npos) {
        out.path = place.path;
        out.line = place.line;
        out.column = place.column;
      } else if (message_at > 2 && rest.substr(message_at - 2, 2) == ": ") {
        out.path = rest.substr(0, message_at - 2);
        const size_t last = out.path.rfind(": ");
        if (last != std::string::npos) out.path = out.path.substr(last + 2);
      }
      if (!linker && out.path.empty() && needle.substr(0, 6) == "cannot") continue;
      if (needle == "cannot find " && !linker) continue;
      const bool object = out.path.size() > 2 && (out.path.substr(out.path.size() - 2) == ".o" || out.path.find(".o:") != std::string::npos || out.path.find(".a(") != std::string::npos);
      if (object) {  // an object file is no place for a person
        // lld names the source on the next lines: ">>> referenced by a.cpp:3".
        out.path.clear();
      }
      for (size_t next = index + 1; next < index + 4 && text.line(next).substr(0, 4) == ">>> "; ++next) {
        std::string_view more = text.line(next).substr(4);
        if (!take_prefix(more, "referenced by ") && !take_prefix(more, "defined at ")) continue;
        if (parse_place(more, place)) {
          out.path = place.path;
          out.line = place.line;
        }
        reading.claim(next, next + 1);
      }
      out.message = rest.substr(message_at);
      reading.claim(index, index + 1);
      reading.report(index, std::move(out));
      reading.recognised("ld-text");
    }
  }
}

}  // namespace baton
