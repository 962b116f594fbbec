// A task's text as words that can be compared: clauses, word stems, the parts of identifiers, the files it names. Two words are
// the same when their stems are ("migrations", "migration"), and never when one merely holds the other ("build", "ui").
// Pure; any thread.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

struct TaskWord {
  std::string text;                // lower case, without apostrophes
  std::string stem;
  std::vector<std::string> parts;  // stems of an identifier's words: `PaymentService` has two
};

struct TaskClause {
  std::string text;
  std::vector<TaskWord> words;
  std::vector<std::string> paths;  // files and folders that it names
  std::size_t sentence = 0;        // clauses of one sentence have one number
  bool title = false;              // of the first line
  bool log = false;                // a line that a program printed
};

std::vector<TaskClause> task_clauses(std::string_view text);
std::vector<TaskWord> task_words(std::string_view text);
std::string word_stem(std::string_view word);  // of a lower-case word
// Whether `path` obeys `pattern`: `*` is any name's part, `**/` any folders; a pattern without a slash names a file anywhere.
bool matches_path(std::string_view pattern, std::string_view path);
// The same where a pattern may also be a file or a folder by its path.
bool covers(std::string_view pattern, std::string_view path);

struct LexiconHit {
  int group = 0;
  double weight = 0;
  std::string phrase;
};

// Phrases, each of a group with a weight. The longest phrase at a place wins and uses up its words, so that a query string
// is no query; a part of an identifier counts half.
class Lexicon {
 public:
  void add(std::string_view phrase, int group, double weight);
  std::vector<LexiconHit> hits(const std::vector<TaskWord>& words) const;

 private:
  struct Entry {
    std::vector<std::string> stems;
    int group;
    double weight;
    std::string phrase;
  };
  const Entry* longest_at(const std::vector<TaskWord>& words, std::size_t at) const;
  std::map<std::string, std::vector<Entry>, std::less<>> by_first_;  // longest first
};

}  // namespace baton
