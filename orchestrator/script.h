// The text of a script of package.json, as far as it is simple: commands joined by `&&`, words, quotes, assignments in front.
// Whatever needs more of a shell is left to a shell. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.h"

namespace baton {

struct ShellWord {
  std::string text;    // without its quotes
  std::string raw;     // as written
  bool expands = false;  // has a pattern, brace or `~` outside quotes, which only a shell can expand
};

struct SimpleCommand {
  Environment env;                    // assignments in front of it
  std::vector<ShellWord> words;
  std::vector<std::string> piped_to;  // programs that its output is piped through, in order
};

// Absent when the text has `||`, `;`, `&`, redirections, variables or substitutions, or does not parse.
std::optional<std::vector<SimpleCommand>> split_script(std::string_view text);

ShellWord plain_word(std::string text);
std::string shell_quoted(std::string_view text);  // one word for `sh`, quoted only where it must be
// argv that runs the command: its words, or `sh -c` where one of them expands. Assignments are not in it.
std::vector<std::string> argv_of(const std::vector<ShellWord>& words);

}  // namespace baton
