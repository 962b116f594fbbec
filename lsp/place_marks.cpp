#include <algorithm>
#include <cctype>

#include "git/line_map.h"
#include "lsp/lines.h"
#include "lsp/mark.h"
#include "lsp/text_store.h"

namespace baton {
namespace {

// The lines of a text as the protocol counts them, without their ends: a checkout and an editor may differ in nothing else.
struct Lines {
  std::string text;                     // joined by \n
  std::vector<std::string_view> lines;  // into text
  EditorLines of_tool;

  explicit Lines(std::string_view raw) : of_tool(raw) {
    text.reserve(raw.size());
    for (std::size_t at = 0; at < raw.size();) {
      const std::size_t end = find_line_end(raw, at);
      text += raw.substr(at, end - at);
      if (end == raw.npos) break;
      text += '\n';
      at = after_line_end(raw, end);
    }
    for (std::string_view rest = text;;) {
      const std::size_t end = rest.find('\n');
      lines.push_back(rest.substr(0, end));
      if (end == rest.npos) break;
      rest.remove_prefix(end + 1);
    }
  }
  Lines(const Lines&) = delete;

  std::string_view line(int number) const {
    return number >= 1 && number <= static_cast<int>(lines.size()) ? lines[static_cast<std::size_t>(number) - 1]
                                                                  : std::string_view();
  }

  // A tool's line and column.
  void place(int& number, int& column) const {
    const int last = of_tool.last(number);
    number = of_tool.first(number);
    for (; column > 0 && number < last; ++number) {
      const int units = static_cast<int>(units_of(line(number), PositionEncoding::utf16)) + 1;
      if (column <= units) break;
      column -= units;
    }
  }

  Mark placed(Mark mark) const {
    if (mark.line <= 0) return mark;
    if (mark.end_line <= 0) mark.end_line = mark.line;
    place(mark.line, mark.column);
    place(mark.end_line, mark.end_column);
    return mark;
  }
};

// The byte of a line where a 1-based UTF-16 column is.
std::size_t byte_of_column(std::string_view line, int column) {
  std::uint32_t left = column > 0 ? static_cast<std::uint32_t>(column - 1) : 0;
  std::size_t at = 0;
  while (at < line.size() && left > 0) {
    std::size_t next = at + 1;
    while (next < line.size() && (static_cast<unsigned char>(line[next]) & 0xc0) == 0x80) ++next;
    const std::uint32_t units = units_of(line.substr(at, next - at), PositionEncoding::utf16);
    if (units > left) break;
    left -= units;
    at = next;
  }
  return at;
}

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) || byte == '_' || byte >= 0x80;
}

struct Span {
  std::size_t begin, end;  // bytes of a line
};

Span whole_line(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(" \t\r");
  if (begin == line.npos) return {0, 0};
  return {begin, line.find_last_not_of(" \t\r") + 1};
}

Span span_of(const Mark& mark, std::string_view line) {
  const Span whole = whole_line(line);
  if (mark.column <= 0) return whole;
  const std::size_t begin = byte_of_column(line, mark.column);
  if (begin >= whole.end) return whole;
  if (mark.end_line > mark.line) return {begin, whole.end};
  std::size_t end = mark.end_column > mark.column ? byte_of_column(line, mark.end_column) : begin;
  if (end <= begin) {
    end = begin + 1;
    while (end < line.size() && is_word(line[begin]) && is_word(line[end])) ++end;
    while (end < line.size() && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) ++end;
  }
  return {begin, end};
}

Range range_of(int line_number, std::string_view line, Span span, PositionEncoding encoding) {
  const auto line0 = static_cast<std::uint32_t>(line_number - 1);
  return {{line0, units_of(line.substr(0, span.begin), encoding)}, {line0, units_of(line.substr(0, span.end), encoding)}};
}

}  // namespace

std::vector<PlacedMark> place_marks(const std::vector<Mark>& marks, std::string_view base, std::string_view head,
                                    std::string_view live, PositionEncoding encoding) {
  const Lines now(live), from_head(head), from_base(base);
  const LineMap head_map(from_head.text, now.text), base_map(from_base.text, now.text);
  const int last = static_cast<int>(now.lines.size());
  std::vector<PlacedMark> placed;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    const bool of_base = marks[i].side == MarkSide::base;
    const Mark mark = (of_base ? from_base : from_head).placed(marks[i]);
    const LineMap& map = of_base ? base_map : head_map;
    const int line = mark.line > 0 ? mark.line : 1;
    const auto exact = map.exact(line);
    const int at = std::clamp(exact ? *exact : map.nearest(line), 1, std::max(last, 1));
    const std::string_view text = now.line(at);
    const Span span = exact && mark.line > 0 ? span_of(mark, text) : whole_line(text);
    placed.push_back({i, range_of(at, text, span, encoding)});
  }
  return placed;
}

}  // namespace baton
