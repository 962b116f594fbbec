#include "git/history.h"

#include <algorithm>
#include <charconv>

#include "git/calls.h"
#include "git/fields.h"
#include "git/head.h"
#include "git/libgit2.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

// "\x01<id>\0<time>\0<message>\0\0\n<file>\0<file>\0"
std::vector<HistoryCommit> parse_log(std::string_view text) {
  std::vector<HistoryCommit> commits;
  for (Fields fields(text); !fields.done();) {
    std::string_view field = fields.next();
    if (field.starts_with('\x01')) {
      HistoryCommit commit;
      commit.id = field.substr(1);
      const std::string_view time = fields.next();
      std::from_chars(time.data(), time.data() + time.size(), commit.time);
      commit.message = fields.next();
      commits.push_back(std::move(commit));
      continue;
    }
    if (field.starts_with('\n')) field.remove_prefix(1);
    if (!field.empty() && !commits.empty()) commits.back().files.emplace_back(field);
  }
  return commits;
}

bool holds_objects(const fs::path& folder) {
  std::error_code error;
  return fs::is_directory(folder / "objects", error) && fs::exists(folder / "HEAD", error);
}

}  // namespace

Result<std::vector<HistoryCommit>> read_history(const fs::path& git_dir, std::string_view commit, std::string_view known, std::size_t most, std::stop_token stop) {
  std::vector<std::string> args = {"log", "-z", "--no-merges", "--no-show-signature", "--no-renames", "--no-ext-diff", "--no-textconv", "--name-only", "--no-color",
                                   "--format=%x01%H%x00%ct%x00%B%x00", "--max-count=" + std::to_string(most), std::string(commit)};
  if (!known.empty()) args.push_back("^" + std::string(known));
  args.emplace_back("--");
  const auto out = git_output(in_git_dir(git_dir, std::move(args)), stop);
  if (!out) return out.error();
  return parse_log(*out);
}

bool is_ancestor(const fs::path& git_dir, std::string_view older, std::string_view commit, std::stop_token stop) {
  const auto result = run_git(in_git_dir(git_dir, {"merge-base", "--is-ancestor", std::string(older), std::string(commit)}), stop);
  return result && result->exit_code == 0;
}

Result<GitFolder> open_git_folder(const fs::path& path) {
  std::error_code error;
  fs::path folder = fs::absolute(path, error).lexically_normal();
  if (!holds_objects(folder)) {
    auto repository = open_repository(folder);
    if (!repository) return Error{ErrorKind::usage, path.string() + " is no git folder; give a `.git` folder, a bare repository, or a work tree."};
    return GitFolder{repository->common_dir, repository->sha256};
  }
  const auto format = git_output(in_git_dir(folder, {"rev-parse", "--show-object-format"}));
  if (!format) return Error{ErrorKind::usage, path.string() + " cannot be read as a git folder: " + format.error().message};
  return GitFolder{folder, without_line_end(*format) == "sha256"};
}

Result<std::string> find_commit(const fs::path& git_dir, std::string_view revision) {
  const auto found = run_git(in_git_dir(git_dir, {"rev-parse", "--verify", "--quiet", "--end-of-options", std::string(revision) + "^{commit}"}));
  if (!found) return found.error();
  std::string id = without_line_end(found->out);
  if (found->exit_code != 0 || !is_object_id(id)) {
    return Error{ErrorKind::usage, "There is no commit " + std::string(revision) + " in " + git_dir.string() + "; fetch it, or name another."};
  }
  return id;
}

Result<std::string> find_commit_of_tree(const fs::path& git_dir, std::string_view tree) {
  const auto all = git_output(in_git_dir(git_dir, {"log", "--all", "--format=%T %H"}), {});
  if (!all) return all.error();
  const std::string wanted = "\n" + std::string(tree) + " ";
  const std::string lines = "\n" + *all;
  const auto at = lines.find(wanted);
  if (at == lines.npos) return std::string();
  const auto begin = at + wanted.size();
  return lines.substr(begin, lines.find('\n', begin) - begin);
}

Result<std::vector<std::string>> work_tree_files(const fs::path& root, std::stop_token stop) {
  const GitCall call{.cwd = root, .args = {"ls-files", "-z", "--cached", "--others", "--exclude-standard"}, .extra_env = {}, .stdin_text = {}};
  const auto out = git_output(call, stop);
  if (!out) return out.error();
  std::vector<std::string> files;
  for (Fields fields(*out); !fields.done();) {
    const std::string_view path = fields.next();
    if (!path.empty() && !path.ends_with('/')) files.emplace_back(path);
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

std::string blob_id(std::string_view bytes) {
  start_libgit2();
  git_oid oid;
  if (git_odb_hash(&oid, bytes.data(), bytes.size(), GIT_OBJECT_BLOB) != 0) return "";
  char text[GIT_OID_HEXSZ + 1];
  return git_oid_tostr(text, sizeof text, &oid);
}

}  // namespace baton
