#include "analyzers/audit/line_changes.h"

#include <unordered_map>

#include "analyzers/audit/code_text.h"

namespace baton::audit {
namespace {

constexpr std::size_t kMaxLines = 8;  // of a hunk, a side

std::vector<ChangedLine> all_lines(std::string_view text) {
  std::vector<ChangedLine> lines;
  int line = 0;
  for (const std::string_view one : lines_of(text)) {
    ++line;
    if (const auto plain = trimmed(one); !plain.empty()) lines.push_back({line, plain});
  }
  return lines;
}

std::vector<ChangedLine> without(const std::vector<ChangedLine>& lines, const std::vector<ChangedLine>& others) {
  std::unordered_map<std::string_view, int> left;
  for (const ChangedLine& other : others) ++left[other.text];
  std::vector<ChangedLine> rest;
  for (const ChangedLine& line : lines) {
    if (--left[line.text] < 0) rest.push_back(line);
  }
  return rest;
}

void put(std::string& out, const std::vector<ChangedLine>& lines, char sign) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i == kMaxLines) {
      out += std::string(1, sign) + "…\n";
      return;
    }
    out += sign + std::string(lines[i].text.substr(0, 240)) + "\n";
  }
}

}  // namespace

LineChanges line_changes(std::string_view before, std::string_view after) {
  const auto base = all_lines(before), head = all_lines(after);
  return {without(base, head), without(head, base)};
}

std::string hunk_of(const std::vector<ChangedLine>& lost, const std::vector<ChangedLine>& fresh) {
  std::string text;
  put(text, lost, '-');
  put(text, fresh, '+');
  return text;
}

}  // namespace baton::audit
