#include "orchestrator/file_source.h"

#include <algorithm>
#include <array>

#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFile = 4u << 20;
constexpr std::size_t kMaxFilesFollowed = 200'000;
constexpr int kMaxDepth = 64;

constexpr std::array<std::string_view, 16> kSkipped = {
    ".git",  ".hg",         ".svn",        "node_modules", ".venv",       "venv",        ".tox",    ".nox",
    ".mypy_cache", "__pycache__", ".pytest_cache", ".baton-build", ".baton-venv", ".baton-lint", ".nyc_output", ".cache"};

bool is_build_output(const fs::path& folder) {
  std::error_code error;
  for (const char* mark : {"CMakeCache.txt", "build.ninja", "CACHEDIR.TAG", "pyvenv.cfg"}) {
    if (fs::exists(folder / mark, error)) return true;
  }
  return false;
}

class FolderSource : public FileSource {
 public:
  explicit FolderSource(fs::path root) : root_(std::move(root)) {
    walk(root_, "", 0);
    std::sort(files_.begin(), files_.end());
  }

  std::optional<std::string> read(std::string_view path) const override {
    if (!std::binary_search(files_.begin(), files_.end(), path)) return std::nullopt;
    auto text = read_file(root_ / path, kMaxFile);
    if (!text) return std::nullopt;
    return std::move(*text);
  }
  const std::vector<std::string>& files() const override { return files_; }

 private:
  void walk(const fs::path& folder, const std::string& prefix, int depth) {
    std::error_code error;
    for (auto entry = fs::directory_iterator(folder, fs::directory_options::skip_permission_denied, error);
         !error && entry != fs::directory_iterator(); entry.increment(error)) {
      if (files_.size() >= kMaxFilesFollowed) return;
      const std::string name = entry->path().filename().string();
      std::error_code ignored;
      const auto type = entry->symlink_status(ignored).type();
      if (type == fs::file_type::regular) {
        files_.push_back(prefix + name);
      } else if (type == fs::file_type::directory && depth < kMaxDepth &&
                 std::find(kSkipped.begin(), kSkipped.end(), name) == kSkipped.end() &&
                 !is_build_output(entry->path())) {
        walk(entry->path(), prefix + name + "/", depth + 1);
      }
    }
  }

  fs::path root_;
  std::vector<std::string> files_;
};

class TreeSource : public FileSource {
 public:
  TreeSource(const Store& store, const std::vector<TreeEntry>& entries) : store_(store) {
    for (const TreeEntry& entry : entries) {
      if ((entry.mode & 0170000) != 0100000) continue;  // neither links nor submodules
      if (blobs_.size() >= kMaxFilesFollowed) break;
      blobs_.emplace_back(entry.path, entry.blob);
    }
    // Git orders folders as if their names ended in a slash.
    std::sort(blobs_.begin(), blobs_.end());
    files_.reserve(blobs_.size());
    for (const auto& [path, blob] : blobs_) files_.push_back(path);
  }

  std::optional<std::string> read(std::string_view path) const override {
    const auto found = std::lower_bound(blobs_.begin(), blobs_.end(), path,
                                        [](const auto& entry, std::string_view key) { return entry.first < key; });
    if (found == blobs_.end() || found->first != path) return std::nullopt;
    auto text = store_.read_blob(found->second);
    if (!text || text->size() > kMaxFile) return std::nullopt;
    return std::move(*text);
  }
  const std::vector<std::string>& files() const override { return files_; }

 private:
  const Store& store_;
  std::vector<std::pair<std::string, std::string>> blobs_;
  std::vector<std::string> files_;
};

}  // namespace

bool FileSource::exists(std::string_view path) const {
  const auto& all = files();
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return !all.empty();
  if (std::binary_search(all.begin(), all.end(), path)) return true;
  const std::string folder = std::string(path) + "/";
  const auto inside = std::lower_bound(all.begin(), all.end(), folder);
  return inside != all.end() && inside->starts_with(folder);
}

std::unique_ptr<FileSource> folder_source(const fs::path& root) { return std::make_unique<FolderSource>(root); }

Result<std::unique_ptr<FileSource>> tree_source(const Store& store, std::string_view tree) {
  auto entries = store.list(tree);
  if (!entries) return entries.error();
  return std::unique_ptr<FileSource>(std::make_unique<TreeSource>(store, *entries));
}

}  // namespace baton
