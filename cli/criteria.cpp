#include "cli/criteria.h"

#include <cctype>

#include "support/files.h"

namespace baton {
namespace {

constexpr std::uint64_t kMaxBytes = 1u << 20;
constexpr std::string_view kSpace = " \t\r";

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string_view without_number(std::string_view line) {
  size_t digits = 0;
  while (digits < line.size() && std::isdigit(static_cast<unsigned char>(line[digits]))) ++digits;
  if (digits == 0 || digits + 1 >= line.size() || line[digits + 1] != ' ') return line;
  return line[digits] == '.' || line[digits] == ')' ? trimmed(line.substr(digits + 2)) : line;
}

std::string_view without_marks(std::string_view line) {
  for (const std::string_view bullet : {"- ", "* ", "+ "}) {
    if (line.starts_with(bullet)) line = trimmed(line.substr(2));
  }
  line = without_number(line);
  for (const std::string_view box : {"[ ] ", "[x] ", "[X] "}) {
    if (line.starts_with(box)) line = trimmed(line.substr(4));
  }
  return line;
}

}  // namespace

std::vector<std::string> criteria_lines(std::string_view text) {
  std::vector<std::string> criteria;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#') || line == "---") continue;
    if (const std::string_view criterion = without_marks(line); !criterion.empty()) criteria.emplace_back(criterion);
  }
  return criteria;
}

Result<std::vector<std::string>> read_criteria(const std::filesystem::path& file) {
  const auto text = read_file(file, kMaxBytes);
  if (!text) return Error{ErrorKind::usage, text.error().message};
  auto criteria = criteria_lines(*text);
  if (criteria.empty()) {
    return Error{ErrorKind::usage, file.string() + " holds no criterion: write one a line, or leave out --criteria."};
  }
  return criteria;
}

namespace {

bool looks_like_a_path(const std::string& text) {
  const bool one_word = text.find_first_of(" \t\n") == text.npos;
  return one_word && (text.find('/') != text.npos || text.ends_with(".md") || text.ends_with(".txt"));
}

}  // namespace

Result<std::string> read_task(const std::string& given) {
  std::error_code error;
  if (given.empty()) return given;
  if (!std::filesystem::is_regular_file(given, error)) {
    // One word with a folder or an ending is a file that somebody mistyped: taken as a task, it would explain what it does not.
    if (looks_like_a_path(given)) return Error{ErrorKind::usage, "There is no file " + given + "; name a file, or write the task as text."};
    return given;
  }
  auto text = read_file(given, kMaxBytes);
  if (!text) return Error{ErrorKind::usage, text.error().message};
  return text;
}

}  // namespace baton
