#include "git/file_merge.h"

#include "git/libgit2.h"

namespace baton {
namespace {

git_merge_file_input input_of(std::string_view text) {
  git_merge_file_input input = GIT_MERGE_FILE_INPUT_INIT;
  input.ptr = text.data();
  input.size = text.size();
  return input;
}

}  // namespace

std::optional<std::string> merge_lines(std::string_view base, std::string_view ours, std::string_view theirs) {
  if (ours == theirs || base == theirs) return std::string(ours);
  if (base == ours) return std::string(theirs);
  start_libgit2();
  const git_merge_file_input ancestor = input_of(base), left = input_of(ours), right = input_of(theirs);
  git_merge_file_result merged{};
  if (git_merge_file(&merged, &ancestor, &left, &right, nullptr) != 0) return std::nullopt;
  std::optional<std::string> text;
  if (merged.automergeable) text.emplace(merged.ptr ? merged.ptr : "", merged.len);
  git_merge_file_result_free(&merged);
  return text;
}

}  // namespace baton
