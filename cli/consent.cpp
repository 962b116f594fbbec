#include "cli/consent.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "cli/print.h"
#include "orchestrator/terminal_text.h"

namespace baton {
namespace {

constexpr int kPollMs = 100;

// One line from the terminal; empty at its end or when interrupted.
std::string read_answer(std::stop_token stop) {
  std::string line;
  while (!stop.stop_requested() && line.size() < 1024) {
    pollfd fd{STDIN_FILENO, POLLIN, 0};
    const int ready = ::poll(&fd, 1, kPollMs);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    char byte = 0;
    if (ready < 0 || ::read(STDIN_FILENO, &byte, 1) != 1) return {};
    if (byte == '\n') return line;
    line += byte;
  }
  return {};
}

}  // namespace

Caller this_caller() {
  Caller caller{"cli:" + std::to_string(::getpid()), false, agent_above(::getppid()).value_or("")};
  caller.human = can_ask() && caller.agent.empty();
  return caller;
}

bool can_ask() { return is_terminal(STDIN_FILENO) && is_terminal(STDERR_FILENO); }

Result<bool> ask_consent(Engine& engine, const VerifyRequest& request, std::stop_token stop) {
  const auto subject = engine.what_would_run(request);
  if (!subject) return subject.error();
  std::fprintf(stderr, "To judge this change, Baton runs these commands of the repository, on copies of it:\n\n");
  for (const std::string& line : subject->command_lines) std::fprintf(stderr, "  %s\n", printable_text(line).c_str());
  std::fprintf(stderr, "\nIt asks again when they change. Run them? [y/N] ");
  std::fflush(stderr);
  const std::string answer = read_answer(stop);
  if (stop.stop_requested()) {
    std::fputc('\n', stderr);
    return Error{ErrorKind::cancelled, "Cancelled; nothing was run."};
  }
  if (answer != "y" && answer != "Y" && answer != "yes") return false;
  const Status given = engine.trust(*subject, this_caller());
  if (!given) return given.error();
  return true;
}

bool ask_yes(const char* question, std::stop_token stop) {
  std::fprintf(stderr, "%s [y/N] ", question);
  std::fflush(stderr);
  const std::string answer = read_answer(stop);
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace baton
