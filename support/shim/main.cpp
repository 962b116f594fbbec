// baton-shim: the parent of one command, and the end of all its descendants.
//
// It is a child subreaper: every orphan below it becomes its child, so that nothing escapes by a double fork or setsid.
// When the command ends, when the order comes, or when the starter is gone (the lifeline pipe ends even after SIGKILL),
// it kills until it is childless, reports and ends. It sits in a session of its own with all signals blocked, so that a
// kill of the command's group does not reach it. See report.h for the call.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#endif

#include "support/shim/landlock.h"
#include "support/shim/report.h"
#include "support/shim/tree.h"

extern char** environ;

namespace {

using namespace baton::shim;

// Processes that end by themselves just after the command (a `tee` behind its output) may do so.
constexpr long kStragglerMilliseconds = 100;
constexpr int kFilterFd = 3, kRulesFd = 4;  // of one that holds its command by Landlock: calls, files

struct Call {
  int inputs = 0;
  bool inner = false;  // the command enters a sandbox and ends in a shim that reports to us
  rlim_t memory = 0, file_size = 0;
  const char* cwd = nullptr;
  const char* program = nullptr;  // null: argv[0] by PATH
  char** argv = nullptr;
  int control = kControlFd, status = kStatusFd;  // control is -1 where the sandbox itself ends us
};

long now_milliseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

void write_whole(int fd, const void* data, size_t size) {
  // Records are far smaller than PIPE_BUF: one write is all or nothing.
  while (::write(fd, data, size) < 0 && errno == EINTR) {
  }
}

void close_range_of(unsigned first, unsigned last) {
#if defined(__linux__) && defined(SYS_close_range)
  if (::syscall(SYS_close_range, first, last, 0u) == 0) return;
#endif
  const long most = ::sysconf(_SC_OPEN_MAX);
  const unsigned end = most > 0 && most < 65536 ? static_cast<unsigned>(most) : 65536u;
  for (unsigned fd = first; fd <= last && fd < end; ++fd) ::close(static_cast<int>(fd));
}

void report_failure(int fd, Stage stage, int error) {
  Report report;
  report.kind = Kind::ended;
  report.failed_stage = stage;
  report.error = error;
  write_whole(fd, &report, sizeof report);
}

[[noreturn]] void give_up(int fd, Stage stage, int error) {
  report_failure(fd, stage, error);
  ::_exit(error == ENOENT || error == ENOTDIR ? 127 : 126);
}

// execve, with what a shell would also do: retry while the file is still open for writing somewhere, and run a script
// without an interpreter line by sh. Returns errno.
int execute(const char* program, char** argv) {
  for (int attempt = 0; attempt < 20; ++attempt) {
    ::execve(program, argv, environ);
    if (errno != ETXTBSY) break;
    const timespec pause{0, 10'000'000};
    ::nanosleep(&pause, nullptr);
  }
  if (errno != ENOEXEC) return errno;
  int count = 0;
  while (argv[count]) ++count;
  char** const shell = static_cast<char**>(::calloc(static_cast<size_t>(count) + 2, sizeof(char*)));
  if (!shell) return ENOMEM;
  shell[0] = const_cast<char*>("sh");
  shell[1] = const_cast<char*>(program);
  for (int i = 1; i < count; ++i) shell[i + 1] = argv[i];
  ::execve("/bin/sh", shell, environ);
  return ENOEXEC;
}

const char* end_of_entry(const char* path) {
  const char* const colon = ::strchr(path, ':');
  return colon ? colon : path + ::strlen(path);
}

// argv[0] by the absolute entries of PATH, as find_program does outside.
int execute_by_path(char** argv) {
  if (::strchr(argv[0], '/')) return execute(argv[0], argv);
  const char* path = ::getenv("PATH");
  int error = ENOENT;
  while (path && *path) {
    const char* const end = end_of_entry(path);
    char candidate[4096];
    if (*path == '/' && ::snprintf(candidate, sizeof candidate, "%.*s/%s", static_cast<int>(end - path), path,
                                   argv[0]) < static_cast<int>(sizeof candidate)) {
      const int failed = execute(candidate, argv);
      if (failed != ENOENT && failed != ENOTDIR) error = failed;
      if (failed != ENOENT && failed != ENOTDIR && failed != EACCES) return failed;
    }
    path = *end ? end + 1 : end;
  }
  return error;
}

bool limit(int resource, rlim_t value) {
  rlimit current{};
  if (::getrlimit(static_cast<decltype(RLIMIT_AS)>(resource), &current) != 0) return false;
  if (current.rlim_max != RLIM_INFINITY && current.rlim_max < value) value = current.rlim_max;
  const rlimit wanted{value, value};
  return ::setrlimit(static_cast<decltype(RLIMIT_AS)>(resource), &wanted) == 0;
}

// In the forked child, up to exec. `note_fd` is close-on-exec.
[[noreturn]] void become_command(const Call& call, int note_fd, pid_t shim) {
  ::setsid();
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // should someone kill the shim
  if (::getppid() != shim) ::_exit(126);
#else
  (void)shim;
#endif
  // Written here and not by the shim: a command that kills the shim at once has been reported all the same.
  Report started;
  started.main_pid = ::getpid();
  write_whole(call.status, &started, sizeof started);
  const int note = ::fcntl(note_fd, F_DUPFD_CLOEXEC, kInnerFd + 1);
  if (note < 0) give_up(note_fd, Stage::fork, errno);
  if (call.inner && ::dup2(note, kInnerFd) < 0) give_up(note, Stage::fork, errno);
  // Ascending: a target never lies above its source.
  for (int i = 0; i < call.inputs; ++i) ::dup2(kFirstInputFd + i, 3 + i);
  close_range_of(static_cast<unsigned>(3 + call.inputs), kInnerFd - 1);
  if (!call.inner) ::close(kInnerFd);
  if (note > kInnerFd + 1) close_range_of(kInnerFd + 1, static_cast<unsigned>(note) - 1);
  close_range_of(static_cast<unsigned>(note) + 1, ~0u);

  if (::chdir(call.cwd) != 0) give_up(note, Stage::cwd, errno);
  if (!limit(RLIMIT_CORE, 0) || (call.memory && !limit(RLIMIT_AS, call.memory)) ||
      (call.file_size && !limit(RLIMIT_FSIZE, call.file_size)))
    give_up(note, Stage::limits, errno);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  give_up(note, Stage::exec, call.program ? execute(call.program, call.argv) : execute_by_path(call.argv));
}

// Watches the command and everything below it.
class Watch {
 public:
  Watch(const Call& call, pid_t main_pid, int notes) : call_(call), main_(main_pid), notes_(notes) {
    report_.main_pid = main_pid;
#ifdef __linux__
    sigset_t children;
    ::sigemptyset(&children);
    ::sigaddset(&children, SIGCHLD);
    signals_ = ::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
#endif
  }

  void run() {
    while (main_alive_ && !ordered_) wait(-1);
    report_.ended_by_order = main_alive_;
    const long patience = now_milliseconds() + kStragglerMilliseconds;
    while (has_children_ && !ordered_) {
      const long left = patience - now_milliseconds();
      if (left <= 0) break;
      wait(left);
    }
    killing_ = true;
    while (has_children_) {
      kill_descendants(main_);
      wait(2);
    }
    read_notes();
    take_inner();
    rusage usage{};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    report_.cpu_microseconds = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000) +
                               usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    report_.kind = Kind::ended;
    write_whole(call_.status, &report_, sizeof report_);
  }

 private:
  // Until something happened or the time is over; then takes in whatever happened.
  void wait(long milliseconds) {
    pollfd watched[] = {{ordered_ ? -1 : call_.control, POLLIN, 0}, {signals_, POLLIN, 0}, {notes_, POLLIN, 0}};
    if (signals_ < 0 && (milliseconds < 0 || milliseconds > 20))
      milliseconds = 20;  // no signalfd: look again and again
    ::poll(watched, 3, static_cast<int>(milliseconds));
    if (watched[0].revents) ordered_ = true;
    if (watched[2].revents) read_notes();
    char sink[1024];
    while (signals_ >= 0 && ::read(signals_, sink, sizeof sink) > 0) {
    }
    reap();
  }

  void reap() {
    for (;;) {
      int status = 0;
      const pid_t pid = ::waitpid(-1, &status, WNOHANG);
      if (pid < 0 && errno == EINTR) continue;
      if (pid < 0) has_children_ = false;  // ECHILD
      if (pid <= 0) return;
      if (pid == main_) {
        main_alive_ = false;
        report_.wait_status = status;
      } else if (killing_ && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
        ++report_.killed;
      }
    }
  }

  // Notes come from the child that could not become the command, and from a shim inside a sandbox.
  void read_notes() {
    Report note;
    while (notes_ >= 0) {
      const ssize_t got = ::read(notes_, &note, sizeof note);
      if (got < 0 && errno == EINTR) continue;
      if (got == 0) {
        ::close(notes_);
        notes_ = -1;
      }
      if (got != static_cast<ssize_t>(sizeof note)) return;
      if (note.kind == Kind::started) {
        report_.inner_reached = 1;
      } else {
        inner_ = note;
      }
    }
  }

  void take_inner() {
    if (inner_.kind == Kind::ended) {
      report_.failed_stage = inner_.failed_stage;
      report_.error = inner_.error;
      report_.killed += inner_.killed;
      if (report_.inner_reached) report_.wait_status = inner_.wait_status;
    } else if (report_.inner_reached) {
      report_.wait_status =
          SIGKILL;  // the inner shim was killed: how the command ended is not known, so it did not pass
    }
  }

  const Call& call_;
  const pid_t main_;
  int notes_;
  int signals_ = -1;
  bool main_alive_ = true;
  bool has_children_ = true;
  bool ordered_ = false;
  bool killing_ = false;
  Report report_;
  Report inner_;
};

int run(const Call& call) {
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  ::setsid();
#ifdef __linux__
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::prctl(PR_SET_DUMPABLE, 0);  // the command must not reach our status pipe through /proc
#endif
  int notes[2];
  if (::pipe(notes) != 0) {
    report_failure(call.status, Stage::fork, errno);
    return 1;
  }
  const int ours[] = {notes[0], notes[1], call.control, call.status};
  for (const int fd : ours) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  ::fcntl(notes[0], F_SETFL, O_NONBLOCK);
  const pid_t shim = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) become_command(call, notes[1], shim);
  if (pid < 0) {
    report_failure(call.status, Stage::fork, errno);
    return 1;
  }
  ::close(notes[1]);
  for (int fd = 0; fd < 3; ++fd) ::close(fd);
  for (int i = 0; i < call.inputs; ++i) ::close(kFirstInputFd + i);
  Watch(call, pid, notes[0]).run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Call call;
  const bool held = argc >= 4 && !::strcmp(argv[1], "held");  // inside what the kernel can hold without namespaces
  if (held || (argc >= 4 && !::strcmp(argv[1], "inside"))) {
    int failed = held ? hold_files(kRulesFd) : 0;
    if (held && !failed) failed = filter_calls(kFilterFd);
    if (failed) {
      ::fprintf(stderr, "Landlock cannot hold it: %s\n", ::strerror(failed));
      return 126;
    }
    call.cwd = argv[2];
    call.argv = argv + 3;
    call.control = -1;
    call.status = kInnerFd;
    close_range_of(3, kInnerFd - 1);
    close_range_of(kInnerFd + 1, ~0u);
    ::setenv("PWD", call.cwd, 1);
    return run(call);
  }
  if (argc < 9 || ::strcmp(argv[1], "run") != 0) {
    ::fputs("baton-shim is started by baton, not by hand.\n", stderr);
    return 2;
  }
  call.inputs = ::atoi(argv[2]);
  call.inner = argv[3][0] == '1';
  call.memory = static_cast<rlim_t>(::strtoull(argv[4], nullptr, 10));
  call.file_size = static_cast<rlim_t>(::strtoull(argv[5], nullptr, 10));
  call.cwd = argv[6];
  call.program = argv[7];
  call.argv = argv + 8;
  if (call.inputs < 0 || call.inputs > kMaxInputs) return 2;
  close_range_of(static_cast<unsigned>(kFirstInputFd + call.inputs), ~0u);
  return run(call);
}
