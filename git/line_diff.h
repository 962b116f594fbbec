// The lines that two texts share, in order: an edit script for people, by Bram Cohen's patience diff (lines that occur once on
// both sides are anchors), with a longest common subsequence between anchors where the gap is small. O(n log n) and bounded for
// any input: a large gap without anchors counts as rewritten. Pure; any thread; needs no library, so that a session stays light.
#pragma once

#include <string_view>
#include <vector>

namespace baton {

// Lines from_line .. +from_count became to_line .. +to_count. 1-based; an empty side begins at the line that follows.
struct LineHunk {
  int from_line, from_count, to_line, to_count;
};

// Lines end with '\n'. Hunks in order, none touching another.
std::vector<LineHunk> diff_lines(std::string_view from, std::string_view to);

}  // namespace baton
