#include "orchestrator/agents/text_places.h"

#include <algorithm>

namespace baton {
namespace {

constexpr std::size_t kStride = 512;  // bytes between marks, about
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Bytes of the character that begins with `first`; 0: no character of UTF-8 does.
std::size_t length_of(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

std::size_t character_at(std::string_view text, std::size_t at) {
  const std::size_t length = length_of(static_cast<unsigned char>(text[at]));
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[at + i]) & 0xC0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_at(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

TextPlaces::TextPlaces(std::string text) : text_(std::move(text)), lines_{0}, marks_{{0, 0, 0}} {
  if (text_.starts_with(kByteOrderMark)) bom_ = kByteOrderMark.size();
  Mark now = marks_.front();
  while (now.byte < text_.size()) {
    std::size_t length = character_at(text_, now.byte);
    if (length == 0) is_utf8_ = false, length = 1;
    if (text_[now.byte] == '\n') lines_.push_back(now.byte + 1);
    if (text_[now.byte] == '\r') has_cr_ = true;
    now.byte += length;
    now.code_points += 1;
    now.utf16 += length == 4 ? 2 : 1;
    if (now.byte - marks_.back().byte >= kStride) marks_.push_back(now);
  }
}

int TextPlaces::line_of(std::size_t byte) const {
  return static_cast<int>(std::upper_bound(lines_.begin(), lines_.end(), byte) - lines_.begin());
}

int TextPlaces::column_of(std::size_t byte) const { return static_cast<int>(byte - line_start(line_of(byte))) + 1; }

std::size_t TextPlaces::line_start(int line) const {
  const auto index = static_cast<std::size_t>(std::max(line, 1)) - 1;
  return index < lines_.size() ? lines_[index] : text_.size();
}

TextPlaces::Mark TextPlaces::at(std::size_t byte) const {
  auto mark = std::upper_bound(marks_.begin(), marks_.end(), byte, [](std::size_t b, const Mark& m) { return b < m.byte; });
  Mark now = *std::prev(mark);
  while (now.byte < byte) {
    const std::size_t length = character_at(text_, now.byte);
    now.byte += length;
    now.code_points += 1;
    now.utf16 += length == 4 ? 2 : 1;
  }
  return now;
}

std::optional<std::size_t> TextPlaces::byte_of(std::size_t offset, TextUnit unit, std::size_t from) const {
  if (unit == TextUnit::bytes) return from + offset <= text_.size() ? std::optional(from + offset) : std::nullopt;
  if (!is_utf8_ || from > text_.size()) return std::nullopt;
  const auto counted = [unit](const Mark& mark) { return unit == TextUnit::utf16 ? mark.utf16 : mark.code_points; };
  const std::size_t wanted = counted(at(from)) + offset;
  auto mark = std::upper_bound(marks_.begin(), marks_.end(), wanted, [&](std::size_t w, const Mark& m) { return w < counted(m); });
  Mark now = *std::prev(mark);
  while (counted(now) < wanted) {
    if (now.byte >= text_.size()) return std::nullopt;
    const std::size_t length = character_at(text_, now.byte);
    now.byte += length;
    now.code_points += 1;
    now.utf16 += length == 4 ? 2 : 1;
  }
  return counted(now) == wanted ? std::optional(now.byte) : std::nullopt;
}

}  // namespace baton
