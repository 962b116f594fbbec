// What lenses say, as values: from a file's outline, the last report and its marks. Pure; io thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lsp/board.h"
#include "orchestrator/file_outline.h"

namespace baton {

struct LensView {
  const FileOutline& outline;
  const VerifyReport* report;            // the last one; null: none
  std::vector<Board::Place> places;      // its marks in this file
  std::string path;                      // relative to the root
  bool judged;                           // the text is the one that the report is about
  std::optional<std::vector<std::string>> part = {};  // the gates that the report ran, where it is not about all
};

struct Lens {
  int line = 1;          // 1-based, of the outlined text
  int end_line = 1;      // of what it is about
  std::string title;
  std::string verification;  // its evidence is opened; empty: a quick verification is begun
  std::string gate, test;
};
std::vector<Lens> lenses_of(const LensView& view);

}  // namespace baton
