#include "lsp/serve.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <limits>

#include "lsp/channel.h"
#include "lsp/session.h"
#include "lsp/socket.h"
#include "support/log.h"
#include "support/socket_peer.h"

namespace baton {
namespace {

using namespace std::chrono_literals;

constexpr auto kFlush = 300ms;    // for the last answers to a client that reads slowly
constexpr auto kFinish = 1200ms;  // for work to end after it was asked to

// Calls `died` when a process ends; at once when there is none.
void watch_process(Loop& loop, std::int64_t pid, std::function<void()> died) {
  if (pid <= 0 || pid > std::numeric_limits<pid_t>::max())
    return log(LogLevel::warning, "not the id of a process: " + std::to_string(pid));
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0));
  if (fd >= 0) return loop.when_readable(fd, std::move(died));
  if (errno == ESRCH) return loop.post(std::move(died));
  log(LogLevel::warning, "cannot watch the editor's process; its end of the pipe is watched only");
}

// Who is at the other end of a socket is no ancestor of ours, so that the engine cannot find an agent there.
Result<Caller> caller_at(int socket) {
  const auto peer = socket_peer(socket);
  const auto us = ::geteuid();
  if (peer && peer->user != us && peer->user != 0) {
    ::close(socket);
    return Error{ErrorKind::precondition,
                 "Who connected is another user of this machine: a session serves its own user. Use --socket, which "
                 "only you can connect to."};
  }
  Caller caller = editor_caller();
  caller.agent = peer && peer->process > 0 ? agent_above(peer->process).value_or("") : "";
  caller.human = peer && peer->user == us && peer->process > 0 && caller.agent.empty();
  return caller;
}

}  // namespace

int run_session(int in, int out, OpenEngine open_engine, Environment env, Caller caller, int editor) {
  std::signal(SIGPIPE, SIG_IGN);
  Loop loop;
  int code = 1;
  std::unique_ptr<Session> session;
  Channel::Events events;
  events.message = [&](Message message) { session->receive(std::move(message)); };
  events.bad_frame = [&](std::string why) { session->bad_frame(std::move(why)); };
  events.closed = [&] { session->input_ended(); };
  Channel channel(loop, in, out, std::move(events));

  SessionHost host;
  host.send = [&](std::string text, std::string key) { channel.send(std::move(text), std::move(key)); };
  host.watch = [&](std::int64_t pid) { watch_process(loop, pid, [&] { session->stop(); }); };
  host.end = [&](int result) {
    code = result;
    channel.when_sent([&] { loop.stop(); });
    loop.after(kFlush, [&] { loop.stop(); });
  };
  session = std::make_unique<Session>(loop, std::move(host), std::move(open_engine), std::move(env), std::move(caller));
  if (editor != 0) watch_process(loop, editor, [&] { session->stop(); });
  loop.on_signals({SIGTERM, SIGINT, SIGHUP}, [&] { session->stop(); });
  channel.start();
  loop.run();
  if (!session->finish(std::chrono::steady_clock::now() + kFinish)) ::_exit(code);
  return code;
}

Result<int> serve(const ServeAddress& address, OpenEngine open_engine) {
  int in = STDIN_FILENO, out = -1;
  Caller caller = editor_caller();
  if (address.socket.empty() && address.port == 0) {
    // Frames go out on a descriptor of their own, so that a stray print cannot corrupt them.
    out = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (out < 0 || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
      return Error{ErrorKind::io, "Cannot use standard output: start `baton lsp` from an editor."};
    }
  } else {
    const auto socket = address.socket.empty() ? open_port(address.port) : open_socket(address.socket);
    if (!socket) return socket.error();
    in = out = *socket;
    auto peer = caller_at(*socket);
    if (!peer) return peer.error();
    caller = std::move(*peer);
  }
  return run_session(in, out, std::move(open_engine), current_environment(), std::move(caller), address.editor);
}

}  // namespace baton
