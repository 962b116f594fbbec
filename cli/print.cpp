#include "cli/print.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "orchestrator/terminal_text.h"

namespace baton {

int complain(const Error& error) {
  std::fprintf(stderr, "baton: %s\n", printable_text(error.message).c_str());
  switch (error.kind) {
    case ErrorKind::usage:
    case ErrorKind::precondition: return kExitUsage;
    case ErrorKind::trust: return kExitWaits;
    case ErrorKind::cancelled: return kExitCancelled;
    case ErrorKind::missing_tool:
    case ErrorKind::io:
    case ErrorKind::internal: return kExitNotAchieved;
  }
  return kExitNotAchieved;
}

void write_result(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

bool is_terminal(int fd) { return ::isatty(fd) == 1; }

bool wants_colour(int fd) {
  const char* no_colour = std::getenv("NO_COLOR");
  if (no_colour && *no_colour) return false;
  const char* term = std::getenv("TERM");
  return is_terminal(fd) && term && std::string_view(term) != "dumb";
}

int terminal_width(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) return size.ws_col;
  return 100;
}

}  // namespace baton
