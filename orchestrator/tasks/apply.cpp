// The result into the user's working tree, as edits: first it is looked whether every file can take its edit, then all are written;
// what fails half way is taken back.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include "git/file_merge.h"
#include "git/tree.h"
#include "orchestrator/tasks/landing.h"
#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

bool is_link(unsigned mode) { return (mode & 0170000) == (kSymlinkMode & 0170000); }
bool is_binary(std::string_view text) { return text.find('\0') != text.npos; }

bool has_crlf(std::string_view text) { return text.find("\r\n") != text.npos; }

std::string with_lf(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') out += text[i];
  }
  return out;
}

std::string with_crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) out += '\r';
    out += text[i];
  }
  return out;
}

// A place of the working tree as it is. A link's bytes are where it points.
struct OnDisk {
  std::optional<std::string> bytes;
  bool link = false;
  unsigned permissions = 0644;

  bool operator==(const OnDisk&) const = default;
};

Result<OnDisk> look(const fs::path& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return OnDisk{};
    return Error{ErrorKind::io, "Cannot look at " + path.string() + ": " + std::strerror(errno) + "."};
  }
  OnDisk there;
  there.permissions = found.st_mode & 07777;
  if (S_ISLNK(found.st_mode)) {
    std::error_code failed;
    there.link = true;
    there.bytes = fs::read_symlink(path, failed).string();
    if (failed) return Error{ErrorKind::io, "Cannot read the link " + path.string() + ": " + failed.message() + "."};
    return there;
  }
  if (!S_ISREG(found.st_mode)) return Error{ErrorKind::precondition, path.string() + " is no file; move it away, then apply again."};
  auto bytes = read_file(path);
  if (!bytes) return bytes.error();
  there.bytes = std::move(*bytes);
  return there;
}

// Inside the tree, not in a git folder, and through no link.
Status check_place(const fs::path& root, const std::string& path) {
  const fs::path relative(path);
  const Error outside{ErrorKind::precondition, "\"" + path + "\" does not lie in the working tree; nothing was applied."};
  if (path.empty() || relative.is_absolute()) return outside;
  fs::path at = root;
  for (const fs::path& part : relative) {
    std::string name = part.string();
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (name.empty() || name == "." || name == ".." || name == ".git") return outside;
  }
  for (const fs::path& part : relative.parent_path()) {
    at /= part;
    std::error_code failed;
    if (fs::is_symlink(at, failed)) return Error{ErrorKind::precondition, at.string() + " is a link, and what lies behind it is not written; nothing was applied."};
  }
  return done();
}

struct Write {
  fs::path path;
  OnDisk before, after;
};

class Applying {
 public:
  Applying(const Repository& repository, const std::vector<std::string>& unsaved) : root_(repository.root), unsaved_(unsaved) {}

  Status run(const std::vector<TreeEdit>& edits) {
    std::vector<std::string> conflicts, open;
    for (const TreeEdit& edit : edits) {
      if (auto inside = check_place(root_, edit.path); !inside) return inside;
      if (std::find(unsaved_.begin(), unsaved_.end(), edit.path) != unsaved_.end()) {
        open.push_back(edit.path);
        continue;
      }
      auto planned = plan(edit);
      if (!planned) return planned.error();
      if (!*planned) conflicts.push_back(edit.path);
    }
    if (!open.empty()) return Error{ErrorKind::precondition, "Nothing was applied: " + listed(open) + " has unsaved changes in an editor; save or undo them, then apply again."};
    if (!conflicts.empty())
      return Error{ErrorKind::precondition, "Nothing was applied: you have changed the same lines since the task began, in " + listed(conflicts) + "; take the result from its branch, or undo yours and apply again."};
    return write();
  }

 private:
  static std::string listed(const std::vector<std::string>& paths) {
    std::string text;
    for (const std::string& path : paths) text += (text.empty() ? "" : ", ") + path;
    return text;
  }

  // False: it cannot be without losing something of the user's.
  Result<bool> plan(const TreeEdit& edit) {
    const fs::path path = root_ / edit.path;
    std::error_code ignored;
    auto there = Result<OnDisk>(OnDisk{});
    if (fs::is_directory(fs::symlink_status(path, ignored))) {
      if (!edit.after || edit.before) return !edit.after && !edit.before;
      if (auto free = will_be_free(edit.path, path); !free) return free.error();
    } else {
      there = look(path);
    }
    if (!there) return there.error();
    const auto wanted = after(edit, *there);
    if (!wanted) return false;
    if (!(*wanted == *there)) writes_.push_back({path, std::move(*there), std::move(*wanted)});
    return true;
  }

  // A folder whose files all go: they were planned before.
  Status will_be_free(const std::string& place, const fs::path& folder) {
    std::error_code failed;
    for (fs::recursive_directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
      if (at->is_directory() && !at->is_symlink()) continue;
      const bool goes = std::any_of(writes_.begin(), writes_.end(), [&](const Write& write) { return write.path == at->path() && !write.after.bytes; });
      if (!goes) return Error{ErrorKind::precondition, "Nothing was applied: " + place + " is a folder that holds " + at->path().lexically_relative(root_).string() + "; move it away, then apply again."};
    }
    return done();
  }

  static std::optional<OnDisk> after(const TreeEdit& edit, const OnDisk& there) {
    OnDisk wanted;
    if (!edit.after) {
      if (!there.bytes || is_same(edit.before, there)) return wanted;
      return std::nullopt;
    }
    wanted.link = is_link(edit.mode);
    wanted.permissions = permissions(there, edit.mode);
    if (wanted.link) wanted.permissions = there.link ? there.permissions : 0777;
    wanted.bytes = text_after(edit, there);
    if (!wanted.bytes) return std::nullopt;
    return wanted;
  }

  static unsigned permissions(const OnDisk& there, unsigned mode) {
    const unsigned readable = there.bytes && !there.link ? there.permissions : 0644;
    return (mode & 0111) != 0 ? readable | ((readable & 0444) >> 2) : readable & ~0111u;
  }

  static bool is_same(const std::optional<std::string>& text, const OnDisk& there) {
    if (!text || !there.bytes) return !text && !there.bytes;
    return *text == *there.bytes || (!there.link && !is_binary(*text) && !has_crlf(*text) && with_lf(*there.bytes) == *text);
  }

  static std::optional<std::string> text_after(const TreeEdit& edit, const OnDisk& there) {
    if (there.bytes && is_same(edit.after, there) && there.link == is_link(edit.mode)) return there.bytes;
    // git may have laid the lines with CRLF where its object has LF.
    const bool crlf = there.bytes && !there.link && has_crlf(*there.bytes) && !(edit.before && has_crlf(*edit.before));
    const auto laid = [&](const std::string& text) { return crlf && !is_binary(text) ? with_crlf(text) : text; };
    if (is_same(edit.before, there)) return is_link(edit.mode) ? *edit.after : laid(*edit.after);
    if (!edit.before || !there.bytes || there.link || is_link(edit.mode)) return std::nullopt;
    if (is_binary(*edit.before) || is_binary(*edit.after) || is_binary(*there.bytes)) return std::nullopt;
    const auto merged = merge_lines(*edit.before, crlf ? with_lf(*there.bytes) : *there.bytes, *edit.after);
    return merged ? std::optional(laid(*merged)) : std::nullopt;
  }

  Status write() {
    // What goes makes room for what comes.
    std::stable_partition(writes_.begin(), writes_.end(), [](const Write& write) { return !write.after.bytes; });
    for (std::size_t i = 0; i < writes_.size(); ++i) {
      auto now = look(writes_[i].path);
      auto put = !now ? Status(now.error()) : *now == writes_[i].before ? lay(writes_[i].path, writes_[i].after) : Status(Error{ErrorKind::precondition, writes_[i].path.string() + " was changed while it was applied; apply again."});
      if (put) continue;
      for (std::size_t k = i + 1; k-- > 0;) {
        const auto back = k == i ? done() : lay(writes_[k].path, writes_[k].before);
        if (!back) return Error{ErrorKind::io, put.error().message + " Not all could be taken back: " + back.error().message};
      }
      return Error{put.error().kind, "Nothing was applied: " + put.error().message};
    }
    return done();
  }

  Status lay(const fs::path& path, const OnDisk& what) {
    std::error_code failed;
    if (!what.bytes) {
      fs::remove(path, failed);
      if (failed) return Error{ErrorKind::io, "Cannot remove " + path.string() + ": " + failed.message() + "."};
      for (fs::path folder = path.parent_path(); folder != root_ && fs::is_empty(folder, failed) && !failed; folder = folder.parent_path()) fs::remove(folder, failed);
      return done();
    }
    if (auto made = make_folder(path.parent_path()); !made) return made;
    if (!what.link) return write_file(path, *what.bytes, what.permissions);
    fs::remove(path, failed);
    fs::create_symlink(*what.bytes, path, failed);
    if (failed) return Error{ErrorKind::io, "Cannot make the link " + path.string() + ": " + failed.message() + "."};
    return done();
  }

  fs::path root_;
  const std::vector<std::string>& unsaved_;
  std::vector<Write> writes_;
};

}  // namespace

Result<std::vector<TreeEdit>> edits_to_apply(Store& store, const std::string& snapshot, const std::string& commit) {
  std::map<std::string, std::pair<std::optional<TreeEntry>, std::optional<TreeEntry>>> paths;
  for (const bool is_result : {false, true}) {
    auto tree = store.tree_of(is_result ? commit : snapshot);
    if (!tree) return tree.error();
    auto entries = store.list(*tree);
    if (!entries) return entries.error();
    for (TreeEntry& entry : *entries) {
      auto& sides = paths[entry.path];
      (is_result ? sides.second : sides.first) = std::move(entry);
    }
  }
  std::vector<TreeEdit> edits;
  for (const auto& [path, sides] : paths) {
    const auto& [was, now] = sides;
    if (was && now && was->blob == now->blob && was->mode == now->mode) continue;
    if ((was && was->mode == kSubmoduleMode) || (now && now->mode == kSubmoduleMode))
      return Error{ErrorKind::precondition, "The result moves the submodule " + path + ", which cannot be applied to a working tree; take the result from its branch."};
    TreeEdit edit{path, std::nullopt, std::nullopt, now ? now->mode : was->mode};
    for (const bool is_result : {false, true}) {
      const auto& entry = is_result ? now : was;
      if (!entry) continue;
      auto bytes = store.read_blob(entry->blob);
      if (!bytes) return bytes.error();
      (is_result ? edit.after : edit.before) = std::move(*bytes);
    }
    edits.push_back(std::move(edit));
  }
  return edits;
}

Status apply_to_files(const Repository& repository, const std::vector<TreeEdit>& edits, const std::vector<std::string>& unsaved) {
  // Deletions first, so that a folder that is emptied can become a file.
  std::vector<TreeEdit> ordered = edits;
  std::stable_partition(ordered.begin(), ordered.end(), [](const TreeEdit& edit) { return !edit.after; });
  return Applying(repository, unsaved).run(ordered);
}

}  // namespace baton
