// JSON reporters of linters and compilers. Each is told by its shape alone.
#include "analyzers/readers/json_fields.h"
#include "analyzers/readers/readers.h"
#include "analyzers/readers/severity.h"

namespace baton {
namespace {

// The first element of an array, or the value itself: enough to tell a format.
const Json& sample(const Json& value) {
  static const Json kNull;
  if (!value.is_array()) return value;
  return value.empty() ? kNull : value.front();
}

Finding finding(std::string path, int line, int column, Severity severity, std::string code, std::string message, std::string_view tool) {
  Finding out;
  out.path = std::move(path);
  out.line = line;
  out.column = column;
  out.severity = severity;
  out.code = std::move(code);
  out.message = std::move(message);
  out.tool = tool;
  return out;
}

void set_end(Finding& out, const Json& object, const char* line, const char* column, int shift = 0) {
  out.end_line = int_field(object, line);
  out.end_column = field(object, column).is_number() ? int_field(object, column) + shift : 0;
}

}  // namespace

bool read_eslint_json(Reading& reading, const Json& value, size_t line) {
  const Json& first = sample(value);
  if (!value.is_array() || !first.is_object() || !first.contains("filePath") || !first.contains("messages")) return false;
  for (const Json& file : value) {
    for (const Json& message : items(file, "messages")) {
      Finding out = finding(text_field(file, "filePath"), int_field(message, "line"), int_field(message, "column"),
                            int_field(message, "severity") == 1 ? Severity::warning : Severity::error, text_field(message, "ruleId"),
                            text_field(message, "message"), "eslint");
      set_end(out, message, "endLine", "endColumn");
      reading.report(line, std::move(out));
    }
    for (const Json& message : items(file, "suppressedMessages")) {
      Finding out = finding(text_field(file, "filePath"), int_field(message, "line"), int_field(message, "column"), Severity::note,
                            text_field(message, "ruleId"), text_field(message, "message"), "eslint");
      out.suppressed = true;
      reading.report(line, std::move(out), Weight::advisory);
    }
  }
  return true;
}

bool read_stylelint_json(Reading& reading, const Json& value, size_t line) {
  const Json& first = sample(value);
  if (!value.is_array() || !first.is_object() || !first.contains("source") || !first.contains("warnings")) return false;
  for (const Json& file : value) {
    for (const Json& message : items(file, "warnings")) {
      std::string text = text_field(message, "text");
      const std::string rule = text_field(message, "rule");
      const std::string suffix = " (" + rule + ")";
      if (text.size() > suffix.size() && text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0)
        text.resize(text.size() - suffix.size());
      Finding out = finding(text_field(file, "source"), int_field(message, "line"), int_field(message, "column"),
                            severity_of(text_field(message, "severity"), Severity::error), rule, std::move(text), "stylelint");
      set_end(out, message, "endLine", "endColumn");
      reading.report(line, std::move(out));
    }
    for (const Json& error : items(file, "parseErrors"))
      reading.report(line, finding(text_field(file, "source"), int_field(error, "line"), int_field(error, "column"), Severity::error, "",
                                   text_field(error, "text"), "stylelint"));
  }
  return true;
}

// pylint's "json" (an array) and "json2" (an object with messages); columns from 0.
bool read_pylint_json(Reading& reading, const Json& value, size_t line) {
  const bool second = value.is_object() && value.contains("messages") && value.contains("statistics");
  const Json& list = second ? items(value, "messages") : value;
  const Json& first = sample(list);
  if (!second && (!value.is_array() || !first.is_object() || !first.contains("symbol") || !(first.contains("message-id") || first.contains("messageId"))))
    return false;
  for (const Json& message : list) {
    std::string code = text_field(message, "message-id");
    if (code.empty()) code = text_field(message, "messageId");
    std::string path = text_field(message, "path");
    if (path.empty()) path = text_field(message, "absolutePath");
    Finding out = finding(std::move(path), int_field(message, "line"), field(message, "column").is_number() ? int_field(message, "column") + 1 : 0,
                          severity_of(text_field(message, "type"), Severity::warning), std::move(code), text_field(message, "message"), "pylint");
    set_end(out, message, "endLine", "endColumn", 1);
    reading.report(line, std::move(out), Weight::normal, ColumnUnit::code_points);
  }
  return true;
}

bool read_pyright_json(Reading& reading, const Json& value, size_t line) {
  if (!value.is_object() || !value.contains("generalDiagnostics")) return false;
  for (const Json& message : items(value, "generalDiagnostics")) {
    const Json& start = field(field(message, "range"), "start");
    const Json& end = field(field(message, "range"), "end");
    std::string path = text_field(message, "file");
    if (path.empty()) path = text_field(message, "uri");
    Finding out = finding(std::move(path), start.is_object() ? int_field(start, "line") + 1 : 0,
                          start.is_object() ? int_field(start, "character") + 1 : 0, severity_of(text_field(message, "severity"), Severity::error),
                          text_field(message, "rule"), text_field(message, "message"), "pyright");
    if (end.is_object()) {
      out.end_line = int_field(end, "line") + 1;
      out.end_column = int_field(end, "character") + 1;
    }
    reading.report(line, std::move(out));
  }
  return true;
}

// shellcheck: "json1" {comments: []} with a tab counted as one column, and the older bare array.
bool read_shellcheck_json(Reading& reading, const Json& value, size_t line) {
  const Json& list = value.is_object() ? items(value, "comments") : value;
  const Json& first = sample(list);
  if (value.is_object() ? !value.contains("comments") || value.size() != 1 : !value.is_array() || !first.is_object() || !first.contains("endLine"))
    return false;
  if (!first.is_null() && (!first.contains("file") || !first.contains("level") || !first.contains("code"))) return false;
  for (const Json& message : list) {
    Finding out = finding(text_field(message, "file"), int_field(message, "line"), int_field(message, "column"),
                          severity_of(text_field(message, "level"), Severity::warning), "SC" + text_field(message, "code"),
                          text_field(message, "message"), "shellcheck");
    set_end(out, message, "endLine", "endColumn");
    reading.report(line, std::move(out), Weight::normal, ColumnUnit::code_points);
  }
  return true;
}

bool read_rubocop_json(Reading& reading, const Json& value, size_t line) {
  if (!value.is_object() || !value.contains("files") || !value.contains("summary")) return false;
  const Json& first = sample(items(value, "files"));
  if (!first.is_null() && !first.contains("offenses")) return false;
  for (const Json& file : items(value, "files")) {
    for (const Json& offense : items(file, "offenses")) {
      const Json& place = field(offense, "location");
      int column = int_field(place, "start_column");
      if (column == 0) column = int_field(place, "column");
      int row = int_field(place, "start_line");
      if (row == 0) row = int_field(place, "line");
      Finding out = finding(text_field(file, "path"), row, column, severity_of(text_field(offense, "severity"), Severity::warning),
                            text_field(offense, "cop_name"), text_field(offense, "message"), "rubocop");
      out.end_line = int_field(place, "last_line");
      out.end_column = int_field(place, "last_column") > 0 ? int_field(place, "last_column") + 1 : 0;
      reading.report(line, std::move(out), Weight::normal, ColumnUnit::code_points);
    }
  }
  return true;
}

namespace {

const Json& gcc_place(const Json& diagnostic) {
  const Json& places = items(diagnostic, "locations");
  return places.empty() ? field(diagnostic, "none") : field(places.front(), "caret");
}

int gcc_column(const Json& place) { return place.contains("byte-column") ? int_field(place, "byte-column") : int_field(place, "column"); }

// Errors may hang below an error: they are findings of their own, not notes.
bool is_note(const Json& diagnostic) {
  const std::string kind = text_field(diagnostic, "kind");
  return kind != "error" && kind != "warning" && kind != "fatal error";
}

void gcc_related(const Json& diagnostic, Finding& out, int depth) {
  if (depth > 8) return;
  for (const Json& child : items(diagnostic, "children")) {
    if (!is_note(child)) continue;
    const Json& place = gcc_place(child);
    if (place.is_object())
      out.related.push_back({text_field(place, "file"), int_field(place, "line"), gcc_column(place), std::string(trim(text_field(child, "message")))});
    gcc_related(child, out, depth + 1);
  }
}

}  // namespace

namespace {

void read_gcc_diagnostic(Reading& reading, const Json& diagnostic, size_t line, int depth) {
  const Json& place = gcc_place(diagnostic);
  Finding out = finding(text_field(place, "file"), int_field(place, "line"), place.is_object() ? gcc_column(place) : 0,
                        severity_of(text_field(diagnostic, "kind"), Severity::error), text_field(diagnostic, "option"),
                        text_field(diagnostic, "message"), "gcc");
  const Json& places = items(diagnostic, "locations");
  const Json& finish = places.empty() ? field(diagnostic, "none") : field(places.front(), "finish");
  if (finish.is_object() && int_field(finish, "line") > 0) {
    out.end_line = int_field(finish, "line");
    out.end_column = gcc_column(finish) + 1;
  }
  gcc_related(diagnostic, out, 0);
  reading.report(line, std::move(out), Weight::normal, ColumnUnit::bytes);
  if (depth > 8) return;
  for (const Json& child : items(diagnostic, "children"))
    if (!is_note(child)) read_gcc_diagnostic(reading, child, line, depth + 1);
}

}  // namespace

bool read_gcc_json(Reading& reading, const Json& value, size_t line) {
  const Json& first = sample(value);
  if (!value.is_array() || !first.is_object() || !first.contains("kind") || !first.contains("locations")) return false;
  for (const Json& diagnostic : value) read_gcc_diagnostic(reading, diagnostic, line, 0);
  return true;
}

// golangci-lint --out-format json: {"Issues": [...]}.
bool read_golangci_json(Reading& reading, const Json& value, size_t line) {
  if (!value.is_object() || !value.contains("Issues") || !value.contains("Report")) return false;
  for (const Json& issue : items(value, "Issues")) {
    const Json& place = field(issue, "Pos");
    reading.report(line, finding(text_field(place, "Filename"), int_field(place, "Line"), int_field(place, "Column"),
                                 severity_of(text_field(issue, "Severity"), Severity::error), text_field(issue, "FromLinter"),
                                 text_field(issue, "Text"), "golangci-lint"),
                   Weight::normal, ColumnUnit::bytes);
  }
  return true;
}

// ruff --output-format json, and flake8-json's sibling shape: an array of {filename, location: {row, column}, code, message}.
bool read_ruff_json(Reading& reading, const Json& value, size_t line) {
  const Json& first = sample(value);
  if (!value.is_array() || !first.is_object() || !first.contains("filename") || !first.contains("location") || !first.contains("message")) return false;
  for (const Json& message : value) {
    const Json& place = field(message, "location");
    const Json& end = field(message, "end_location");
    Finding out = finding(text_field(message, "filename"), int_field(place, "row"), int_field(place, "column"),
                          field(message, "code").is_null() ? Severity::error : severity_of(text_field(message, "severity"), Severity::warning),
                          text_field(message, "code"), text_field(message, "message"), "ruff");
    out.end_line = int_field(end, "row");
    out.end_column = int_field(end, "column");
    reading.report(line, std::move(out), Weight::normal, ColumnUnit::code_points);
  }
  return true;
}

// Shapes of one flat array, each an object with a path, a line and a message under these names.
namespace {
struct FlatShape {
  const char* tool;
  const char* path;
  const char* line;
  const char* column;
  int column_shift;
  const char* code;
  const char* message;
  const char* severity;
  const char* must;  // a further field that tells this shape
};
constexpr FlatShape kFlatShapes[] = {
    {"hadolint", "file", "line", "column", 0, "code", "message", "level", "level"},
    {"mypy", "file", "line", "column", 1, "code", "message", "severity", "hint"},
    {"tslint", "name", "line", "character", 1, "ruleName", "failure", "ruleSeverity", "ruleName"},
    {"bandit", "filename", "line_number", "col_offset", 1, "test_id", "issue_text", "issue_severity", "issue_text"},
    {"swiftlint", "file", "line", "character", 0, "rule_id", "reason", "severity", "rule_id"},
    {"staticcheck", "file", "line", "column", 0, "code", "message", "severity", "location"},
    {"psalm", "file_path", "line_from", "column_from", 0, "type", "message", "severity", "line_from"},
    {"markdownlint", "fileName", "lineNumber", "", 0, "", "ruleDescription", "", "ruleNames"},
    {"codeclimate", "path", "line", "", 0, "check_name", "description", "severity", "check_name"},
};

void read_flat(Reading& reading, const FlatShape& shape, const Json& message, size_t line) {
  int row = int_field(message, shape.line);
  int column = field(message, shape.column).is_number() ? int_field(message, shape.column) + shape.column_shift : 0;
  std::string path = text_field(message, shape.path);
  const Json& place = field(message, "location");
  if (row == 0 && place.is_object()) {  // staticcheck and Code Climate
    if (path.empty()) path = text_field(place, "file");
    if (path.empty()) path = text_field(place, "path");
    row = int_field(place, "line");
    column = int_field(place, "column");
    const Json& begin = field(field(place, "positions"), "begin");
    if (row == 0) row = int_field(field(place, "lines"), "begin", int_field(begin, "line"));
    if (column == 0) column = int_field(begin, "column");
  }
  if (row == 0 && field(message, "startPosition").is_object()) {
    row = int_field(field(message, "startPosition"), "line") + 1;
    column = int_field(field(message, "startPosition"), "character") + 1;
  }
  std::string code = text_field(message, shape.code);
  if (code.empty() && !items(message, "ruleNames").empty()) code = text_of(items(message, "ruleNames").front());
  reading.report(line, finding(std::move(path), row, column, severity_of(lower(text_field(message, shape.severity)), Severity::warning),
                               std::move(code), text_field(message, shape.message), shape.tool),
                 Weight::normal, std::string_view(shape.tool) == "mypy" ? ColumnUnit::bytes : ColumnUnit::code_points);
}
}  // namespace

bool read_flat_json(Reading& reading, const Json& value, size_t line) {
  // bandit and semgrep-like tools wrap the array in {"results": [...]}.
  const Json& list = value.is_object() && value.contains("results") ? items(value, "results") : value;
  const Json& first = sample(list);
  if (!first.is_object()) return false;
  for (const FlatShape& shape : kFlatShapes) {
    if (!first.contains(shape.must) || !first.contains(shape.message)) continue;
    if (!first.contains(shape.path) && !first.contains("location")) continue;
    if (list.is_array()) {
      for (const Json& message : list) read_flat(reading, shape, message, line);
    } else {
      read_flat(reading, shape, list, line);  // one object a line
    }
    return true;
  }
  return false;
}

// phpstan and phpcs: {"files": {PATH: {"messages": [...]}}}.
bool read_php_json(Reading& reading, const Json& value, size_t line) {
  if (!value.is_object() || !value.contains("totals") || !field(value, "files").is_object()) return false;
  const Json& files = field(value, "files");
  for (size_t i = 0; i < files.size(); ++i) {
    const std::string path(files.name(i));
    for (const Json& message : items(files.value(i), "messages")) {
      const bool phpcs = message.contains("source");
      reading.report(line, finding(path, int_field(message, "line"), int_field(message, "column"),
                                   severity_of(lower(text_field(message, "type")), Severity::error),
                                   text_field(message, phpcs ? "source" : "identifier"), text_field(message, "message"), phpcs ? "phpcs" : "phpstan"),
                     Weight::normal, ColumnUnit::code_points);
    }
  }
  return true;
}

// terraform validate -json: {"valid": ..., "diagnostics": [...]}.
bool read_terraform_json(Reading& reading, const Json& value, size_t line) {
  if (!value.is_object() || !value.contains("valid") || !value.contains("diagnostics")) return false;
  for (const Json& message : items(value, "diagnostics")) {
    const Json& range = field(message, "range");
    std::string text = text_field(message, "summary");
    const std::string detail = text_field(message, "detail");
    if (!detail.empty()) text += (text.empty() ? "" : "\n") + detail;
    reading.report(line, finding(text_field(range, "filename"), int_field(field(range, "start"), "line"), int_field(field(range, "start"), "column"),
                                 severity_of(text_field(message, "severity"), Severity::error), "", std::move(text), "terraform"),
                   Weight::normal, ColumnUnit::code_points);
  }
  return true;
}

}  // namespace baton
