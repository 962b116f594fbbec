// Store::changes: what git's own diff says between two trees. Store::touched: what the trees themselves say.
#include <algorithm>
#include <charconv>
#include <deque>
#include <map>
#include <mutex>

#include "git/calls.h"
#include "git/fields.h"
#include "git/store.h"
#include "git/tree.h"

namespace baton {
namespace {

int to_int(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// ":<mode> <mode> <id> <id> <letter><score>\0<path>\0[<new path>\0]"
FileChange raw_record(Fields& fields) {
  const std::string_view head = fields.next();
  FileChange change;
  const std::size_t space = head.rfind(' ');
  const char letter = space == head.npos || space + 1 >= head.size() ? 'M' : head[space + 1];
  change.path = fields.next();
  change.old_path = change.path;
  if (letter == 'A') change.kind = ChangeKind::added;
  if (letter == 'D') change.kind = ChangeKind::deleted;
  if (letter == 'R') {
    change.kind = ChangeKind::renamed;
    change.path = fields.next();
  }
  return change;
}

// "<added>\t<removed>\t<path>\0", or with a rename "<added>\t<removed>\t\0<old>\0<new>\0"; in the order of the raw
// records.
void count_record(Fields& fields, FileChange& change) {
  const std::string_view line = fields.next();
  const std::size_t first = line.find('\t');
  const std::size_t second = line.find('\t', first + 1);
  if (second == line.npos) return;
  change.binary = line.starts_with('-');
  change.added = to_int(line.substr(0, first));
  change.removed = to_int(line.substr(first + 1, second - first - 1));
  if (second + 1 == line.size()) {
    fields.next();
    fields.next();
  }
}

// What the last calls said: trees never change, and a round of a task is asked for the same ones by several parts of it.
class Recent {
 public:
  std::optional<std::vector<FileChange>> find(const std::string& key) {
    const std::scoped_lock lock(mutex_);
    for (const auto& [known, changes] : entries_) {
      if (known == key) return changes;
    }
    return std::nullopt;
  }

  void keep(std::string key, const std::vector<FileChange>& changes) {
    if (changes.size() > kMostFiles) return;
    const std::scoped_lock lock(mutex_);
    if (entries_.size() == kMost) entries_.pop_front();
    entries_.emplace_back(std::move(key), changes);
  }

 private:
  static constexpr std::size_t kMost = 16, kMostFiles = 2000;
  std::mutex mutex_;
  std::deque<std::pair<std::string, std::vector<FileChange>>> entries_;
};

Recent& recent() {
  static Recent recent;
  return recent;
}

// Two trees side by side; where a folder is the same object on both sides nothing in it is read.
class Touched {
 public:
  explicit Touched(Objects& objects) : objects_(objects) {}

  Result<std::vector<FileChange>> run(std::string_view old_tree, std::string_view new_tree) {
    if (auto walked = walk(old_tree, new_tree, "", 0); !walked) return walked.error();
    std::sort(found_.begin(), found_.end(), [](const FileChange& a, const FileChange& b) { return a.path < b.path; });
    return std::move(found_);
  }

 private:
  using Sides = std::pair<std::optional<TreeNode>, std::optional<TreeNode>>;
  static constexpr int kMaxDepth = 1000;

  Status walk(std::string_view old_tree, std::string_view new_tree, const std::string& folder, int depth) {
    if (old_tree == new_tree || depth > kMaxDepth) return done();
    std::map<std::string, Sides> by_name;
    for (const auto& [tree, side] : {std::pair(old_tree, &Sides::first), std::pair(new_tree, &Sides::second)}) {
      if (tree.empty()) continue;
      auto nodes = read_tree_nodes(objects_, tree);
      if (!nodes) return nodes.error();
      for (TreeNode& node : *nodes) by_name[node.name].*side = node;
    }
    for (const auto& [name, sides] : by_name) {
      const auto& [was, now] = sides;
      if (was && now && was->id == now->id && was->mode == now->mode) continue;
      const auto folder_of = [](const std::optional<TreeNode>& node) { return node && node->mode == kTreeMode ? std::string_view(node->id) : std::string_view(); };
      const bool file_was = was && was->mode != kTreeMode, file_is = now && now->mode != kTreeMode;
      const std::string path = folder + name;
      if (file_was || file_is)
        found_.push_back({file_was && file_is ? ChangeKind::modified : file_is ? ChangeKind::added : ChangeKind::deleted, path, path, 0, 0, false});
      if (auto below = walk(folder_of(was), folder_of(now), path + "/", depth + 1); !below) return below;
    }
    return done();
  }

  Objects& objects_;
  std::vector<FileChange> found_;
};

// A rename as the two changes that it is.
std::vector<FileChange> without_renames(const std::vector<FileChange>& changes) {
  std::vector<FileChange> plain;
  for (FileChange change : changes) {
    change.added = change.removed = 0;
    change.binary = false;
    if (change.kind == ChangeKind::renamed) {
      plain.push_back({ChangeKind::deleted, change.old_path, change.old_path, 0, 0, false});
      change.kind = ChangeKind::added;
    }
    change.old_path = change.path;
    plain.push_back(std::move(change));
  }
  std::sort(plain.begin(), plain.end(), [](const FileChange& a, const FileChange& b) { return a.path < b.path; });
  return plain;
}

}  // namespace

Result<std::vector<FileChange>> Store::touched(std::string_view old_tree, std::string_view new_tree) const {
  if (objects().native()) return Touched(objects()).run(old_tree, new_tree);
  auto all = changes(old_tree, new_tree);  // one process, where every object would need one
  if (!all) return all;
  return without_renames(*all);
}

Result<std::vector<FileChange>> Store::changes(std::string_view old_tree, std::string_view new_tree) const {
  std::vector<FileChange> changes;
  if (old_tree == new_tree) return changes;
  std::string key = path().string() + '\0' + std::string(old_tree) + '\0' + std::string(new_tree);
  if (auto known = recent().find(key)) return *std::move(known);
  const auto out = git_output(in_git_dir(
      path(), {"diff-tree", "-r", "-z", "-M", "--raw", "--numstat", "--no-abbrev", "--no-ext-diff", "--no-textconv",
               "--ignore-submodules=none", "--end-of-options", std::string(old_tree), std::string(new_tree)}));
  if (!out) return out.error();
  Fields fields(*out);
  while (!fields.done() && fields.peek().starts_with(':')) changes.push_back(raw_record(fields));
  for (FileChange& change : changes) count_record(fields, change);
  recent().keep(std::move(key), changes);
  return changes;
}

}  // namespace baton
