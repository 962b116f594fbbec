// Uncaught exceptions outside a test runner: Python, Node, Java. With a status of 0 they are a log's business, which diagnose.cpp decides
// by the tool "stack".
#include <algorithm>

#include "analyzers/readers/readers.h"
#include "analyzers/readers/stack.h"

namespace baton {
namespace {

// "a.b.SomeError: text" or a bare name to its class.
std::string error_class(std::string_view message) {
  std::string_view name = message.substr(0, message.find_first_of(": [\n"));
  for (const char c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '$')) return {};
  return std::string(name);
}

std::string_view between(const Text& text, size_t first, size_t last) {
  if (first >= text.size() || last <= first) return {};
  const size_t from = text.offset_of(first);
  const size_t to = last < text.size() ? text.offset_of(last) : text.all().size();
  return text.all().substr(from, to - from);
}

}  // namespace

void read_python_traceback(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  size_t done = 0;
  for (const size_t hit : hits) {
    if (hit < done) continue;
    // One chain: tracebacks joined by "During handling" or "The above exception".
    size_t i = hit, end = hit;
    std::string message;
    const size_t indent = indent_of(text.line(hit));
    for (; i < text.size(); ++i) {
      const std::string_view line = text.line(i);
      const std::string_view inner = line.substr(std::min(indent, line.size()));
      if (inner.substr(0, 9) == "Traceback" || inner.substr(0, 17) == "During handling o" || inner.substr(0, 14) == "The above exce") {
        message.clear();
        continue;
      }
      if (trim(line).empty()) {
        // A blank line inside a chain is followed by one of the joining sentences or the next traceback.
        const std::string_view next = text.line(i + 1).substr(std::min(indent, text.line(i + 1).size()));
        if (message.empty() || next.substr(0, 9) == "Traceback" || next.substr(0, 17) == "During handling o" || next.substr(0, 14) == "The above exce") continue;
        break;
      }
      if (!message.empty()) break;  // the exception's line was the end
      if (indent_of(line) <= indent) {
        message = trim(inner);
        end = i + 1;
      }
    }
    if (message.empty()) {
      done = i;  // cut off: nothing above this line is looked at again
      continue;
    }
    const std::string_view body = between(text, hit, end);
    Finding out;
    out.message = message;
    out.code = error_class(message);
    out.tool = "stack";
    if (const auto frame = python_frame(body, reading, hit)) {
      out.path = frame->path;
      out.line = frame->line;
    }
    done = end;
    reading.claim(hit, end);
    reading.report_mapped(hit, std::move(out), Weight::advisory);
    reading.recognised("python-traceback");
  }
}

// pytest puts "E" before each line of an error, also of one that keeps conftest.py from loading, outside any section.
static std::string_view without_mark(std::string_view line) { return line.starts_with("E  ") ? line.substr(1) : line; }

// `  File "a.py", line 3` with a SyntaxError below and no "Traceback" line: what py_compile and the interpreter itself print.
void read_python_syntax(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  for (const size_t hit : hits) {
    Place place;
    if (reading.claimed(hit) || !python_frame_line(without_mark(text.line(hit)), place)) continue;
    for (size_t i = hit + 1; i < std::min(text.size(), hit + 5); ++i) {
      const std::string_view line = trim(without_mark(text.line(i)));
      const std::string name = error_class(line);
      if (name != "SyntaxError" && name != "IndentationError" && name != "TabError") continue;
      Finding out;
      out.path = place.path;
      out.line = place.line;
      for (size_t k = hit + 1; k < i; ++k)
        if (!trim(without_mark(text.line(k))).empty() && trim(without_mark(text.line(k))).find_first_not_of('^') == std::string_view::npos && k > hit + 1)
          out.column = static_cast<int>(indent_of(without_mark(text.line(k)))) - static_cast<int>(indent_of(without_mark(text.line(hit + 1)))) + 1;
      out.message = line;
      out.code = name;
      out.tool = "python";
      reading.claim(hit, i + 1);
      reading.report(hit, std::move(out), Weight::normal, ColumnUnit::code_points);
      reading.recognised("python-syntax");
      break;
    }
  }
}

void read_node_stack(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  size_t done = 0;
  for (const size_t hit : hits) {
    if (hit < done || hit == 0) continue;
    Place place;
    std::string_view method;
    Place java;
    if (!js_frame_line(text.line(hit), place) || java_frame_line(text.line(hit), method, java)) continue;
    // The message stands above the first frame, perhaps over several lines.
    size_t head = hit;
    while (head > 0 && hit - head < 30) {
      const std::string_view above = text.line(head - 1);
      if (trim(above).empty()) break;
      --head;
      if (!error_class(above).empty() && above.find(": ") != std::string_view::npos && above[0] != ' ') break;
      if (above.substr(0, 9) == "Uncaught ") break;
    }
    if (head == hit) continue;
    std::string_view message = trim(text.line(head));
    take_prefix(message, "Uncaught ");
    take_prefix(message, "[");
    std::string code = error_class(message);
    const std::string lowered = lower(code);
    if (lowered.find("error") == std::string::npos && lowered.find("exception") == std::string::npos) continue;
    size_t end = hit;
    while (end < text.size() && js_frame_line(text.line(end), place)) ++end;
    Finding out;
    out.tool = "stack";
    out.message = message;
    out.code = code;
    const std::string_view stack = between(text, hit, end);
    if (const auto frame = js_frame(stack, reading, hit)) {
      out.path = frame->path;
      out.line = frame->line;
      out.column = frame->column;
    }
    // "Cannot find module '/a/x.mjs' imported from /a/b.mjs": no frame in the file that asks for it.
    const size_t from = message.rfind(" imported from ");
    if (out.path.empty() && from != std::string_view::npos) out.path = reading.map(message.substr(from + 15), head);
    // A syntax error has no frame in the file: "/a/b.js:3" heads its snippet instead.
    size_t top = head;
    for (size_t k = head; k-- > 0 && head - k < 8;) {
      Place snippet;
      if (!parse_place(text.line(k), snippet) || !snippet.rest.empty() || snippet.column != 0) continue;
      top = k;
      if ((out.path.empty() || code == "SyntaxError") && !reading.foreign(reading.map(snippet.path, k))) {
        out.path = reading.map(snippet.path, k);
        out.line = snippet.line;
        out.column = 0;
        for (size_t c = k + 1; c < head; ++c)
          if (trim(text.line(c)).substr(0, 1) == "^") out.column = static_cast<int>(indent_of(text.line(c))) + 1;
      }
      break;
    }
    reading.claim(top, end);
    done = end;
    reading.report_mapped(head, std::move(out), Weight::advisory);
    reading.recognised("node-stack");
  }
}

namespace {

// The line that names a test above its exception: Gradle's "ATest > adds() FAILED" and Surefire's
// "[ERROR] com.acme.ATest.adds  Time elapsed: 0.004 s  <<< FAILURE!".
std::string java_test(std::string_view line) {
  line = trim(line);
  for (const std::string_view end : {std::string_view("<<< FAILURE!"), std::string_view("<<< ERROR!")}) {
    if (line.size() <= end.size() || line.substr(line.size() - end.size()) != end) continue;
    take_prefix(line, "[ERROR] ");
    return std::string(trim(line.substr(0, std::min(line.find("Time elapsed"), line.find(" -- ")))));
  }
  const std::string_view failed = " FAILED";
  if (line.size() > failed.size() && line.substr(line.size() - failed.size()) == failed && line.find(" > ") != std::string_view::npos)
    return std::string(line.substr(0, line.size() - failed.size()));
  return {};
}

}  // namespace

void read_java_stack(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  size_t done = 0;
  for (const size_t hit : hits) {
    if (hit < done || hit == 0) continue;
    std::string_view method;
    Place place;
    if (!java_frame_line(text.line(hit), method, place)) continue;
    const std::string_view above = trim(text.line(hit - 1));
    std::string_view message = above;
    if (take_prefix(message, "Exception in thread ")) {
      const size_t quote = message.find("\" ");
      if (quote != std::string_view::npos) message = message.substr(quote + 2);
    }
    if (error_class(message).find('.') == std::string::npos) continue;
    size_t end = hit;
    std::string last(message);
    for (; end < text.size(); ++end) {
      std::string_view line = trim(text.line(end));
      if (take_prefix(line, "Caused by: ")) {
        last = line;
        continue;
      }
      const std::string_view start = line.substr(0, 3);
      if (start != "at " && start != "...") break;
    }
    Finding out;
    out.tool = "stack";
    out.message = last;
    out.code = error_class(last);
    const std::string test = hit > 1 ? java_test(text.line(hit - 2)) : "";
    if (!test.empty()) {
      out.tool = "junit";
      out.code = test;
      reading.claim(hit - 2, hit - 1);
    }
    if (const auto frame = java_frame(between(text, hit - 1, end), reading)) {
      out.path = frame->path;
      out.line = frame->line;
    }
    reading.claim(hit - 1, end);
    done = end;
    reading.report_mapped(hit - 1, std::move(out), test.empty() ? Weight::advisory : Weight::normal);
    reading.recognised(test.empty() ? "java-stacktrace" : "java-test-text");
  }
}

}  // namespace baton
