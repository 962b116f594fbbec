#include "git/merge.h"

#include <charconv>

#include "git/calls.h"
#include "git/fields.h"
#include "git/head.h"
#include "support/files.h"

namespace baton {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kAttributes = ".gitattributes";

// The attribute files of a tree, where git looks for them.
Status lay_attributes(const Store& store, const std::string& commit, const fs::path& folder) {
  auto tree = store.tree_of(commit);
  if (!tree) return tree.error();
  auto entries = store.list(*tree);
  if (!entries) return entries.error();
  for (const TreeEntry& entry : *entries) {
    const fs::path path(entry.path);
    if (path.filename() != kAttributes || (entry.mode & 0170000) != 0100000) continue;
    auto text = store.read_blob(entry.blob);
    if (!text) return text.error();
    if (auto made = make_folder((folder / path).parent_path()); !made) return made;
    if (auto written = write_file(folder / path, *text); !written) return written;
  }
  return done();
}

// "100644 <id> 1\tpath"
std::optional<MergeStage> stage_of(std::string_view field) {
  const auto first = field.find(' '), second = field.find(' ', first + 1), tab = field.find('\t');
  if (first == field.npos || second == field.npos || tab == field.npos || tab != second + 2) return std::nullopt;
  MergeStage stage;
  const std::string_view mode = field.substr(0, first);
  if (std::from_chars(mode.data(), mode.data() + mode.size(), stage.mode, 8).ec != std::errc()) return std::nullopt;
  stage.blob = field.substr(first + 1, second - first - 1);
  stage.stage = field[second + 1] - '0';
  stage.path = field.substr(tab + 1);
  return stage;
}

// `merge-tree -z --messages`: the tree, the stages of conflicted files, an empty field, the messages.
Result<Merge> read_merge(std::string_view output) {
  const Error odd{ErrorKind::io, "git merge-tree said something that Baton does not understand; git 2.38 or later is needed."};
  Fields fields(output);
  Merge merge;
  merge.tree = fields.next();
  if (!is_object_id(merge.tree)) return odd;
  while (!fields.done()) {
    const std::string_view field = fields.next();
    if (field.empty()) break;
    auto stage = stage_of(field);
    if (!stage) return odd;
    merge.stages.push_back(std::move(*stage));
  }
  while (!fields.done()) {
    const std::string_view number = fields.next();
    std::size_t paths = 0;
    if (std::from_chars(number.data(), number.data() + number.size(), paths).ec != std::errc() || paths > 1000) return odd;
    MergeConflict said;
    while (paths-- > 0) said.paths.emplace_back(fields.next());
    said.type = fields.next();
    said.message = without_line_end(std::string(fields.next()));
    if (said.type.starts_with("CONFLICT")) merge.conflicts.push_back(std::move(said));
  }
  return merge;
}

}  // namespace

Result<Merge> merge_commits(Store& store, std::string_view ours, std::string_view theirs, std::stop_token stop) {
  GitCall base = in_git_dir(store.path(), {"merge-base", std::string(ours), std::string(theirs)});
  auto common = run_git(base, stop);
  if (!common) return common.error();
  auto empty = TemporaryFolder::make(fs::temp_directory_path(), "baton-merge-");
  if (!empty) return empty.error();
  if (common->exit_code == 0) {
    if (auto laid = lay_attributes(store, without_line_end(common->out), empty->path()); !laid) return laid.error();
  }
  GitCall call = in_git_dir(store.path(), {"--work-tree=.", "-c", "core.attributesFile=/dev/null", "-c", "merge.conflictStyle=zdiff3",
                                           "merge-tree", "--write-tree", "-z", "--messages", "--allow-unrelated-histories",
                                           std::string(ours), std::string(theirs)});
  call.cwd = empty->path();
  call.extra_env.emplace_back("GIT_CONFIG_GLOBAL", "/dev/null");
  call.extra_env.emplace_back("GIT_CONFIG_NOSYSTEM", "1");
  auto result = run_git(call, stop);
  if (!result) return result.error();
  if (result->out.empty() || (result->exit_code != 0 && result->exit_code != 1))
    return Error{ErrorKind::io, "git could not merge: " + without_line_end(result->err.substr(0, result->err.find('\n')))};
  auto merge = read_merge(result->out);
  if (merge && merge->clean() != (result->exit_code == 0))
    return Error{ErrorKind::io, "git merge-tree and what it printed do not agree; nothing was merged."};
  return merge;
}

Result<Merge> merge_trees(Store& store, std::string_view base, std::string_view ours, std::string_view theirs, std::stop_token stop) {
  auto root = store.write_commit(base, {}, "base", 0);
  if (!root) return root.error();
  auto left = store.write_commit(ours, {*root}, "ours", 0);
  if (!left) return left.error();
  auto right = store.write_commit(theirs, {*root}, "theirs", 0);
  if (!right) return right.error();
  return merge_commits(store, *left, *right, std::move(stop));
}

}  // namespace baton
