#include "analyzers/readers/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace baton {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Length of the escape sequence that starts at `at` (an ESC byte).
size_t escape_length(std::string_view text, size_t at) {
  if (at + 1 >= text.size()) return 1;
  const char kind = text[at + 1];
  size_t end = at + 2;
  if (kind == '[') {  // CSI: parameters, then one final byte
    while (end < text.size() && static_cast<unsigned char>(text[end]) >= 0x20 && static_cast<unsigned char>(text[end]) <= 0x3F) ++end;
    return std::min(end + 1, text.size()) - at;
  }
  if (kind == ']' || kind == 'P' || kind == '_' || kind == '^') {  // strings end with BEL or ESC backslash; never past the line
    while (end < text.size() && text[end] != '\a' && text[end] != '\n' && text[end] != '\x1b') ++end;
    if (end < text.size() && text[end] == '\x1b' && end + 1 < text.size() && text[end + 1] == '\\') return end + 2 - at;
    if (end < text.size() && text[end] == '\a') ++end;
    return end - at;
  }
  if (kind == '(' || kind == ')' || kind == '#' || kind == '%') return std::min<size_t>(3, text.size() - at);
  return kind == '\n' ? 1 : 2;
}

// Length of the well-formed UTF-8 character at `at`, 0 when it is not one.
size_t utf8_length(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned a = byte(at), b = byte(at + 1), c = byte(at + 2), d = byte(at + 3);
  const auto tail = [](unsigned x) { return (x & 0xC0U) == 0x80U; };
  if (a < 0x80) return 1;
  if (a >= 0xC2 && a <= 0xDF) return tail(b) ? 2 : 0;
  if (a >= 0xE0 && a <= 0xEF) {
    if (!tail(b) || !tail(c)) return 0;
    if (a == 0xE0 && b < 0xA0) return 0;
    if (a == 0xED && b > 0x9F) return 0;
    return 3;
  }
  if (a >= 0xF0 && a <= 0xF4) {
    if (!tail(b) || !tail(c) || !tail(d)) return 0;
    if (a == 0xF0 && b < 0x90) return 0;
    if (a == 0xF4 && b > 0x8F) return 0;
    return 4;
  }
  return 0;
}

// Bytes that a clean text may hold without a closer look.
constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> plain{};
  for (int c = 0x20; c < 0x7F; ++c) plain[static_cast<size_t>(c)] = true;
  plain['\n'] = plain['\t'] = true;
  return plain;
}
constexpr std::array<bool, 256> kPlain = make_plain();

size_t plain_run(std::string_view text, size_t at) {
  while (at < text.size() && kPlain[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_clean(std::string_view text) {
  size_t at = 0;
  while ((at = plain_run(text, at)) < text.size()) {
    if (static_cast<unsigned char>(text[at]) < 0x80) return false;
    const size_t length = utf8_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

}  // namespace

bool clean_text(std::string_view raw, std::string& out) {
  if (is_clean(raw)) return false;
  std::string text;
  text.reserve(raw.size());
  size_t line_start = 0;  // in `text`
  for (size_t at = raw.compare(0, 3, "\xEF\xBB\xBF") == 0 ? 3 : 0; at < raw.size();) {
    const size_t run = plain_run(raw, at);
    if (run > at) {
      const std::string_view piece = raw.substr(at, run - at);
      text += piece;
      const size_t newline = piece.rfind('\n');
      if (newline != std::string_view::npos) line_start = text.size() - (piece.size() - newline - 1);
      at = run;
      continue;
    }
    const char c = raw[at];
    if (c == '\x1b') {
      at += escape_length(raw, at);
    } else if (c == '\r') {
      size_t next = at;
      while (next < raw.size() && raw[next] == '\r') ++next;
      const bool ends_line = next >= raw.size() || raw[next] == '\n';
      if (!ends_line) text.resize(line_start);  // the line is drawn again
      at = next;
    } else if (c == '\b') {
      if (text.size() > line_start) text.pop_back();
      ++at;
    } else if (c == '\f' || c == '\v') {
      text += ' ';
      ++at;
    } else if (static_cast<unsigned char>(c) < 0x80) {
      ++at;  // other control characters say nothing
    } else if (const size_t length = utf8_length(raw, at)) {
      text += raw.substr(at, length);
      at += length;
    } else {
      text += kReplacement;
      ++at;
    }
  }
  out = std::move(text);
  return true;
}

Text::Text(std::string_view raw) {
  if (raw.size() > kMaxBytes) {
    owned_ = std::string(raw.substr(0, kMaxBytes / 4)) + "\n";
    owned_ += raw.substr(raw.size() - kMaxBytes / 4 * 3);
    std::string cleaned;
    if (clean_text(owned_, cleaned)) owned_ = std::move(cleaned);
    all_ = owned_;
  } else {
    all_ = clean_text(raw, owned_) ? std::string_view(owned_) : raw;
  }
  lines_.reserve(all_.size() / 40 + 1);
  for (size_t at = 0; at < all_.size();) {
    const void* found = std::memchr(all_.data() + at, '\n', all_.size() - at);
    const size_t end = found ? static_cast<size_t>(static_cast<const char*>(found) - all_.data()) : all_.size();
    lines_.push_back(all_.substr(at, end - at));
    at = end + 1;
  }
}

size_t Text::line_at(size_t offset) const {
  const char* where = all_.data() + offset;
  const auto next = std::upper_bound(lines_.begin(), lines_.end(), where,
                                     [](const char* place, std::string_view line) { return place < line.data(); });
  return next == lines_.begin() ? 0 : static_cast<size_t>(next - lines_.begin()) - 1;
}

size_t Text::find(std::string_view word, size_t from) const {
  if (from >= all_.size()) return std::string_view::npos;
  const void* found = memmem(all_.data() + from, all_.size() - from, word.data(), word.size());
  return found ? static_cast<size_t>(static_cast<const char*>(found) - all_.data()) : std::string_view::npos;
}

// By comparing: find_first_not_of asks memchr about every character, and every line is trimmed many times.
std::string_view trim_left(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && is_blank(text[at])) ++at;
  return at == text.size() ? std::string_view() : text.substr(at);
}

std::string_view trim_right(std::string_view text) {
  size_t end = text.size();
  while (end > 0 && is_blank(text[end - 1])) --end;
  return end == 0 ? std::string_view() : text.substr(0, end);
}

std::string_view trim(std::string_view text) { return trim_right(trim_left(text)); }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

size_t indent_of(std::string_view line) {
  size_t at = 0;
  while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
  return at;
}

int to_int(std::string_view digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || value < 0 || value > 1000000000) return -1;
  return value;
}

double to_double(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

int take_int(std::string_view& text) {
  size_t end = 0;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  const int value = to_int(text.substr(0, end));
  if (value >= 0) text.remove_prefix(end);
  return value;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::string replaced(std::string_view text, std::string_view what, std::string_view with) {
  std::string out;
  for (size_t at = text.find(what); at != std::string_view::npos; at = text.find(what)) {
    out.append(text.substr(0, at)).append(with);
    text.remove_prefix(at + what.size());
  }
  return out.append(text);
}

}  // namespace baton
