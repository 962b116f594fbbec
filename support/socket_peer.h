// Who is at the other end of a connected socket of this machine: AF_UNIX as the kernel says, TCP on loopback by the
// kernel's table of connections (proc(5), /proc/net/tcp). Any thread.
#pragma once

#include <sys/types.h>

#include <optional>

namespace baton {

struct SocketPeer {
  uid_t user = 0;
  pid_t process = 0;  // 0: not to be found, as another user's are not
};

// None when it cannot be told: the peer is gone, is on another machine, or the system has no such table.
std::optional<SocketPeer> socket_peer(int socket);

}  // namespace baton
