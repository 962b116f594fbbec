#include "analyzers/readers/word_finder.h"

namespace baton {

WordFinder::WordFinder(const std::vector<std::string_view>& words, Letters letters) {
  for (const std::string_view word : words)
    for (const char c : word)
      if (std::uint16_t& known = class_[static_cast<unsigned char>(c)]; known == 0) known = static_cast<std::uint16_t>(classes_++);
  if (letters == Letters::small_or_large)
    for (size_t c = 'a'; c <= 'z'; ++c) class_[c - 'a' + 'A'] = class_[c];
  add_state();
  for (std::uint32_t i = 0; i < words.size(); ++i) add(words[i], i);
  join();
}

std::uint32_t WordFinder::add_state() {
  const auto state = static_cast<std::uint32_t>(next_.size());
  next_.resize(next_.size() + classes_, 0);
  words_.emplace_back();
  return state;
}

void WordFinder::add(std::string_view word, std::uint32_t index) {
  std::uint32_t state = 0;
  for (const char c : word) {
    const std::uint32_t place = state + class_[static_cast<unsigned char>(c)];
    if (next_[place] == 0) {
      const std::uint32_t fresh = add_state();
      next_[place] = fresh;
    }
    state = next_[place];
  }
  words_[state / classes_].push_back(index);
}

// Where no word goes on, the longest end of what was read that begins one does.
void WordFinder::join() {
  std::vector<std::uint32_t> shorter(words_.size(), 0), waiting{0};
  for (std::size_t at = 0; at < waiting.size(); ++at) {
    const std::uint32_t state = waiting[at];
    for (std::uint32_t c = 0; c < classes_; ++c) {
      std::uint32_t& next = next_[state + c];
      const std::uint32_t otherwise = state == 0 ? 0 : next_[shorter[state / classes_] + c];
      if (next == 0) {
        next = otherwise;
        continue;
      }
      shorter[next / classes_] = otherwise;
      const auto& more = words_[otherwise / classes_];
      words_[next / classes_].insert(words_[next / classes_].end(), more.begin(), more.end());
      waiting.push_back(next);
    }
  }
  for (const auto& words : words_) ends_.push_back(!words.empty());
}

}  // namespace baton
