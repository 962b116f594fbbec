// What a line of shell runs, as far as that can be told without running it: the commands in it, and the files that each reads from and
// writes to. What could hide another command (substitutions, here-documents, a variable as program) is not told. Pure; any thread.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

struct ShellCommand {
  enum class Then { next, and_then, or_else, pipe };
  std::vector<std::string> words;          // without quotes and assignments
  std::vector<std::string> read, written;  // targets of `<`; of `>` and `>>`
  std::set<std::string> expanded;          // those of all these that the shell puts others in the place of: variables, `~`, braces, patterns
  Then then = Then::next;                  // how the following one hangs on it
};

// In order. Absent where it cannot be told.
std::optional<std::vector<ShellCommand>> shell_commands(std::string_view line);

// Whether this variable says what programs load, run, or take for the user's own settings.
bool steers_programs(std::string_view variable);

}  // namespace baton
