// Streams of one JSON object a line: cargo's and rustc's messages, go test, go vet.
#include <map>
#include "analyzers/readers/json_fields.h"
#include "analyzers/readers/readers.h"
#include "analyzers/readers/severity.h"
#include "analyzers/readers/stack.h"

namespace baton {
namespace {

const Json* primary_span(const Json& message) {
  const Json& spans = items(message, "spans");
  for (const Json& span : spans)
    if (flag(span, "is_primary")) return &span;
  return spans.empty() ? nullptr : &spans.front();
}

// A span inside a macro of another crate: the place in the user's file that expanded it.
const Json* own_span(const Json* span) {
  for (int depth = 0; span && depth < 16; ++depth) {
    const std::string file = text_field(*span, "file_name");
    const Json& expansion = field(*span, "expansion");
    if (file.substr(0, 7) != "/rustc/" && file.substr(0, 1) != "<") return span;
    if (!expansion.is_object() || !field(expansion, "span").is_object()) return span;
    span = &field(expansion, "span");
  }
  return span;
}

void read_rustc_message(Reading& reading, const Json& message, size_t line) {
  const std::string level = text_field(message, "level");
  const Json* span = own_span(primary_span(message));
  const std::string text = text_field(message, "message");
  if (!span) {
    // "aborting due to 3 previous errors" and the like sum up what was said.
    const bool summary = text.find("aborting due to") != std::string::npos || text.find("warning emitted") != std::string::npos ||
                         text.find("warnings emitted") != std::string::npos || level == "failure-note" || level == "note" || level == "help";
    if (summary) return;
  }
  Finding out;
  out.tool = "rustc";
  out.message = text;
  out.severity = severity_of(level.substr(0, 5) == "error" ? "error" : level, Severity::error);
  out.code = text_field(field(message, "code"), "code");
  if (span) {
    out.path = text_field(*span, "file_name");
    out.line = int_field(*span, "line_start");
    out.column = int_field(*span, "column_start");
    out.end_line = int_field(*span, "line_end");
    out.end_column = int_field(*span, "column_end");
  }
  for (const Json& child : items(message, "children")) {
    const Json* place = primary_span(child);
    if (place)
      out.related.push_back({text_field(*place, "file_name"), int_field(*place, "line_start"), int_field(*place, "column_start"), text_field(child, "message")});
  }
  reading.report(line, std::move(out), Weight::normal, ColumnUnit::code_points);
}

}  // namespace

bool read_cargo_json(Reading& reading, const Json& value, size_t line) {
  if (!value.is_object()) return false;
  if (value.contains("$message_type") || (value.contains("spans") && value.contains("rendered") && value.contains("level"))) {
    if (value.contains("spans")) read_rustc_message(reading, value, line);
    return true;
  }
  const std::string reason = text_field(value, "reason");
  if (reason.empty()) return false;
  if (reason == "compiler-message") {
    read_rustc_message(reading, field(value, "message"), line);
    return true;
  }
  return reason == "compiler-artifact" || reason == "build-script-executed" || reason == "build-finished";
}

// go test -json: outputs are gathered per test and judged when the test ends.
bool read_gotest_json(Reading& reading, const Json& value, size_t line) {
  if (!value.is_object() || !value.contains("Action") || !(value.contains("Package") || value.contains("ImportPath"))) return false;
  const std::string action = text_field(value, "Action");
  const std::string package = text_field(value, "Package");
  const std::string test = text_field(value, "Test");
  GoTests& go = reading.go;
  if (action == "output") {
    go.output(reading, package, test, text_field(value, "Output"), line);
  } else if (action == "build-output") {
    go.output(reading, text_field(value, "ImportPath"), "", text_field(value, "Output"), line);
  } else if (action == "pass" || action == "fail" || action == "skip") {
    go.end(reading, package, test, action, number_field(value, "Elapsed"), line);
  }
  return true;
}

// go vet -json: {"package": {"analyzer": [{"posn": "a.go:3:4", "message": ...}]}}; its status is 0 whatever it finds.
bool read_govet_json(Reading& reading, const Json& value, size_t line) {
  if (!value.is_object() || value.empty()) return false;
  for (size_t i = 0; i < value.size(); ++i) {
    const Json& analyzers = value.value(i);
    if (!analyzers.is_object() || analyzers.empty()) return false;
    for (size_t j = 0; j < analyzers.size(); ++j) {
      const Json& list = analyzers.value(j);
      if (!list.is_array() || list.empty() || !field(list.front(), "posn").is_string()) return false;
    }
  }
  for (size_t i = 0; i < value.size(); ++i) {
    const Json& analyzers = value.value(i);
    for (size_t j = 0; j < analyzers.size(); ++j) {
      for (const Json& one : analyzers.value(j)) {
        const std::string posn = text_field(one, "posn");
        Place place;
        Finding out;
        if (parse_place(posn, place)) {
          out.path = place.path;
          out.line = place.line;
          out.column = place.column;
        }
        out.code = analyzers.name(j);
        out.message = text_field(one, "message");
        out.tool = "go vet";
        reading.report(line, std::move(out), Weight::certain, ColumnUnit::bytes);
      }
    }
  }
  return true;
}

}  // namespace baton
