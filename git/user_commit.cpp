#include "git/user_commit.h"

#include <unistd.h>

#include <algorithm>

#include "git/calls.h"
#include "git/objects.h"
#include "support/files.h"

namespace baton {
namespace fs = std::filesystem;
namespace {

// The client's environment, but for what would make git speak about another repository.
Environment of_client(const Environment& client_env) {
  Environment env;
  for (const auto& [name, value] : client_env) {
    const bool identity = name.starts_with("GIT_AUTHOR_") || name.starts_with("GIT_COMMITTER_") || name.starts_with("GIT_CONFIG_");
    if (!name.starts_with("GIT_") || identity) env.emplace_back(name, value);
  }
  return env;
}

GitCall as_user(const Store& store, const Environment& client_env, std::vector<std::string> args) {
  GitCall call = in_work_tree(store.repository(), std::move(args));
  for (auto& entry : of_client(client_env)) call.extra_env.push_back(std::move(entry));
  return call;
}

// As the user has it, without the value that our own calls set.
Result<fs::path> hooks_folder(const Store& store, const Environment& client_env) {
  auto said = run_git(as_user(store, client_env, {"config", "--show-scope", "-z", "--type=path", "--get-all", "core.hooksPath"}));
  if (!said) return said.error();
  fs::path folder = store.repository().common_dir / "hooks";
  for (std::string_view rest = said->exit_code == 0 ? std::string_view(said->out) : std::string_view(); !rest.empty();) {
    const auto scope_end = rest.find('\0');
    const auto value_end = scope_end == rest.npos ? rest.npos : rest.find('\0', scope_end + 1);
    if (value_end == rest.npos) break;
    if (rest.substr(0, scope_end) != "command") folder = store.repository().root / std::string(rest.substr(scope_end + 1, value_end - scope_end - 1));
    rest.remove_prefix(value_end + 1);
  }
  return folder;
}

// The message as the hook leaves it.
Result<std::string> through_hook(const Store& store, const Committer& committer, const UserCommit& commit, std::stop_token stop) {
  if (committer.hook.empty()) return commit.message;
  auto place = TemporaryFolder::make(fs::temp_directory_path(), "baton-message-");
  if (!place) return place.error();
  const fs::path file = place->path() / "COMMIT_EDITMSG";
  if (auto written = write_file(file, commit.message); !written) return written.error();
  ProcessSpec spec;
  spec.argv = {committer.hook.string(), file.string()};
  spec.cwd = store.repository().root;
  spec.env = current_environment();
  std::erase_if(spec.env, [](const auto& entry) { return entry.first.starts_with("GIT_"); });
  for (const auto& [name, value] : of_client(committer.client_env)) set(spec.env, name, value);
  set(spec.env, "GIT_EDITOR", ":");
  set(spec.env, "GIT_OPTIONAL_LOCKS", "0");
  spec.merge_stderr = true;
  spec.timeout = std::chrono::minutes(2);
  auto result = run(spec, stop);
  if (!result) return result.error();
  if (!result->success()) {
    const std::string said = result->timed_out ? "it did not end within two minutes" : result->out.substr(0, result->out.find('\n'));
    return Error{ErrorKind::precondition, "The commit-msg hook of this repository refuses the commit's message" + (said.empty() ? "" : ": " + said) +
                                              "; correct the hook, or apply the result and commit it yourself."};
  }
  return read_file(file);
}

Result<std::string> commit_bytes(const Store& store, std::string_view commit) {
  auto object = need(store.objects(), commit, ObjectType::commit);
  if (!object) return object.error();
  return std::move(object->bytes);
}

}  // namespace

Result<Committer> committer_of(const Store& store, Environment client_env, std::stop_token stop) {
  auto identity = run_git(as_user(store, client_env, {"var", "GIT_COMMITTER_IDENT"}), stop);
  if (!identity) return identity.error();
  if (identity->exit_code != 0)
    return Error{ErrorKind::precondition, "git does not know who you are; set user.name and user.email with `git config`, then land again."};
  auto folder = hooks_folder(store, client_env);
  if (!folder) return folder.error();
  auto signs = run_git(as_user(store, client_env, {"config", "--type=bool", "--get", "commit.gpgSign"}), stop);
  if (!signs) return signs.error();
  fs::path hook = *folder / "commit-msg";
  if (::access(hook.c_str(), X_OK) != 0 || fs::is_directory(hook)) hook.clear();
  return Committer{std::move(client_env), std::move(hook), signs->exit_code == 0 && without_line_end(signs->out) == "true"};
}

Result<std::string> commit_as_user(Store& store, const Committer& committer, const UserCommit& commit, std::stop_token stop) {
  auto message = through_hook(store, committer, commit, stop);
  if (!message) return message.error();
  std::vector<std::string> args = {"commit-tree", commit.tree, "-p", commit.parent, "-F", "-"};
  if (committer.signs) args.emplace_back("-S");
  GitCall call = as_user(store, committer.client_env, std::move(args));
  call.extra_env.emplace_back("GIT_OBJECT_DIRECTORY", (store.path() / "objects").string());
  call.stdin_text = *message;
  auto id = git_output(call, stop);
  if (id) return without_line_end(std::move(*id));
  if (committer.signs) return Error{ErrorKind::precondition, "The commit could not be signed as this repository asks (commit.gpgSign): " + id.error().message};
  return id;
}

Result<std::vector<std::string>> subjects_before(const Store& store, std::string_view commit, int count, std::stop_token stop) {
  auto out = git_output(in_git_dir(store.path(), {"log", "--no-merges", "-z", "--format=%s", "-n", std::to_string(count), "--end-of-options", std::string(commit)}), stop);
  if (!out) return out.error();
  std::vector<std::string> subjects;
  for (std::string_view rest = *out; !rest.empty();) {
    const auto end = std::min(rest.find('\0'), rest.size());
    subjects.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return subjects;
}

Result<std::string> commit_message(const Store& store, std::string_view commit) {
  auto bytes = commit_bytes(store, commit);
  if (!bytes) return bytes.error();
  const auto blank = bytes->find("\n\n");
  return blank == std::string::npos ? std::string() : bytes->substr(blank + 2);
}

Result<std::vector<std::string>> commit_parents(const Store& store, std::string_view commit) {
  auto bytes = commit_bytes(store, commit);
  if (!bytes) return bytes.error();
  std::vector<std::string> parents;
  for (std::string_view rest = *bytes; !rest.empty() && rest.front() != '\n';) {
    const auto end = std::min(rest.find('\n'), rest.size());
    if (rest.starts_with("parent ")) parents.emplace_back(rest.substr(7, end - 7));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return parents;
}

}  // namespace baton
