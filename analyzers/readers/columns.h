// Columns of tools to columns of editors. Pure.
#pragma once

#include <string_view>

#include "analyzers/readers/reader.h"

namespace baton {

// `column` (1-based, in `unit`) on this line of source, as a 1-based column in UTF-16 code units. Past the end it counts on by ones.
int utf16_column(std::string_view line, int column, ColumnUnit unit);

}  // namespace baton
