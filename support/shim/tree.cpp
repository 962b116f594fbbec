#include "support/shim/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace baton::shim {
namespace {

constexpr std::size_t kMaxPass = 1u << 16;  // processes in one pass; the rest is found by the next

struct Queue {
  pid_t pids[kMaxPass];
  std::size_t size;
  void add(pid_t pid) {
    if (pid > 1 && size < kMaxPass) pids[size++] = pid;
  }
};
Queue queue;  // static: too large for the stack

// A SIGKILL to a group reaches all members at once; a fork cannot slip between. The groups below us are never ours: the
// command is the leader of a session of its own.
void kill_with_group(pid_t pid) {
  const pid_t group = ::getpgid(pid);
  if (group > 1 && group != ::getpgrp()) ::kill(-group, SIGKILL);
  ::kill(pid, SIGKILL);
}

#ifdef __linux__

// Adds what `file` (a /proc/.../children) lists. False when there is no such file.
bool add_listed(const char* file) {
  const int fd = ::open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  char block[4096];
  pid_t pid = 0;
  for (;;) {
    const ssize_t got = ::read(fd, block, sizeof block);
    if (got <= 0) break;
    for (ssize_t i = 0; i < got; ++i) {
      if (block[i] >= '0' && block[i] <= '9') {
        pid = pid * 10 + (block[i] - '0');
      } else {
        queue.add(pid);
        pid = 0;
      }
    }
  }
  queue.add(pid);
  ::close(fd);
  return true;
}

// Children belong to the thread that forked them.
bool add_children_of(pid_t pid) {
  char path[96];
  std::snprintf(path, sizeof path, "/proc/%d/task", static_cast<int>(pid));
  DIR* const threads = ::opendir(path);
  if (!threads) return false;
  bool listed = false;
  while (const dirent* thread = ::readdir(threads)) {
    if (thread->d_name[0] == '.') continue;
    std::snprintf(path, sizeof path, "/proc/%d/task/%.20s/children", static_cast<int>(pid), thread->d_name);
    listed = add_listed(path) || listed;
  }
  ::closedir(threads);
  return listed;
}

// For kernels without the children files: our direct children. Theirs become ours when they die.
void add_children_by_scan() {
  DIR* const processes = ::opendir("/proc");
  if (!processes) return;
  while (const dirent* entry = ::readdir(processes)) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    char path[64];
    std::snprintf(path, sizeof path, "/proc/%.20s/stat", entry->d_name);
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    char text[512];
    const ssize_t got = ::read(fd, text, sizeof text - 1);
    ::close(fd);
    if (got <= 0) continue;
    text[got] = 0;
    const char* const after_name = std::strrchr(text, ')');  // the name may hold anything
    int parent = 0;
    if (after_name && std::sscanf(after_name + 1, " %*c %d", &parent) == 1 && parent == ::getpid())
      queue.add(std::atoi(entry->d_name));
  }
  ::closedir(processes);
}

#endif

}  // namespace

void kill_descendants(pid_t main_pid) {
  queue.size = 0;
#ifdef __linux__
  if (!add_children_of(::getpid())) add_children_by_scan();
  for (std::size_t i = 0; i < queue.size; ++i) {
    add_children_of(queue.pids[i]);  // before it dies: afterwards they hang elsewhere
    kill_with_group(queue.pids[i]);
  }
#else
  ::kill(-main_pid, SIGKILL);
#endif
  (void)main_pid;
}

}  // namespace baton::shim
