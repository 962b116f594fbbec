// Places of one text in the units that tools count in: bytes, lines, UTF-16 code units, code points. One pass over the text,
// then every question is answered in a bounded time, also in a file that is one long line. Plain value; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

enum class TextUnit { bytes, code_points, utf16 };

class TextPlaces {
 public:
  explicit TextPlaces(std::string text);

  const std::string& text() const { return text_; }
  bool is_utf8() const { return is_utf8_; }      // what is not has places in bytes alone
  std::size_t bom() const { return bom_; }       // bytes of a byte-order mark in front
  bool has_cr() const { return has_cr_; }

  int line_of(std::size_t byte) const;           // 1-based
  int column_of(std::size_t byte) const;         // 1-based, in bytes
  std::size_t line_start(int line) const;        // byte; the end of the text for a line beyond it

  // The byte of an offset that is counted from `from` (a byte) in a unit; absent where the text is not that long or the place
  // would be inside a character.
  std::optional<std::size_t> byte_of(std::size_t offset, TextUnit unit, std::size_t from = 0) const;

 private:
  struct Mark {
    std::size_t byte, code_points, utf16;
  };
  Mark at(std::size_t byte) const;

  std::string text_;
  std::vector<std::size_t> lines_;  // where each begins
  std::vector<Mark> marks_;
  std::size_t bom_ = 0;
  bool is_utf8_ = true, has_cr_ = false;
};

bool is_utf8(std::string_view text);

}  // namespace baton
