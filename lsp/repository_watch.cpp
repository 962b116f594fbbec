#include "lsp/repository_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <tuple>

#include "support/files.h"
#include "support/log.h"
#include "support/os_error.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kSettled{200};  // a rebase moves HEAD many times
constexpr std::uint64_t kMaxHead = 4096;
constexpr std::uint32_t kNames = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;
constexpr std::uint32_t kFiles = kNames | IN_CLOSE_WRITE;

// The folder of the reference that HEAD stands for; that of all branches where it stands for none.
fs::path branch_folder(const Repository& repository) {
  const auto head = read_file(repository.git_dir / "HEAD", kMaxHead);
  constexpr std::string_view kSymbolic = "ref: refs/heads/";
  if (!head || !head->starts_with(kSymbolic)) return repository.common_dir / "refs/heads";
  const fs::path name = head->substr(kSymbolic.size());
  return repository.common_dir / "refs/heads" / name.parent_path();
}

}  // namespace

bool RepositoryWatch::Watched::operator<(const Watched& other) const {
  return std::tie(lane, part, name) < std::tie(other.lane, other.part, other.name);
}

RepositoryWatch::~RepositoryWatch() {
  if (watch_ < 0) return;
  loop_.forget(watch_);
  ::close(watch_);
}

void RepositoryWatch::follow(Lane& lane) {
  if (watch_ < 0) {
    watch_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch_ < 0) return log(LogLevel::info, os_error("watch", lane.root, errno).message);
    wait();
  }
  look_at(lane);
}

// Again after each change: a folder may be new, and HEAD stand for another branch. A folder that is watched keeps its number.
void RepositoryWatch::look_at(Lane& lane) {
  lane.look.submit([this, &lane, watch = watch_] {
    const Repository& repository = lane.engine->repository();
    Places places;
    const auto see = [&](const fs::path& folder, std::uint32_t what, Part part, const char* name) {
      const int number = ::inotify_add_watch(watch, folder.c_str(), what);
      if (number >= 0) places.insert({number, {&lane, part, name}});
      else if (errno != ENOENT && errno != ENOTDIR) log(LogLevel::info, os_error("watch", folder, errno).message);
    };
    see(repository.git_dir, kFiles, Part::head, "HEAD");
    see(repository.git_dir / "logs", kFiles, Part::head, "HEAD");  // written last, once the branch has moved
    see(repository.common_dir, kFiles, Part::head, "packed-refs");
    see(branch_folder(repository), kFiles, Part::head, "");
    see(repository.root, kNames, Part::settings, ".baton");
    see(repository.root / ".baton", kFiles, Part::settings, "");
    see(repository.root / ".baton/primers", kFiles, Part::settings, "");
    loop_.post([this, places] { add(places); });
  });
}

void RepositoryWatch::add(const Places& places) {
  for (const auto& [number, watched] : places) {
    const auto [begin, end] = places_.equal_range(number);
    const auto same = [&, one = &watched](const auto& other) { return !(other.second < *one) && !(*one < other.second); };
    if (std::none_of(begin, end, same)) places_.insert({number, watched});
  }
}

void RepositoryWatch::wait() {
  loop_.when_readable(watch_, [this] {
    read_events();
    wait();
  });
}

void RepositoryWatch::read_events() {
  alignas(inotify_event) char events[16384];
  const ssize_t size = ::read(watch_, events, sizeof events);
  for (ssize_t at = 0; at < size;) {
    inotify_event event;
    std::memcpy(&event, events + at, sizeof event);
    const std::string name = event.len ? std::string(events + at + sizeof event) : std::string();
    at += static_cast<ssize_t>(sizeof event + event.len);
    if (event.mask & IN_IGNORED) places_.erase(event.wd);
    else saw(event.wd, name);
  }
}

void RepositoryWatch::saw(int folder, const std::string& name) {
  if (name.ends_with(".lock")) return;  // git writes beside the file first
  const auto [begin, end] = places_.equal_range(folder);
  for (auto place = begin; place != end; ++place) {
    const Watched& watched = place->second;
    if (watched.name.empty() || watched.name == name) tell(*watched.lane, watched.part);
  }
}

void RepositoryWatch::tell(Lane& lane, Part part) {
  if (std::exchange(telling_[{&lane, part}], true)) return;
  loop_.after(kSettled, [this, &lane, part] {
    telling_[{&lane, part}] = false;
    look_at(lane);
    changed_(lane, part);
  });
}

}  // namespace baton
