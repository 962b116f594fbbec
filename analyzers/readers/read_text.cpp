// Wakes the text readers: one pass over the lines finds every word at a line's start, one search per word finds those anywhere.
#include <algorithm>
#include <array>

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

void find_anywhere(const Reading& reading, const TextReader& reader, std::vector<size_t>& hits) {
  for (const std::string_view word : reader.anywhere) {
    for (size_t at = reading.text.find(word); at != std::string_view::npos;) {
      const size_t line = reading.text.line_at(at);
      hits.push_back(line);
      if (line + 1 >= reading.text.size()) break;
      at = reading.text.find(word, reading.text.offset_of(line + 1));
    }
  }
  std::sort(hits.begin(), hits.end());
  hits.erase(std::unique(hits.begin(), hits.end()), hits.end());
}

}  // namespace

void read_text(Reading& reading) {
  static const Wakers kWakers;
  const std::vector<TextReader>& readers = text_readers();
  std::vector<std::vector<size_t>> hits(readers.size());
  kWakers.find(reading, hits);
  for (size_t i = 0; i < readers.size(); ++i) {
    if (!readers[i].anywhere.empty()) find_anywhere(reading, readers[i], hits[i]);
    // Readers above may have claimed some of these lines.
    hits[i].erase(std::remove_if(hits[i].begin(), hits[i].end(), [&](size_t line) { return reading.claimed(line); }), hits[i].end());
    if (!hits[i].empty()) readers[i].read(reading, hits[i]);
  }
  read_gcc(reading);
  read_linker(reading);
  read_matchers(reading);
}

}  // namespace baton
