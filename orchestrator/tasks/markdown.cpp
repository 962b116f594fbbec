#include "orchestrator/tasks/markdown.h"

#include <algorithm>

namespace baton {
namespace {

std::size_t longest_run(std::string_view text, char of) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) {
    run = c == of ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

// To old versions of GitLab a shorter fence inside ends the code, and a line that begins with a slash is a command again.
std::string without_commands(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '/' && (out.empty() || out.back() == '\n')) out += ' ';
    out += c;
  }
  return out;
}

}  // namespace

std::string code_span(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  if (text.empty()) return "";
  const std::string marks(longest_run(text, '`') + 1, '`');
  const std::string pad = text.front() == '`' || text.back() == '`' ? " " : "";
  return marks + pad + std::string(text) + pad + marks;
}

std::string code_block(std::string_view text, std::string_view language) {
  const std::string fence(std::max<std::size_t>(3, longest_run(text, '`') + 1), '`');
  std::string block = fence + std::string(language) + "\n" + (fence.size() > 3 ? without_commands(text) : std::string(text));
  if (block.back() != '\n') block += '\n';
  return block + fence + "\n";
}

std::string plain_words(std::string_view text) {
  std::string out;
  bool at_start = true;
  for (const char c : text) {
    const bool mark = std::string_view("\\`*_[]<>|@#").find(c) != std::string_view::npos;
    const bool list = at_start && (c == '-' || c == '+' || c == '=' || c == '~' || c == '/');  // `/close` at the start of a line is done by GitLab
    if (mark || list) out += '\\';
    out += c == '\r' ? ' ' : c;
    at_start = c == '\n' || (at_start && c == ' ');
  }
  return out;
}

std::string last_lines(std::string_view text, std::size_t max_lines, std::size_t max_bytes) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  std::size_t begin = text.size();
  for (std::size_t lines = 0; begin > 0 && lines < max_lines; ++lines) {
    const std::size_t before = text.rfind('\n', begin - 1);
    const std::size_t start = before == text.npos ? 0 : before + 1;
    if (text.size() - start > max_bytes) break;
    begin = start == 0 ? 0 : before;
  }
  if (begin == text.size() && !text.empty()) begin = text.size() - std::min(text.size(), max_bytes);
  std::string_view end = text.substr(begin);
  while (!end.empty() && end.front() == '\n') end.remove_prefix(1);
  return std::string(end);
}

}  // namespace baton
