// Files and folders of our own. Writes are atomic (temporary file, rename) and last through a power cut where that is asked for. Any
// thread; may block.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "support/result.h"

namespace baton {

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes = 1ull << 30);
enum class Lasting { yes, no };  // no: what can be made again; a power cut may leave the file as it was, or without content
Status write_file(const std::filesystem::path& path, std::string_view bytes, unsigned mode = 0644, Lasting lasting = Lasting::yes);
Status make_folder(const std::filesystem::path& path, unsigned mode = 0755);  // with parents
// 0700 and ours: an existing folder of another user, a symlink or one that others can enter is an error.
Status make_private_folder(const std::filesystem::path& path);
Status remove_tree(
    const std::filesystem::path& path);  // also read-only folders; never follows symlinks; fine when absent

// A folder that is removed when the value dies. Movable.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make(const std::filesystem::path& parent, std::string_view prefix);
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept;
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }
  void keep() { path_.clear(); }

 private:
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

// An exclusive advisory lock on a file (flock), held while the value lives.
class FileLock {
 public:
  static Result<FileLock> acquire(const std::filesystem::path& path);      // waits
  static Result<FileLock> try_acquire(const std::filesystem::path& path);  // precondition error when held elsewhere
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace baton
