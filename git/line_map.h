// Carries lines of one text to another through their diff: from the judged commit to the text that the user sees.
// 1-based. Pure; any thread. CRLF and LF are the same line end, and a missing one at the end of the text counts as
// there. The line after the last (where tools report the end of file) maps to the line after the last.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "git/line_diff.h"

namespace baton {

class LineMap {
 public:
  LineMap(std::string_view from, std::string_view to);

  // Where a line of `from` is in `to`; absent when it was deleted or rewritten.
  std::optional<int> exact(int line) const;
  // The same, else the nearest place that is left (the line where the rewritten hunk begins).
  int nearest(int line) const;
  bool identity() const { return hunks_.empty(); }
  // True when the line was added or changed in `to` (asked with a line of `to`).
  bool changed_in_to(int line) const;

 private:
  std::vector<LineHunk> hunks_;
  int from_lines_ = 0, to_lines_ = 0;
};

}  // namespace baton
