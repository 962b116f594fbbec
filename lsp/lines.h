// Where lines begin. To the protocol a line ends with \n, \r\n or a \r alone; to git, to parsers and to most tools with \n. Nothing else
// in lsp/ decides it. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

namespace baton {

// The protocol's: the first end of a line at or after `from`, npos where there is none, and what comes after the end at `end`.
std::size_t find_line_end(std::string_view text, std::size_t from);
std::size_t after_line_end(std::string_view text, std::size_t end);

// From a tool's lines of a text to the protocol's, both from 1. The same for nearly every text.
class EditorLines {
 public:
  EditorLines() = default;
  explicit EditorLines(std::string_view text);

  int first(int line) const;                               // of those that a tool's line is
  int last(int line) const { return first(line + 1) - 1; }

 private:
  struct Counted {
    int line, returns;  // a tool's line that holds some \r alone; how many there are up to its end
  };
  std::vector<Counted> counted_;
};

}  // namespace baton
