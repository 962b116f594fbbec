// Names that a source file defines, by the words and shapes that many languages share (`def x`, `class X`, `func (r T) x(`,
// `#define X`, `type name(…) {`). Fast enough for a whole repository, where parsing is not; what it misses costs a little rank.
// Pure, any thread.
#pragma once

#include <string_view>
#include <vector>

namespace baton {

// Views into the text, in order, repeats included.
std::vector<std::string_view> defined_names(std::string_view text);

}  // namespace baton
