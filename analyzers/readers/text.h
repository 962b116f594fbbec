// A tool's output made readable: terminal control removed, lines cut, and lookups that every text reader needs.
//
// Owns the cleaned copy when one was necessary, else views the caller's bytes, which must outlive it. Immutable after construction;
// any thread. Everything here is linear in the size of the output.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

// ANSI and OSC sequences (hyperlinks too) removed, CRLF to LF, a redrawn line reduced to what it showed last, bytes that are not
// UTF-8 replaced by U+FFFD. Returns false and leaves `out` alone when `raw` is clean already.
bool clean_text(std::string_view raw, std::string& out);

class Text {
 public:
  // Longer outputs keep their head and their tail: what matters stands at the ends.
  static constexpr size_t kMaxBytes = size_t{96} << 20;

  explicit Text(std::string_view raw);
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;

  std::string_view all() const { return all_; }
  size_t size() const { return lines_.size(); }
  // A line without its newline; empty past the end.
  std::string_view line(size_t index) const { return index < lines_.size() ? lines_[index] : std::string_view(); }
  // The line that holds this byte of all().
  size_t line_at(size_t offset) const;
  size_t offset_of(size_t index) const { return static_cast<size_t>(line(index).data() - all_.data()); }
  bool contains(std::string_view word) const { return find(word) != std::string_view::npos; }
  // Offset in all(), npos when absent; much faster than string_view::find on big texts unless the first byte is rare.
  size_t find(std::string_view word, size_t from = 0) const;

 private:
  std::string owned_;
  std::string_view all_;
  std::vector<std::string_view> lines_;
};

// Small pieces of text handling that the readers share.
std::string_view trim(std::string_view text);
std::string_view trim_left(std::string_view text);
std::string_view trim_right(std::string_view text);
std::string lower(std::string_view text);
std::string_view first_line(std::string_view text);
size_t indent_of(std::string_view line);  // leading blanks
// Decimal digits only, else -1; values past a billion count as none.
int to_int(std::string_view digits);
double to_double(std::string_view text);
// Takes the digits at the front off `text`; -1 when there are none.
int take_int(std::string_view& text);
bool take_prefix(std::string_view& text, std::string_view prefix);
std::string replaced(std::string_view text, std::string_view what, std::string_view with);

}  // namespace baton
