// Matchers as data: one-line formats of tools, each a row of matchers.json. A new tool of this kind is a new row.
//
// A row: {"name", "tool", "line": regex, ...} with
//   line      RE2 with named groups path, line, col, end_line, end_col, severity, code, message; matched at the start of a line
//   head      RE2 with groups path and perhaps line: they stand on an earlier line that heads a block of such lines
//   head_gap  true when blank lines may stand inside the block
//   next      RE2 that must match a line below, the first `next_within` (1) lines; its groups add to those of `line`
//   previous  RE2 that must match the nearest line above that is not blank, the first `previous_within` (1) lines; as `next`
//   wake      words at a line's start (after blanks) that make a line worth trying which holds no ":<digit>" and the like
//   detail    RE2: lines below that match belong to the message
//   indent_column  true when the line's own indent is the column (shellcheck's "^-- SC2086: ...")
//   caret     true when a line below holds only "^", whose position is the column (after `caret_prefix`, an RE2)
//   severity  a map from printed words to error, warning, info, note; words that all tools share need no entry
//   code_severity  a map from the beginnings of codes, longest first in effect
//   default   the severity when nothing is printed (warning)
//   files     endings of paths that the row is about; none = any that looks like a file
//   advisory  true when the tool ends with 0 although it reports errors
//   generic   true for the last resort: low confidence, never above warning
//   zero_based true when columns count from 0
//   examples  [[text, expected message], ...] for people; a test runs them
// Rows are tried in order; the first that fits a line takes it.
//
// Beside "matchers" stand "summaries", the last words of test runners that have no reader of their own:
//   {"runner", "line": RE2 with groups passed, failed, errors, skipped, total; "wake"}
// `passed` is what remains of `total` when it is not printed. Several summaries of one runner add up.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "support/result.h"

namespace baton {

class Reading;

class MatcherTable {
 public:
  static Result<std::shared_ptr<const MatcherTable>> parse(std::string_view json);
  static const MatcherTable& builtin();

  void read(Reading& reading) const;

  ~MatcherTable();
  struct Rows;
  explicit MatcherTable(std::unique_ptr<Rows> rows);

 private:
  std::unique_ptr<Rows> rows_;
};

// The text of matchers.json as built in.
std::string_view matchers_json();

}  // namespace baton
