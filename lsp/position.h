// Places in a text as the protocol counts them: lines from 0, characters in units of the encoding that the client chose.
#pragma once

#include <cstdint>

namespace baton {

enum class PositionEncoding { utf8, utf16, utf32 };

struct Position {
  std::uint32_t line = 0;
  std::uint32_t character = 0;
  auto operator<=>(const Position&) const = default;
};

struct Range {
  Position start, end;
  bool operator==(const Range&) const = default;
};

}  // namespace baton
