#include "orchestrator/context/workspace_view.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>

#include "git/history.h"
#include "git/repository.h"
#include "git/tree.h"
#include "orchestrator/file_source.h"
#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

// A file that was written in the same moments as the index may have been written again since without a new time.
constexpr std::int64_t kRacy = 2'000'000'000;

std::int64_t now_nanoseconds() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string tree_of_commit(std::string_view commit) {
  constexpr std::string_view kTree = "tree ";
  return commit.starts_with(kTree) ? std::string(commit.substr(kTree.size(), commit.find('\n') - kTree.size())) : "";
}

class CommitView : public WorkspaceView {
 public:
  CommitView(Objects& objects, const fs::path& git_dir, std::string_view commit) : objects_(objects) {
    git_dir_ = git_dir;
    commit_ = commit;
  }

  Status list() {
    auto commit = need(objects_, commit_, ObjectType::commit);
    if (!commit) return commit.error();
    auto entries = list_tree(objects_, tree_of_commit(commit->bytes));
    if (!entries) return entries.error();
    for (TreeEntry& entry : *entries) {
      const bool is_file = entry.mode == kFileMode || entry.mode == kExecutableMode;
      if (is_file && source_kind(entry.path) != SourceKind::none) files_.push_back({std::move(entry.path), std::move(entry.blob)});
    }
    keep_bounded();
    return done();
  }

  Result<std::string> read(const ViewFile& file) const override {
    auto object = need(objects_, file.blob, ObjectType::blob);
    if (!object) return object.error();
    return std::move(object->bytes);
  }
  bool holds(const ViewFile&, std::string_view) const override { return true; }

 private:
  Objects& objects_;
};

class FolderView : public WorkspaceView {
 public:
  explicit FolderView(const fs::path& root) : root_(root) {}

  Status list(IndexData& index, std::stop_token stop) {
    auto repository = open_repository(root_);
    std::vector<std::string> paths;
    if (repository) {
      root_ = repository->root;
      git_dir_ = repository->common_dir;
      commit_ = repository->head.value_or("");
      auto listed = work_tree_files(root_, stop);
      if (!listed) return listed.error();
      paths = std::move(*listed);
    } else {
      paths = folder_source(root_)->files();
    }
    std::map<std::string, SeenFile> seen;
    for (std::string& path : paths) {
      if (source_kind(path) == SourceKind::none) continue;
      auto file = look(path, index);
      if (!file) continue;
      files_.push_back({path, file->blob});
      seen.emplace_hint(seen.end(), std::move(path), std::move(*file));
    }
    index.seen = std::move(seen);
    index.seen_at = now_nanoseconds();
    keep_bounded();
    return done();
  }

  Result<std::string> read(const ViewFile& file) const override { return read_file(root_ / file.path, kMaxSource + 1); }
  bool holds(const ViewFile& file, std::string_view text) const override { return blob_id(text) == file.blob; }

 private:
  // Absent for what is no regular file, or cannot be read.
  std::optional<SeenFile> look(const std::string& path, const IndexData& index) const {
    struct stat status {};
    if (::lstat((root_ / path).c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    SeenFile seen{static_cast<std::uint64_t>(status.st_size), std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec, ""};
    if (seen.size > kMaxSource) return std::nullopt;
    if (const auto known = index.seen.find(path); known != index.seen.end()) {
      const SeenFile& before = known->second;
      if (before.size == seen.size && before.modified == seen.modified && seen.modified + kRacy < index.seen_at) {
        seen.blob = before.blob;
        return seen;
      }
    }
    const auto text = read_file(root_ / path, kMaxSource + 1);
    if (!text) return std::nullopt;
    seen.blob = blob_id(*text);
    return seen;
  }

  fs::path root_;
};

}  // namespace

void WorkspaceView::keep_bounded() {
  if (files_.size() <= kMaxIndexFiles) return;
  left_out_ = files_.size() - kMaxIndexFiles;
  std::stable_sort(files_.begin(), files_.end(), [](const ViewFile& a, const ViewFile& b) {
    return (source_kind(a.path) == SourceKind::code) > (source_kind(b.path) == SourceKind::code);
  });
  files_.resize(kMaxIndexFiles);
  std::sort(files_.begin(), files_.end(), [](const ViewFile& a, const ViewFile& b) { return a.path < b.path; });
}

Result<std::unique_ptr<WorkspaceView>> commit_view(Objects& objects, const fs::path& git_dir, std::string_view commit) {
  auto view = std::make_unique<CommitView>(objects, git_dir, commit);
  if (auto listed = view->list(); !listed) return listed.error();
  return std::unique_ptr<WorkspaceView>(std::move(view));
}

Result<std::unique_ptr<WorkspaceView>> folder_view(const fs::path& root, IndexData& index, std::stop_token stop) {
  auto view = std::make_unique<FolderView>(root);
  if (auto listed = view->list(index, stop); !listed) return listed.error();
  return std::unique_ptr<WorkspaceView>(std::move(view));
}

}  // namespace baton
