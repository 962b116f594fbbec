// Stack traces: the frame a person wants to see, which is the innermost one in the checkout's own files.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "analyzers/readers/reader.h"

namespace baton {

struct Frame {
  std::string path;  // mapped
  int line = 0;
  int column = 0;
};


// JavaScript: "    at f (file:///a/b.js:3:4)", "at async a.js:3:4", "❯ a.spec.ts:3:4", "f@http://..." in any mix; innermost first.
std::optional<Frame> js_frame(std::string_view stack, const Reading& reading, size_t line);
// One such line taken apart; false when it is no frame.
bool js_frame_line(std::string_view line, Place& out);

// Python: `  File "a.py", line 3, in f`, innermost last; and pytest's "a.py:3: Error".
std::optional<Frame> python_frame(std::string_view traceback, const Reading& reading, size_t line);
bool python_frame_line(std::string_view line, Place& out);

// Java and Kotlin: "at a.b.C.m(C.java:3)": the file name alone, a folder hint from the package.
bool java_frame_line(std::string_view line, std::string_view& method, Place& out);
std::optional<Frame> java_frame(std::string_view stack, const Reading& reading);

// "<path>:<line>[:<col>]" at the front of any line of a message (GoogleTest, Go, Rust panics).
std::optional<Frame> leading_frame(std::string_view message, const Reading& reading, size_t line);

// The place in whatever language the stack is.
std::optional<Frame> any_frame(std::string_view stack, const Reading& reading, size_t line);

// A failure's text in one or two lines: the first line that says something, "E   " and the like removed.
std::string headline(std::string_view message);
// The same text bounded for a report.
std::string excerpt(std::string_view message, size_t lines = 12);

}  // namespace baton
