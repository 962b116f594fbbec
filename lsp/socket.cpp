#include "lsp/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "support/os_error.h"

namespace baton {
namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  int release() { return std::exchange(fd, -1); }
};

int new_socket(int family) { return ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0); }

// While they are held back nobody is ended with a socket left behind.
class EndSignals {
 public:
  EndSignals() {
    ::sigemptyset(&signals_);
    for (const int one : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&signals_, one);
    ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    came_.fd = ::signalfd(-1, &signals_, SFD_CLOEXEC);
  }
  ~EndSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  EndSignals(const EndSignals&) = delete;

  // False when a signal came before somebody did; it is taken then.
  bool wait(int listener) {
    for (;;) {
      pollfd waits[] = {{listener, POLLIN, 0}, {came_.fd, POLLIN, 0}};
      if (::poll(waits, 2, -1) < 0 && errno == EINTR) continue;
      signalfd_siginfo signal;
      return !(waits[1].revents & POLLIN) || ::read(came_.fd, &signal, sizeof signal) <= 0;
    }
  }

 private:
  sigset_t signals_, before_;
  Descriptor came_{-1};
};

// One client; who listens goes away with its arrival.
Result<int> accept_one(int listener, const std::string& where, EndSignals& ends) {
  if (!ends.wait(listener)) return Error{ErrorKind::cancelled, "Ended before an editor came to " + where + "."};
  int client = -1;
  do client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  while (client < 0 && errno == EINTR);
  if (client < 0) return os_error("accept a client on", where, errno);
  return client;
}

}  // namespace

Result<int> open_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Error{ErrorKind::usage, "The socket's path is longer than 107 bytes: give a shorter one."};
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  Descriptor client{new_socket(AF_UNIX)};
  if (client.fd < 0) return os_error("make a socket for", path, errno);
  if (::connect(client.fd, where, sizeof address) == 0) return client.release();
  if (errno != ENOENT && errno != ECONNREFUSED) return os_error("connect to", path, errno);
  struct stat status {};
  const bool there = ::lstat(path.c_str(), &status) == 0;
  if (there && !S_ISSOCK(status.st_mode)) {
    return Error{ErrorKind::usage, path + " is in the way and is no socket: give another path."};
  }
  if (there) ::unlink(path.c_str());  // nobody listens on it any more
  EndSignals ends;
  Descriptor listener{new_socket(AF_UNIX)};
  const mode_t mask = ::umask(0177);
  const int bound = ::bind(listener.fd, where, sizeof address);
  const int error = errno;
  ::umask(mask);
  if (bound != 0) return os_error("listen on", path, error);
  if (::listen(listener.fd, 1) != 0) return os_error("listen on", path, errno);
  auto accepted = accept_one(listener.fd, path, ends);
  ::unlink(path.c_str());
  return accepted;
}

Result<int> open_port(int port) {
  const std::string name = "port " + std::to_string(port);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  const int yes = 1;
  Descriptor client{new_socket(AF_INET)};
  if (client.fd < 0) return os_error("make a socket for", name, errno);
  if (::connect(client.fd, where, sizeof address) == 0) {
    ::setsockopt(client.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return client.release();
  }
  EndSignals ends;
  Descriptor listener{new_socket(AF_INET)};
  ::setsockopt(listener.fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(listener.fd, where, sizeof address) != 0 || ::listen(listener.fd, 1) != 0) return os_error("listen on", name, errno);
  auto accepted = accept_one(listener.fd, name, ends);
  if (accepted) ::setsockopt(*accepted, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return accepted;
}

}  // namespace baton
