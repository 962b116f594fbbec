// What lenses say, as values: from a file's outline, the last report and its marks. Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lsp/board.h"
#include "lsp/lines.h"
#include "orchestrator/file_outline.h"

namespace baton {

// The tests of a report by what a file and its functions find them by. Made once a verdict, on a worker; points into the report.
class TestIndex {
 public:
  explicit TestIndex(const VerifyReport& report);
  // Of the tests of this file, and of those that name no file but have its path for the beginning of their name.
  std::map<TestStatus, std::size_t> counts(const std::string& path) const;
  // What the report says of a test of this file; null: nothing worth a word. What blocks before what does not, then the first.
  // `same_lines`: the file's lines are the report's.
  const TestVerdict* find(const OutlinedFunction& function, const std::string& path, bool same_lines) const;

 private:
  struct File {
    std::map<TestStatus, std::size_t> counts;
    std::unordered_multimap<std::string_view, const TestVerdict*> by_name;    // the last part of their id
    std::unordered_multimap<std::string_view, const TestVerdict*> by_symbol;
    std::multimap<int, const TestVerdict*> by_line;
  };
  std::unordered_map<std::string_view, File> files_;  // by path; empty: told by name alone
  std::vector<const TestVerdict*> by_id_;             // those told by name alone, sorted
};

struct LensView {
  const FileOutline& outline;
  const VerifyReport* report;            // the last one; null: none
  const TestIndex* tests;                // its own
  std::vector<Board::Place> places;      // its marks in this file
  std::string path;                      // relative to the root
  bool judged;                           // the text is the one that the report is about
  EditorLines lines = {};                // of the outlined text
  std::optional<std::vector<std::string>> part = {};  // the gates that the report ran, where it is not about all
};

struct Lens {
  int line = 1;          // 1-based, of the outlined text as the protocol counts it
  int end_line = 1;      // of what it is about
  std::string title;
  std::string verification;  // its evidence is opened; empty: a quick verification is begun
  Mark mark = {};            // which is opened there; empty: the whole
};
std::vector<Lens> lenses_of(const LensView& view);

}  // namespace baton
