// The ways in: standard input and output that stay pure, a socket where the editor listens, a socket where we do.
#include "lsp/serve.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "support/files.h"
#include "tests/lsp/peer.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kInitialize =
    R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}})";
constexpr const char* kShutdown = R"({"jsonrpc":"2.0","id":2,"method":"shutdown"})";
constexpr const char* kExit = R"({"jsonrpc":"2.0","method":"exit"})";

void live_and_leave(Peer& peer) {
  ASSERT_TRUE(peer.write(frame(kShutdown)));
  const auto answer = peer.next();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ((*answer)["id"], 2) << *answer;
  ASSERT_TRUE(peer.write(frame(kExit)));
  EXPECT_EQ(peer.wait_for_exit(std::chrono::seconds(2)), 0);
}

void greet(Peer& peer) {
  ASSERT_TRUE(peer.write(frame(kInitialize)));
  const auto answer = peer.next();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ((*answer)["result"]["serverInfo"]["name"], "baton") << *answer;
}

void print_stray(int) {
  constexpr std::string_view kStray = "a library prints\n";
  [[maybe_unused]] const ssize_t written = ::write(STDOUT_FILENO, kStray.data(), kStray.size());
}

TEST(Serve, AStrayPrintDoesNotReachTheClient) {
  Peer peer([](int in, int out) {
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    std::signal(SIGUSR1, print_stray);
    const auto code = serve({}, Engine::open);
    return code ? *code : 99;
  });
  greet(peer);
  peer.signal(SIGUSR1);
  live_and_leave(peer);
}

sockaddr_un address_of(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  return address;
}

pid_t serve_on(const ServeAddress& address) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    const auto code = serve(address, Engine::open);
    ::_exit(code ? *code : 99);
  }
  return pid;
}

TEST(Serve, ConnectsToTheSocketOfAnEditor) {
  const auto folder = TemporaryFolder::make(fs::temp_directory_path(), "baton-lsp-");
  ASSERT_TRUE(folder.ok());
  const fs::path path = folder->path() / "s";
  const sockaddr_un address = address_of(path);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  const pid_t pid = serve_on({path.string(), 0});
  Peer peer(::accept(listener, nullptr, nullptr), pid);
  ::close(listener);
  greet(peer);
  live_and_leave(peer);
}

// Tries until somebody listens.
int connect_to(int family, const sockaddr* address, socklen_t size) {
  for (int tries = 0; tries < 2000; ++tries) {
    const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(fd, address, size) == 0) return fd;
    ::close(fd);
    ::poll(nullptr, 0, 5);
  }
  return -1;
}

TEST(Serve, ListensOnASocketWhereNobodyDoes) {
  const auto folder = TemporaryFolder::make(fs::temp_directory_path(), "baton-lsp-");
  ASSERT_TRUE(folder.ok());
  const sockaddr_un address = address_of(folder->path() / "s");
  // A socket that was left behind is no obstacle.
  const int stale = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::bind(stale, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(stale);
  const pid_t pid = serve_on({(folder->path() / "s").string(), 0});
  Peer peer(connect_to(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address), pid);
  greet(peer);
  live_and_leave(peer);
  EXPECT_FALSE(fs::exists(folder->path() / "s"));
}

TEST(Serve, LeavesNoSocketWhenItIsEndedBeforeAnybodyComes) {
  const auto folder = TemporaryFolder::make(fs::temp_directory_path(), "baton-lsp-");
  ASSERT_TRUE(folder.ok());
  const fs::path path = folder->path() / "s";
  const pid_t pid = serve_on({path.string()});
  for (int tries = 0; tries < 2000 && !fs::exists(path); ++tries) ::poll(nullptr, 0, 5);
  ASSERT_TRUE(fs::exists(path));
  ::kill(pid, SIGTERM);
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) != 0) << status;
  EXPECT_FALSE(fs::exists(path));
}

TEST(Serve, EndsWithTheProcessThatTheCommandLineNames) {
  const pid_t editor = ::fork();
  if (editor == 0) {
    ::pause();
    ::_exit(0);
  }
  Peer peer([editor](int in, int out) {
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    const auto code = serve({{}, 0, editor}, Engine::open);
    return code ? *code : 99;
  });
  greet(peer);
  ::kill(editor, SIGKILL);
  ::waitpid(editor, nullptr, 0);
  EXPECT_EQ(peer.wait_for_exit(std::chrono::seconds(2)), 1);
}

TEST(Serve, ListensOnAPort) {
  // A port that is free at this moment.
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::bind(probe, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ::close(probe);
  const pid_t pid = serve_on({"", ntohs(address.sin_port)});
  Peer peer(connect_to(AF_INET, reinterpret_cast<sockaddr*>(&address), size), pid);
  greet(peer);
  live_and_leave(peer);
}

TEST(Serve, AFileInTheWayIsLeftAlone) {
  const auto folder = TemporaryFolder::make(fs::temp_directory_path(), "baton-lsp-");
  ASSERT_TRUE(folder.ok());
  const fs::path path = folder->path() / "s";
  ASSERT_TRUE(write_file(path, "mine").ok());
  const auto code = serve({path.string(), 0}, Engine::open);
  ASSERT_FALSE(code.ok());
  EXPECT_EQ(*read_file(path), "mine");
}

}  // namespace
}  // namespace baton
