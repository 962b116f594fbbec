#include "support/relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cerrno>
#include <cstring>
#include <thread>

#include "support/crew.h"

namespace baton {
namespace {

constexpr int kLookAround = 100;  // milliseconds between looks at `stop`
constexpr int kMaxConnections = 256;
constexpr int kMostTries = 2000;  // of 5 ms

bool write_all(int output, const char* bytes, std::size_t count) {
  while (count > 0) {
    ssize_t wrote = ::send(output, bytes, count, MSG_NOSIGNAL);  // the other end may be gone
    if (wrote < 0 && errno == ENOTSOCK) wrote = ::write(output, bytes, count);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    bytes += wrote;
    count -= static_cast<std::size_t>(wrote);
  }
  return true;
}

int connected_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return -1;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  // A path socket whose queue is full refuses at once, where TCP would wait.
  for (int tries = 0; tries < kMostTries; ++tries) {
    if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return socket;
    if (errno != EAGAIN && errno != EINTR) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ::close(socket);
  return -1;
}

}  // namespace

void relay(int input, int output, int peer, std::stop_token stop) {
  char bytes[1 << 16];
  while (!stop.stop_requested()) {
    pollfd both[2] = {{input, POLLIN, 0}, {peer, POLLIN, 0}};
    const int ready = ::poll(both, 2, kLookAround);
    if (ready < 0 && errno != EINTR) return;
    if (ready <= 0) continue;
    for (const auto& [from, to] : {std::pair(both[0], peer), std::pair(both[1], output)}) {
      if (from.revents == 0) continue;
      const ssize_t got = ::read(from.fd, bytes, sizeof bytes);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0 || !write_all(to, bytes, static_cast<std::size_t>(got))) return;
    }
  }
}

Status forward_port(int port, const std::string& socket_path, const std::function<void(int port)>& ready, std::stop_token stop) {
  const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const int yes = 1;
  ::setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  socklen_t size = sizeof address;
  if (listening < 0 || ::bind(listening, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listening, SOMAXCONN) != 0 ||
      ::getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    const std::string why = std::strerror(errno);
    if (listening >= 0) ::close(listening);
    return Error{ErrorKind::io, "Port " + std::to_string(port) + " of this machine cannot be used: " + why + "."};
  }
  ready(ntohs(address.sin_port));
  Crew connections;
  while (!stop.stop_requested()) {
    pollfd wait{listening, POLLIN, 0};
    if (::poll(&wait, 1, kLookAround) <= 0) continue;
    const int client = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    const bool served = connections.start(kMaxConnections, [client, &socket_path](std::stop_token ending) {
      if (const int peer = connected_to(socket_path); peer >= 0) {
        relay(client, client, peer, ending);
        ::close(peer);
      }
      ::close(client);
    });
    if (!served) ::close(client);
  }
  ::close(listening);
  return done();
}

}  // namespace baton
