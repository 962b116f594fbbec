// Finding: one thing a tool said about a place. Plain values, any thread.
//
// Lines and columns are 1-based, columns in UTF-16 code units (what editors count); 0 means "none". `path` is relative to
// the checkout's root with forward slashes, or absolute when it lies outside; empty when the tool named no file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

enum class Severity { error, warning, info, note };
std::string_view to_string(Severity severity);

struct RelatedPlace {
  std::string path;
  int line = 0;
  int column = 0;
  std::string message;
};

struct Finding {
  std::string path;
  int line = 0;
  int column = 0;
  int end_line = 0;
  int end_column = 0;
  Severity severity = Severity::error;
  std::string code;     // rule id, compiler code, or the test id of a failed test; may be empty
  std::string message;  // first line says it all
  std::string tool;     // "gcc", "eslint", "pytest", ...; may be empty
  std::vector<RelatedPlace> related;
  bool low_confidence = false;  // came from the generic reader
  bool suppressed = false;      // the tool's own suppression (SARIF)

  bool operator==(const Finding&) const = default;
};
inline bool operator==(const RelatedPlace& a, const RelatedPlace& b) {
  return a.path == b.path && a.line == b.line && a.column == b.column && a.message == b.message;
}

}  // namespace baton
