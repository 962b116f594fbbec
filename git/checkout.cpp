#include "git/checkout.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "git/clone_folder.h"
#include "git/fields.h"
#include "git/objects.h"
#include "git/purge.h"
#include "git/submodules.h"
#include "git/tree.h"
#include "support/files.h"
#include "support/ids.h"

namespace baton {
namespace fs = std::filesystem;
namespace {

constexpr int kMaxNesting = 10;

// The index of a checkout as it was when we left it, where no command of a gate can write: it tells which files
// changed. Known by the folder's inode, so that a checkout may be renamed; a folder that got the inode of another one
// has files of other times, and all are written anew.
class SavedIndex {
 public:
  SavedIndex(const Store& store, const fs::path& folder) : place_(place_of(store, folder)) {}

  void restore(const fs::path& git_dir) const { copy(place_ / "index", git_dir / "index"); }

  void save(const fs::path& git_dir) const {
    const fs::path fresh = place_ / ("index." + new_id());
    std::error_code code;
    if (!make_folder(place_)) return;
    if (copy(git_dir / "index", fresh)) fs::rename(fresh, place_ / "index", code);
  }

  fs::path file() const { return place_ / "index"; }

  void forget() const { (void)remove_tree(place_); }

  // Those of checkouts that nobody came back to.
  static void sweep(const Store& store) {
    std::error_code code;
    const auto now = fs::file_time_type::clock::now();
    for (const auto& entry : fs::directory_iterator(store.path() / "checkouts", code)) {
      const auto saved = fs::last_write_time(entry.path(), code);
      if (!code && now - saved > kKeptFor) (void)remove_tree(entry.path());
    }
  }

 private:
  static constexpr std::chrono::hours kKeptFor{7 * 24};

  static fs::path place_of(const Store& store, const fs::path& folder) {
    struct stat info {};
    (void)::stat(folder.c_str(), &info);
    return store.path() / "checkouts" / (std::to_string(info.st_dev) + "-" + std::to_string(info.st_ino));
  }

  // With its modification time, by which git knows the files that may have changed in the same instant.
  static bool copy(const fs::path& from, const fs::path& to) {
    std::error_code code;
    struct stat info {};
    if (::stat(from.c_str(), &info) != 0 || !fs::copy_file(from, to, fs::copy_options::overwrite_existing, code))
      return false;
    const timespec times[] = {info.st_atim, info.st_mtim};
    return ::utimensat(AT_FDCWD, to.c_str(), times, 0) == 0;
  }

  fs::path place_;
};

// git says "unable to write file" without the reason; a disk without room is the likely one.
std::string full_disk(const fs::path& folder) {
  constexpr std::uintmax_t kRoom = 1u << 20;
  std::error_code code;
  const fs::space_info space = fs::space(folder, code);
  return !code && space.available < kRoom ? " The disk is full: free some space there and try again." : "";
}

// Every file of `commit` at `folder`, whose `.git` is ours. Files that the index knows as unchanged stay.
Status check_out_files(const fs::path& folder, std::string_view commit, std::stop_token stop) {
  const fs::path git_dir = folder / ".git";
  GitCall call = in_git_dir(git_dir, {"-c", "core.trustctime=true", "-c", "core.checkStat=default", "read-tree",
                                      "--reset", "-u", std::string(commit)});
  call.cwd = folder;
  set(call.extra_env, "GIT_WORK_TREE", folder.string());
  auto result = git_output(call, stop);
  if (!result && result.error().kind == ErrorKind::precondition && fs::exists(git_dir / "index")) {
    // The saved index may be damaged: once more without it.
    std::error_code code;
    fs::remove(git_dir / "index", code);
    fs::remove(git_dir / "index.lock", code);
    result = git_output(call, stop);
  }
  if (result) return done();
  Error error = result.error();
  if (error.message.find("unable to read sha1 file") != std::string::npos || error.message.find("missing blob") != std::string::npos) {
    return Error{ErrorKind::precondition, "Files of " + std::string(commit.substr(0, 12)) +
                                              " were never fetched into this partial clone, so it cannot be checked out; `git fetch --refetch --no-filter` brings them."};
  }
  error.message = "Cannot check out " + std::string(commit.substr(0, 12)) + " into " + folder.string() + ": " + error.message +
                  full_disk(folder);
  return error;
}

Result<bool> parents_missing(Objects& objects, std::string_view commit) {
  const auto object = need(objects, commit, ObjectType::commit);
  if (!object) return object.error();
  constexpr std::string_view kParent = "parent ";
  std::string_view rest = object->bytes;
  while (!rest.empty() && rest.front() != '\n') {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (line.starts_with(kParent) && !objects.exists(line.substr(kParent.size()))) return true;
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  return false;
}

Status check_out_submodules(Objects& objects, std::string_view tree, const fs::path& folder,
                            const SubmoduleOwner& owner, int nesting, std::stop_token stop, const SparseCone& cone = {});

Status check_out_submodule(const Submodule& submodule, const fs::path& folder, const SubmoduleOwner& owner, int nesting,
                           std::stop_token stop) {
  auto objects = Objects::open(submodule.git_dir, owner.sha256);
  if (!objects) return objects.error();
  const auto commit = need(**objects, submodule.commit, ObjectType::commit);
  if (!commit) return commit.error();
  const auto cut = parents_missing(**objects, submodule.commit);
  if (!cut) return cut.error();
  const CloneSource source{
      in_git_dir(submodule.git_dir, {}), {submodule.git_dir / "objects"}, submodule.git_dir, owner.sha256};
  if (auto made = make_clone_folder(folder / ".git", submodule.commit, source, *cut, stop); !made) return made;
  if (auto files = check_out_files(folder, submodule.commit, stop); !files) return files;
  const fs::path own_tree = owner.work_tree.empty() ? fs::path() : owner.work_tree / submodule.path;
  constexpr std::string_view kTree = "tree ";
  const std::string tree = commit->bytes.substr(kTree.size(), submodule.commit.size());
  return check_out_submodules(**objects, tree, folder, {{submodule.git_dir}, own_tree, owner.sha256}, nesting + 1,
                              stop);
}

Status check_out_submodules(Objects& objects, std::string_view tree, const fs::path& folder,
                            const SubmoduleOwner& owner, int nesting, std::stop_token stop, const SparseCone& cone) {
  if (nesting > kMaxNesting) return done();
  const auto submodules = find_submodules(objects, tree, owner);
  if (!submodules) return submodules.error();
  for (const Submodule& submodule : *submodules) {
    if (submodule.git_dir.empty() || !cone.holds(submodule.path + "/")) continue;
    if (auto checked = check_out_submodule(submodule, folder / submodule.path, owner, nesting, stop); !checked)
      return checked;
  }
  return done();
}

SubmoduleOwner owner_of(const Store& store) {
  const Repository& repository = store.repository();
  SubmoduleOwner owner{{repository.git_dir}, repository.root, repository.sha256};
  if (repository.common_dir != repository.git_dir) owner.git_dirs.push_back(repository.common_dir);
  return owner;
}

Status make_sparse(const fs::path& git_dir, const SparseCone& cone) {
  auto config = read_file(git_dir / "config");
  if (!config) return config.error();
  if (auto written = write_file(git_dir / "config", *config + "[core]\n\tsparseCheckout = true\n\tsparseCheckoutCone = true\n"); !written) return written;
  if (auto made = make_folder(git_dir / "info"); !made) return made;
  return write_file(git_dir / "info/sparse-checkout", cone.patterns());
}

// `.git`, files and submodules; `folder` is there and holds nothing that is in the way.
Status populate(Store& store, std::string_view commit, const std::string& tree, const fs::path& folder,
                bool reuse_index, std::stop_token stop, const SparseCone& cone = {}) {
  const Repository& repository = store.repository();
  const auto cut = parents_missing(store.objects(), commit);
  if (!cut) return cut.error();
  const CloneSource source{in_work_tree(repository, {}),
                           {store.path() / "objects", repository.common_dir / "objects"},
                           repository.common_dir,
                           repository.sha256};
  if (auto made = make_clone_folder(folder / ".git", commit, source, *cut, stop); !made) return made;
  if (!cone.whole()) {
    if (auto sparse = make_sparse(folder / ".git", cone); !sparse) return sparse;
  }
  const SavedIndex index(store, folder);
  if (reuse_index) index.restore(folder / ".git");
  if (auto files = check_out_files(folder, commit, stop); !files) {
    index.forget();
    return files;
  }
  // An index that says of files that they are left out would keep them out of a whole checkout.
  if (cone.whole()) index.save(folder / ".git");
  else index.forget();
  return check_out_submodules(store.objects(), tree, folder, owner_of(store), 0, stop, cone);
}

}  // namespace

Status make_checkout(Store& store, std::string_view commit, const fs::path& folder, std::stop_token stop, const SparseCone& cone) {
  std::error_code code;
  if (fs::exists(fs::symlink_status(folder, code)) &&
      (!fs::is_directory(fs::symlink_status(folder, code)) || !fs::is_empty(folder, code)))
    return Error{ErrorKind::precondition, folder.string() + " is in the way of a checkout; remove it."};
  const auto tree = store.tree_of(commit);
  if (!tree) return tree.error();
  SavedIndex::sweep(store);
  if (auto made = make_folder(folder); !made) return made;
  return populate(store, commit, *tree, folder, false, stop, cone);
}

Status reset_checkout(Store& store, std::string_view commit, const fs::path& folder,
                      const std::vector<std::string>& keep, std::stop_token stop) {
  std::error_code code;
  if (!fs::is_directory(fs::symlink_status(folder, code))) {
    if (auto removed = remove_tree(folder); !removed) return removed;
    return make_checkout(store, commit, folder, stop);
  }
  const auto tree = store.tree_of(commit);
  if (!tree) return tree.error();
  const auto tracked = store.list(*tree);
  if (!tracked) return tracked.error();
  if (auto purged = purge(folder, *tracked, keep); !purged) return purged;
  return populate(store, commit, *tree, folder, true, stop);
}

Status update_checkout(Store& store, std::string_view commit, const fs::path& folder, std::stop_token stop) {
  const auto tree = store.tree_of(commit);
  if (!tree) return tree.error();
  return populate(store, commit, *tree, folder, true, stop);
}

Result<std::vector<std::string>> changed_files(const Store& store, const fs::path& folder, std::stop_token stop) {
  std::vector<std::string> paths;
  const fs::path index = SavedIndex(store, folder).file();
  std::error_code code;
  if (!fs::exists(index, code)) return paths;
  GitCall call = in_git_dir(store.path(), {"-c", "core.bare=false", "-c", "core.trustctime=true", "-c", "core.checkStat=default", "diff", "--name-only", "--no-renames",
                                           "--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "-z"});
  call.cwd = folder;
  set(call.extra_env, "GIT_WORK_TREE", folder.string());
  set(call.extra_env, "GIT_INDEX_FILE", index.string());
  const auto listed = git_output(call, stop);
  if (!listed) return listed.error();
  for (Fields fields(*listed); !fields.done();) paths.emplace_back(fields.next());
  return paths;
}

Result<std::vector<std::string>> missing_submodules(const Store& store, std::string_view commit) {
  const auto tree = store.tree_of(commit);
  if (!tree) return tree.error();
  const auto submodules = find_submodules(store.objects(), *tree, owner_of(store));
  if (!submodules) return submodules.error();
  std::vector<std::string> paths;
  for (const Submodule& submodule : *submodules) {
    if (submodule.git_dir.empty()) paths.push_back(submodule.path);
  }
  return paths;
}

std::vector<fs::path> borrowed_objects(const Store& store) {
  std::vector<fs::path> folders;
  std::vector<fs::path> pending{store.path() / "objects", store.repository().common_dir / "objects"};
  std::error_code code;
  for (const auto& entry : fs::recursive_directory_iterator(store.repository().common_dir / "modules", code)) {
    if (entry.path().filename() == "objects" && fs::exists(entry.path().parent_path() / "HEAD", code))
      pending.push_back(entry.path());
  }
  // Alternates of alternates, as git follows them.
  while (!pending.empty()) {
    const fs::path folder = fs::weakly_canonical(pending.front(), code);
    pending.erase(pending.begin());
    if (!fs::is_directory(folder, code) || std::find(folders.begin(), folders.end(), folder) != folders.end()) continue;
    folders.push_back(folder);
    const auto text = read_file(folder / "info/alternates", 1 << 20);
    if (!text) continue;
    for (std::string_view rest = *text; !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const std::string_view line = rest.substr(0, end);
      if (!line.empty() && line.front() != '#') pending.push_back(folder / line);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return folders;
}

}  // namespace baton
