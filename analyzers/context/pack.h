// The pieces of ranked files that an agent gets, under a budget of tokens: the likeliest first, each with the signatures that it
// stands in. Pure, any thread.
#pragma once

#include <string_view>
#include <vector>

#include "analyzers/context/chunks.h"
#include "analyzers/context/task_query.h"

namespace baton {

struct PackFile {
  double share = 0;  // how likely the file is
  std::string_view text;
  std::vector<Chunk> chunks;
};

struct PackedPiece {
  std::size_t file = 0;
  std::vector<LineRange> lines;  // in order, apart
  std::size_t tokens = 0;        // of those lines that no piece before had
};

struct PackChoice {
  double gamma = 1.5;      // more: fewer pieces of more files
  double floor = 0.05;     // what a piece without a word of the task is worth against the best
  double cost_power = 0.6;
  double name_bonus = 1;   // of a word that names a definition of the piece
};

// An entry costs its bytes / 4, rounded up, and kEntryTokens for its heading.
inline constexpr std::size_t kEntryTokens = 8;
std::size_t tokens_of(std::size_t bytes);

// In the order of their worth, so that every prefix is a slice of a smaller budget. Never more than `budget` tokens together.
std::vector<PackedPiece> pack(const TaskQuery& query, const std::vector<PackFile>& files, std::size_t budget, TermTable& table, const PackChoice& choice = {});

}  // namespace baton
