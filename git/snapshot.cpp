#include "git/snapshot.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "git/calls.h"
#include "git/clean_blobs.h"
#include "git/config_file.h"
#include "git/fields.h"
#include "git/hidden_changes.h"
#include "git/objects.h"
#include "git/status.h"
#include "git/tree.h"

namespace baton {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kMaxUntracked = 100 << 20;

// Whenever git reads a split index it freshens the time of the shared half, by which it finds old ones to remove. Ours
// put it back.
class KeptTimes {
 public:
  explicit KeptTimes(const fs::path& git_dir) {
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(git_dir, code)) {
      struct stat info {};
      if (entry.path().filename().string().starts_with("sharedindex.") && ::lstat(entry.path().c_str(), &info) == 0)
        files_.emplace_back(entry.path(), info);
    }
  }
  KeptTimes(const KeptTimes&) = delete;
  KeptTimes& operator=(const KeptTimes&) = delete;
  ~KeptTimes() {
    for (const auto& [path, before] : files_) {
      struct stat info {};
      if (::lstat(path.c_str(), &info) != 0 || info.st_ino != before.st_ino || info.st_size != before.st_size) continue;
      if (info.st_mtim.tv_sec == before.st_mtim.tv_sec && info.st_mtim.tv_nsec == before.st_mtim.tv_nsec) continue;
      const timespec times[] = {before.st_atim, before.st_mtim};
      ::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW);
    }
  }

 private:
  std::vector<std::pair<fs::path, struct stat>> files_;
};

class SnapshotTaker {
 public:
  SnapshotTaker(Store& store, std::stop_token stop)
      : store_(store), repository_(store.repository()), stop_(std::move(stop)) {}

  Result<Snapshot> take(const Overlay& unsaved) {
    auto status = read_status(repository_, stop_);
    if (!status) return status.error();
    snapshot_.head = status->head;
    if (!snapshot_.head.empty()) {
      auto tree = store_.tree_of(snapshot_.head);
      if (!tree) return tree.error();
      head_tree_ = std::move(*tree);
    }
    const auto config = ConfigFile::read(repository_.common_dir / "config");
    trust_mode_ = !config || !config->get("core.filemode") || config->get_bool("core.filemode");

    for (const TrackedChange& change : status->tracked) add_tracked(change);
    for (const std::string& path : status->untracked) add_untracked(path);
    if (auto told = add_hidden(); !told) return told.error();
    if (auto added = add_unsaved(unsaved, *status); !added) return added.error();
    snapshot_.unsaved.assign(unsaved_.begin(), unsaved_.end());

    std::vector<DirtyFile> files;
    for (auto& [path, file] : dirty_) files.push_back(std::move(file));
    auto cleaned = clean_blobs(store_, std::move(files), stop_);
    if (!cleaned) return cleaned.error();
    for (TreeEntry& entry : cleaned->entries) updates_[entry.path] = std::move(entry);
    snapshot_.left_out.insert(snapshot_.left_out.end(), cleaned->left_out.begin(), cleaned->left_out.end());
    return write();
  }

 private:
  void leave_out(const std::string& path, const std::string& reason) {
    snapshot_.left_out.push_back(path + ": " + reason);
  }

  void leave_out_change(const std::string& path, const std::string& reason) {
    leave_out(path, reason);
    snapshot_.partial = true;
  }

  Status add_hidden() {
    const auto hidden = hidden_changes(store_, stop_);
    if (!hidden) return hidden.error();
    for (const std::string& path : *hidden)
      leave_out_change(path, "git has been told not to look at it (skip-worktree or assume-unchanged), and it has changed; it is taken as the index has it");
    return done();
  }

  void add_tracked(const TrackedChange& change) {
    // Of a file that is announced only (`git add -N`) git says as HEAD's what the index has.
    if (change.staged != '.' || change.unstaged == 'M' || change.unstaged == 'T')
      in_head_[change.path] = {change.head_mode, change.path, change.head_mode ? change.head_blob : std::string()};
    if (change.index_mode == kSubmoduleMode) {
      if (change.submodule.find_first_of("MU", 1) != std::string::npos)
        leave_out_change(change.path, "the submodule has changes that are not committed there; its commit alone is taken");
      if (!change.unmerged) updates_[change.path] = {change.path, commit_of_submodule(change), kSubmoduleMode, 0};
    } else if (change.unstaged == 'D' || (change.unstaged == '.' && change.staged == 'D')) {
      updates_[change.path] = {change.path, "", 0, 0};
    } else if (change.unstaged == '.') {
      updates_[change.path] = {change.path, change.index_blob, change.index_mode, 0};
    } else {
      const unsigned mode = change.work_mode == kExecutableMode ? kExecutableMode : kFileMode;
      const bool known = change.index_mode != 0;
      dirty_[change.path] = {change.path, mode, std::nullopt, known ? change.index_blob : std::string(),
                             change.index_mode};
    }
  }

  // What `git add` would take: the commit that is checked out there.
  std::string commit_of_submodule(const TrackedChange& change) {
    if (change.submodule.find('C', 1) == std::string::npos) return change.index_blob;
    const fs::path folder = repository_.root / change.path;
    const GitCall call{.cwd = folder,
                       .args = {"rev-parse", "--verify", "--quiet", "HEAD^{commit}"},
                       .extra_env = {{"GIT_CEILING_DIRECTORIES", folder.parent_path().string()}}};
    if (const auto head = git_output(call, stop_)) return without_line_end(*head);
    leave_out(change.path, "the commit that is checked out in the submodule cannot be read; the index has the one that is taken");
    return change.index_blob;
  }

  void add_untracked(const std::string& path) {
    if (path.ends_with('/')) return leave_out(path, "is a repository of its own");
    struct stat info {};
    if (::lstat((repository_.root / path).c_str(), &info) != 0) return;  // gone meanwhile
    if (S_ISREG(info.st_mode) && info.st_size > kMaxUntracked) return leave_out(path, "larger than 100 MiB");
    updates_.erase(path);
    dirty_[path] = {path, trust_mode_ && (info.st_mode & 0100) ? kExecutableMode : kFileMode, std::nullopt, "", 0};
  }

  Status add_unsaved(const Overlay& unsaved, const WorkTreeStatus& status) {
    const std::set<std::string> untracked(status.untracked.begin(), status.untracked.end());
    std::map<std::string, const std::string*> unknown;  // neither tracked nor listed as new: perhaps ignored
    for (const auto& [given, text] : unsaved) {
      const auto path = own_path(given);
      if (!path) continue;
      const bool removed = updates_.contains(*path) && updates_[*path].blob.empty() && !untracked.contains(*path);
      const auto in_head = head_node(*path);
      if (!in_head) return in_head.error();
      const bool in_index = dirty_.contains(*path) || (updates_.contains(*path) && !removed);
      if (in_index || (*in_head && !removed && !updates_.contains(*path))) {
        overlay(*path, text, *in_head);
      } else {
        unknown[*path] = &text;
      }
    }
    if (unknown.empty()) return done();
    GitCall call = in_work_tree(repository_, {"check-ignore", "--no-index", "-z", "--stdin"});
    for (const auto& [path, text] : unknown) (call.stdin_text += path) += '\0';
    const auto ignored = run_git(call, stop_);
    if (!ignored) return ignored.error();
    if (ignored->exit_code != 0 && ignored->exit_code != 1) return git_output(call, stop_).error();
    for (Fields fields(ignored->out); !fields.done();) unknown.erase(std::string(fields.next()));
    for (const auto& [path, text] : unknown) overlay(path, *text, std::nullopt);
    return done();
  }

  void overlay(const std::string& path, const std::string& text, const std::optional<TreeNode>& in_head) {
    DirtyFile file{path, kFileMode, text, "", 0};
    if (const auto known = dirty_.find(path); known != dirty_.end()) {
      file = known->second;
    } else if (const auto staged = updates_.find(path); staged != updates_.end() && !staged->second.blob.empty()) {
      file = {path, staged->second.mode, text, staged->second.blob, staged->second.mode};
    } else if (in_head) {
      file = {path, in_head->mode, text, in_head->id, in_head->mode};
    }
    if (file.mode == kSubmoduleMode) return leave_out(path, "unsaved text over a submodule");
    if (file.mode != kExecutableMode) file.mode = kFileMode;
    file.text = text;
    updates_.erase(path);
    dirty_[path] = std::move(file);
    unsaved_.insert(path);
  }

  // Where the text of an editor's path really lies, relative to the root; absent when that is not in this work tree.
  std::optional<std::string> own_path(const std::string& given) {
    std::error_code code;
    const fs::path real = fs::weakly_canonical(repository_.root / given, code);
    const fs::path relative = code ? fs::path() : real.lexically_relative(repository_.root);
    const auto first = relative.begin();
    if (relative.empty() || *first == ".." || *first == "." || *first == ".git" || given.empty() ||
        fs::is_directory(real, code)) {
      leave_out(given, "is no file of this work tree");
      return std::nullopt;
    }
    for (fs::path folder = real.parent_path(); folder != repository_.root; folder = folder.parent_path()) {
      if (!fs::exists(fs::symlink_status(folder / ".git", code))) continue;
      leave_out(given, "belongs to another repository");
      return std::nullopt;
    }
    return relative.string();
  }

  Result<std::optional<TreeNode>> head_node(const std::string& path) {
    if (const auto known = in_head_.find(path); known != in_head_.end())
      return known->second.id.empty() ? std::optional<TreeNode>() : std::optional<TreeNode>(known->second);
    return find_in_tree(store_.objects(), head_tree_, path);
  }

  Result<Snapshot> write() {
    std::vector<TreeEntry> updates;
    for (auto& [path, entry] : updates_) {
      const auto before = head_node(path);
      if (!before) return before.error();
      const std::string old_id = *before && (*before)->mode != kTreeMode ? (*before)->id : "";
      if (old_id == entry.blob && (old_id.empty() || (*before)->mode == entry.mode)) continue;
      snapshot_.changed.push_back(path);
      updates.push_back(std::move(entry));
    }
    std::sort(snapshot_.left_out.begin(), snapshot_.left_out.end());
    auto tree = updates.empty() && !head_tree_.empty() ? Result<std::string>(head_tree_)
                                                       : store_.write_tree(head_tree_, updates);
    if (!tree) return tree.error();
    snapshot_.tree = std::move(*tree);
    snapshot_.clean = snapshot_.tree == head_tree_;
    if (snapshot_.clean) {
      snapshot_.commit = snapshot_.head;
      return std::move(snapshot_);
    }
    // HEAD's own time, so that equal trees give equal commits.
    const std::vector<std::string> parents =
        snapshot_.head.empty() ? std::vector<std::string>() : std::vector{snapshot_.head};
    auto commit = store_.write_commit(snapshot_.tree, parents, "The working tree as its user sees it", time_of_head());
    if (!commit) return commit.error();
    snapshot_.commit = std::move(*commit);
    return std::move(snapshot_);
  }

  std::int64_t time_of_head() {
    if (snapshot_.head.empty()) return 0;
    const auto commit = store_.objects().get(snapshot_.head);
    if (!commit || !*commit) return 0;
    const std::string& bytes = (*commit)->bytes;
    const std::size_t line = bytes.find("\ncommitter ");
    const std::size_t mail_end = bytes.find("> ", line == bytes.npos ? bytes.size() : line);
    std::int64_t seconds = 0;
    if (mail_end != bytes.npos) std::from_chars(bytes.data() + mail_end + 2, bytes.data() + bytes.size(), seconds);
    return seconds;
  }

  Store& store_;
  const Repository& repository_;
  std::stop_token stop_;
  Snapshot snapshot_;
  std::string head_tree_;
  bool trust_mode_ = true;
  std::map<std::string, TreeNode> in_head_;   // what HEAD has, of paths that status names; an empty id: nothing
  std::map<std::string, TreeEntry> updates_;  // decided
  std::map<std::string, DirtyFile> dirty_;    // content still to be read
  std::set<std::string> unsaved_;             // whose text is an editor's
};

}  // namespace

Result<Snapshot> take_snapshot(Store& store, const Overlay& unsaved, std::stop_token stop) {
  const KeptTimes shared_index(store.repository().git_dir);
  return SnapshotTaker(store, std::move(stop)).take(unsaved);
}

}  // namespace baton
