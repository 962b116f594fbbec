#include "orchestrator/resident.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "orchestrator/attached_engine.h"
#include "orchestrator/engine_host.h"
#include "orchestrator/engine_link.h"
#include "orchestrator/state_folder.h"
#include "support/files.h"
#include "support/hash.h"
#include "support/json.h"
#include "support/os_error.h"
#include "support/places.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using nlohmann::json;

constexpr auto kStart = 20s;             // for an engine to listen, or an old one to leave
constexpr auto kPoll = 10ms;
constexpr std::uint64_t kMaxLog = 1u << 20;

struct Seat {
  fs::path common_dir, root, state;
  fs::path lock() const { return state / "engine.lock"; }
  fs::path address() const { return state / "engine.json"; }
  fs::path log() const { return state / "engine.log"; }
};

Result<Seat> seat_of(const fs::path& inside, const Environment& env) {
  const auto repository = open_repository(inside);
  if (!repository) return repository.error();
  return Seat{repository->common_dir, repository->root, state_folder(*repository, cache_home(env))};
}

Result<EngineAddress> read_address(const Seat& seat) {
  auto text = parse_json_file(seat.address());
  if (!text) return text.error();
  return engine_address_from_json(*text);
}

bool connects(const EngineAddress& address) {
  const auto socket = connect_engine(address.socket);
  if (socket) ::close(*socket);
  return socket.ok();
}

// Another build's engine: gone when it was idle; an error when it is busy and does not understand us.
Result<std::optional<EngineAddress>> settle_with(const EngineAddress& other) {
  const Status left = ask_to_leave(other, true);
  if (left || left.error().kind != ErrorKind::precondition) return std::optional<EngineAddress>();
  if (other.protocol == kEngineProtocol) return std::optional<EngineAddress>(other);
  return Error{ErrorKind::precondition, "An engine of Baton " + other.version +
                                            " is at work here and speaks another protocol: wait for it, or run `baton stop`."};
}

void to_null(int fd, int flags) {
  const int null = ::open("/dev/null", flags | O_CLOEXEC);
  if (null >= 0) ::dup2(null, fd), ::close(null);
}

// Nothing of who started us stays: neither terminal nor pipes nor folder.
void detach(const Seat& seat) {
  ::setsid();
  [[maybe_unused]] const int moved = ::chdir("/");
  to_null(STDIN_FILENO, O_RDONLY);
  to_null(STDOUT_FILENO, O_WRONLY);
  std::error_code absent;
  if (fs::file_size(seat.log(), absent) > kMaxLog && !absent) fs::remove(seat.log(), absent);
  const int log = ::open(seat.log().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (log >= 0) ::dup2(log, STDERR_FILENO), ::close(log);
  else to_null(STDERR_FILENO, O_WRONLY);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGHUP, SIG_IGN);
}

EngineHost* the_host = nullptr;

Result<int> open_seat(const Seat& seat, const ResidentOptions& options, EngineAddress& address) {
  const fs::path runtime = runtime_home(options.env);
  if (const Status made = make_private_folder(runtime); !made) return made.error();
  address = {(runtime / ("engine-" + sha256(seat.common_dir.string()).substr(0, 16) + ".sock")).string(), BATON_VERSION,
             engine_build(own_executable()), kEngineProtocol, static_cast<int>(::getpid())};
  const auto listener = listen_engine(address.socket);
  if (!listener) return listener.error();
  if (const Status written = write_file(seat.address(), dump_json_pretty(to_json(address)), 0600); !written) {
    ::close(*listener);
    return written.error();
  }
  return *listener;
}

// The rest of the child's life. `ready` gets one line: the address or the error.
[[noreturn]] void live(const Seat& seat, const ResidentOptions& options, int ready) {
  detach(seat);
  EngineAddress address;
  const auto listener = open_seat(seat, options, address);
  const std::string line = dump_json(listener ? to_json(address) : json{{"error", to_json(listener.error())}}) + "\n";
  [[maybe_unused]] const auto told = ::write(ready, line.data(), line.size());
  ::close(ready);
  if (!listener) std::_Exit(1);
  EngineHost host({seat.common_dir, seat.root, cache_home(options.env) / "missed", options.idle, options.env, address});
  the_host = &host;
  for (const int signal : {SIGTERM, SIGINT}) std::signal(signal, [](int) { the_host->leave(); });
  host.run(*listener);
  ::unlink(seat.address().c_str());  // while the lock is held: the next engine writes its own
  ::unlink(address.socket.c_str());
  std::_Exit(0);                     // threads of calls that did not end in time do not keep us
}

Result<EngineAddress> address_from_line(const std::string& line) {
  auto object = parse_json(line);
  if (!object || !object->is_object()) {
    return Error{ErrorKind::internal, "The engine did not start: its log is engine.log in the repository's baton folder."};
  }
  if (object->contains("error")) return error_from_json((*object)["error"]);
  return engine_address_from_json(*object);
}

std::string read_line(int fd, Clock::time_point deadline) {
  std::string line;
  char byte = 0;
  while (line.empty() || line.back() != '\n') {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd wait{fd, POLLIN, 0};
    if (left <= 0 || (::poll(&wait, 1, static_cast<int>(left)) < 0 && errno != EINTR)) break;
    if (!wait.revents) continue;
    if (::read(fd, &byte, 1) != 1) break;
    line += byte;
  }
  return line;
}

Result<EngineAddress> leave_an_engine(const Seat& seat, const ResidentOptions& options) {
  int ready[2];
  if (::pipe2(ready, O_CLOEXEC) != 0) return os_error("make a pipe for", "the engine", errno);
  const pid_t child = ::fork();
  if (child < 0) return os_error("start", "the engine", errno);
  if (child == 0) {
    ::close(ready[0]);
    live(seat, options, ready[1]);
  }
  ::close(ready[1]);
  const std::string line = read_line(ready[0], Clock::now() + kStart);
  ::close(ready[0]);
  return address_from_line(line);
}

}  // namespace

Result<EngineAddress> reside(const ResidentOptions& options) {
  const auto seat = seat_of(options.inside, options.env);
  if (!seat) return seat.error();
  if (const Status made = make_folder(seat->state); !made) return made.error();
  const auto deadline = Clock::now() + kStart;
  while (true) {
    // The lock is the truth: an address without it is what a killed engine left. The child inherits it.
    auto lock = FileLock::try_acquire(seat->lock());
    if (lock) return leave_an_engine(*seat, options);
    if (lock.error().kind != ErrorKind::precondition) return lock.error();
    if (const auto address = read_address(*seat); address && connects(*address)) {
      if (address->build == engine_build(own_executable())) return *address;
      const auto settled = settle_with(*address);
      if (!settled) return settled.error();
      if (*settled) return **settled;
    }
    if (Clock::now() > deadline) {
      return Error{ErrorKind::precondition, "The engine of this repository does not answer: end the process that holds " +
                                                seat->lock().string() + "."};
    }
    std::this_thread::sleep_for(kPoll);
  }
}

Result<std::optional<EngineAddress>> running_engine(const fs::path& inside, const Environment& env) {
  const auto seat = seat_of(inside, env);
  if (!seat) return seat.error();
  const auto address = read_address(*seat);
  if (!address) return std::optional<EngineAddress>();
  // An address that nobody holds the lock for is what a killed engine left, or what came with an archive.
  if (FileLock::try_acquire(seat->lock())) return std::optional<EngineAddress>();
  if (!connects(*address)) return std::optional<EngineAddress>();
  return std::optional<EngineAddress>(*address);
}

}  // namespace baton
