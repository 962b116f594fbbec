#include "git/branch.h"

#include <algorithm>
#include <cctype>

#include "git/calls.h"
#include "git/objects.h"

namespace baton {
namespace {

constexpr std::size_t kLongest = 50;

// What the commit reaches and no ref of the user's does, as a pack on standard output.
Result<std::string> pack_for_user(const Store& store, const std::string& commit, std::stop_token stop) {
  auto refs = git_output(in_work_tree(store.repository(), {"for-each-ref", "--format=^%(objectname)"}), stop);
  if (!refs) return refs.error();
  GitCall pack = in_git_dir(store.path(), {"pack-objects", "--quiet", "--revs", "--stdout", "--threads=1"});
  pack.stdin_text = commit + "\n";
  if (store.repository().head) pack.stdin_text += "^" + *store.repository().head + "\n";
  pack.stdin_text += *refs;
  return git_output(pack, stop);
}

}  // namespace

Result<std::optional<std::string>> branch_commit(const Repository& repository, std::string_view name) {
  auto found = run_git(in_work_tree(repository, {"rev-parse", "--quiet", "--verify", "refs/heads/" + std::string(name) + "^{commit}"}));
  if (!found) return found.error();
  if (found->exit_code != 0) return std::optional<std::string>();
  return std::optional<std::string>(without_line_end(found->out));
}

Status create_branch(const Store& store, std::string_view name, std::string_view commit, std::stop_token stop) {
  const std::string ref = "refs/heads/" + std::string(name), id(commit);
  auto valid = run_git(in_work_tree(store.repository(), {"check-ref-format", ref}), stop);
  if (!valid) return valid.error();
  if (valid->exit_code != 0) return Error{ErrorKind::usage, "\"" + std::string(name) + "\" is no name for a branch; choose another one."};
  auto there = branch_commit(store.repository(), name);
  if (!there) return there.error();
  if (*there && **there == id) return done();
  const Error taken{ErrorKind::precondition, "The branch " + std::string(name) + " exists and holds other work; it was not moved. Choose another name, or delete it."};
  if (*there) return taken;

  auto pack = pack_for_user(store, id, stop);
  if (!pack) return pack.error();
  GitCall unpack = in_work_tree(store.repository(), {"unpack-objects", "-q"});
  unpack.stdin_text = std::move(*pack);
  if (auto unpacked = git_output(unpack, stop); !unpacked) return unpacked.error();

  const std::string nothing(id.size(), '0');
  auto made = run_git(in_work_tree(store.repository(), {"update-ref", "--create-reflog", "-m", "baton: land", ref, id, nothing}), stop);
  if (!made) return made.error();
  if (made->exit_code == 0) return done();
  there = branch_commit(store.repository(), name);
  if (there && *there) return **there == id ? done() : Status(taken);
  return Error{ErrorKind::io, "git could not make the branch " + std::string(name) + ": " + without_line_end(made->err.substr(0, made->err.find('\n')))};
}

std::string branch_slug(std::string_view words) {
  std::string slug;
  for (const char c : words) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) && byte < 128) {
      slug += static_cast<char>(std::tolower(byte));
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  if (slug.size() > kLongest) {
    slug.resize(kLongest + 1);
    if (const auto dash = slug.rfind('-'); dash != slug.npos && dash > kLongest / 2) slug.resize(dash);
    slug.resize(std::min(slug.size(), kLongest));
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug.empty() ? "task" : slug;
}

}  // namespace baton
