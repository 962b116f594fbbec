// A source file in pieces that can be read alone: along its definitions where its language is known, at blank and outer lines where
// it is not or where a definition is long. Each piece knows the lines of the signatures that it stands in. Pure, any thread.
#pragma once

#include <string_view>
#include <vector>

#include "analyzers/syntax.h"

namespace baton {

struct LineRange {
  int first = 0, last = 0;  // 1-based, inclusive
  bool operator==(const LineRange&) const = default;
};

struct Chunk {
  LineRange lines;
  std::vector<LineRange> around;  // signatures of the definitions that hold it, outermost first; before `lines`
  bool operator==(const Chunk&) const = default;
};

inline constexpr int kChunkLines = 40;  // the most

// All lines of the text in order, each in one piece.
std::vector<Chunk> chunks(std::string_view text, const std::vector<Symbol>& outline);

// Where each line begins, and the text's end.
std::vector<std::size_t> line_starts(std::string_view text);

}  // namespace baton
