#include "git/clean_blobs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>

#include "git/calls.h"
#include "git/fields.h"
#include "git/objects.h"
#include "git/tree.h"
#include "support/files.h"

namespace baton {
namespace fs = std::filesystem;
namespace {

// Larger ones go through git, which streams them.
constexpr std::int64_t kMaxInMemory = 32 << 20;

struct Attributes {
  bool converts = false;        // a filter, an encoding or $Id$: git must see the text
  std::string text, crlf, eol;  // empty when unspecified

  // Line ends are converted, or not, whatever the index holds.
  bool ends_decided() const { return text != "auto" && !(text.empty() && crlf.empty() && eol.empty()); }
};

class Cleaner {
 public:
  Cleaner(Store& store, std::stop_token stop) : store_(store), root_(store.repository().root), stop_(std::move(stop)) {}

  Result<CleanBlobs> clean(std::vector<DirtyFile> files) {
    if (auto read = read_attributes(files); !read) return read.error();
    for (DirtyFile& file : files) {
      if (stop_.stop_requested()) return Error{ErrorKind::cancelled, "Cancelled while the snapshot was taken."};
      if (auto cleaned = file.text ? clean_text(file) : clean_disk(file); !cleaned) return cleaned.error();
    }
    if (auto cleaned = clean_by_git(); !cleaned) return cleaned.error();
    return std::move(result_);
  }

 private:
  void leave_out(const DirtyFile& file, const std::string& reason) {
    result_.left_out.push_back(file.path + ": " + reason);
  }
  void take(const DirtyFile& file, std::string blob, unsigned mode) {
    result_.entries.push_back({file.path, std::move(blob), mode, 0});
  }
  Status put(const DirtyFile& file, std::string_view bytes, unsigned mode) {
    auto blob = store_.write_blob(bytes);
    if (!blob) return blob.error();
    take(file, std::move(*blob), mode);
    return done();
  }

  Status read_attributes(const std::vector<DirtyFile>& files) {
    if (files.empty()) return done();
    const std::vector<std::string> args = {"check-attr", "-z",   "--stdin", "filter", "ident", "working-tree-encoding",
                                           "text",       "crlf", "eol"};
    GitCall call = in_work_tree(store_.repository(), args);
    std::optional<TemporaryFolder> small;
    if (store_.repository().sparse) {
      // Reading a sparse index makes git write trees that are there already: it would touch the user's object files.
      auto made = small_index(files);
      if (!made) return made.error();
      small = std::move(*made);
      call = in_index(*small, args);
    }
    for (const DirtyFile& file : files) {
      call.stdin_text += file.path;
      call.stdin_text += '\0';
    }
    const auto out = git_output(call, stop_);
    if (!out) return out.error();
    for (Fields fields(*out); !fields.done();) {
      const std::string path(fields.next());
      const std::string_view name = fields.next();
      const std::string_view value = fields.next();
      if (value == "unspecified") continue;
      Attributes& attributes = attributes_[path];
      if (name == "text") {
        attributes.text = value;
      } else if (name == "crlf") {
        attributes.crlf = value;
      } else if (name == "eol") {
        attributes.eol = value;
      } else if (value != "unset") {
        attributes.converts = true;
      }
    }
    return done();
  }

  Status clean_disk(DirtyFile& file) {
    const fs::path path = root_ / file.path;
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) {
        take(file, "", 0);
      } else {
        leave_out(file, std::strerror(errno));
      }
      return done();
    }
    if (S_ISLNK(info.st_mode)) {
      std::error_code code;
      const fs::path target = fs::read_symlink(path, code);
      if (!code) return put(file, target.native(), kSymlinkMode);
      leave_out(file, code.message());
      return done();
    }
    if (!S_ISREG(info.st_mode)) {
      leave_out(file, S_ISDIR(info.st_mode) ? "is a folder that is a repository of its own" : "is not a regular file");
      return done();
    }
    if (::access(path.c_str(), R_OK) != 0) {
      leave_out(file, "cannot be read (no permission)");
      return done();
    }
    if (info.st_size > kMaxInMemory || attributes_[file.path].converts) {
      for_git_.push_back(std::move(file));
      return done();
    }
    auto bytes = read_file(path);
    if (!bytes) {
      leave_out(file, bytes.error().message);
      return done();
    }
    if (bytes->find("\r\n") != bytes->npos) {
      for_git_.push_back(std::move(file));
      return done();
    }
    return put(file, *bytes, file.mode);
  }

  // git converts CRLF of a new file only: where the index has CRLF already and no rule decides, the text stays as it
  // is.
  Result<bool> line_ends_stay(const DirtyFile& file) {
    if (attributes_[file.path].ends_decided() || file.index_blob.empty() || file.index_mode == kSubmoduleMode)
      return false;
    auto before = store_.read_blob(file.index_blob);
    if (!before) return before.error();
    return before->find("\r\n") != before->npos && before->find('\0') == before->npos;
  }

  Status clean_text(const DirtyFile& file) {
    const std::string& text = *file.text;
    if (!attributes_[file.path].converts) {
      if (text.find("\r\n") == text.npos) return put(file, text, file.mode);
      const auto stay = line_ends_stay(file);
      if (!stay) return stay.error();
      if (*stay) return put(file, text, file.mode);
    }
    GitCall call = in_work_tree(store_.repository(),
                                {"-c", "core.safecrlf=false", "hash-object", "--stdin", "--path=" + file.path});
    call.stdin_text = text;
    auto id = git_output(call, stop_);
    if (!id) return id.error();
    *id = without_line_end(std::move(*id));
    // Asked for first and written only when new: writing what is there already would touch the user's own object files.
    if (!store_.objects().exists(*id)) {
      call.args.emplace_back("-w");
      set(call.extra_env, "GIT_OBJECT_DIRECTORY", (store_.path() / "objects").string());
      if (auto written = git_output(call, stop_); !written) return written.error();
    }
    take(file, std::move(*id), file.mode);
    return done();
  }

  // `git update-index` over a small index of ours that holds just these files, so that line end rules see what the
  // user's index has. The ids first; what is new is written by a second run.
  Status clean_by_git() {
    if (for_git_.empty()) return done();
    std::map<std::string, TreeEntry> found;
    if (auto hashed = hash_by_git(for_git_, false, found); !hashed) return hashed;
    std::vector<DirtyFile> fresh;
    for (const DirtyFile& file : for_git_) {
      const auto entry = found.find(file.path);
      take(file, entry == found.end() ? "" : entry->second.blob, entry == found.end() ? 0 : entry->second.mode);
      if (entry != found.end() && !store_.objects().exists(entry->second.blob)) fresh.push_back(file);
    }
    if (fresh.empty()) return done();
    std::map<std::string, TreeEntry> written;
    if (auto hashed = hash_by_git(fresh, true, written); !hashed) return hashed;
    for (TreeEntry& entry : result_.entries) {  // a file may have changed between the two runs: what was written counts
      if (const auto again = written.find(entry.path); again != written.end()) entry = again->second;
    }
    return done();
  }

  GitCall in_index(const TemporaryFolder& index, std::vector<std::string> args) const {
    args.insert(args.begin(), {"-c", "index.sparse=false"});
    GitCall call = in_work_tree(store_.repository(), std::move(args));
    set(call.extra_env, "GIT_INDEX_FILE", (index.path() / "index").string());
    set(call.extra_env, "GIT_OBJECT_DIRECTORY", (store_.path() / "objects").string());
    return call;
  }

  // An index that holds just these files, as the user's index has them.
  Result<TemporaryFolder> small_index(const std::vector<DirtyFile>& files) {
    auto folder = TemporaryFolder::make(store_.path(), "index-");
    if (!folder) return folder;
    auto known = index_lines(files);
    if (!known) return known.error();
    GitCall fill = in_index(*folder, {"update-index", "-z", "--index-info"});
    fill.stdin_text = std::move(*known);
    if (auto filled = git_output(fill, stop_); !filled) return filled.error();
    return folder;
  }

  Status hash_by_git(const std::vector<DirtyFile>& files, bool write, std::map<std::string, TreeEntry>& out) {
    const auto small = small_index(files);
    if (!small) return small.error();
    const auto with_index = [&](std::vector<std::string> args) { return in_index(*small, std::move(args)); };
    std::vector<std::string> args = {"-c", "core.safecrlf=false", "update-index", "--add", "--remove", "--replace"};
    if (!write) args.emplace_back("--info-only");
    args.insert(args.end(), {"-z", "--stdin"});
    GitCall hash = with_index(std::move(args));
    for (const DirtyFile& file : files) {
      hash.stdin_text += file.path;
      hash.stdin_text += '\0';
    }
    if (auto hashed = git_output(hash, stop_); !hashed) return hashed.error();

    const auto listed = git_output(with_index({"ls-files", "--stage", "-z"}), stop_);
    if (!listed) return listed.error();
    for (Fields fields(*listed); !fields.done();) {
      const std::string_view line = fields.next();  // "<mode> <id> <stage>\t<path>"
      const std::size_t tab = line.find('\t');
      const std::size_t first = line.find(' ');
      const std::size_t second = line.find(' ', first + 1);
      if (tab == line.npos || second == line.npos) continue;
      TreeEntry entry{std::string(line.substr(tab + 1)), std::string(line.substr(first + 1, second - first - 1)), 0, 0};
      for (const char c : line.substr(0, first)) entry.mode = entry.mode << 3 | static_cast<unsigned>(c - '0');
      out[entry.path] = std::move(entry);
    }
    return done();
  }

  // "<mode> <id>\t<path>\0" of each file that the index has. Where a sparse checkout leaves folders out, their
  // attribute files are read from the index, so these are added.
  Result<std::string> index_lines(const std::vector<DirtyFile>& files) {
    std::map<std::string, std::string> lines;
    const auto add = [&](const std::string& path, const std::string& blob, unsigned mode) {
      std::string text;
      for (unsigned m = mode; m; m >>= 3) text.insert(text.begin(), static_cast<char>('0' + (m & 7)));
      lines[path] = text + " " + blob + "\t" + path;
    };
    for (const DirtyFile& file : files) {
      if (!file.index_blob.empty() && file.index_mode != kSubmoduleMode && file.index_mode != 0)
        add(file.path, file.index_blob, file.index_mode);
    }
    if (store_.repository().sparse) {
      const auto head = store_.resolve_commit("HEAD");
      const auto tree = head ? store_.tree_of(*head) : head;
      for (const DirtyFile& file : files) {
        for (std::size_t slash = 0; tree && slash != file.path.npos; slash = file.path.find('/', slash + 1)) {
          const std::string path = file.path.substr(0, slash) + (slash ? "/" : "") + ".gitattributes";
          if (lines.contains(path)) continue;
          const auto node = find_in_tree(store_.objects(), *tree, path);
          if (node && *node) add(path, (*node)->id, (*node)->mode);
        }
      }
    }
    std::string text;
    for (const auto& [path, line] : lines) {
      text += line;
      text += '\0';
    }
    return text;
  }

  Store& store_;
  fs::path root_;
  std::stop_token stop_;
  std::map<std::string, Attributes> attributes_;
  std::vector<DirtyFile> for_git_;
  CleanBlobs result_;
};

}  // namespace

Result<CleanBlobs> clean_blobs(Store& store, std::vector<DirtyFile> files, std::stop_token stop) {
  return Cleaner(store, std::move(stop)).clean(std::move(files));
}

}  // namespace baton
