#include "git/head.h"

#include <algorithm>

#include "git/calls.h"
#include "support/files.h"

namespace baton {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMaxReferenceBytes = 64u << 10;
constexpr std::uint64_t kMaxPackedBytes = 512u << 20;
constexpr int kMaxSymbolicDepth = 5;

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return text;
}

// The name comes from a file of the repository: it must not lead out of the git folder.
bool safe_reference_name(std::string_view name) {
  return name.starts_with("refs/") && name.find("..") == name.npos && name.find('\0') == name.npos;
}

std::optional<std::string> packed_reference(const fs::path& common_dir, std::string_view name) {
  std::error_code ignored;
  if (!fs::exists(common_dir / "packed-refs", ignored)) return std::nullopt;
  const auto text = read_file(common_dir / "packed-refs", kMaxPackedBytes);
  if (!text) return std::nullopt;
  const std::string wanted = " " + std::string(name);
  for (std::size_t at = 0; at < text->size();) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    const std::string_view line(text->data() + at, end - at);
    if (line.ends_with(wanted) && is_object_id(line.substr(0, line.size() - wanted.size())))
      return std::string(line.substr(0, line.size() - wanted.size()));
    at = end + 1;
  }
  return std::nullopt;
}

bool uses_reftable(const fs::path& common_dir) {
  std::error_code ignored;
  return fs::is_directory(common_dir / "reftable", ignored);
}

Result<Head> head_by_git(const fs::path& git_dir) {
  Head head;
  auto commit = run_git(in_git_dir(git_dir, {"rev-parse", "--verify", "--quiet", "HEAD^{commit}"}));
  if (!commit) return commit.error();
  if (commit->exit_code == 0) {
    head.commit = without_line_end(commit->out);
  } else if (commit->exit_code != 1) {
    return Error{ErrorKind::precondition, "This git cannot read the references of " + git_dir.string() +
                                              " (reftable); install git 2.45 or later."};
  }
  auto branch = run_git(in_git_dir(git_dir, {"symbolic-ref", "--quiet", "--short", "HEAD"}));
  if (!branch) return branch.error();
  if (branch->exit_code == 0) head.branch = without_line_end(branch->out);
  return head;
}

}  // namespace

bool is_object_id(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<Head> read_head(const fs::path& git_dir, const fs::path& common_dir) {
  if (uses_reftable(common_dir)) return head_by_git(git_dir);
  Head head;
  fs::path file = git_dir / "HEAD";
  std::string name;
  for (int depth = 0; depth < kMaxSymbolicDepth; ++depth) {
    std::error_code ignored;
    std::string value;
    if (fs::exists(file, ignored) && !fs::is_directory(file, ignored)) {
      auto text = read_file(file, kMaxReferenceBytes);
      if (!text) return text.error();
      value = trimmed(std::move(*text));
    } else if (depth > 0) {
      value = packed_reference(common_dir, name).value_or("");
      if (value.empty()) return head;  // no commit yet
    }
    if (is_object_id(value)) {
      head.commit = value;
      return head;
    }
    constexpr std::string_view kSymbolic = "ref:";
    if (!value.starts_with(kSymbolic)) break;
    name = value.substr(value.find_first_not_of(" \t", kSymbolic.size()) == std::string::npos
                            ? value.size()
                            : value.find_first_not_of(" \t", kSymbolic.size()));
    if (!safe_reference_name(name)) break;
    constexpr std::string_view kBranches = "refs/heads/";
    if (depth == 0) head.branch = name.starts_with(kBranches) ? name.substr(kBranches.size()) : name;
    const bool of_this_work_tree =
        name.starts_with("refs/bisect/") || name.starts_with("refs/worktree/") || name.starts_with("refs/rewritten/");
    file = (of_this_work_tree ? git_dir : common_dir) / name;
  }
  return Error{ErrorKind::precondition,
               "Cannot understand " + (git_dir / "HEAD").string() + "; see `git status` and `git fsck`."};
}

}  // namespace baton
