// Many words found in one pass over a text (Aho and Corasick): there are dozens of them, and a search for each would be most of the time
// that a long log takes. Immutable after construction; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace baton {

class WordFinder {
 public:
  enum class Letters { as_they_are, small_or_large };  // of ASCII
  explicit WordFinder(const std::vector<std::string_view>& words, Letters letters = Letters::as_they_are);

  // found(index of the word) at each end of one.
  template <class Found>
  void find(std::string_view text, Found found) const {
    std::uint32_t state = 0;
    for (const char c : text) {
      state = next_[state + class_[static_cast<unsigned char>(c)]];
      if (ends_[state / classes_]) {
        for (const std::uint32_t word : words_[state / classes_]) found(word);
      }
    }
  }

  bool any_in(std::string_view text) const {
    std::uint32_t state = 0;
    for (const char c : text) {
      state = next_[state + class_[static_cast<unsigned char>(c)]];
      if (ends_[state / classes_]) return true;
    }
    return false;
  }

 private:
  std::uint32_t add_state();
  void add(std::string_view word, std::uint32_t index);
  void join();

  std::array<std::uint16_t, 256> class_{};       // of bytes; 0: in no word
  std::uint32_t classes_ = 1;
  std::vector<std::uint32_t> next_;              // a state is where its row of classes begins; 0 is the start
  std::vector<std::vector<std::uint32_t>> words_;  // that end in a state, by its row
  std::vector<char> ends_;                       // whether any does
};

}  // namespace baton
