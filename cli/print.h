// What the command line writes, and to whom. Main thread.
#pragma once

#include <string_view>

#include "support/result.h"

namespace baton {

inline constexpr int kExitDone = 0;
inline constexpr int kExitNotAchieved = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitWaits = 3;
inline constexpr int kExitCancelled = 4;

// The error's sentence on stderr; gives the exit code that says the same.
int complain(const Error& error);
// All of it on stdout; a reader that went away is not an error.
void write_result(std::string_view text);

bool is_terminal(int fd);
bool wants_colour(int fd);      // a terminal, TERM not dumb, NO_COLOR not set
int terminal_width(int fd);     // columns; 100 where it cannot be told

}  // namespace baton
