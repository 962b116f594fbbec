#include "cli/interrupt.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>

#include "cli/print.h"

namespace baton {
namespace {

constexpr std::chrono::milliseconds kGrace{900};

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

Interrupt::Interrupt() {
  const sigset_t set = watched_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC);
  finished_ = ::eventfd(0, EFD_CLOEXEC);
  watcher_ = std::thread([this] { watch(); });
}

Interrupt::~Interrupt() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(finished_, &one, sizeof one);
  watcher_.join();
  ::close(signals_);
  ::close(finished_);
}

void Interrupt::watch() {
  pollfd fds[] = {{signals_, POLLIN, 0}, {finished_, POLLIN, 0}};
  int timeout = -1;
  for (;;) {
    const int ready = ::poll(fds, 2, timeout);
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0 || (fds[1].revents & POLLIN)) return;
    const bool again = raised();
    if (ready == 0 || again) ::_exit(kExitCancelled);
    signalfd_siginfo info{};
    if (::read(signals_, &info, sizeof info) != sizeof info) return;
    source_.request_stop();
    timeout = static_cast<int>(kGrace.count());
  }
}

}  // namespace baton
