#include "lsp/lines.h"

#include <algorithm>

namespace baton {

// A loop: find_first_of searches its set for every byte.
std::size_t find_line_end(std::string_view text, std::size_t from) {
  for (; from < text.size(); ++from) {
    if (text[from] == '\n' || text[from] == '\r') return from;
  }
  return text.npos;
}

std::size_t after_line_end(std::string_view text, std::size_t end) {
  return text[end] == '\r' && end + 1 < text.size() && text[end + 1] == '\n' ? end + 2 : end + 1;
}

EditorLines::EditorLines(std::string_view text) {
  int line = 1, returns = 0;
  std::size_t seen = 0;
  for (std::size_t at = text.find('\r'); at != text.npos; at = text.find('\r', at + 1)) {
    if (at + 1 < text.size() && text[at + 1] == '\n') continue;
    line += static_cast<int>(std::count(text.begin() + static_cast<std::ptrdiff_t>(seen), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    seen = at;
    ++returns;
    if (counted_.empty() || counted_.back().line != line) counted_.push_back({line, returns});
    else counted_.back().returns = returns;
  }
}

int EditorLines::first(int line) const {
  const auto after = std::lower_bound(counted_.begin(), counted_.end(), line, [](const Counted& one, int wanted) { return one.line < wanted; });
  return line + (after == counted_.begin() ? 0 : std::prev(after)->returns);
}

}  // namespace baton
