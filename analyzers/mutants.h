// Mutants: small changes of a text that a test of it should notice, read out of its syntax. Operators are data, one row a pair.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/syntax.h"

namespace baton {

struct Mutant {
  int line = 0, column = 0;  // 1-based; column in UTF-16 units
  std::size_t begin = 0, end = 0;  // bytes of the text
  std::string original, replacement;
};

// Those on the given lines, in source order. Empty for a language without operators here (C, C++, Python, JavaScript, TypeScript,
// Go, Rust and Java have them).
std::vector<Mutant> mutants_of(std::string_view text, Language language, const std::set<int>& lines);

std::string mutated(const Mutant& mutant, std::string_view text);

}  // namespace baton
