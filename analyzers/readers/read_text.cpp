// Wakes the text readers: one pass over the lines finds every word at a line's start, another one those anywhere.
#include <algorithm>
#include <array>
#include <cstdint>

#include "analyzers/readers/readers.h"

namespace baton {
namespace {

// Words by their first byte, built once.
class Wakers {
 public:
  Wakers() {
    const std::vector<TextReader>& readers = text_readers();
    for (size_t i = 0; i < readers.size(); ++i)
      for (const std::string_view word : readers[i].starts) by_first_[static_cast<unsigned char>(word[0])].push_back({word, i});
  }

  void find(const Reading& reading, std::vector<std::vector<size_t>>& hits) const {
    for (size_t i = 0; i < reading.text.size(); ++i) {
      const std::string_view line = reading.text.line(i);
      const size_t indent = indent_of(line);
      if (indent >= line.size()) continue;
      const std::vector<Word>& words = by_first_[static_cast<unsigned char>(line[indent])];
      if (words.empty() || reading.claimed(i)) continue;
      for (const Word& word : words)
        if (line.compare(indent, word.text.size(), word.text) == 0 && (hits[word.reader].empty() || hits[word.reader].back() != i))
          hits[word.reader].push_back(i);
    }
  }

 private:
  struct Word {
    std::string_view text;
    size_t reader;
  };
  std::array<std::vector<Word>, 256> by_first_;
};

// All words that wake a reader from anywhere in a line, in one pass over the text (Aho and Corasick): there are dozens of them, and a
// search for each would be most of the time that a long log takes.
class Anywhere {
 public:
  Anywhere() {
    const std::vector<TextReader>& readers = text_readers();
    for (const TextReader& reader : readers)
      for (const std::string_view word : reader.anywhere)
        for (const char c : word)
          if (class_[byte(c)] == 0) class_[byte(c)] = classes_++;
    add_state();
    for (size_t i = 0; i < readers.size(); ++i)
      for (const std::string_view word : readers[i].anywhere) add(word, i);
    join();
  }

  void find(const Reading& reading, std::vector<std::vector<size_t>>& hits) const {
    for (size_t i = 0; i < reading.text.size(); ++i) {
      if (reading.claimed(i)) continue;
      size_t state = 0;
      for (const char c : reading.text.line(i)) {
        state = next_[state * classes_ + class_[byte(c)]];
        if (ends_[state]) wake(state, i, hits);
      }
    }
  }

 private:
  static unsigned char byte(char c) { return static_cast<unsigned char>(c); }

  size_t add_state() {
    next_.resize(next_.size() + classes_, 0);
    wakes_.emplace_back();
    return wakes_.size() - 1;
  }

  void add(std::string_view word, size_t reader) {
    size_t state = 0;
    for (const char c : word) {
      const size_t place = state * classes_ + class_[byte(c)];
      if (next_[place] == 0) {
        const size_t fresh = add_state();
        next_[place] = static_cast<std::uint16_t>(fresh);
      }
      state = next_[place];
    }
    wakes_[state].push_back(reader);
  }

  // Where no word goes on, the longest end of what was read that begins one does.
  void join() {
    std::vector<size_t> shorter(wakes_.size(), 0), waiting{0};
    for (size_t at = 0; at < waiting.size(); ++at) {
      const size_t state = waiting[at];
      for (size_t c = 0; c < classes_; ++c) {
        std::uint16_t& next = next_[state * classes_ + c];
        const std::uint16_t otherwise = state == 0 ? std::uint16_t{0} : next_[shorter[state] * classes_ + c];
        if (next == 0) {
          next = otherwise;
          continue;
        }
        shorter[next] = otherwise;
        wakes_[next].insert(wakes_[next].end(), wakes_[otherwise].begin(), wakes_[otherwise].end());
        waiting.push_back(next);
      }
    }
    for (const std::vector<size_t>& readers : wakes_) ends_.push_back(!readers.empty());
  }

  void wake(size_t state, size_t line, std::vector<std::vector<size_t>>& hits) const {
    for (const size_t reader : wakes_[state])
      if (hits[reader].empty() || hits[reader].back() != line) hits[reader].push_back(line);
  }

  std::array<std::uint16_t, 256> class_{};  // of bytes; 0: in no word
  std::uint16_t classes_ = 1;
  std::vector<std::uint16_t> next_;         // state and class to state; 0 is the start
  std::vector<std::vector<size_t>> wakes_;  // by state: readers
  std::vector<char> ends_;                  // by state: whether there are any
};

}  // namespace

void read_text(Reading& reading) {
  static const Wakers kWakers;
  static const Anywhere kAnywhere;
  const std::vector<TextReader>& readers = text_readers();
  std::vector<std::vector<size_t>> hits(readers.size());
  kWakers.find(reading, hits);
  kAnywhere.find(reading, hits);
  for (size_t i = 0; i < readers.size(); ++i) {
    if (readers[i].read == read_linker) read_gcc(reading);  // a compiler's lines may hold a linker's words
    if (!readers[i].anywhere.empty() && !readers[i].starts.empty()) {
      std::sort(hits[i].begin(), hits[i].end());
      hits[i].erase(std::unique(hits[i].begin(), hits[i].end()), hits[i].end());
    }
    // Readers above may have claimed some of these lines.
    hits[i].erase(std::remove_if(hits[i].begin(), hits[i].end(), [&](size_t line) { return reading.claimed(line); }), hits[i].end());
    if (!hits[i].empty()) readers[i].read(reading, hits[i]);
  }
  read_matchers(reading);
}

}  // namespace baton
