#include "support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "support/bounded_text.h"
#include "support/descriptor.h"
#include "support/dialogue.h"
#include "support/os_error.h"
#include "support/places.h"
#include "support/shim/report.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kAboveTargets =
    shim::kFirstInputFd + shim::kMaxInputs;  // what a child gets lies above the numbers it gets it at
constexpr std::size_t kReadBlock = 128u << 10;
[[maybe_unused]] constexpr int kPipeCapacity = 256 << 10;  // fewer wake-ups for loud commands; a wish, not a need
constexpr std::uint64_t kMaxDrain = 4u << 20;              // read after the tree is gone: more than any pipe holds
constexpr auto kKillPatience = std::chrono::seconds(5);    // for processes that the kernel does not let die

struct Pipe {
  Descriptor read, write;
};

Result<Descriptor> lifted(int fd) {
  const Descriptor low(fd);
  Descriptor high(::fcntl(fd, F_DUPFD_CLOEXEC, kAboveTargets));
  if (!high.ok()) return os_error("duplicate a descriptor", {}, errno);
  return high;
}

Result<Pipe> make_pipe() {
  int fds[2];
#ifdef __linux__
  const int failed = ::pipe2(fds, O_CLOEXEC);
#else
  const int failed = ::pipe(fds);
#endif
  if (failed) return os_error("make a pipe", {}, errno);
  auto read = lifted(fds[0]);
  auto write = lifted(fds[1]);
  if (!read) return read.error();
  if (!write) return write.error();
  return Pipe{std::move(*read), std::move(*write)};
}

// A readable descriptor that holds `text`: no pipe to fill, so nothing can block and nothing can break.
Result<Descriptor> holding(std::string_view text) {
#ifdef __linux__
  auto made = lifted(::memfd_create("baton-input", MFD_CLOEXEC));
#else
  char name[] = "/tmp/baton-input-XXXXXX";
  const int fd = ::mkstemp(name);
  if (fd >= 0) ::unlink(name);
  auto made = lifted(fd);
#endif
  if (!made) return made;
  while (!text.empty()) {
    const ssize_t wrote = ::write(made->get(), text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return os_error("hold the input of a process", {}, errno);
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  ::lseek(made->get(), 0, SEEK_SET);
  return made;
}

// argv[0] as the child will start it, or why not.
struct Program {
  std::string path;
  int error = 0;
};

Program resolve(const ProcessSpec& spec) {
  const std::string& name = spec.argv[0];
  if (name.find('/') != name.npos) return {name, 0};  // relative to cwd: the child stands there when it starts it
  const std::string path = get(spec.env, "PATH").value_or("");
  if (const auto found = find_program(name, path)) return {found->string(), 0};
  int error = ENOENT;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find(':', at), path.size());
    struct stat info {};
    const std::string candidate = path.substr(at, end - at) + "/" + name;
    if (candidate.starts_with('/') && ::stat(candidate.c_str(), &info) == 0 && S_ISREG(info.st_mode)) error = EACCES;
    at = end + 1;
  }
  return {name, error};
}

int code_for(int error) {
  return error == ENOENT || error == ENOTDIR ? 127 : 126;
}

// The command and folder that a failure speaks of: inside a sandbox those behind `-- baton-shim inside`.
struct Named {
  std::string program, cwd;
};

Named named(const ProcessSpec& spec, const std::string& program, bool inside) {
  const auto dashes = std::find(spec.argv.begin(), spec.argv.end(), "--");
  if (inside && spec.argv.end() - dashes > 4) return {dashes[4], dashes[3]};
  return {program, spec.cwd.string()};
}

std::string cannot_start(const Named& name, shim::Stage stage, int error) {
  const std::string reason = std::generic_category().message(error);
  switch (stage) {
    case shim::Stage::cwd:
      return "Cannot enter " + name.cwd + ": " + reason;
    case shim::Stage::fork:
      return "Cannot make a process for " + name.program + ": " + reason;
    case shim::Stage::limits:
      return "Cannot set the limits of " + name.program + ": " + reason;
    default:
      break;
  }
  std::error_code ignored;
  if (error == ENOENT && name.program.starts_with('/') && fs::exists(name.program, ignored))
    return "Cannot run " + name.program + ": the interpreter that its first line names is missing";
  return "Cannot run " + name.program + ": " + reason;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// The ends of a running shim that are ours.
struct Child {
  pid_t pid = -1;
  Descriptor out, err, control, status;
};

struct Started {
  Child child;
  int spawn_error = 0;
};

Result<Started> spawn_shim(const ProcessSpec& spec, const Dialogue& dialogue, const std::string& program) {
  auto shim = shim_path();
  if (!shim) return shim.error();
  auto out = make_pipe();
  auto err = make_pipe();
  auto control = make_pipe();
  auto status = make_pipe();
  for (const auto* made : {&out, &err, &control, &status})
    if (!made->ok()) return made->error();
  auto in = dialogue.input >= 0        ? lifted(::fcntl(dialogue.input, F_DUPFD_CLOEXEC, 0))
            : spec.stdin_text.empty() ? lifted(::open("/dev/null", O_RDONLY | O_CLOEXEC))
                                      : holding(spec.stdin_text);
  if (!in) return in.error();
  std::vector<Descriptor> inputs;
  for (const std::string& text : spec.inputs) {
    auto held = holding(text);
    if (!held) return held.error();
    inputs.push_back(std::move(*held));
  }

  std::vector<std::string> args{shim->string(),
                                "run",
                                std::to_string(inputs.size()),
                                spec.inner_shim ? "1" : "0",
                                std::to_string(spec.max_memory),
                                std::to_string(spec.max_file_size),
                                spec.cwd.empty() ? "." : spec.cwd.string(),
                                program};
  args.insert(args.end(), spec.argv.begin(), spec.argv.end());
  std::vector<std::string> env;
  env.reserve(spec.env.size());
  for (const auto& [name, value] : spec.env) env.push_back(name + "=" + value);

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  const auto pass = [&](const Descriptor& from, int to) {
    ::posix_spawn_file_actions_adddup2(&actions, from.get(), to);
  };
  pass(*in, 0);
  pass(out->write, 1);
  pass(spec.merge_stderr ? out->write : err->write, 2);
  pass(control->read, shim::kControlFd);
  pass(status->write, shim::kStatusFd);
  for (std::size_t i = 0; i < inputs.size(); ++i) pass(inputs[i], shim::kFirstInputFd + static_cast<int>(i));
  sigset_t all, none;
  ::sigfillset(&all);
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  // A group of its own from the first instruction: a Ctrl-C meant for us must not reach the one that cleans up.
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);

  Started started;
  started.spawn_error = ::posix_spawn(&started.child.pid, shim->c_str(), &actions, &attributes, pointers(args).data(),
                                      pointers(env).data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  started.child.out = std::move(out->read);
  if (!spec.merge_stderr) started.child.err = std::move(err->read);
  started.child.control = std::move(control->write);
  started.child.status = std::move(status->read);
  for (const Descriptor* fd : {&started.child.out, &started.child.err, &started.child.status})
    if (fd->ok()) ::fcntl(fd->get(), F_SETFL, O_NONBLOCK);
#ifdef F_SETPIPE_SZ
  (void)::fcntl(started.child.out.get(), F_SETPIPE_SZ, kPipeCapacity);
#endif
  return started;
}

// What the command printed: into memory, the file and the caller's ear.
class Output {
 public:
  Output(const ProcessSpec& spec, const Dialogue& dialogue)
      : spec_(spec), dialogue_(dialogue), out_(spec.max_output), err_(spec.max_output) {}

  Status open() {
    if (spec_.output_file.empty()) return done();
    file_ = Descriptor(::open(spec_.output_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file_.ok()) return os_error("write", spec_.output_file, errno);
    return done();
  }

  void add(std::string_view bytes, bool is_err) {
    total_ += bytes.size();
    (is_err ? err_ : out_).add(bytes);
    if (file_.ok()) add_to_file(bytes);
    const auto& heard = is_err && dialogue_.on_error_output ? dialogue_.on_error_output : spec_.on_output;
    if (heard) heard(bytes);
  }

  void finish(ProcessResult& result) {
    result.truncated = file_short_ || out_.truncated() || err_.truncated();
    result.out = out_.take();
    result.err = err_.take();
    result.output_bytes = total_;
  }

 private:
  void add_to_file(std::string_view bytes) {
    const std::uint64_t room = spec_.max_output_file - std::min(in_file_, spec_.max_output_file);
    if (bytes.size() > room) {
      bytes = bytes.substr(0, static_cast<std::size_t>(room));
      file_short_ = true;
    }
    while (!bytes.empty() && !file_broken_) {
      const ssize_t wrote = ::write(file_.get(), bytes.data(), bytes.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) {
        file_broken_ = file_short_ = true;  // a full disk must not stop the command
        return;
      }
      in_file_ += static_cast<std::uint64_t>(wrote);
      bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
  }

  const ProcessSpec& spec_;
  const Dialogue& dialogue_;
  BoundedText out_, err_;
  Descriptor file_;
  std::uint64_t total_ = 0, in_file_ = 0;
  bool file_short_ = false, file_broken_ = false;
};

// Follows one shim until it reports that the tree is gone.
class Following {
 public:
  Following(Child child, Output& output, int stop_fd, Clock::time_point deadline)
      : child_(std::move(child)), output_(output), stop_fd_(stop_fd), deadline_(deadline), block_(kReadBlock) {}

  void run() {
    while (!ended_ && !lost_ && !(killing_ && Clock::now() >= give_up_)) step();
    drain(child_.out, false);
    drain(child_.err, true);
    child_.control.reset();
    if (lost_ && report_.main_pid > 1) ::kill(-report_.main_pid, SIGKILL);
    // A shim that cannot kill its tree stays until the kernel lets it; it is not waited for.
    const int flags = ended_ || lost_ ? 0 : WNOHANG;
    while (::waitpid(child_.pid, nullptr, flags) < 0 && errno == EINTR) {
    }
  }

  bool ended() const { return ended_; }
  bool started() const { return report_.main_pid > 0 || ended_; }
  const shim::Report& report() const { return report_; }
  bool timed_out() const { return timed_out_; }
  bool cancelled() const { return cancelled_; }

 private:
  void step() {
    std::array<pollfd, 4> watched{{{child_.out.get(), POLLIN, 0},
                                   {child_.err.get(), POLLIN, 0},
                                   {child_.status.get(), POLLIN, 0},
                                   {killing_ ? -1 : stop_fd_, POLLIN, 0}}};
    const auto until = killing_ ? give_up_ : deadline_;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    ::poll(watched.data(), watched.size(), static_cast<int>(std::clamp<long long>(left, 0, 60'000)));
    if (watched[0].revents) take(child_.out, false);
    if (watched[1].revents) take(child_.err, true);
    if (watched[2].revents) read_status();
    if (ended_ || lost_ || killing_) return;
    if (watched[3].revents) {
      cancelled_ = true;
      order_kill();
    } else if (Clock::now() >= deadline_) {
      timed_out_ = true;
      order_kill();
    }
  }

  void order_kill() {
    killing_ = true;
    give_up_ = Clock::now() + kKillPatience;
    child_.control.reset();  // the end of the lifeline is the order
  }

  // One read. False when there was nothing.
  bool take(Descriptor& fd, bool is_err) {
    if (!fd.ok()) return false;
    const ssize_t got = ::read(fd.get(), block_.data(), block_.size());
    if (got > 0) {
      output_.add({block_.data(), static_cast<std::size_t>(got)}, is_err);
      return true;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) fd.reset();
    return false;
  }

  // The tree is gone: only what lies in the pipe is ours. Who else holds the pipe may hold it for ever.
  void drain(Descriptor& fd, bool is_err) {
    for (std::uint64_t read = 0; read < kMaxDrain && take(fd, is_err); read += kReadBlock) {
    }
  }

  void read_status() {
    shim::Report report;
    const ssize_t got = ::read(child_.status.get(), &report, sizeof report);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got != static_cast<ssize_t>(sizeof report)) {
      lost_ = true;
      return;
    }
    report_ = report;
    ended_ = report.kind == shim::Kind::ended;
  }

  Child child_;
  Output& output_;
  const int stop_fd_;
  const Clock::time_point deadline_;
  Clock::time_point give_up_{};
  std::vector<char> block_;
  shim::Report report_;
  bool ended_ = false, lost_ = false, killing_ = false, timed_out_ = false, cancelled_ = false;
};

ProcessResult not_started(std::string reason, int code) {
  ProcessResult result;
  result.start_error = std::move(reason);
  result.exit_code = code;
  return result;
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

void take_report(const ProcessSpec& spec, const Following& following, const std::string& program,
                 ProcessResult& result) {
  const shim::Report& report = following.report();
  // An order that came when the command had ended by itself changed nothing.
  const bool by_order = !following.ended() || report.ended_by_order;
  result.timed_out = following.timed_out() && by_order;
  result.cancelled = following.cancelled() && by_order;
  result.descendants_killed = report.killed;
  result.cpu_seconds = static_cast<double>(report.cpu_microseconds) / 1e6;
  if (report.failed_stage != shim::Stage::none) {
    result.start_error = cannot_start(named(spec, program, report.inner_reached), report.failed_stage, report.error);
    result.exit_code = code_for(report.error);
    return;
  }
  if (!following.ended()) {
    result.signal = SIGKILL;
    return;
  }
  if (WIFSIGNALED(report.wait_status)) result.signal = WTERMSIG(report.wait_status);
  if (WIFEXITED(report.wait_status)) result.exit_code = WEXITSTATUS(report.wait_status);
  if (spec.inner_shim && !report.inner_reached && !by_order) {
    result.start_error = "The sandbox could not be set up: " + first_line(result.err.empty() ? result.out : result.err);
    result.exit_code = 126;
    result.signal.reset();
  }
}

Status check(const ProcessSpec& spec) {
  if (spec.argv.empty() || spec.argv[0].empty()) return Error{ErrorKind::usage, "There is no command to run."};
  if (spec.inputs.size() > static_cast<std::size_t>(shim::kMaxInputs))
    return Error{ErrorKind::internal, "A process cannot get more than 40 inputs."};
  for (const std::string& argument : spec.argv)
    if (argument.find('\0') != argument.npos)
      return Error{ErrorKind::usage,
                   "An argument of " + spec.argv[0] + " holds a zero byte, which no process can be given."};
  return done();
}

}  // namespace

Result<fs::path> libexec_program(const std::string& name) {
  const char* const libexec = std::getenv("BATON_LIBEXEC");
  if (libexec && *libexec) {
    fs::path path = fs::path(libexec) / name;
    if (::access(path.c_str(), X_OK) == 0) return path;
    return Error{ErrorKind::missing_tool, path.string() + " is not there; correct or unset BATON_LIBEXEC."};
  }
  const fs::path folder = own_executable().parent_path();
  for (const char* place : {"libexec", ".", "../libexec", "../libexec/baton"}) {
    fs::path path = (folder / place / name).lexically_normal();
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return Error{ErrorKind::missing_tool, name + " is not beside " + folder.string() +
                                            "; install Baton again or set BATON_LIBEXEC to its libexec folder."};
}

Result<fs::path> shim_path() { return libexec_program("baton-shim"); }

Result<ProcessResult> run(const ProcessSpec& spec, std::stop_token stop) { return run(spec, Dialogue{}, stop); }

Result<ProcessResult> run(const ProcessSpec& spec, const Dialogue& dialogue, std::stop_token stop) {
  if (auto fine = check(spec); !fine) return fine.error();
  if (stop.stop_requested()) {
    ProcessResult result;
    result.cancelled = true;
    return result;
  }
  const auto start = Clock::now();
  const Program program = resolve(spec);
  if (program.error)
    return not_started(cannot_start({program.path, {}}, shim::Stage::exec, program.error), code_for(program.error));
  Output output(spec, dialogue);
  if (auto opened = output.open(); !opened) return opened.error();
  auto wake = make_pipe();
  if (!wake) return wake.error();
  const std::stop_callback on_stop(stop, [fd = wake->write.get()] { (void)!::write(fd, "", 1); });

  auto started = spawn_shim(spec, dialogue, program.path);
  if (!started) return started.error();
  if (started->spawn_error == E2BIG)
    return not_started("Cannot run " + program.path + ": its arguments and environment are too long", 126);
  if (started->spawn_error) return os_error("start", "baton-shim", started->spawn_error);

  Following following(std::move(started->child), output, wake->read.get(),
                      start + std::max(spec.timeout, std::chrono::milliseconds(1)));
  following.run();
  if (!following.started())
    return Error{ErrorKind::internal, "baton-shim ended before it started " + program.path + "."};
  ProcessResult result;
  output.finish(result);
  take_report(spec, following, program.path, result);
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return result;
}

}  // namespace baton
