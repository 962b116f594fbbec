#include "orchestrator/terminal_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace baton {
namespace {

struct CodePoint {
  char32_t value = 0;
  size_t bytes = 0;  // 0: not UTF-8
};

CodePoint decode(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  size_t length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 && first < 0xe0 ? 2 : 0;
  if (length == 0 || text.size() < length) return {};
  char32_t value = first & (0x7fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3fu);
  }
  bool too_long = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (too_long || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return {};
  return {value, length};
}

struct Range {
  char32_t from, to;
};

bool in(char32_t c, const auto& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [&](Range r) { return c >= r.from && c <= r.to; });
}

// Unicode's combining marks and invisible format characters, by block.
constexpr std::array kZeroWidth{
    Range{0x300, 0x36f},   Range{0x483, 0x489},   Range{0x591, 0x5bd},   Range{0x610, 0x61a},  Range{0x64b, 0x65f},
    Range{0x6d6, 0x6dc},   Range{0x93a, 0x93a},   Range{0x93c, 0x93c},   Range{0x941, 0x948},  Range{0x94d, 0x94d},
    Range{0xe31, 0xe31},   Range{0xe34, 0xe3a},   Range{0xe47, 0xe4e},   Range{0x1ab0, 0x1aff}, Range{0x1dc0, 0x1dff},
    Range{0x200b, 0x200f}, Range{0x2060, 0x2064}, Range{0x20d0, 0x20ff}, Range{0xfe00, 0xfe0f}, Range{0xfe20, 0xfe2f},
    Range{0xfeff, 0xfeff}, Range{0x1f3fb, 0x1f3ff}, Range{0xe0100, 0xe01ef}};

// East Asian wide and full-width, and emoji that are shown as pictures.
constexpr std::array kWide{
    Range{0x1100, 0x115f},   Range{0x231a, 0x231b},   Range{0x23e9, 0x23ec},   Range{0x25fd, 0x25fe},
    Range{0x2614, 0x2615},   Range{0x26a1, 0x26a1},   Range{0x2705, 0x2705},   Range{0x274c, 0x274c},
    Range{0x2753, 0x2755},   Range{0x2e80, 0x303e},   Range{0x3041, 0x33ff},   Range{0x3400, 0x4dbf},
    Range{0x4e00, 0x9fff},   Range{0xa000, 0xa4cf},   Range{0xac00, 0xd7a3},   Range{0xf900, 0xfaff},
    Range{0xfe30, 0xfe6f},   Range{0xff00, 0xff60},   Range{0xffe0, 0xffe6},   Range{0x1f300, 0x1f64f},
    Range{0x1f680, 0x1f6ff}, Range{0x1f900, 0x1f9ff}, Range{0x20000, 0x3fffd}};

// Characters that change the direction or position of what follows them on a screen.
constexpr std::array kUnsafe{Range{0x80, 0x9f}, Range{0x202a, 0x202e}, Range{0x2066, 0x2069}, Range{0x2028, 0x2029}};

int cells(char32_t c) { return in(c, kZeroWidth) ? 0 : in(c, kWide) ? 2 : 1; }

void escape(std::string& out, std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
  }
}

// The longest beginning of at most `width` cells.
std::string_view first_cells(std::string_view text, int width) {
  size_t at = 0;
  while (at < text.size()) {
    CodePoint point = decode(text.substr(at));
    width -= point.bytes == 0 ? 1 : cells(point.value);
    if (width < 0) break;
    at += std::max<size_t>(point.bytes, 1);
  }
  return text.substr(0, at);
}

std::string_view last_cells(std::string_view text, int width) {
  size_t at = text.size();
  while (at > 0) {
    size_t begin = at - 1;
    while (begin > 0 && at - begin < 4 && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80) --begin;
    CodePoint point = decode(text.substr(begin, at - begin));
    if (point.bytes != at - begin) begin = at - 1;
    width -= point.bytes == 0 ? 1 : cells(point.value);
    if (width < 0) break;
    at = begin;
  }
  return text.substr(at);
}

}  // namespace

std::string printable_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    CodePoint point = decode(text.substr(at));
    std::string_view bytes = text.substr(at, std::max<size_t>(point.bytes, 1));
    bool control = point.bytes == 1 && (point.value < 0x20 || point.value == 0x7f);
    if (point.value == '\t' && point.bytes == 1) {
      out += ' ';
    } else if (point.value == '\n' && point.bytes == 1) {
      out += '\n';
    } else if (point.bytes == 0 || control || in(point.value, kUnsafe)) {
      escape(out, bytes);
    } else {
      out += bytes;
    }
    at += bytes.size();
  }
  return out;
}

int display_width(std::string_view text) {
  int width = 0;
  for (size_t at = 0; at < text.size();) {
    CodePoint point = decode(text.substr(at));
    width += point.bytes == 0 ? 1 : cells(point.value);
    at += std::max<size_t>(point.bytes, 1);
  }
  return width;
}

std::string shorten_middle(std::string_view text, int width) {
  if (display_width(text) <= width) return std::string(text);
  if (width <= 1) return width == 1 ? "…" : "";
  int head = (width - 1) / 2;
  std::string result(first_cells(text, head));
  result += "…";
  result += last_cells(text, width - 1 - display_width(first_cells(text, head)));
  return result;
}

std::string shorten_end(std::string_view text, int width) {
  if (display_width(text) <= width) return std::string(text);
  if (width <= 0) return "";
  return std::string(first_cells(text, width - 1)) + "…";
}

std::string padded(std::string_view text, int width) {
  std::string result(text);
  result.append(static_cast<size_t>(std::max(0, width - display_width(text))), ' ');
  return result;
}

std::vector<std::string> wrap_text(std::string_view text, int width) {
  std::vector<std::string> lines;
  std::string line;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find_first_of(" \n", at), text.size());
    std::string_view word = text.substr(at, end - at);
    if (!line.empty() && !word.empty() && display_width(line) + 1 + display_width(word) > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    if (!word.empty()) line += (line.empty() ? "" : " ") + std::string(word);
    if (end < text.size() && text[end] == '\n') {
      lines.push_back(std::move(line));
      line.clear();
    }
    at = end + 1;
  }
  if (!line.empty() || lines.empty()) lines.push_back(std::move(line));
  return lines;
}

}  // namespace baton
