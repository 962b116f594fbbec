#include "git/store.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "git/calls.h"
#include "git/head.h"
#include "git/objects.h"
#include "git/pack.h"
#include "git/tree.h"
#include "support/files.h"
#include "support/hash.h"
#include "support/places.h"

namespace baton {
namespace fs = std::filesystem;

struct Store::State {
  Repository repository;
  fs::path path;
  std::unique_ptr<Objects> objects;
};

namespace {

constexpr std::string_view kAuthor = "Baton <baton@localhost>";
constexpr std::chrono::seconds kResolveLimit(10);
constexpr int kMaxTags = 10;
constexpr std::string_view kKeptPrefix = "refs/baton/";

// Beside the repository's own files; where those may not be written (a read-only mount), in the user's cache.
fs::path place_of_store(const Repository& repository) {
  const fs::path own = repository.baton_dir() / "store.git";
  fs::path nearest = repository.common_dir;
  for (const fs::path& folder : {repository.baton_dir(), own}) {
    std::error_code ignored;
    if (fs::exists(folder, ignored)) nearest = folder;
  }
  if (::access(nearest.c_str(), W_OK) == 0) return own;
  return cache_home(current_environment()) / "stores" / (sha256(repository.common_dir.string()).substr(0, 24) + ".git");
}

// Written only when it differs: several processes open the same store at any time.
Status ensure_file(const fs::path& path, const std::string& bytes) {
  if (const auto old = read_file(path); old && *old == bytes) return done();
  return write_file(path, bytes);
}

Status make_store(const fs::path& path, const Repository& repository) {
  for (const char* folder : {"objects/info", "objects/pack", "refs/baton"}) {
    if (auto made = make_folder(path / folder); !made) return made;
  }
  std::string config = "[core]\n\trepositoryformatversion = ";
  config += repository.sha256 ? "1\n" : "0\n";
  config += "\tbare = true\n\tlogallrefupdates = false\n[gc]\n\tauto = 0\n";
  if (repository.sha256) config += "[extensions]\n\tobjectformat = sha256\n";
  if (auto written = ensure_file(path / "config", config); !written) return written;
  const std::string borrowed = (repository.common_dir / "objects").string();
  if (borrowed.find('\n') != borrowed.npos)
    return Error{ErrorKind::precondition,
                 "The path of " + borrowed + " holds a line break, which git cannot borrow from; move the repository."};
  if (auto written = ensure_file(path / "objects/info/alternates", borrowed + "\n"); !written) return written;
  // Last: with it the folder is a repository.
  return ensure_file(path / "HEAD", "ref: refs/heads/none\n");
}

Error unknown_revision(std::string_view revision) {
  return Error{ErrorKind::usage,
               "\"" + std::string(revision) +
                   "\" names no commit of this repository; see `git branch -a`, `git tag` or `git log`."};
}

// The value of a header line of a commit or tag.
std::optional<std::string> header(std::string_view bytes, std::string_view name) {
  while (!bytes.empty() && bytes.front() != '\n') {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::string_view line = bytes.substr(0, end);
    if (line.starts_with(name) && line.size() > name.size() && line[name.size()] == ' ')
      return std::string(line.substr(name.size() + 1));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return std::nullopt;
}

// The commit itself, or what a tag names in the end.
std::optional<std::string> commit_behind(Objects& objects, std::string id) {
  for (int depth = 0; depth < kMaxTags; ++depth) {
    const auto object = objects.get(id);
    if (!object || !*object) return std::nullopt;
    if ((*object)->type == ObjectType::commit) return id;
    const auto next = (*object)->type == ObjectType::tag ? header((*object)->bytes, "object") : std::nullopt;
    if (!next) return std::nullopt;
    id = *next;
  }
  return std::nullopt;
}

bool usable_keep_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           c == '.' || c == '/';
  };
  return !name.empty() && name.size() < 200 && std::all_of(name.begin(), name.end(), allowed) && name.front() != '/' &&
         name.back() != '/' && name.front() != '.' && name.find("..") == name.npos && name.find("//") == name.npos &&
         name.find("/.") == name.npos && !name.ends_with(".lock") && !name.ends_with('.');
}

}  // namespace

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::open(const Repository& repository) {
  auto state = std::make_unique<State>();
  state->repository = repository;
  state->path = place_of_store(repository);
  if (auto made = make_store(state->path, repository); !made)
    return Error{made.error().kind, "Baton needs a folder of its own for this repository: " + made.error().message};
  auto objects = Objects::open(state->path, repository.sha256);
  if (!objects) return objects.error();
  state->objects = std::move(*objects);
  return Store(std::move(state));
}

const fs::path& Store::path() const {
  return state_->path;
}
const Repository& Store::repository() const {
  return state_->repository;
}
Objects& Store::objects() const {
  return *state_->objects;
}

Result<std::string> Store::resolve_commit(std::string_view revision) const {
  if (revision.empty() || revision.front() == '-' || revision.find('\0') != revision.npos ||
      revision.find('\n') != revision.npos)
    return unknown_revision(revision);
  if (is_object_id(revision)) {
    if (auto commit = commit_behind(*state_->objects, std::string(revision))) return std::move(*commit);
  } else if (revision == "HEAD" || revision == "@") {
    auto head = read_head(state_->repository.git_dir, state_->repository.common_dir);
    if (!head) return head.error();
    if (!head->commit)
      return Error{ErrorKind::precondition, "HEAD has no commit yet; make the first one with `git commit`, or name a revision that there is."};
    return std::move(*head->commit);
  }
  const std::vector<std::string> args = {"rev-parse", "--verify", "--quiet", std::string(revision)};
  for (GitCall call : {in_work_tree(state_->repository, args), in_git_dir(state_->path, args)}) {
    call.timeout = kResolveLimit;
    auto result = run_git(call);
    if (!result) return result.error();
    if (result->timed_out)
      return Error{ErrorKind::precondition,
                   "git did not answer what \"" + std::string(revision) +
                       "\" is; see whether .git/config includes a file that cannot be read to its end."};
    const std::string id = without_line_end(std::move(result->out));
    if (result->exit_code != 0 || !is_object_id(id)) continue;
    if (auto commit = commit_behind(*state_->objects, id)) return std::move(*commit);
  }
  return unknown_revision(revision);
}

Result<std::string> Store::tree_of(std::string_view commit) const {
  std::string id(commit);
  for (int depth = 0; depth < kMaxTags; ++depth) {
    auto object = state_->objects->get(id);
    if (!object) return object.error();
    if (!*object) break;
    if ((*object)->type == ObjectType::tree) return id;
    const auto next = header((*object)->bytes, (*object)->type == ObjectType::tag ? "object" : "tree");
    if (!next) break;
    id = *next;
  }
  return Error{ErrorKind::precondition,
               "Commit " + std::string(commit) + " is not in this repository; fetch it or name another."};
}

Result<std::vector<TreeEntry>> Store::list(std::string_view tree) const {
  if (state_->objects->native()) return list_tree(*state_->objects, tree);
  auto out = git_output(in_git_dir(state_->path, {"ls-tree", "-r", "-z", "--full-tree", std::string(tree)}));
  if (!out) return out.error();
  std::vector<TreeEntry> entries;
  for (std::string_view rest = *out; !rest.empty();) {
    // "<mode> <type> <id>\t<path>\0"
    const std::size_t end = std::min(rest.find('\0'), rest.size());
    const std::string_view line = rest.substr(0, end);
    const std::size_t tab = line.find('\t');
    TreeEntry entry;
    const std::size_t id = line.rfind(' ', tab) + 1;
    std::from_chars(line.data(), line.data() + tab, entry.mode, 8);
    entry.blob = line.substr(id, tab - id);
    entry.path = line.substr(tab + 1);
    entries.push_back(std::move(entry));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  std::sort(entries.begin(), entries.end(), [](const TreeEntry& a, const TreeEntry& b) { return a.path < b.path; });
  return entries;
}

Result<std::optional<std::string>> Store::read(std::string_view tree, std::string_view path) const {
  auto node = follow_in_tree(*state_->objects, tree, path);
  if (!node) return node.error();
  if (!*node || (*node)->mode == kTreeMode || (*node)->mode == kSubmoduleMode) return std::optional<std::string>();
  auto blob = read_blob((*node)->id);
  if (!blob) return blob.error();
  return std::optional<std::string>(std::move(*blob));
}

Result<std::optional<TreeEntry>> Store::find(std::string_view tree, std::string_view path) const {
  auto node = find_in_tree(*state_->objects, tree, path);
  if (!node) return node.error();
  if (!*node || (*node)->mode == kTreeMode) return std::optional<TreeEntry>();
  return std::optional(TreeEntry{std::string(path), std::move((*node)->id), (*node)->mode, 0});
}

Result<std::string> Store::read_blob(std::string_view blob) const {
  auto object = need(*state_->objects, blob, ObjectType::blob);
  if (!object) return object.error();
  return std::move(object->bytes);
}

Result<std::string> Store::write_commit(std::string_view tree, const std::vector<std::string>& parents,
                                        std::string_view message, std::int64_t when) {
  const std::string signature = std::string(kAuthor) + " " + std::to_string(when) + " +0000\n";
  std::string bytes = "tree " + std::string(tree) + "\n";
  for (const std::string& parent : parents) bytes += "parent " + parent + "\n";
  bytes += "author " + signature + "committer " + signature + "\n" + std::string(message);
  if (!bytes.ends_with('\n')) bytes += '\n';
  return state_->objects->put(ObjectType::commit, bytes);
}

Result<std::string> Store::write_blob(std::string_view bytes) {
  return state_->objects->put(ObjectType::blob, bytes);
}

Result<std::string> Store::write_tree(std::string_view base, const std::vector<TreeEntry>& updates) {
  return update_tree(*state_->objects, base, updates);
}

Status Store::keep(std::string_view name, std::string_view commit) {
  if (!usable_keep_name(name) || !is_object_id(commit))
    return Error{ErrorKind::internal,
                 "\"" + std::string(name) + "\" and \"" + std::string(commit) + "\" cannot be a kept name and commit."};
  const fs::path reference = state_->path / std::string(kKeptPrefix) / name;
  if (const auto old = read_file(reference); old && without_line_end(*old) == commit) return done();
  if (auto packed = pack_commit(*this, commit); !packed) return packed;
  if (auto made = make_folder(reference.parent_path()); !made) return made;
  return write_file(reference, std::string(commit) + "\n");
}

}  // namespace baton
