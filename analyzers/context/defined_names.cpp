#include "analyzers/context/defined_names.h"

#include <algorithm>
#include <array>

#include "analyzers/context/code_tokens.h"

namespace baton {
namespace {

using namespace context_detail;

constexpr std::size_t kLongestLine = 400;  // longer ones hold data

constexpr auto kDefiners = std::to_array<std::string_view>({"class", "def", "enum", "fn", "func", "function", "interface", "macro_rules", "mod", "module",
                                                            "namespace", "object", "protocol", "record", "struct", "trait", "type", "union"});
constexpr auto kTopLevel = std::to_array<std::string_view>({"const", "let", "val", "var"});
constexpr auto kControl = std::to_array<std::string_view>({"assert", "case", "catch", "do", "elif", "else", "except", "for", "foreach", "if", "lock", "match",
                                                           "new", "return", "sizeof", "switch", "synchronized", "throw", "try", "unless", "until", "using",
                                                           "while", "with", "yield"});
constexpr auto kModifiers = std::to_array<std::string_view>({"abstract", "async", "default", "export", "extern", "final", "inline", "internal", "local", "mut",
                                                             "open", "override", "private", "protected", "pub", "public", "static", "unsafe", "virtual"});

template <class Words>
bool is_one_of(std::string_view word, const Words& words) { return std::binary_search(words.begin(), words.end(), word); }

std::string_view word_at(std::string_view line, std::size_t at) {
  std::size_t end = at;
  if (end < line.size() && is_letter(line[end])) {
    while (end < line.size() && (is_letter(line[end]) || is_digit(line[end]))) ++end;
  }
  return line.substr(at, end - at);
}

std::size_t skip_blanks(std::string_view line, std::size_t at) {
  while (at < line.size() && (line[at] == ' ' || line[at] == '\t' || line[at] == '*' || line[at] == '&' || line[at] == '!')) ++at;
  return at;
}

// The identifier right before the first parenthesis of a line that opens a body: "int Box::size() {", "render(h) {".
std::string_view before_parenthesis(std::string_view line) {
  const std::size_t open = line.find('(');
  if (open == line.npos || open == 0) return {};
  std::size_t end = open;
  while (end > 0 && line[end - 1] == ' ') --end;
  std::size_t begin = end;
  while (begin > 0 && (is_letter(line[begin - 1]) || is_digit(line[begin - 1]))) --begin;
  const std::string_view name = line.substr(begin, end - begin);
  if (name.empty() || !is_letter(name[0]) || is_one_of(name, kControl)) return {};
  const std::string_view before = line.substr(0, begin);
  if (before.find('=') != before.npos || before.find('.') != before.npos) return {};
  return name;
}

void names_of_line(std::string_view line, std::vector<std::string_view>& names) {
  while (line.ends_with('\r')) line.remove_suffix(1);
  const std::size_t indent = std::min(line.find_first_not_of(" \t"), line.size());
  std::size_t at = indent;
  if (at >= line.size()) return;
  if (line[at] == '#') {
    at = skip_blanks(line, at + 1);
    if (word_at(line, at) != "define") return;
    if (const auto name = word_at(line, skip_blanks(line, at + 6)); !name.empty()) names.push_back(name);
    return;
  }
  const std::size_t last = line.find_last_not_of(" \t");
  const bool opens = line[last] == '{' || line[last] == ':';
  std::string_view word = word_at(line, at);
  const std::string_view first = word;
  for (int words = 0; words < 6 && !word.empty(); ++words) {
    const bool top_level = indent == 0 && is_one_of(word, kTopLevel);
    if (is_one_of(word, kDefiners) || top_level) {
      std::size_t next = skip_blanks(line, at + word.size());
      if (word == "func" && next < line.size() && line[next] == '(') {  // Go's receiver
        const std::size_t close = line.find(')', next);
        if (close == line.npos) return;
        next = skip_blanks(line, close + 1);
      }
      const std::string_view name = word_at(line, next);
      if (!name.empty() && !is_one_of(name, kDefiners) && !is_one_of(name, kModifiers) && !is_one_of(name, kTopLevel)) {
        names.push_back(name);
        return;
      }
    } else if (!is_one_of(word, kModifiers)) {
      break;
    }
    at += word.size();
    if (line.substr(at).starts_with("(crate)")) at += 7;
    at = skip_blanks(line, at);
    word = word_at(line, at);
  }
  if (is_one_of(first, kControl)) return;
  if (opens && line[last] == '{') {
    if (const auto name = before_parenthesis(line); !name.empty()) names.push_back(name);
  } else if (indent == 0 && line[last] == ')') {  // C: the body opens on the next line
    if (const auto name = before_parenthesis(line); !name.empty()) names.push_back(name);
  } else if (indent == 0 && !first.empty()) {  // Python: NAME = …
    const std::size_t next = skip_blanks(line, at);
    const std::size_t after = skip_blanks(line, first.size());
    if (next <= after && after + 1 < line.size() && line[after] == '=' && line[after + 1] != '=') names.push_back(first);
  }
}

}  // namespace

std::vector<std::string_view> defined_names(std::string_view text) {
  std::vector<std::string_view> names;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end - begin <= kLongestLine) names_of_line(text.substr(begin, end - begin), names);
    begin = end + 1;
  }
  return names;
}

}  // namespace baton
