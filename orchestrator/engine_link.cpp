#include "orchestrator/engine_link.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "support/json.h"
#include "support/log.h"
#include "support/os_error.h"

namespace baton {
namespace {

constexpr int kBacklog = 64;

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Error{ErrorKind::precondition, "The engine's socket " + path +
                                              " would have a path of more than 107 bytes: set XDG_RUNTIME_DIR to a shorter one."};
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

const sockaddr* generic(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

}  // namespace

EngineLink::EngineLink(int socket) : socket_(socket) {
  const timeval limit{kSendTimeout.count(), 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

EngineLink::~EngineLink() { ::close(socket_); }

bool EngineLink::send(const nlohmann::json& message) {
  const std::string bytes = frame(dump_json(message));
  const std::lock_guard guard(sending_);
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t sent = ::send(socket_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) {
      shut();  // half a frame is worse than none
      return false;
    }
    at += static_cast<std::size_t>(sent);
  }
  return true;
}

std::optional<nlohmann::json> EngineLink::receive() {
  char chunk[64 << 10];
  while (true) {
    while (auto event = framing_.next()) {
      const auto* message = std::get_if<FramedMessage>(&*event);
      auto json = message ? parse_json(message->body) : Result<nlohmann::json>(Error{ErrorKind::io, "no frame"});
      if (json && json->is_object()) return std::move(*json);
      log(LogLevel::warning, "a message between engine and session that cannot be read was skipped");
    }
    const ssize_t got = ::recv(socket_, chunk, sizeof chunk, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    framing_.feed({chunk, static_cast<std::size_t>(got)});
  }
}

void EngineLink::shut() { ::shutdown(socket_, SHUT_RDWR); }

bool EngineLink::peer_is_ours() const {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket_, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}

int EngineLink::peer_process() const {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket_, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

Result<int> connect_engine(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return address.error();
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return os_error("make a socket for", path, errno);
  if (::connect(fd, generic(*address), sizeof *address) == 0) return fd;
  const int why = errno;
  ::close(fd);
  return os_error("connect to", path, why);
}

Result<int> listen_engine(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return address.error();
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) {
    if (!S_ISSOCK(status.st_mode)) {
      return Error{ErrorKind::precondition, path + " is in the way of the engine's socket and is none: remove it."};
    }
    ::unlink(path.c_str());  // of an engine that is gone: we hold its lock
  }
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return os_error("make a socket for", path, errno);
  const mode_t mask = ::umask(0177);
  const bool listening = ::bind(fd, generic(*address), sizeof *address) == 0 && ::listen(fd, kBacklog) == 0;
  const int why = errno;
  ::umask(mask);
  if (listening) return fd;
  ::close(fd);
  return os_error("listen on", path, why);
}

}  // namespace baton
