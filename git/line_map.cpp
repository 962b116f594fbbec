#include "git/line_map.h"

#include <algorithm>
#include <string>

#include "git/libgit2.h"

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

  start_libgit2();
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.flags = GIT_DIFF_FORCE_TEXT | GIT_DIFF_INDENT_HEURISTIC;
  options.context_lines = 0;
  options.interhunk_lines = 0;
  const auto on_hunk = [](const git_diff_delta*, const git_diff_hunk* hunk, void* payload) {
    // A side without lines names the line before it; here every hunk begins at the line that follows.
    static_cast<std::vector<Hunk>*>(payload)->push_back({hunk->old_start + (hunk->old_lines == 0), hunk->old_lines,
                                                         hunk->new_start + (hunk->new_lines == 0), hunk->new_lines});
    return 0;
  };
  const int code = git_diff_buffers(old_text.data(), old_text.size(), nullptr, new_text.data(), new_text.size(),
                                    nullptr, &options, nullptr, nullptr, on_hunk, nullptr, &hunks_);
  if (code != 0 || hunks_.empty()) hunks_ = {{1, from_lines_, 1, to_lines_}};  // too large to compare: all rewritten
}

std::optional<int> LineMap::exact(int line) const {
  if (line < 1 || line > from_lines_ + 1) return std::nullopt;
  int shift = 0;
  for (const Hunk& hunk : hunks_) {
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
      std::find_if(hunks_.begin(), hunks_.end(), [&](const Hunk& h) { return line < h.from_line + h.from_count; });
  return std::clamp(hunk->to_line, 1, std::max(to_lines_, 1));
}

bool LineMap::changed_in_to(int line) const {
  return std::any_of(hunks_.begin(), hunks_.end(),
                     [&](const Hunk& hunk) { return line >= hunk.to_line && line < hunk.to_line + hunk.to_count; });
}

}  // namespace baton
