#include "orchestrator/tasks/typed_words.h"

#include <algorithm>
#include <array>

namespace baton {
namespace {

constexpr std::string_view kWordsHeading = "## Your words";
constexpr std::string_view kEndOfWords = "---";
constexpr std::array kAllTypedWords = {TypedWords::hint, TypedWords::reason, TypedWords::answer};

std::string_view without_blanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string_view line_of_page(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

std::string_view label_of(TypedWords words) {
  switch (words) {
    case TypedWords::hint: return "Hint:";
    case TypedWords::reason: return "Reason:";
    case TypedWords::answer: return "Answer:";
  }
  return {};
}

std::string words_section(const std::vector<TypedWords>& wanted) {
  if (wanted.empty()) return {};
  std::string text = "\n" + std::string(kWordsHeading) + "\n\nWhat you type after a colon here goes along with the code action that you choose next.\n";
  for (const TypedWords words : wanted) text += "\n" + std::string(label_of(words)) + "\n";
  return text + "\n" + std::string(kEndOfWords) + "\n";
}

std::string typed_words(std::string_view page, TypedWords wanted) {
  while (!page.empty() && line_of_page(page) != kWordsHeading) {}
  std::string text;
  bool ours = false;
  while (!page.empty()) {
    std::string_view line = line_of_page(page);
    if (line == kEndOfWords || line.starts_with("## ")) break;
    const auto label = std::find_if(kAllTypedWords.begin(), kAllTypedWords.end(), [&](TypedWords one) { return line.starts_with(label_of(one)); });
    if (label != kAllTypedWords.end()) {
      ours = *label == wanted;
      line.remove_prefix(label_of(*label).size());
    }
    if (ours) text += std::string(line) + "\n";
  }
  return std::string(without_blanks(text));
}

}  // namespace baton
