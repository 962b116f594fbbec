#include "lsp/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
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

// One client; who listens goes away with its arrival.
Result<int> accept_one(int listener, const std::string& where) {
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
  Descriptor listener{new_socket(AF_UNIX)};
  const mode_t mask = ::umask(0177);
  const int bound = ::bind(listener.fd, where, sizeof address);
  const int error = errno;
  ::umask(mask);
  if (bound != 0) return os_error("listen on", path, error);
  if (::listen(listener.fd, 1) != 0) return os_error("listen on", path, errno);
  auto accepted = accept_one(listener.fd, path);
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
  Descriptor listener{new_socket(AF_INET)};
  ::setsockopt(listener.fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(listener.fd, where, sizeof address) != 0 || ::listen(listener.fd, 1) != 0) return os_error("listen on", name, errno);
  auto accepted = accept_one(listener.fd, name);
  if (accepted) ::setsockopt(*accepted, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return accepted;
}

}  // namespace baton
