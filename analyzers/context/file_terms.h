// What the index holds of one file's text: how often it has each term, what it defines, and how long it is. Made once per content.
// Pure, any thread with a table of its own.
#pragma once

#include <vector>

#include "analyzers/context/term_table.h"

namespace baton {

struct TermCount {
  Term term = 0;
  std::uint32_t count = 0;
  bool operator==(const TermCount&) const = default;
};

struct FileTerms {
  bool usable = false;            // text written by people: not binary, not huge, not generated
  std::uint32_t bytes = 0, lines = 0;
  std::uint32_t length = 0;       // of all terms together
  std::vector<TermCount> terms;   // by term
  std::uint32_t defined_length = 0;
  std::vector<TermCount> defined; // terms of the names that it defines, by term
  bool operator==(const FileTerms&) const = default;
};

inline constexpr std::size_t kMaxSource = 1u << 20;  // larger files are data

FileTerms file_terms(std::string_view text, TermTable& table);

// Of words that are no file: a message, a path.
std::vector<TermCount> terms_of(std::string_view text, TermTable& table);

// 0 where it has none.
std::uint32_t count_of(const std::vector<TermCount>& terms, Term term);

}  // namespace baton
