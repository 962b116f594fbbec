#include "git/purge.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <unordered_set>

#include "git/tree.h"
#include "support/files.h"
#include "support/os_error.h"

namespace baton {
namespace fs = std::filesystem;
namespace {

class Purge {
 public:
  Purge(const std::vector<TreeEntry>& tracked, const std::vector<std::string>& keep) : keep_(keep.begin(), keep.end()) {
    for (const TreeEntry& entry : tracked) {
      (entry.mode == kSubmoduleMode ? submodules_ : files_).insert(entry.path);
      add_parents(entry.path, folders_);
    }
    for (const std::string& path : keep) add_parents(path, folders_);
  }

  Status folder(const fs::path& path, const std::string& prefix) {
    if (auto opened = open_up(path); !opened) return opened;
    std::vector<std::string> names;
    DIR* listing = ::opendir(path.c_str());
    if (!listing) return os_error("read", path, errno);
    while (const dirent* entry = ::readdir(listing)) names.emplace_back(entry->d_name);
    ::closedir(listing);
    for (const std::string& name : names) {
      if (name == "." || name == ".." || (prefix.empty() && name == ".git")) continue;
      if (auto done_with = entry(path / name, prefix + name); !done_with) return done_with;
    }
    return done();
  }

 private:
  static void add_parents(const std::string& path, std::unordered_set<std::string>& folders) {
    for (std::size_t slash = path.rfind('/'); slash != path.npos; slash = path.rfind('/', slash - 1)) {
      if (!folders.insert(path.substr(0, slash)).second) return;
      if (slash == 0) return;
    }
  }

  // A folder that a command closed or opened to all is as git would have made it.
  static Status open_up(const fs::path& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return os_error("read", path, errno);
    constexpr mode_t kWanted = 0700;
    if ((info.st_mode & kWanted) == kWanted && (info.st_mode & 07022) == 0) return done();
    if (::chmod(path.c_str(), 0755) != 0) return os_error("open up", path, errno);
    return done();
  }

  Status entry(const fs::path& path, const std::string& name) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return errno == ENOENT ? done() : Status(os_error("read", path, errno));
    const bool is_folder = S_ISDIR(info.st_mode);
    if (is_folder && keep_.contains(name)) return done();
    if (is_folder && folders_.contains(name)) return folder(path, name + "/");
    if (!is_folder && files_.contains(name) && (S_ISREG(info.st_mode) || S_ISLNK(info.st_mode))) return done();
    if (is_folder && submodules_.contains(name)) return folder(path, name + "/");  // emptied: it is checked out again
    return remove_tree(path);
  }

  std::unordered_set<std::string> files_, folders_, submodules_, keep_;
};

}  // namespace

Status purge(const fs::path& root, const std::vector<TreeEntry>& tracked, const std::vector<std::string>& keep) {
  return Purge(tracked, keep).folder(root, "");
}

}  // namespace baton
