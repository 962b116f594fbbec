#include "analyzers/readers/stack.h"

#include <algorithm>

namespace baton {
namespace {

template <class Use>
void for_each_line(std::string_view text, Use use) {
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (!use(text.substr(at, end - at))) return;
    at = end + 1;
  }
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

Frame frame_at(const Place& place, const Reading& reading, size_t line) {
  return {reading.map(place.path, line), place.line, place.column};
}

// JDK and test frameworks: never the project's own code.
bool foreign_java(std::string_view method) {
  method = method.substr(method.rfind('/') == std::string_view::npos ? 0 : method.rfind('/') + 1);  // "app//", "java.base/"
  for (const std::string_view prefix : {"java.", "javax.", "jdk.", "sun.", "org.junit.", "junit.", "org.testng.", "kotlin.", "scala.",
                                        "org.gradle.", "org.apache.maven.", "org.mockito.", "org.assertj.", "org.hamcrest.", "groovy."})
    if (method.substr(0, prefix.size()) == prefix) return true;
  return has(method, "reflect.") || method.substr(0, 10) == "java.base/";
}

}  // namespace

bool js_frame_line(std::string_view line, Place& out) {
  std::string_view text = trim(line);
  if (!take_prefix(text, "at ") && !take_prefix(text, "❯ ")) {
    // "TestContext.<anonymous> (file:///a.mjs:3:28)", as node's TAP has it, and Firefox's "f@file:3:4".
    if (text.empty() || text.back() != ')') {
      const size_t at = text.find('@');
      if (at == std::string_view::npos || text.find(' ') != std::string_view::npos) {
        if (text.substr(0, 8) != "file:///" && text.substr(0, 6) != "async ") return false;
      } else {
        text = text.substr(at + 1);
      }
    }
  }
  if (!parse_trailing_place(text, out) || out.line == 0) return false;
  take_prefix(out.path, "webpack:///");
  return out.path.find(' ') == std::string_view::npos || out.path[0] == '/' || out.path.substr(0, 5) == "file:";
}

std::optional<Frame> js_frame(std::string_view stack, const Reading& reading, size_t line) {
  std::optional<Frame> best;
  for_each_line(stack, [&](std::string_view one) {
    Place place;
    if (one.size() > 2000 || !js_frame_line(one, place)) return true;
    Frame frame = frame_at(place, reading, line);
    if (reading.foreign(frame.path) || !looks_like_file(frame.path)) return true;
    best = std::move(frame);
    return false;
  });
  return best;
}

bool python_frame_line(std::string_view line, Place& out) {
  std::string_view text = trim_left(line);
  if (!take_prefix(text, "File \"")) return false;
  const size_t quote = text.find("\", line ");
  if (quote == std::string_view::npos) return false;
  out.path = text.substr(0, quote);
  text.remove_prefix(quote + 8);
  out.line = take_int(text);
  out.column = 0;
  out.rest = text;
  return out.line >= 0;
}

std::optional<Frame> python_frame(std::string_view traceback, const Reading& reading, size_t line) {
  std::optional<Frame> best, any;
  for_each_line(traceback, [&](std::string_view one) {
    Place place;
    if (one == "Traceback (most recent call last):" || one.substr(0, 17) == "During handling o" || one.substr(0, 14) == "The above exce") {
      best.reset();  // a chain: the last one ended the program
    } else if (python_frame_line(one, place)) {
      Frame frame = frame_at(place, reading, line);
      if (!reading.foreign(frame.path)) best = frame;
      any = std::move(frame);
    }
    return true;
  });
  return best ? best : any;
}

bool java_frame_line(std::string_view line, std::string_view& method, Place& out) {
  std::string_view text = trim(line);
  if (!take_prefix(text, "at ") || text.empty() || text.back() != ')') return false;
  const size_t open = text.rfind('(');
  if (open == std::string_view::npos) return false;
  method = text.substr(0, open);
  if (!parse_place(text.substr(open + 1, text.size() - open - 2), out)) return false;
  return out.column == 0 && out.path.find('/') == std::string_view::npos && method.find(' ') == std::string_view::npos;
}

std::optional<Frame> java_frame(std::string_view stack, const Reading& reading) {
  std::optional<Frame> best;
  for_each_line(stack, [&](std::string_view one) {
    std::string_view method;
    Place place;
    if (trim_left(one).substr(0, 10) == "Caused by:") best.reset();
    if (best || !java_frame_line(one, method, place) || foreign_java(method)) return true;
    // a.b.C.m: the package's folders help to find the file.
    std::string folder(method.substr(0, method.rfind('.')));
    const size_t type = folder.rfind('.');
    folder = type == std::string::npos ? "" : folder.substr(0, type);
    std::replace(folder.begin(), folder.end(), '.', '/');
    best = Frame{reading.paths.map_first(place.path, folder), place.line, 0};
    return true;
  });
  return best;
}

std::optional<Frame> leading_frame(std::string_view message, const Reading& reading, size_t line) {
  std::optional<Frame> best;
  for_each_line(message, [&](std::string_view one) {
    Place place;
    if (one.size() > 2000 || !parse_place(trim_left(one), place) || !looks_like_file(place.path) || place.path.find(' ') != std::string_view::npos) return true;
    Frame frame = frame_at(place, reading, line);
    if (reading.foreign(frame.path) && frame.path[0] == '/' && best) return true;
    best = std::move(frame);
    return false;
  });
  return best;
}

std::optional<Frame> any_frame(std::string_view stack, const Reading& reading, size_t line) {
  if (has(stack, "File \""))
    if (auto found = python_frame(stack, reading, line)) return found;
  if (has(stack, "at ") && (has(stack, ".java:") || has(stack, ".kt:") || has(stack, ".scala:") || has(stack, ".groovy:")))
    if (auto found = java_frame(stack, reading)) return found;
  if (auto found = js_frame(stack, reading, line)) return found;
  return leading_frame(stack, reading, line);
}

std::string headline(std::string_view message) {
  std::string out;
  for_each_line(message, [&](std::string_view one) {
    std::string_view text = trim(one);
    if (text.empty()) return true;
    out = text;
    return false;
  });
  if (out.size() > 600) {
    size_t cut = 600;
    while (cut > 0 && (static_cast<unsigned char>(out[cut]) & 0xC0U) == 0x80U) --cut;
    out.resize(cut);
  }
  return out;
}

std::string excerpt(std::string_view message, size_t lines) {
  std::string out;
  size_t count = 0;
  for_each_line(message, [&](std::string_view one) {
    if (count++ >= lines || out.size() > 4000) return false;
    if (!out.empty()) out += '\n';
    out += trim_right(one);
    return true;
  });
  return std::string(trim(out));
}

}  // namespace baton
