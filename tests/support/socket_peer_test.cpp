// Who is at the other end: processes that really connect, by a path, by a port, and by a port from an IPv6 socket.
#include "support/socket_peer.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/descriptor.h"

namespace baton {
namespace {

// A process that connects to a port of this machine and waits to be killed.
pid_t client_of(std::uint16_t port, bool mapped) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  int done = -1;
  if (mapped) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = port;
    ::inet_pton(AF_INET6, "::ffff:127.0.0.1", &address.sin6_addr);
    done = ::connect(::socket(AF_INET6, SOCK_STREAM, 0), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  } else {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = port;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    done = ::connect(::socket(AF_INET, SOCK_STREAM, 0), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  if (done != 0) ::_exit(1);
  ::pause();
  ::_exit(0);
}

class SocketPeerByPort : public testing::TestWithParam<bool> {};

TEST_P(SocketPeerByPort, IsTheProcessThatConnected) {
  const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  if (GetParam() && !Descriptor(::socket(AF_INET6, SOCK_STREAM, 0)).ok()) GTEST_SKIP() << "this machine has no IPv6";
  const pid_t client = client_of(address.sin_port, GetParam());
  const Descriptor accepted(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const auto peer = socket_peer(accepted.get());
  ::kill(client, SIGKILL);
  ::waitpid(client, nullptr, 0);
  ASSERT_TRUE(peer.has_value());
  EXPECT_EQ(peer->user, ::geteuid());
  EXPECT_EQ(peer->process, client);
}

INSTANTIATE_TEST_SUITE_P(Families, SocketPeerByPort, testing::Values(false, true));

TEST(SocketPeer, OfAPathIsWhatTheKernelSays) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const Descriptor one(ends[0]), other(ends[1]);
  const auto peer = socket_peer(one.get());
  ASSERT_TRUE(peer.has_value());
  EXPECT_EQ(peer->user, ::geteuid());
  EXPECT_EQ(peer->process, ::getpid());
}

TEST(SocketPeer, OfWhatIsNoSocketIsNobody) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const Descriptor one(ends[0]), other(ends[1]);
  EXPECT_FALSE(socket_peer(one.get()).has_value());
}

}  // namespace
}  // namespace baton
