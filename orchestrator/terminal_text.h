// Text as a terminal shows it: its width in cells, safe to print, shortened, wrapped. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace baton {

// Control characters and bytes that are not UTF-8 become visible ("\x1b"), tabs a space, line ends stay.
std::string printable_text(std::string_view text);

// Cells of one line of printable text: 2 for wide characters, 0 for combining ones.
int display_width(std::string_view text);

// At most `width` cells; the middle gives way to "…" since both ends of paths and test ids tell most.
std::string shorten_middle(std::string_view text, int width);
std::string shorten_end(std::string_view text, int width);

std::string padded(std::string_view text, int width);  // spaces to the right

// Lines of at most `width` cells, broken at spaces where there are any; a longer word stays whole.
std::vector<std::string> wrap_text(std::string_view text, int width);

}  // namespace baton
