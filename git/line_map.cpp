#include "git/line_map.h"

#include <algorithm>
#include <string>

namespace baton {
namespace {

// Line ends are no difference between what was judged and what is seen: CRLF counts as LF, a missing last one as there.
std::string with_plain_ends(std::string_view text) {
  std::string plain;
  plain.reserve(text.size() + 1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] == '\n')) continue;
    plain.push_back(text[i]);
  }
  if (!plain.empty() && plain.back() != '\n') plain.push_back('\n');
  return plain;
}

int count_lines(std::string_view plain) {
  return static_cast<int>(std::count(plain.begin(), plain.end(), '\n'));
}

}  // namespace

LineMap::LineMap(std::string_view from, std::string_view to) {
  const std::string old_text = with_plain_ends(from);
  const std::string new_text = with_plain_ends(to);
  from_lines_ = count_lines(old_text);
  to_lines_ = count_lines(new_text);
  if (old_text == new_text) return;

  hunks_ = diff_lines(old_text, new_text);
}

std::optional<int> LineMap::exact(int line) const {
  if (line < 1 || line > from_lines_ + 1) return std::nullopt;
  int shift = 0;
  for (const LineHunk& hunk : hunks_) {
    if (line < hunk.from_line) break;
    if (line < hunk.from_line + hunk.from_count) return std::nullopt;
    shift = (hunk.to_line + hunk.to_count) - (hunk.from_line + hunk.from_count);
  }
  return line + shift;
}

int LineMap::nearest(int line) const {
  line = std::clamp(line, 1, from_lines_ + 1);
  if (const auto there = exact(line)) return *there;
  const auto hunk =
      std::find_if(hunks_.begin(), hunks_.end(), [&](const LineHunk& h) { return line < h.from_line + h.from_count; });
  return std::clamp(hunk->to_line, 1, std::max(to_lines_, 1));
}

bool LineMap::changed_in_to(int line) const {
  return std::any_of(hunks_.begin(), hunks_.end(),
                     [&](const LineHunk& hunk) { return line >= hunk.to_line && line < hunk.to_line + hunk.to_count; });
}

}  // namespace baton
