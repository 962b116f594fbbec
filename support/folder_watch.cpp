#include "support/folder_watch.h"

#ifdef __linux__
#include <sys/inotify.h>
#endif
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "support/os_error.h"

namespace baton {

FolderWatch::~FolderWatch() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

#ifdef __linux__

Status FolderWatch::open() {
  descriptor_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor_ < 0) return os_error("watch folders", "", errno);
  return done();
}

Result<std::optional<int>> FolderWatch::add(const std::filesystem::path& folder, What what) const {
  constexpr std::uint32_t kNames = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;
  const int number = ::inotify_add_watch(descriptor_, folder.c_str(), what == What::names ? kNames : kNames | IN_CLOSE_WRITE);
  if (number >= 0) return std::optional(number);
  if (errno == ENOENT || errno == ENOTDIR) return std::optional<int>();
  return os_error("watch", folder, errno);
}

void FolderWatch::read(const std::function<void(int folder, const std::string& name)>& saw) const {
  alignas(inotify_event) char events[16384];
  const ssize_t size = ::read(descriptor_, events, sizeof events);
  for (ssize_t at = 0; at < size;) {
    inotify_event event;
    std::memcpy(&event, events + at, sizeof event);
    const std::string name = event.len ? std::string(events + at + sizeof event) : std::string();
    at += static_cast<ssize_t>(sizeof event + event.len);
    if ((event.mask & IN_IGNORED) || !name.empty()) saw(event.wd, event.mask & IN_IGNORED ? std::string() : name);
  }
}

#else

Status FolderWatch::open() { return os_error("watch folders", "", ENOSYS); }
Result<std::optional<int>> FolderWatch::add(const std::filesystem::path&, What) const { return std::optional<int>(); }
void FolderWatch::read(const std::function<void(int folder, const std::string& name)>&) const {}

#endif

}  // namespace baton
