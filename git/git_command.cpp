#include "git/git_command.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace baton {
namespace {

// What the user may set about git itself and its configuration; every other GIT_* (GIT_DIR of a hook that calls us,
// traces, a pager) would make the command speak about something else.
constexpr std::array<std::string_view, 5> kKeptVariables = {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM",
                                                            "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH", "GIT_TEMPLATE_DIR"};

// splitIndex: an index of ours would leave its shared half in the user's git folder. submodule.recurse: a checkout of
// ours would change theirs.
constexpr std::array<std::string_view, 8> kSafeConfig = {"core.hooksPath=/dev/null",
                                                         "core.fsmonitor=false",
                                                         "core.untrackedCache=keep",
                                                         "core.splitIndex=false",
                                                         "gc.auto=0",
                                                         "maintenance.auto=false",
                                                         "submodule.recurse=false",
                                                         "log.showSignature=false"};

Environment git_environment(const Environment& extra) {
  Environment env = current_environment();
  std::erase_if(env, [](const auto& entry) {
    const auto& name = entry.first;
    if (name == "LANGUAGE" || name.starts_with("LC_")) return true;
    return name.starts_with("GIT_") &&
           std::find(kKeptVariables.begin(), kKeptVariables.end(), name) == kKeptVariables.end();
  });
  set(env, "LC_ALL", "C");
  set(env, "GIT_OPTIONAL_LOCKS", "0");
  set(env, "GIT_TERMINAL_PROMPT", "0");
  set(env, "GIT_EDITOR", ":");
  // Both: git before 2.45 does not know the first, and a fetch that may use no protocol ends at once.
  set(env, "GIT_NO_LAZY_FETCH", "1");
  set(env, "GIT_ALLOW_PROTOCOL", "none");
  for (const auto& [name, value] : extra) set(env, name, value);
  return env;
}

// git's own first complaint without its label; warnings only when there is nothing else.
std::string complaint(const ProcessResult& result) {
  std::string_view text = result.err.empty() ? std::string_view(result.out) : std::string_view(result.err);
  std::string first;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    for (const std::string_view label : {"fatal: ", "error: "}) {
      if (line.starts_with(label)) return std::string(line.substr(label.size()));
    }
    if (first.empty()) first = line;
  }
  return first;
}

// "git status", also where `-c name=value` stands before the verb.
std::string name_of(const GitCall& call) {
  std::size_t at = 0;
  while (at < call.args.size() && call.args[at].starts_with('-')) at += call.args[at] == "-c" || call.args[at] == "-C" ? 2 : 1;
  return at < call.args.size() ? "git " + call.args[at] : "git";
}

}  // namespace

Result<ProcessResult> run_git(const GitCall& call, std::stop_token stop) {
  ProcessSpec spec;
  spec.argv = {"git", "--no-optional-locks", "--no-pager"};
  for (const std::string_view setting : kSafeConfig) {
    spec.argv.emplace_back("-c");
    spec.argv.emplace_back(setting);
  }
  spec.argv.insert(spec.argv.end(), call.args.begin(), call.args.end());
  spec.cwd = call.cwd;
  spec.env = git_environment(call.extra_env);
  spec.stdin_text = call.stdin_text;
  spec.timeout = call.timeout;
  spec.max_output = call.max_output;
  auto result = run(spec, stop);
  if (!result) return result;
  if (!result->start_error.empty()) {
    if (!find_program("git", get(spec.env, "PATH").value_or("")))
      return Error{ErrorKind::missing_tool, "git was not found in PATH; install it (Debian: apt-get install git)."};
    return Error{ErrorKind::io, "Cannot start git: " + result->start_error + "."};
  }
  return result;
}

Result<std::string> git_output(const GitCall& call, std::stop_token stop) {
  auto result = run_git(call, stop);
  if (!result) return result.error();
  if (result->cancelled) return Error{ErrorKind::cancelled, "Cancelled while " + name_of(call) + " ran."};
  if (result->timed_out)
    return Error{ErrorKind::io, name_of(call) + " did not end within its time limit; see whether the disk answers."};
  if (!result->success()) {
    const std::string said = complaint(*result);
    return Error{ErrorKind::precondition,
                 name_of(call) + " failed" + (said.empty() ? "" : ": " + said) +
                     (result->signal ? " (signal " + std::to_string(*result->signal) + ")" : "") + "."};
  }
  if (result->truncated)
    return Error{ErrorKind::io, name_of(call) + " printed more than " + std::to_string(call.max_output) + " bytes."};
  return std::move(result->out);
}

}  // namespace baton
