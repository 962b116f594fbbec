#include "orchestrator/audit_trees.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string_view>

#include "git/history.h"
#include "git/line_diff.h"
#include "orchestrator/tests_of_tree.h"
#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxBytes = 1u << 20;     // of a file; what is longer is data
constexpr std::size_t kMaxChange = 16u << 20;     // of all files that a verification looks at, both sides
constexpr std::size_t kMaxRenames = 200;          // files compared with each other
constexpr double kRenamed = 0.5;                  // share of lines that stayed, as git has it

bool is_text(std::string_view bytes) { return bytes.substr(0, 8000).find('\0') == bytes.npos; }

std::optional<std::string> text_of(Result<std::string> bytes) {
  if (!bytes || bytes->size() > kMaxBytes || !is_text(*bytes)) return std::nullopt;
  return std::move(*bytes);
}

// ELF, Mach-O, PE, a class of Java, and what Python keeps of a module.
bool is_built(std::string_view path, std::string_view bytes) {
  using namespace std::string_view_literals;
  if (path.ends_with(".pyc")) return true;
  for (const std::string_view magic : {"\x7f" "ELF"sv, "\xcf\xfa\xed\xfe"sv, "\xca\xfe\xba\xbe"sv, "MZ\x90\0"sv}) {
    if (bytes.starts_with(magic)) return true;
  }
  return false;
}

std::string last_name(std::string_view path) { return std::string(path.substr(path.rfind('/') == path.npos ? 0 : path.rfind('/') + 1)); }

double shared_lines(std::string_view a, std::string_view b) {
  const auto lines = [](std::string_view text) { return static_cast<double>(std::count(text.begin(), text.end(), '\n')) + 1; };
  double gone = 0;
  for (const LineHunk& hunk : diff_lines(a, b)) gone += hunk.from_count;
  return (lines(a) - gone) / std::max(lines(a), lines(b));
}

// What went and what came, where one is the other under a new name.
void join_renames(std::vector<AuditedFile>& files) {
  std::vector<std::size_t> gone, fresh;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].before && !files[i].after) gone.push_back(i);
    if (!files[i].before && files[i].after) fresh.push_back(i);
  }
  if (gone.size() > kMaxRenames || fresh.size() > kMaxRenames) return;
  std::set<std::size_t> joined;
  for (const std::size_t i : gone) {
    std::size_t best = files.size();
    double score = 0;
    for (const std::size_t k : fresh) {
      if (joined.count(k)) continue;
      double now = files[i].before == files[k].after ? 1 : shared_lines(*files[i].before, *files[k].after);
      if (now >= kRenamed && last_name(files[i].path) == last_name(files[k].path)) now += 0.5;
      if (now > score) {
        score = now;
        best = k;
      }
    }
    if (best == files.size() || score < kRenamed) continue;
    files[best].before = std::move(files[i].before);
    files[best].old_path = files[i].path;
    files[i].before.reset();
    joined.insert(best);
  }
  std::erase_if(files, [](const AuditedFile& file) { return !file.before && !file.after; });
}

bool is_skipped(std::string_view name) { return name == ".git" || name == "node_modules" || name == "__pycache__"; }

Result<std::map<std::string, std::string>> texts_of(const fs::path& root) {
  std::error_code error;
  if (!fs::is_directory(root, error)) return Error{ErrorKind::usage, root.string() + " is no folder."};
  std::map<std::string, std::string> texts;
  for (auto entry = fs::recursive_directory_iterator(root, fs::directory_options::skip_permission_denied, error); !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->is_directory(error) && is_skipped(entry->path().filename().string())) entry.disable_recursion_pending();
    if (entry->is_symlink(error) || !entry->is_regular_file(error)) continue;
    const std::string path = entry->path().lexically_relative(root).generic_string();
    if (auto text = text_of(read_file(entry->path(), kMaxBytes))) texts[path] = std::move(*text);
  }
  if (error) return Error{ErrorKind::io, root.string() + " cannot be read: " + error.message() + "."};
  return texts;
}

std::vector<AuditedFile> differences(std::map<std::string, std::string> before, std::map<std::string, std::string> after) {
  std::vector<AuditedFile> files;
  for (auto& [path, text] : before) {
    const auto now = after.find(path);
    if (now != after.end() && now->second == text) continue;
    AuditedFile file{path, path, std::move(text), {}};
    if (now != after.end()) file.after = std::move(now->second);
    files.push_back(std::move(file));
  }
  for (auto& [path, text] : after) {
    if (!before.count(path)) files.push_back({path, path, {}, std::move(text)});
  }
  join_renames(files);
  return files;
}

std::optional<std::string> text_in(const Store& store, const std::string& tree, const std::string& path) {
  auto text = store.read(tree, path);
  if (!text || !*text) return std::nullopt;
  return text_of(Result<std::string>(std::move(**text)));
}

// Absent: nothing of it can be read.
std::optional<AuditedFile> read_change(const Store& store, const std::string& base_tree, const std::string& head_tree, const FileChange& change) {
  AuditedFile file{change.path, change.old_path, {}, {}};
  if (change.binary) {
    const auto bytes = change.kind == ChangeKind::deleted ? Result<std::optional<std::string>>(std::nullopt) : store.read(head_tree, change.path);
    file.built = bytes && *bytes && is_built(change.path, **bytes);
    return file.built ? std::optional(std::move(file)) : std::nullopt;
  }
  if (change.kind != ChangeKind::added) file.before = text_in(store, base_tree, change.old_path);
  if (change.kind != ChangeKind::deleted) file.after = text_in(store, head_tree, change.path);
  return file.before || file.after ? std::optional(std::move(file)) : std::nullopt;
}

// The disk against a tree, by names and bytes; no filter of the repository's runs.
Result<std::vector<AuditedFile>> changed_on_disk(const Store& store, const std::string& tree, std::stop_token stop) {
  const fs::path& root = store.repository().root;
  const auto names = work_tree_files(root, stop);
  if (!names) return names.error();
  std::map<std::string, std::string> before, after;
  std::map<std::string, std::string> blobs;
  if (!tree.empty()) {
    const auto entries = store.list(tree);
    if (!entries) return entries.error();
    for (const TreeEntry& entry : *entries) {
      if (entry.mode == 0100644 || entry.mode == 0100755) blobs[entry.path] = entry.blob;
    }
  }
  const bool sha1 = !store.repository().sha256;
  std::set<std::string> there;
  for (const std::string& path : *names) {
    if (stop.stop_requested()) return Error{ErrorKind::cancelled, "Cancelled."};
    std::error_code error;
    if (fs::is_symlink(root / path, error) || !fs::is_regular_file(root / path, error)) continue;
    there.insert(path);
    auto bytes = read_file(root / path, kMaxBytes);
    const auto known = blobs.find(path);
    if (bytes && sha1 && known != blobs.end() && blob_id(*bytes) == known->second) continue;
    auto text = text_of(std::move(bytes));
    if (!text) continue;
    after[path] = std::move(*text);
    if (known == blobs.end()) continue;
    if (auto was = text_in(store, tree, path)) before[path] = std::move(*was);
  }
  for (const auto& [path, blob] : blobs) {
    if (there.count(path) || store.repository().sparse) continue;
    if (auto was = text_in(store, tree, path)) before[path] = std::move(*was);
  }
  return differences(std::move(before), std::move(after));
}

}  // namespace

Result<std::vector<AuditedFile>> changed_between_folders(const fs::path& before, const fs::path& after) {
  auto base = texts_of(before);
  if (!base) return base.error();
  auto head = texts_of(after);
  if (!head) return head.error();
  const auto texts = std::make_shared<const std::map<std::string, std::string>>(*base);
  auto files = differences(std::move(*base), std::move(*head));
  TestsOfTree tests(
      [texts] {
        std::vector<std::string> paths;
        for (const auto& [path, text] : *texts) paths.push_back(path);
        return paths;
      },
      [texts](const std::string& path) {
        const auto found = texts->find(path);
        return found == texts->end() ? std::optional<std::string>() : std::optional(found->second);
      });
  mark_tests(files, tests);
  return files;
}

Result<std::vector<AuditedFile>> changed_between_trees(const Store& store, const std::string& base_tree, const std::string& head_tree) {
  std::vector<AuditedFile> files;
  if (base_tree.empty()) return files;  // where there was nothing, nothing is weakened
  const auto changes = store.changes(base_tree, head_tree);
  if (!changes) return changes.error();
  for (const FileChange& change : *changes) {
    if (auto file = read_change(store, base_tree, head_tree, change)) files.push_back(std::move(*file));
  }
  return files;
}

namespace {

// What may have been weakened is read first, then what is new, then what says only that the program changed.
std::vector<FileChange> worst_first(std::vector<FileChange> changes) {
  const auto rank = [](const FileChange& change) { return !is_audited(change.path) && !is_audited(change.old_path) ? 2 : change.kind == ChangeKind::added ? 1 : 0; };
  std::stable_sort(changes.begin(), changes.end(), [&](const FileChange& a, const FileChange& b) { return rank(a) < rank(b); });
  return changes;
}

AuditFinding not_all_read(const std::vector<std::string>& left, bool escalates) {
  AuditFinding finding{left.front(), 0, "not_read", escalates ? Severity::warning : Severity::note};
  finding.message = (left.size() == 1 ? "The file is" : "This and " + std::to_string(left.size() - 1) + " more files are") + " more than the audit reads at once, so what " + (left.size() == 1 ? "it checks" : "they check") + " was not compared.";
  finding.escalates = escalates;
  return finding;
}

}  // namespace

Result<Audit> audit_trees(const Store& store, const std::string& base_tree, const std::string& head_tree, const std::optional<std::string>& task, std::stop_token stop) {
  if (base_tree.empty() || base_tree == head_tree) return Audit{};
  auto changes = store.changes(base_tree, head_tree);
  if (!changes) return changes.error();
  std::vector<AuditedFile> files;
  std::vector<std::string> left, left_of_base;
  std::size_t bytes = 0;
  for (const FileChange& change : worst_first(std::move(*changes))) {
    if (stop.stop_requested()) return Error{ErrorKind::cancelled, "Cancelled."};
    auto file = bytes < kMaxChange ? read_change(store, base_tree, head_tree, change) : std::optional<AuditedFile>();
    const bool in_base = change.kind != ChangeKind::added && is_audited(change.old_path);
    const bool unread = !change.binary && (!file || (in_base && !file->before));
    if (unread && in_base) left_of_base.push_back(change.old_path);
    else if (unread && is_audited(change.path)) left.push_back(change.path);
    if (!file || (unread && in_base)) continue;
    bytes += file->before.value_or("").size() + file->after.value_or("").size();
    files.push_back(std::move(*file));
  }
  TestsOfTree tests(store, base_tree);
  mark_tests(files, tests);
  Audit audit = audit_of(files, task, stop);
  if (stop.stop_requested()) return Error{ErrorKind::cancelled, "Cancelled."};
  if (!left_of_base.empty()) audit.findings.insert(audit.findings.begin(), not_all_read(left_of_base, true));
  if (!left.empty()) audit.findings.push_back(not_all_read(left, false));
  return audit;
}

Result<std::vector<AuditedFile>> changed_in_repository(const fs::path& inside, const std::string& base, const std::string& head, std::stop_token stop) {
  auto repository = open_repository(inside);
  if (!repository) return repository.error();
  auto store = Store::open(*repository);
  if (!store) return store.error();
  const auto tree_named = [&](const std::string& revision) -> Result<std::string> {
    auto commit = store->resolve_commit(revision);
    if (!commit) return commit.error();
    return store->tree_of(*commit);
  };
  const bool nothing_yet = base.empty() && !repository->head;
  const auto base_tree = nothing_yet ? Result<std::string>(std::string()) : tree_named(base.empty() ? "HEAD" : base);
  if (!base_tree) return base_tree.error();
  const auto head_tree = head.empty() ? Result<std::string>(std::string()) : tree_named(head);
  if (!head_tree) return head_tree.error();
  auto files = head.empty() ? changed_on_disk(*store, *base_tree, stop) : changed_between_trees(*store, *base_tree, *head_tree);
  if (!files) return files;
  TestsOfTree tests(*store, *base_tree);
  mark_tests(*files, tests);
  return files;
}

}  // namespace baton
