#include "orchestrator/tree_manifest.h"

#include <fts.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string_view>

#include "support/files.h"
#include "support/os_error.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

std::int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

FileStamp stamp_of(const struct stat& info) {
  if (S_ISDIR(info.st_mode)) return {0, 0, 0, 0, info.st_mode};
  return {info.st_ino, info.st_size, nanoseconds(info.st_mtim), nanoseconds(info.st_ctim), info.st_mode};
}

// Calls visit(relative path, stamp) for every entry; a folder for which it gives false is not entered.
template <class Visit>
Status walk(const fs::path& folder, Visit visit) {
  std::string root = folder.string();
  const std::array<char*, 2> roots{root.data(), nullptr};
  const std::unique_ptr<FTS, int (*)(FTS*)> tree(
      ::fts_open(roots.data(), FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, nullptr), ::fts_close);
  if (!tree) return os_error("read", folder, errno);
  while (FTSENT* entry = ::fts_read(tree.get())) {
    if (entry->fts_info == FTS_DP) continue;
    if (entry->fts_level == 0) {
      if (entry->fts_info == FTS_NS || entry->fts_info == FTS_DNR) return os_error("read", folder, entry->fts_errno);
      continue;
    }
    if (entry->fts_info == FTS_NS || entry->fts_info == FTS_ERR) continue;  // went away while we looked
    const std::string_view relative = std::string_view(entry->fts_path, entry->fts_pathlen).substr(root.size() + 1);
    const bool own_git = entry->fts_level == 1 && relative == ".git";
    if (own_git || !visit(relative, stamp_of(*entry->fts_statp))) ::fts_set(tree.get(), entry, FTS_SKIP);
  }
  return done();
}

}  // namespace

Result<TreeManifest> TreeManifest::of(const fs::path& folder) {
  TreeManifest manifest;
  auto walked = walk(folder, [&](std::string_view path, const FileStamp& stamp) {
    manifest.stamps_.emplace(path, stamp);
    return true;
  });
  if (!walked) return walked.error();
  return manifest;
}

std::uint64_t TreeManifest::bytes() const {
  std::uint64_t all = 0;
  for (const auto& [path, stamp] : stamps_) all += static_cast<std::uint64_t>(stamp.size);
  return all;
}

Result<TreeManifest::Difference> TreeManifest::difference(const fs::path& folder) const {
  Difference found;
  std::size_t seen = 0;
  std::vector<std::string> present;
  auto walked = walk(folder, [&](std::string_view path, const FileStamp& stamp) {
    const auto before = stamps_.find(std::string(path));
    if (before == stamps_.end()) {
      found.added.emplace_back(path);
      return false;
    }
    ++seen;
    present.emplace_back(path);
    if (before->second == stamp) return true;
    found.changed.emplace_back(path);
    return S_ISDIR(stamp.mode) && S_ISDIR(before->second.mode);
  });
  if (!walked) return walked.error();
  if (seen < stamps_.size()) {
    std::sort(present.begin(), present.end());
    for (const auto& entry : stamps_) {
      if (!std::binary_search(present.begin(), present.end(), entry.first)) found.removed.push_back(entry.first);
    }
  }
  return found;
}

Result<bool> undo_additions(const TreeManifest& manifest, const fs::path& folder) {
  auto difference = manifest.difference(folder);
  if (!difference) return difference.error();
  if (!difference->only_added()) return false;
  for (const std::string& path : difference->added) {
    if (auto removed = remove_tree(folder / path); !removed) return removed.error();
  }
  return true;
}

}  // namespace baton
