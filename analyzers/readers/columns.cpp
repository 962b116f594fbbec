#include "analyzers/readers/columns.h"

namespace baton {
namespace {

constexpr int kTab = 8;  // gcc's -ftabstop

struct Character {
  size_t bytes = 1;
  int utf16 = 1;
  int cells = 1;
};

// East Asian wide blocks and emoji take two cells; combining marks none. Coarse, as terminals are.
int cells_of(unsigned code) {
  if (code >= 0x300 && code <= 0x36F) return 0;
  if (code == 0x200B || code == 0x200D || (code >= 0xFE00 && code <= 0xFE0F)) return 0;
  const bool wide = (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) || (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
                    (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) || (code >= 0xFFE0 && code <= 0xFFE6) || (code >= 0x1F300 && code <= 0x1FAFF) ||
                    (code >= 0x20000 && code <= 0x3FFFD);
  return wide ? 2 : 1;
}

Character character_at(std::string_view line, size_t at) {
  const auto first = static_cast<unsigned char>(line[at]);
  const size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
  if (length == 1 || at + length > line.size()) return {};
  unsigned code = first & (0xFFU >> (length + 1));
  for (size_t i = 1; i < length; ++i) code = (code << 6U) | (static_cast<unsigned char>(line[at + i]) & 0x3FU);
  return {length, code > 0xFFFF ? 2 : 1, cells_of(code)};
}

}  // namespace

int utf16_column(std::string_view line, int column, ColumnUnit unit) {
  if (column <= 1 || unit == ColumnUnit::utf16) return column;
  int printed = 1, result = 1;
  for (size_t at = 0; at < line.size() && printed < column;) {
    const Character one = character_at(line, at);
    switch (unit) {
      case ColumnUnit::bytes: printed += static_cast<int>(one.bytes); break;
      case ColumnUnit::display: printed += line[at] == '\t' ? kTab - (printed - 1) % kTab : one.cells; break;
      case ColumnUnit::code_points:
      case ColumnUnit::utf16: printed += 1; break;
    }
    result += one.utf16;
    at += one.bytes;
  }
  return printed < column ? result + (column - printed) : result;
}

}  // namespace baton
