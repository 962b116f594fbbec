#include "support/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "support/descriptor.h"
#include "support/ids.h"
#include "support/os_error.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(fd, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return 0;
}

// Removes a tree below an open folder. Levels beyond kMaxOpenLevels are moved to the top first, so that a tree of any
// depth needs a bounded number of descriptors and little stack.
class TreeRemover {
 public:
  explicit TreeRemover(int root) : root_(root) {}

  // Empties the folder behind `fd`. False when something could not be removed.
  bool empty(int fd, int level) {
    DIR* listing = ::fdopendir(::openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!listing) return failed(errno);
    bool all = true;
    while (const dirent* entry = ::readdir(listing)) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      all = remove_entry(fd, entry->d_name, level) && all;
    }
    ::closedir(listing);
    return all;
  }

  bool remove_entry(int parent, const char* name, int level) {
    if (::unlinkat(parent, name, 0) == 0 || errno == ENOENT) return true;
    const int unlink_error = errno;
    const Descriptor folder(open_folder(parent, name));
    if (!folder.ok()) return failed(errno == ENOTDIR || errno == ELOOP ? unlink_error : errno);
    if (level >= kMaxOpenLevels) {
      const std::string aside = ".removing-" + new_id();
      return ::renameat(parent, name, root_, aside.c_str()) == 0 || failed(errno);
    }
    const bool emptied = empty(folder.get(), level + 1);
    if (::unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return true;
    return emptied ? failed(errno) : false;
  }

  int first_error() const { return first_error_; }

 private:
  static constexpr int kMaxOpenLevels = 64;

  // Opened so that it can be read and changed, whatever its mode says.
  static int open_folder(int parent, const char* name) {
    int fd = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == EACCES) {
      struct stat info {};
      if (::fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) != 0) return -1;
      if (!S_ISDIR(info.st_mode)) {
        errno = ENOTDIR;
        return -1;
      }
      if (::fchmodat(parent, name, 0700, 0) != 0) return -1;
      fd = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    if (fd >= 0) {
      struct stat info {};
      if (::fstat(fd, &info) == 0 && (info.st_mode & 0700) != 0700) ::fchmod(fd, 0700);
    }
    return fd;
  }

  bool failed(int code) {
    if (first_error_ == 0) first_error_ = code;
    return false;
  }

  int root_;
  int first_error_ = 0;
};

Result<int> lock_file(const fs::path& path, int operation) {
  Descriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!fd.ok()) return os_error("open the lock", path, errno);
  while (::flock(fd.get(), operation) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK)
      return Error{ErrorKind::precondition, path.string() + " is locked by another process; wait for it to end."};
    return os_error("lock", path, errno);
  }
  return fd.release();
}

}  // namespace

Result<std::string> read_file(const fs::path& path, std::uint64_t max_bytes) {
  // Non-blocking: opening a pipe without a writer would wait for ever.
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.ok()) return os_error("open", path, errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return os_error("read", path, errno);
  if (S_ISDIR(info.st_mode)) return os_error("read", path, EISDIR);
  if (!S_ISREG(info.st_mode))
    return Error{ErrorKind::io, "Cannot read " + path.string() + ": it is not a regular file."};
  const auto too_large = [&] {
    return Error{ErrorKind::io, path.string() + " is larger than " + std::to_string(max_bytes) + " bytes."};
  };
  if (static_cast<std::uint64_t>(info.st_size) > max_bytes) return too_large();
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(info.st_size));
  std::array<char, 65536> block;
  for (;;) {
    const ssize_t got = ::read(fd.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os_error("read", path, errno);
    if (got == 0) return bytes;
    bytes.append(block.data(), static_cast<std::size_t>(got));
    if (bytes.size() > max_bytes) return too_large();
  }
}

Status write_file(const fs::path& path, std::string_view bytes, unsigned mode, Lasting lasting) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const fs::path temporary = folder / (".baton-" + new_id());
  Descriptor fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!fd.ok()) return os_error("write", path, errno);
  int code = write_all(fd.get(), bytes);
  if (code == 0 && lasting == Lasting::yes && ::fsync(fd.get()) != 0) code = errno;
  if (::close(fd.release()) != 0 && code == 0) code = errno;
  if (code == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) code = errno;
  if (code != 0) {
    ::unlink(temporary.c_str());
    return os_error("write", path, code);
  }
  if (lasting == Lasting::no) return done();
  const Descriptor parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.ok()) ::fsync(parent.get());  // the name too survives a power cut
  return done();
}

Status make_folder(const fs::path& path, unsigned mode) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return done();
    return os_error("make the folder", path, ENOTDIR);
  }
  const fs::path parent = path.parent_path();
  if (!parent.empty() && parent != path) {
    if (auto made = make_folder(parent, mode); !made) return made;
  }
  if (path.empty() || ::mkdir(path.c_str(), mode) == 0) return done();
  const int code = errno;
  if (code == EEXIST && ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode))
    return done();  // made by another meanwhile
  return os_error("make the folder", path, code);
}

Status make_private_folder(const fs::path& path) {
  if (path.has_parent_path()) {
    if (auto made = make_folder(path.parent_path()); !made) return made;
  }
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return os_error("make the folder", path, errno);
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return os_error("make the folder", path, errno);
  if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid() || (info.st_mode & 077) != 0)
    return Error{ErrorKind::precondition,
                 path.string() + " must be a folder that only you can enter; remove it or set its mode to 0700."};
  return done();
}

Status remove_tree(const fs::path& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR) return done();
  const int unlink_error = errno;
  const fs::path clean = path.has_filename() ? path : path.parent_path();
  const fs::path folder = clean.has_parent_path() ? clean.parent_path() : fs::path(".");
  struct stat info {};
  if (::lstat(clean.c_str(), &info) != 0) return errno == ENOENT ? done() : Status(os_error("remove", path, errno));
  if (!S_ISDIR(info.st_mode)) return os_error("remove", path, unlink_error);
  if ((info.st_mode & 0700) != 0700) ::chmod(clean.c_str(), 0700);
  const Descriptor root(::open(clean.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!root.ok()) return os_error("remove", path, errno);
  for (;;) {
    TreeRemover remover(root.get());
    const bool emptied = remover.empty(root.get(), 1);
    if (::rmdir(clean.c_str()) == 0 || errno == ENOENT) return done();
    const int code = errno;
    if (!emptied) return os_error("remove", path, remover.first_error());
    if (code != ENOTEMPTY && code != EEXIST) return os_error("remove", path, code);
    // Deep folders were moved to the top, or another process writes here: once more.
  }
}

Result<TemporaryFolder> TemporaryFolder::make(const fs::path& parent, std::string_view prefix) {
  std::string pattern = (parent / (std::string(prefix) + "XXXXXX")).string();
  if (!::mkdtemp(pattern.data())) return os_error("make a temporary folder in", parent, errno);
  return TemporaryFolder(fs::path(pattern));
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::move(other.path_)) {
  other.path_.clear();
}

TemporaryFolder& TemporaryFolder::operator=(TemporaryFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

TemporaryFolder::~TemporaryFolder() {
  if (!path_.empty()) (void)remove_tree(path_);
}

Result<FileLock> FileLock::acquire(const fs::path& path) {
  auto fd = lock_file(path, LOCK_EX);
  if (!fd) return fd.error();
  return FileLock(*fd);
}

Result<FileLock> FileLock::try_acquire(const fs::path& path) {
  auto fd = lock_file(path, LOCK_EX | LOCK_NB);
  if (!fd) return fd.error();
  return FileLock(*fd);
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace baton
