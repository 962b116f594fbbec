#include "orchestrator/context/slice_text.h"

#include <algorithm>
#include <map>
#include <set>

namespace baton {
namespace {

struct FilePart {
  std::string path, reason;
  std::map<int, std::string_view> lines;  // by number
};

std::vector<FilePart> by_file(const ContextSlice& slice) {
  std::vector<FilePart> parts;
  for (const SlicePiece& piece : slice.pieces) {
    auto at = std::find_if(parts.begin(), parts.end(), [&](const FilePart& part) { return part.path == piece.path; });
    if (at == parts.end()) at = parts.insert(parts.end(), {piece.path, piece.reason, {}});
    std::string_view rest = piece.content;
    for (const LineRange& range : piece.lines) {
      for (int line = range.first; line <= range.last; ++line) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view text = rest.substr(0, end);
        if (text.ends_with('\r')) text.remove_suffix(1);
        at->lines[line] = text;
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    }
  }
  return parts;
}

// Longer than any run of backquotes in the text.
std::string fence_for(const FilePart& part) {
  std::size_t longest = 2;
  for (const auto& [number, line] : part.lines) {
    std::size_t run = 0;
    for (const char c : line) {
      run = c == '`' ? run + 1 : 0;
      longest = std::max(longest, run);
    }
  }
  return std::string(longest + 1, '`');
}

std::string with_commas(std::size_t number) {
  std::string text = std::to_string(number);
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string counted(std::size_t number, std::string_view what) { return with_commas(number) + " " + std::string(what) + (number == 1 ? "" : "s"); }

}  // namespace

std::string slice_text(const ContextSlice& slice, int level) {
  std::string text;
  for (const FilePart& part : by_file(slice)) {
    const std::string fence = fence_for(part);
    if (!text.empty()) text += "\n";
    text += std::string(static_cast<std::size_t>(level), '#') + " " + part.path + "\n\n" + fence + "\n";
    int next = part.lines.begin()->first;
    for (const auto& [number, line] : part.lines) {
      if (number != next) text += "…\n";
      text += std::to_string(number) + " " + std::string(line) + "\n";
      next = number + 1;
    }
    text += fence + "\n";
  }
  return text;
}

std::string slice_summary(const ContextSlice& slice) {
  std::set<std::string> files;
  for (const SlicePiece& piece : slice.pieces) files.insert(piece.path);
  if (files.empty()) return "Nothing was found that the task is about.";
  const std::string begin = counted(slice.pieces.size(), "piece") + " of " + counted(files.size(), "file") + ": " + counted(slice.tokens, "token");
  const std::string all = with_commas(slice.workspace_tokens) + " for all source.";
  if (slice.tokens < slice.whole_tokens) return begin + " instead of " + with_commas(slice.whole_tokens) + " for the whole files, or " + all;
  if (slice.tokens < slice.workspace_tokens) return begin + " instead of " + all;
  return begin + "; all source has no more.";
}

}  // namespace baton
