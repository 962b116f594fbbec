// The text of an open document: valid UTF-8 in blocks of a few KiB, each with its counts, so that an edit costs a block and a
// place is found without walking the text. Lines end with \n, \r\n or \r; \r\n never lies across two blocks. A value; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lsp/position.h"

namespace baton {

class TextStore {
 public:
  explicit TextStore(std::string_view text = {});

  std::size_t size() const { return bytes_; }
  int line_count() const;  // one more than there are line ends
  std::string text() const;
  std::string line(int number) const;  // from 0, without its end; empty beyond the text

  // The byte offset of a place. What lies beyond a line's end is that end, what lies beyond the text is its end, and the
  // middle of a character is its start.
  std::size_t offset_of(Position position, PositionEncoding encoding) const;
  // Replaces bytes [begin, end); both on character boundaries, as offset_of gives them.
  void replace(std::size_t begin, std::size_t end, std::string_view text);

 private:
  struct Block {
    std::string text;
    std::uint32_t line_ends = 0;
    std::uint32_t points = 0;  // code points
    std::uint32_t astral = 0;  // code points that take two UTF-16 units
    void count();
    std::uint32_t units(PositionEncoding encoding) const;
  };
  struct Place {
    std::size_t block, offset;
  };

  Place place_of(std::size_t offset) const;
  Place line_start(std::uint32_t line) const;
  std::size_t offset_at(Place place) const;
  void split(std::size_t block);
  void settle(std::size_t edited);

  std::vector<Block> blocks_;  // never empty
  std::size_t bytes_ = 0;
};

// Units of `text` in an encoding.
std::uint32_t units_of(std::string_view text, PositionEncoding encoding);

}  // namespace baton
