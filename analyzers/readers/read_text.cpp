// Wakes the text readers: one pass over the lines finds every word at a line's start, another one those anywhere.
#include <algorithm>
#include <array>

#include "analyzers/readers/readers.h"
#include "analyzers/readers/word_finder.h"

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

// The words that wake a reader from anywhere in a line.
class Anywhere {
 public:
  void find(const Reading& reading, std::vector<std::vector<size_t>>& hits) const {
    for (size_t i = 0; i < reading.text.size(); ++i) {
      if (reading.claimed(i)) continue;
      finder_.find(reading.text.line(i), [&](size_t word) {
        std::vector<size_t>& lines = hits[readers_[word]];
        if (lines.empty() || lines.back() != i) lines.push_back(i);
      });
    }
  }

 private:
  static std::vector<std::string_view> words(std::vector<size_t>& readers) {
    std::vector<std::string_view> all;
    for (size_t i = 0; i < text_readers().size(); ++i) {
      for (const std::string_view word : text_readers()[i].anywhere) {
        all.push_back(word);
        readers.push_back(i);
      }
    }
    return all;
  }

  std::vector<size_t> readers_;  // by word
  WordFinder finder_{words(readers_)};
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
