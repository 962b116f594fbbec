#include "support/socket_peer.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>

#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxTable = 64u << 20;

// As the table writes it: the address as one number of the machine, the port as people do.
std::string table_form(const sockaddr_in& address) {
  char text[16];
  std::snprintf(text, sizeof text, "%08X:%04X", address.sin_addr.s_addr, ntohs(address.sin_port));
  return text;
}

struct Row {
  uid_t user = 0;
  std::string inode;
};

// The row of the peer's own end. An address of IPv4 in the table of IPv6 ends as it would in its own.
std::optional<Row> row_of(const char* table, const std::string& peer, const std::string& us) {
  const auto text = read_file(table, kMaxTable);
  if (!text) return std::nullopt;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string number, local, remote, state, queues, timer, retransmits, timeout;
    Row row;
    fields >> number >> local >> remote >> state >> queues >> timer >> retransmits >> row.user >> timeout >> row.inode;
    if (fields && local.ends_with(peer) && remote.ends_with(us)) return row;
  }
  return std::nullopt;
}

pid_t holder_of(const std::string& inode) {
  const std::string wanted = "socket:[" + inode + "]";
  std::error_code error;
  for (fs::directory_iterator process("/proc", error), end; !error && process != end; process.increment(error)) {
    const pid_t id = std::atoi(process->path().filename().c_str());
    if (id <= 0) continue;
    std::error_code hidden;
    for (fs::directory_iterator fd(process->path() / "fd", hidden), last; !hidden && fd != last; fd.increment(hidden)) {
      std::error_code gone;
      if (fs::read_symlink(fd->path(), gone) == wanted) return id;
    }
  }
  return 0;
}

std::optional<SocketPeer> tcp_peer(int socket) {
  sockaddr_in us{}, peer{};
  socklen_t size = sizeof us;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&us), &size) != 0 || us.sin_family != AF_INET)
    return std::nullopt;
  size = sizeof peer;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return std::nullopt;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    if (const auto row = row_of(table, table_form(peer), table_form(us)))
      return SocketPeer{row->user, holder_of(row->inode)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<SocketPeer> socket_peer(int socket) {
  sockaddr_storage any{};
  socklen_t size = sizeof any;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&any), &size) != 0) return std::nullopt;
  if (any.ss_family != AF_UNIX) return tcp_peer(socket);
  ucred peer{};
  size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return SocketPeer{peer.uid, peer.pid};
}

}  // namespace baton
