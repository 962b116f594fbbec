// What a line of shell runs, as far as that can be told without running it: the commands in it and the files that it writes to. What
// could hide another command (substitutions, here-documents, a variable as program) is not told. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

struct ShellCommands {
  std::vector<std::vector<std::string>> commands;  // words without quotes and assignments; in order
  std::vector<std::string> written;                // targets of `>` and `>>`
};

// Absent where it cannot be told.
std::optional<ShellCommands> shell_commands(std::string_view line);

}  // namespace baton
