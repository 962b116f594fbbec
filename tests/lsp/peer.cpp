#include "tests/lsp/peer.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "lsp/serve.h"
#include "tests/lsp/fake_engine.h"

namespace baton {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kPatience{20};  // a busy machine is no failure

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::max<long long>(left, 0));
}

}  // namespace

Peer::Peer() : Peer([](int in, int out) { return run_session(in, out, fake_engines(), current_environment()); }) {}

Peer::Peer(int socket, pid_t pid) : pid_(pid), in_(socket), out_(::dup(socket)) {
  ::fcntl(socket, F_SETFL, O_NONBLOCK);
}

Peer::Peer(const std::function<int(int in, int out)>& child) {
  int to[2], from[2];
  if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0) std::abort();
  pid_ = ::fork();
  if (pid_ == 0) {
    ::close(to[1]);
    ::close(from[0]);
    ::_exit(child(to[0], from[1]));
  }
  ::close(to[0]);
  ::close(from[1]);
  in_ = to[1];
  out_ = from[0];
  for (const int fd : {in_, out_}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
}

Peer::~Peer() {
  close_input();
  if (out_ >= 0) ::close(out_);
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

bool Peer::pump(int timeout_ms) {
  pollfd fds[] = {{out_, POLLIN, 0}, {unsent_.empty() ? -1 : in_, POLLOUT, 0}};
  if (::poll(fds, 2, timeout_ms) <= 0) return false;
  if (fds[1].revents != 0) {
    const ssize_t written = ::write(in_, unsent_.data(), unsent_.size());
    if (written > 0) unsent_.erase(0, static_cast<std::size_t>(written));
    else unsent_.clear();
  }
  if (fds[0].revents != 0) {
    char block[1 << 16];
    const ssize_t got = ::read(out_, block, sizeof block);
    if (got > 0) framing_.feed({block, static_cast<std::size_t>(got)});
    else ended_ = true;
  }
  return true;
}

bool Peer::write(std::string_view bytes) {
  unsent_ += bytes;
  const auto deadline = Clock::now() + kPatience;
  while (!unsent_.empty() && !ended_ && Clock::now() < deadline) pump(milliseconds_until(deadline));
  return unsent_.empty();
}

std::optional<nlohmann::json> Peer::next() {
  const auto deadline = Clock::now() + kPatience;
  for (;;) {
    if (auto event = framing_.next()) {
      if (auto* message = std::get_if<FramedMessage>(&*event)) return nlohmann::json::parse(message->body);
      return nlohmann::json{{"noise on stdout", std::get<FramedError>(*event).detail}};
    }
    if (ended_ || Clock::now() >= deadline) return std::nullopt;
    pump(milliseconds_until(deadline));
  }
}

void Peer::close_input() {
  if (in_ >= 0) ::close(in_);
  in_ = -1;
}

void Peer::close_output() {
  ::close(out_);
  out_ = -1;
}

void Peer::signal(int number) { ::kill(pid_, number); }

std::optional<int> Peer::wait_for_exit(std::chrono::milliseconds limit) {
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  const auto deadline = Clock::now() + limit;
  pollfd waiting{fd, POLLIN, 0};
  while (::poll(&waiting, 1, 0) == 0 && Clock::now() < deadline) {
    pollfd fds[] = {{fd, POLLIN, 0}, {ended_ ? -1 : out_, POLLIN, 0}};
    if (::poll(fds, 2, milliseconds_until(deadline)) > 0 && fds[1].revents != 0) pump(0);
  }
  const bool gone = ::poll(&waiting, 1, 0) > 0;
  ::close(fd);
  if (!gone) return std::nullopt;
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace baton
