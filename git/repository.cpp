#include "git/repository.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "git/config_file.h"
#include "git/head.h"
#include "support/files.h"

namespace baton {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMaxPointerBytes = 64u << 10;

struct Place {
  fs::path root;  // the folder that holds `.git`
  fs::path git_dir;
  fs::path common_dir;
};

Error refused(std::string message) {
  return Error{ErrorKind::precondition, std::move(message)};
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

// One line of a file that points elsewhere (`commondir`, a `.git` file after its label).
Result<std::string> pointer(const fs::path& file) {
  auto text = read_file(file, kMaxPointerBytes);
  if (!text) return text.error();
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  return text;
}

Result<fs::path> common_dir_of(const fs::path& git_dir) {
  if (!is_there(git_dir / "commondir")) return git_dir;
  auto text = pointer(git_dir / "commondir");
  if (!text) return text.error();
  std::error_code code;
  const fs::path common = fs::canonical(git_dir / *text, code);
  if (code) return refused((git_dir / "commondir").string() + " points nowhere; run `git worktree repair`.");
  return common;
}

// As git has it: HEAD, objects and references make a repository, whatever the folder is called.
bool is_git_dir(const fs::path& path) {
  if (!is_there(path / "HEAD")) return false;
  const auto common = common_dir_of(path);
  return common && is_folder(*common / "objects") && is_folder(*common / "refs");
}

Result<fs::path> follow_git_file(const fs::path& file) {
  auto text = pointer(file);
  if (!text) return text.error();
  constexpr std::string_view kLabel = "gitdir: ";
  if (!text->starts_with(kLabel))
    return refused(file.string() + " is not a file that git understands; remove it or run `git init`.");
  std::error_code code;
  const fs::path target = file.parent_path() / text->substr(kLabel.size());
  const fs::path git_dir = fs::canonical(target, code);
  if (code || !is_git_dir(git_dir))
    return refused(file.string() + " points to " + target.lexically_normal().string() +
                   ", where no repository is; if it was moved, run `git worktree repair` there (for a submodule `git "
                   "submodule update --init`).");
  return git_dir;
}

Result<fs::path> starting_folder(const fs::path& inside) {
  std::error_code code;
  const fs::path path = fs::canonical(inside.empty() ? fs::path(".") : inside, code);
  if (code == std::errc::permission_denied) return refused("You have no permission to enter " + inside.string() + ".");
  if (code) return refused(inside.string() + " does not exist; name a folder inside a git repository.");
  return is_folder(path) ? path : path.parent_path();
}

Result<Place> find_place(const fs::path& start) {
  for (fs::path folder = start;; folder = folder.parent_path()) {
    const fs::path dot_git = folder / ".git";
    struct stat info {};
    if (::stat(dot_git.c_str(), &info) == 0) {
      if (S_ISDIR(info.st_mode) && ::access(dot_git.c_str(), R_OK | X_OK) != 0)
        return refused("You have no permission to read " + dot_git.string() + ".");
      Result<fs::path> git_dir = S_ISDIR(info.st_mode) ? Result<fs::path>(dot_git) : follow_git_file(dot_git);
      if (!git_dir) return git_dir.error();
      if (is_git_dir(*git_dir)) {
        std::error_code ignored;
        *git_dir = fs::canonical(*git_dir, ignored);
        auto common = common_dir_of(*git_dir);
        if (!common) return common.error();
        return Place{folder, *git_dir, *common};
      }
    } else if (errno == EACCES) {
      return refused("You have no permission to read " + folder.string() + ".");
    }
    if (is_git_dir(folder)) {
      if (folder.filename() == ".git")
        return refused(start.string() + " is inside a repository's .git folder; go to the work tree, " +
                       folder.parent_path().string() + ".");
      return refused(
          folder.string() +
          " is a bare repository: it has no files to judge; make a work tree with `git worktree add <folder>`.");
    }
    if (folder == folder.root_path()) break;
  }
  return refused(start.string() + " is not inside a git repository; go to one, or make one with `git init`.");
}

// The value of git's safe.directory rules for one folder: the user's and the machine's configuration decide, never the
// repository's own.
bool declared_safe(const fs::path& root, const Environment& env) {
  bool safe = false;
  const ConfigFile config = ConfigFile::of_user(env);
  for (const auto& [name, value] : config.entries()) {
    if (name != "safe.directory") continue;
    if (value.empty()) {
      safe = false;
      continue;
    }
    std::string path = value;
    if (path.starts_with("~/")) path = get(env, "HOME").value_or("") + path.substr(1);
    const bool below = path.ends_with("/*") && root.string().starts_with(path.substr(0, path.size() - 1));
    safe = safe || path == "*" || below || root == fs::path(path);
  }
  return safe;
}

Status check_owner(const Place& place, const Environment& env) {
  const uid_t me = ::geteuid();
  std::optional<uid_t> also;  // who called sudo
  if (const auto sudo = get(env, "SUDO_UID"); me == 0 && sudo && !sudo->empty())
    also = static_cast<uid_t>(std::strtoul(sudo->c_str(), nullptr, 10));
  for (const fs::path& path : {place.root, place.root / ".git", place.git_dir, place.common_dir}) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0 || info.st_uid == me || info.st_uid == also) continue;
    if (declared_safe(place.root, env)) return done();
    return refused(path.string() +
                   " belongs to another user; if you trust it, run: git config --global --add safe.directory " +
                   place.root.string());
  }
  return done();
}

std::string operation_in(const fs::path& git_dir) {
  constexpr std::pair<const char*, const char*> kMarks[] = {
      {"rebase-merge", "rebase"},          {"rebase-apply", "rebase"}, {"MERGE_HEAD", "merge"},
      {"CHERRY_PICK_HEAD", "cherry-pick"}, {"REVERT_HEAD", "revert"},  {"BISECT_LOG", "bisect"}};
  for (const auto& [file, operation] : kMarks) {
    if (is_there(git_dir / file)) return operation;
  }
  return "";
}

// A .gitmodules that cannot be read is one without submodules: git says the same in its own words later.
std::vector<std::string> submodule_paths(const fs::path& root) {
  std::vector<std::string> paths;
  std::error_code ignored;
  if (!fs::is_regular_file(fs::symlink_status(root / ".gitmodules", ignored))) return paths;
  const auto modules = ConfigFile::read(root / ".gitmodules");
  if (!modules) return paths;
  for (const auto& [name, value] : modules->entries()) {
    if (name.starts_with("submodule.") && name.ends_with(".path")) paths.push_back(value);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Refuses what has no work tree here; fills what the configuration says.
Status apply_config(const Place& place, Repository& repository) {
  const auto config = ConfigFile::read(place.common_dir / "config");
  if (!config) return config.error();
  const bool linked = place.git_dir != place.common_dir;
  ConfigFile own;
  if (config->get_bool("extensions.worktreeconfig")) {
    auto read = ConfigFile::read(place.git_dir / "config.worktree");
    if (!read) return read.error();
    own = std::move(*read);
  }
  const auto value = [&](std::string_view name) { return own.get(name) ? own.get(name) : config->get(name); };
  if (const auto elsewhere = value("core.worktree"); elsewhere && !linked) {
    std::error_code ignored;
    if (fs::weakly_canonical(place.git_dir / *elsewhere, ignored) != place.root)
      return refused("The configuration of " + place.git_dir.string() +
                     " puts the work tree elsewhere (core.worktree = " + *elsewhere +
                     "), which Baton does not follow; unset it with `git config --unset core.worktree`.");
  } else if (!linked && (own.get_bool("core.bare") || (!own.get("core.bare") && config->get_bool("core.bare")))) {
    return refused(place.root.string() +
                   " holds a bare repository (core.bare is true); make a work tree with `git worktree add <folder>`.");
  }
  repository.sha256 = config->get("extensions.objectformat") == "sha256";
  repository.sparse = own.get_bool("core.sparsecheckout") || config->get_bool("core.sparsecheckout");
  return done();
}

}  // namespace

Result<Repository> open_repository(const fs::path& inside) {
  const auto start = starting_folder(inside);
  if (!start) return start.error();
  const auto place = find_place(*start);
  if (!place) return place.error();
  if (auto owner = check_owner(*place, current_environment()); !owner) return owner.error();

  Repository repository{.root = place->root, .git_dir = place->git_dir, .common_dir = place->common_dir};
  if (auto applied = apply_config(*place, repository); !applied) return applied.error();
  auto head = read_head(place->git_dir, place->common_dir);
  if (!head) return head.error();
  repository.head = std::move(head->commit);
  repository.branch = std::move(head->branch);
  repository.operation = operation_in(place->git_dir);
  repository.submodules = submodule_paths(place->root);
  return repository;
}

}  // namespace baton
