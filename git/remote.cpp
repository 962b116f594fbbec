#include "git/remote.h"

#include <algorithm>
#include <array>

#include "git/calls.h"
#include "support/redact.h"

namespace baton {
namespace {

constexpr auto kLimit = std::chrono::minutes(10);
constexpr std::size_t kMaxSaid = 300;  // bytes of what git or the remote said

// Those that would make git speak about another repository (`git rev-parse --local-env-vars`) or write traces into what it says.
bool is_foreign(std::string_view name) {
  constexpr std::array<std::string_view, 16> kForeign = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                                                         "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_NAMESPACE", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_CONFIG",
                                                         "GIT_IMPLICIT_WORK_TREE", "GIT_NO_REPLACE_OBJECTS", "GIT_REPLACE_REF_BASE", "GIT_INTERNAL_SUPER_PREFIX", "GIT_PUSH_OPTION_COUNT"};
  return std::find(kForeign.begin(), kForeign.end(), name) != kForeign.end() || name.starts_with("GIT_TRACE") || name == "LANGUAGE" || name.starts_with("LC_");
}

Result<ProcessResult> git_as_user(const Repository& repository, const Environment& client_env, std::vector<std::string> args, std::stop_token stop) {
  ProcessSpec spec;
  spec.argv = {"git", "--no-pager"};
  spec.argv.insert(spec.argv.end(), std::make_move_iterator(args.begin()), std::make_move_iterator(args.end()));
  spec.cwd = repository.root;
  spec.env = client_env.empty() ? current_environment() : client_env;
  std::erase_if(spec.env, [](const auto& entry) { return is_foreign(entry.first); });
  set(spec.env, "LC_ALL", "C");
  set(spec.env, "GIT_TERMINAL_PROMPT", "0");
  set(spec.env, "GIT_CEILING_DIRECTORIES", repository.root.parent_path().string());
  spec.timeout = kLimit;
  auto result = run(spec, std::move(stop));
  if (result && !result->start_error.empty()) return Error{ErrorKind::missing_tool, "git was not found in PATH; install it (Debian: apt-get install git)."};
  return result;
}

template <class Take>
void each_line(std::string_view text, const Take& take) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

struct Known {
  std::string_view said, means;
};
// What git, ssh and forges say, and what is to be done about it.
constexpr std::array<Known, 12> kKnown = {{
    {"could not read Username", "git has no credentials for it: log in (`gh auth login`, `glab auth login`) or set up a credential helper"},
    {"Authentication failed", "it does not accept your credentials: renew the token or password that git uses"},
    {"Permission denied (publickey", "it does not accept your ssh key: see whether `ssh-add -l` lists it and the forge knows it"},
    {"Host key verification failed", "its ssh key is not known here: connect once by hand, compare the key, and accept it"},
    {"Could not resolve host", "its host is not found: see whether the name is right and the network is there"},
    {"Connection refused", "it takes no connection: see whether it runs and is reached from here"},
    {"protected branch", "the branch is protected there: ask who runs the repository to allow branches below baton/"},
    {"GH006", "the branch is protected there: ask who runs the repository to allow branches below baton/"},
    {"stale info", "somebody else has changed the branch there meanwhile: look at it, then try again"},
    {"The requested URL returned error: 403", "your token may not write there: it needs the right to push"},
    {"does not appear to be a git repository", "there is no repository, or you may not see it: see `git remote -v`"},
    {"not found", "there is no repository, or you may not see it: see `git remote -v`"},
}};

// One sentence of all that was said.
Error refused(std::string_view doing, const Remote& remote, const ProcessResult& result) {
  if (result.cancelled) return {ErrorKind::cancelled, "Cancelled while git spoke to " + remote.name + "."};
  if (result.timed_out) return {ErrorKind::io, "git did not come to an end with " + remote.name + " within ten minutes; try `git fetch " + remote.name + "` by hand."};
  const std::string all = result.err + "\n" + result.out;
  std::string line;  // the first: what follows is git's own summary of it
  each_line(all, [&](std::string_view one) {
    if (line.empty() && !one.empty() && !one.starts_with("warning: ") && !one.starts_with("To ")) line = one;
  });
  line.resize(std::min(line.size(), kMaxSaid));
  std::replace(line.begin(), line.end(), '\t', ' ');
  std::string sentence = std::string(doing) + " " + remote.name + " failed";
  for (const Known& known : kKnown) {
    if (all.find(known.said) != all.npos) return {ErrorKind::precondition, sentence + ": " + std::string(known.means) + " (" + redact(line) + ")."};
  }
  return {ErrorKind::precondition, sentence + (line.empty() ? "." : ": " + redact(line) + ". Try it by hand to see more.")};
}

bool is_there(const Repository& repository, const std::string& commit) {
  const auto found = run_git(in_work_tree(repository, {"cat-file", "-e", commit + "^{commit}"}));
  return found && found->exit_code == 0;
}

// Its name, since an address may hold a password that a command line must not show; the address where fetches go elsewhere than pushes.
std::string spoken_to(const Repository& repository, const Remote& remote, const Environment& client_env) {
  const auto fetched = git_as_user(repository, client_env, {"remote", "get-url", remote.name}, {});
  return fetched && fetched->success() && without_line_end(fetched->out) == remote.url ? remote.name : remote.url;
}

std::string configured(const Repository& repository, const Environment& client_env, const std::string& name) {
  const auto said = git_as_user(repository, client_env, {"config", "--get", name}, {});
  return said && said->success() ? std::string(without_line_end(said->out)) : "";
}

}  // namespace

Result<std::vector<Remote>> remotes(const Repository& repository, const Environment& client_env) {
  auto names = git_as_user(repository, client_env, {"remote"}, {});
  if (!names) return names.error();
  std::vector<Remote> all;
  each_line(names->out, [&](std::string_view name) {
    const auto url = git_as_user(repository, client_env, {"remote", "get-url", "--push", std::string(name)}, {});
    if (url && url->success()) all.push_back({std::string(name), std::string(url->out.substr(0, url->out.find('\n')))});
  });
  return all;
}

RemoteHabit remote_habit(const Repository& repository, const Environment& client_env) {
  const std::string branch = "branch." + repository.branch + ".";
  RemoteHabit habit;
  if (!repository.branch.empty()) {
    habit.push = configured(repository, client_env, branch + "pushRemote");
    habit.pull = configured(repository, client_env, branch + "remote");
  }
  if (habit.push.empty()) habit.push = configured(repository, client_env, "remote.pushDefault");
  return habit;
}

std::string ssh_host(const Repository& repository, const std::string& alias, const Environment& client_env) {
  ProcessSpec spec;
  spec.env = client_env.empty() ? current_environment() : client_env;
  std::string command = get(spec.env, "GIT_SSH_COMMAND").value_or("");
  if (command.empty()) command = configured(repository, client_env, "core.sshCommand");
  // git has the shell run it, too
  if (!command.empty()) spec.argv = {"sh", "-c", command + " -G -- \"$1\"", "sh", alias};
  else if (const std::string program = get(spec.env, "GIT_SSH").value_or(""); !program.empty()) spec.argv = {program, "-G", "--", alias};
  else spec.argv = {"ssh", "-G", "--", alias};
  spec.cwd = "/";
  spec.timeout = std::chrono::seconds(10);
  const auto said = run(spec);
  std::string host = alias;
  if (said && said->success()) {
    each_line(said->out, [&](std::string_view line) {
      if (line.starts_with("hostname ")) host = line.substr(9);
    });
  }
  return host;
}

std::string RemoteBranches::commit_of(std::string_view branch) const {
  const auto found = std::find_if(all.begin(), all.end(), [&](const RemoteBranch& one) { return one.name == branch; });
  return found == all.end() ? "" : found->commit;
}

Result<RemoteBranches> remote_branches(const Repository& repository, const Remote& remote, const Environment& client_env, std::stop_token stop) {
  auto listed = git_as_user(repository, client_env, {"ls-remote", "--quiet", "--symref", spoken_to(repository, remote, client_env), "HEAD", "refs/heads/*"}, stop);
  if (!listed) return listed.error();
  if (!listed->success()) return refused("Asking", remote, *listed);
  RemoteBranches branches;
  constexpr std::string_view kHeads = "refs/heads/";
  each_line(listed->out, [&](std::string_view line) {
    const auto tab = line.find('\t');
    if (tab == line.npos) return;
    const std::string_view what = line.substr(0, tab), name = line.substr(tab + 1);
    if (what.starts_with("ref: refs/heads/") && name == "HEAD") branches.main = what.substr(5 + kHeads.size());
    else if (name.starts_with(kHeads)) branches.all.push_back({std::string(name.substr(kHeads.size())), std::string(what)});
  });
  return branches;
}

Status fetch_commit(const Repository& repository, const Remote& remote, const RemoteBranch& branch, const Environment& client_env, std::stop_token stop) {
  if (is_there(repository, branch.commit)) return done();
  auto fetched = git_as_user(repository, client_env,
                             {"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=", "--no-auto-maintenance", "--no-recurse-submodules", spoken_to(repository, remote, client_env),
                              "refs/heads/" + branch.name},
                             stop);
  if (!fetched) return fetched.error();
  if (!fetched->success()) return refused("Fetching " + branch.name + " of", remote, *fetched);
  if (!is_there(repository, branch.commit)) return Error{ErrorKind::precondition, branch.name + " of " + remote.name + " moves at this moment; try again."};
  return done();
}

Result<bool> is_ancestor(const Repository& repository, const std::string& ancestor, const std::string& commit) {
  auto found = run_git(in_work_tree(repository, {"merge-base", "--is-ancestor", ancestor, commit}));
  if (!found) return found.error();
  return found->exit_code == 0;
}

Status push_branch(const Repository& repository, const Remote& remote, const PushOrder& order, std::stop_token stop) {
  const std::string ref = "refs/heads/" + order.branch;
  auto pushed = git_as_user(repository, order.client_env,
                            {"push", "--porcelain", "--no-follow-tags", "--recurse-submodules=no", "--force-with-lease=" + ref + ":" + order.before, remote.name, order.commit + ":" + ref}, stop);
  if (!pushed) return pushed.error();
  return pushed->success() ? done() : Status(refused("The push to", remote, *pushed));
}

Result<std::vector<std::string>> write_patches(const Repository& repository, const std::string& base, const std::string& commit, const std::filesystem::path& folder,
                                               std::stop_token stop) {
  auto listed = git_output(in_work_tree(repository, {"-c", "diff.noprefix=false", "format-patch", "--binary", "--no-signature", "-o", folder.string(), base + ".." + commit}), stop);
  if (!listed) return listed.error();
  std::vector<std::string> paths;
  each_line(*listed, [&](std::string_view line) { paths.emplace_back(line); });
  return paths;
}

}  // namespace baton
