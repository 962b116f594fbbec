#include "git/capture.h"

#include <algorithm>
#include <set>

#include "git/calls.h"
#include "git/clone_folder.h"
#include "git/fields.h"
#include "git/tree.h"
#include "support/files.h"

namespace baton {
namespace fs = std::filesystem;
namespace {

// The folder as a work tree of a git folder of ours, which has the settings of the user's repository that the checkout was made
// with (line ends, filters); what is new is written into the store.
GitCall in_hostile(const Store& store, const fs::path& folder, const fs::path& git_dir, std::vector<std::string> args) {
  GitCall call = in_git_dir(git_dir, std::move(args));
  call.cwd = folder;
  call.extra_env.emplace_back("GIT_WORK_TREE", folder.string());
  call.extra_env.emplace_back("GIT_OBJECT_DIRECTORY", (store.path() / "objects").string());
  call.timeout = std::chrono::minutes(10);
  return call;
}

// Folders that became repositories: git would keep a link to a commit that nobody has.
std::vector<std::string> own_repositories(const fs::path& folder, const std::set<std::string>& submodules) {
  std::vector<std::string> found;
  std::error_code failed;
  for (fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, failed), end; !failed && at != end; at.increment(failed)) {
    if (at->path().filename() != ".git") continue;
    if (at->is_directory(failed) && !at->is_symlink(failed)) at.disable_recursion_pending();
    const std::string place = at->path().parent_path().lexically_relative(folder).generic_string();
    if (place != "." && !submodules.contains(place)) found.push_back(place);
  }
  return found;
}

// git refuses to add where a path to leave out is one that it ignores, and so would not take anyway.
Result<std::set<std::string>> ignored_among(GitCall call, const std::vector<std::string>& paths, std::stop_token stop) {
  std::set<std::string> ignored;
  if (paths.empty()) return ignored;
  for (const std::string& path : paths) (call.stdin_text += path) += '\0';
  const auto told = run_git(call, stop);
  if (!told) return told.error();
  if (told->exit_code != 0 && told->exit_code != 1) return Error{ErrorKind::internal, "git check-ignore failed: " + told->err};
  for (Fields fields(told->out); !fields.done();) ignored.insert(std::string(fields.next()));
  return ignored;
}

// Paths, each with a zero byte, of files that the cone does not hold and that are not there.
std::string absent_outside(const fs::path& folder, const std::vector<TreeEntry>& entries, const SparseCone& cone) {
  std::string paths;
  std::error_code failed;
  for (const TreeEntry& entry : entries) {
    if (entry.mode == kSubmoduleMode || cone.holds(entry.path)) continue;
    if (!fs::exists(fs::symlink_status(folder / entry.path, failed))) (paths += entry.path) += '\0';
  }
  return paths;
}

}  // namespace

Result<Capture> capture_tree(Store& store, const fs::path& folder, std::string_view base, std::stop_token stop, const std::vector<std::string>& not_taken,
                             const SparseCone& cone) {
  auto base_tree = store.tree_of(base);
  if (!base_tree) return base_tree.error();
  auto entries = store.list(*base_tree);
  if (!entries) return entries.error();
  std::set<std::string> submodules;
  for (const TreeEntry& entry : *entries) {
    if (entry.mode == kSubmoduleMode) submodules.insert(entry.path);
  }

  auto place = TemporaryFolder::make(fs::temp_directory_path(), "baton-git-");
  if (!place) return place.error();
  const Repository& repository = store.repository();
  const fs::path git_dir = place->path() / "git";
  const CloneSource source{in_work_tree(repository, {}), {store.path() / "objects", repository.common_dir / "objects"}, repository.common_dir, repository.sha256, false};
  if (auto made = make_clone_folder(git_dir, base, source, true, stop); !made) return made.error();
  const auto git = [&](std::vector<std::string> args) { return git_output(in_hostile(store, folder, git_dir, std::move(args)), stop); };
  if (auto read = git({"read-tree", std::string(base)}); !read) return read.error();
  if (!cone.whole()) {
    GitCall skip = in_hostile(store, folder, git_dir, {"update-index", "-z", "--skip-worktree", "--stdin"});
    skip.stdin_text = absent_outside(folder, *entries, cone);
    if (auto skipped = git_output(skip, stop); !skipped) return skipped.error();
  }

  Capture capture;
  std::vector<std::string> add = {"-c", "core.fsmonitor=false", "-c", "core.untrackedCache=false", "add", "--all", "--", "."};
  const auto is_taken = [&](const std::string& path) {
    return std::none_of(not_taken.begin(), not_taken.end(), [&](const std::string& other) { return path == other || path.starts_with(other + "/"); });
  };
  std::vector<std::string> excluded;
  for (const std::string& path : own_repositories(folder, submodules)) {
    if (!is_taken(path)) continue;
    capture.left_out.push_back(path + ": is a repository of its own");
    excluded.push_back(path);
  }
  excluded.insert(excluded.end(), not_taken.begin(), not_taken.end());
  const auto ignored = ignored_among(in_hostile(store, folder, git_dir, {"check-ignore", "-z", "--stdin"}), excluded, stop);
  if (!ignored) return ignored.error();
  for (const std::string& path : submodules) add.push_back(":(exclude,literal)" + path);
  for (const std::string& path : excluded) {
    if (!ignored->count(path)) add.push_back(":(exclude,literal)" + path);
  }
  std::sort(capture.left_out.begin(), capture.left_out.end());
  if (auto added = git(std::move(add)); !added) return added.error();
  auto tree = git({"write-tree"});
  if (!tree) return tree.error();
  capture.tree = without_line_end(std::move(*tree));
  auto changes = store.changes(*base_tree, capture.tree);
  if (!changes) return changes.error();
  capture.changes = std::move(*changes);
  return capture;
}

}  // namespace baton
