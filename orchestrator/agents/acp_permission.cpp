#include "orchestrator/agents/acp_permission.h"

#include <algorithm>
#include <cctype>

#include "orchestrator/agents/shell_commands.h"
#include "support/path_order.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using Answered = PermissionAnswer::Kind;
using Words = std::vector<std::string>;

// Commands that look, that change files of the work tree, or that build and test it; by their first words.
constexpr const char* kEveryone[] = {
    "ls", "cat", "head", "tail", "wc", "grep", "egrep", "fgrep", "rg", "fd", "tree", "find", "sort", "uniq", "cut", "tr", "diff", "cmp", "stat", "file", "pwd",
    "echo", "printf", "true", "false", "test", "[", "cd", "basename", "dirname", "realpath", "readlink", "which", "date", "sed", "jq", "column", "nl", "tee",
    "mkdir", "touch", "cp", "mv", "rm", "rmdir", "chmod", "apply_patch", "seq", "sleep", "expr", "sha256sum", "md5sum", "od", "xxd", "strings",
    "git status", "git diff", "git log", "git show", "git ls-files", "git grep", "git blame", "git rev-parse", "git add", "git commit", "git mv", "git rm",
    "git stash", "git branch", "git checkout", "git restore", "git reset", "git merge-base", "git describe", "git apply",
    "make", "cmake", "ctest", "ninja", "meson", "cargo build", "cargo check", "cargo test", "cargo clippy", "cargo fmt", "go build", "go test", "go vet", "gofmt",
    "npm test", "npm run", "pnpm test", "pnpm run", "yarn test", "yarn run", "node --test", "npx tsc", "npx eslint", "npx prettier", "npx jest", "npx vitest",
    "tsc", "eslint", "prettier", "biome", "jest", "vitest", "mocha", "pytest", "python -m pytest", "python3 -m pytest", "python -m unittest",
    "python3 -m unittest", "tox", "mypy", "pyright", "ruff", "black", "clang-format", "clang-tidy", "mvn test", "gradle test", "dotnet test", "dotnet build",
    "bundle exec rspec", "rspec", "phpunit", "mix test", "swift test", "swift build"};
// Never an agent's: what speaks for the user, or gets more rights.
constexpr const char* kNobody[] = {"baton", "sudo", "su", "doas", "git push", "git remote", "git config", "ssh", "scp", "bwrap", "unshare", "nsenter", "mount"};
// They run a command that stands behind their own words.
constexpr const char* kWrappers[] = {"timeout", "time", "nice", "nohup", "command", "env", "stdbuf"};
constexpr const char* kReadable[] = {"/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/opt", "/proc", "/dev/null", "/nix", "/gnu"};
constexpr const char* kWriters[] = {"tee", "mkdir", "touch", "cp", "mv", "rm", "rmdir", "chmod"};
constexpr const char* kShells[] = {"sh", "bash", "zsh", "dash", "/bin/sh", "/bin/bash", "/usr/bin/bash", "/bin/zsh"};

std::string program_of(const std::string& word) { return fs::path(word).filename().string(); }

Words split(std::string_view text) {
  Words words;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end > 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

bool begins(const Words& command, std::string_view listed) {
  const Words words = split(listed);
  if (words.empty() || command.size() < words.size()) return false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool same = command[i] == words[i] || (i == 0 && command[0].starts_with("/usr/") && program_of(command[0]) == words[0]);
    if (!same) return false;
  }
  return true;
}

template <class List>
bool lists(const List& list, const Words& command) {
  return std::any_of(std::begin(list), std::end(list), [&](const auto& listed) { return begins(command, listed); });
}

// `timeout 60 npm test` is `npm test`.
Words unwrapped(Words command) {
  while (!command.empty() && std::any_of(std::begin(kWrappers), std::end(kWrappers), [&](const char* one) { return program_of(command[0]) == one; })) {
    const bool takes_number = program_of(command[0]) == "timeout";
    command.erase(command.begin());
    while (!command.empty() && (command[0].starts_with('-') || command[0].find('=') != std::string::npos)) command.erase(command.begin());
    if (takes_number && !command.empty()) command.erase(command.begin());
  }
  return command;
}

// A script that prints lines or replaces text, or the name of a file: sed can also run commands and write anywhere.
bool harmless_for_sed(std::string_view word) {
  if (word.find_first_not_of("0123456789,$p;") == word.npos) return true;
  const bool replaces = word.size() > 3 && word[0] == 's' && std::ispunct(static_cast<unsigned char>(word[1]));
  if (!replaces) return word.find_first_of(";{}\n ") == word.npos && (word.find('.') != word.npos || word.find('/') != word.npos);
  int ends = 0;
  std::size_t at = 1;
  for (; at < word.size() && ends < 3; ++at) {
    if (word[at] == '\\') ++at;
    else if (word[at] == word[1]) ++ends;
  }
  return ends == 3 && at <= word.size() && word.substr(at).find_first_not_of("gIip0123456789") == std::string_view::npos;
}

// A listed program that another word of the line turns into one that runs anything.
bool runs_more(const Words& command) {
  const std::string program = program_of(command[0]);
  const auto has = [&](auto... options) { return std::any_of(command.begin() + 1, command.end(), [&](const std::string& word) { return ((word == options) || ...); }); };
  if (program == "find" || program == "fd") return has("-exec", "-execdir", "-ok", "-okdir", "-x", "-X", "--exec", "--exec-batch", "-fprint", "-fprintf");
  if (program == "rg") return std::any_of(command.begin() + 1, command.end(), [](const std::string& word) { return word.starts_with("--pre"); });
  if (program == "git") return command.size() > 1 && command[1].starts_with("-");
  if (program == "sed") return !std::all_of(command.begin() + 1, command.end(), [](const std::string& word) { return word.starts_with('-') ? word.find("file") == word.npos : harmless_for_sed(word); });
  return false;
}

std::string joined(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string shortened(const std::string& text) {
  constexpr std::size_t kLongest = 120;
  return text.size() > kLongest ? text.substr(0, kLongest) + "…" : text;
}

bool changes_files(const Words& command) { return std::find(std::begin(kWriters), std::end(kWriters), program_of(command[0])) != std::end(kWriters); }
bool has_variable(const Words& command) { return std::any_of(command.begin(), command.end(), [](const std::string& word) { return word.find('$') != word.npos; }); }

class PermissionJudge {
 public:
  explicit PermissionJudge(const PermissionGround& ground) : ground_(ground) {}

  PermissionAnswer execute(const AcpToolCall& call) const {
    Words argv = call.argv;
    std::string line = call.command;
    const bool in_shell = argv.size() == 3 && (argv[1] == "-c" || argv[1] == "-lc") && std::find(std::begin(kShells), std::end(kShells), argv[0]) != std::end(kShells);
    if (in_shell) line = argv[2];
    else if (!argv.empty()) return judge_commands({{argv}, {}}, joined(argv));
    if (line.empty()) return {Answered::ask, "a command that it does not tell"};
    return shell(line);
  }

  PermissionAnswer shell(const std::string& line) const {
    if (allows_all()) return {Answered::allow, "every command is allowed to it"};
    const auto told = shell_commands(line);
    if (!told) return {Answered::ask, "what the command runs cannot be told"};
    return judge_commands(*told, line);
  }

  PermissionAnswer paths(const AcpToolCall& call, bool writes) const {
    for (const std::string& path : call.paths) {
      if (const auto refused = path_refused(path, writes); !refused.empty()) return {Answered::refuse, refused};
    }
    if (writes && call.paths.empty() && !ground_.isolated) return {Answered::ask, "a change of files that it does not name"};
    return {Answered::allow, writes ? "inside its work tree" : "it reads"};
  }

 private:
  bool allows_all() const { return std::find(ground_.allow.begin(), ground_.allow.end(), "*") != ground_.allow.end(); }

  PermissionAnswer judge_commands(const ShellCommands& told, const std::string& line) const {
    fs::path here = ground_.inner;
    for (const Words& given : told.commands) {
      const Words command = unwrapped(given);
      if (command.empty()) continue;
      if (lists(kNobody, command) || program_of(command[0]) == "baton") return {Answered::refuse, "`" + shortened(joined(command)) + "` is not an agent's to run"};
      if (allows_all() || lists(ground_.allow, command)) continue;
      if (!lists(kEveryone, command) || runs_more(command)) return {Answered::ask, "`" + shortened(joined(command)) + "` is not on the list of commands"};
      if (!ground_.isolated && changes_files(command) && has_variable(command)) return {Answered::ask, "what `" + shortened(joined(command)) + "` changes cannot be told"};
      if (const auto refused = arguments_refused(command, here); !refused.empty()) return {Answered::refuse, refused};
    }
    for (const std::string& path : told.written) {
      if (path == "/dev/null") continue;
      if (const auto refused = path_refused((here / path).string(), true); !refused.empty()) return {Answered::refuse, refused};
    }
    return {Answered::allow, told.commands.empty() ? "nothing is run" : "listed: " + shortened(joined(split(line)))};
  }

  // Of programs that change files by name, and of `cd`, which moves `here`.
  std::string arguments_refused(const Words& command, fs::path& here) const {
    const std::string program = program_of(command[0]);
    if (program == "cd") {
      if (command.size() < 2) return "outside its work tree: ~";
      here = normal(here / command[1]);
      return path_refused(here.string(), false);
    }
    if (!changes_files(command)) return "";
    for (std::size_t i = 1; i < command.size(); ++i) {
      if (command[i].starts_with('-')) continue;
      const bool source = program == "cp" && i + 1 < command.size();
      if (auto refused = path_refused((here / command[i]).string(), !source); !refused.empty()) return refused;
    }
    return "";
  }

  std::string path_refused(const std::string& path, bool writes) const {
    const auto place = inside_tree(path, ground_);
    if (place) {
      std::error_code failed;
      const auto relative = place->lexically_relative(fs::weakly_canonical(ground_.tree, failed));
      if (writes && !relative.empty() && *relative.begin() == ".git") return "the repository's own folder: " + path;
      return "";
    }
    const fs::path given = normal(path);
    if (std::any_of(ground_.own.begin(), ground_.own.end(), [&](const fs::path& own) { return below(given, own); })) return "";
    if (!writes && std::any_of(std::begin(kReadable), std::end(kReadable), [&](const char* folder) { return below(given, folder); })) return "";
    return "outside its work tree: " + path;
  }

  const PermissionGround& ground_;
};

bool of_our_server(const AcpToolCall& call) {
  for (const std::string* name : {&call.name, &call.title}) {
    if (name->starts_with("baton_") || name->starts_with("mcp__baton__") || name->starts_with("baton.") || name->starts_with("mcp.baton.")) return true;
  }
  return false;
}

}  // namespace

std::optional<fs::path> inside_tree(const std::string& path, const PermissionGround& ground) {
  if (path.empty() || path.find('\0') != path.npos || path.starts_with("~")) return std::nullopt;
  std::error_code failed;
  const fs::path root = fs::weakly_canonical(ground.tree, failed);
  const fs::path given = normal(fs::path(path).is_absolute() ? fs::path(path) : ground.inner / path);
  fs::path on_host;
  if (below(given, ground.inner)) on_host = ground.tree / given.lexically_relative(ground.inner);
  else if (below(given, ground.tree)) on_host = given;
  else return std::nullopt;
  fs::path real = fs::weakly_canonical(on_host, failed);
  if (failed) return std::nullopt;
  // A link may name the tree as the agent sees it.
  if (!below(real, root) && below(real, ground.inner)) real = fs::weakly_canonical(ground.tree / real.lexically_relative(ground.inner), failed);
  if (failed || !below(real, root)) return std::nullopt;
  return real;
}

PermissionAnswer judge_permission(const AcpToolCall& call, const PermissionGround& ground) {
  const PermissionJudge judge(ground);
  const bool has_command = !call.command.empty() || !call.argv.empty();
  if (call.kind == "execute" || (has_command && call.kind != "edit" && !call.has_diff)) return judge.execute(call);
  if (call.kind == "edit" || call.kind == "delete" || call.kind == "move" || call.has_diff) return judge.paths(call, true);
  if (call.kind == "read" || call.kind == "search") return judge.paths(call, false);
  if (call.kind == "think") return {Answered::allow, "it thinks"};
  if (call.kind == "fetch") return {Answered::refuse, "pages of the network are not fetched for a task"};
  if (call.kind == "switch_mode") return {Answered::refuse, "its mode is set by Baton"};
  if (of_our_server(call)) return {Answered::allow, "a tool of Baton"};
  return {Answered::ask, "a tool that is not known here"};
}

std::optional<std::string> option_for(const AcpPermission& permission, bool allow) {
  const std::string_view wanted = allow ? "allow_once" : "reject_once";
  for (const auto& option : permission.options) {
    if (option.kind == wanted && !option.id.empty()) return option.id;
  }
  return std::nullopt;
}

std::string in_words(const AcpToolCall& call) {
  std::string command = !call.command.empty() ? call.command : joined(call.argv);
  for (auto at = command.find('\n'); at != command.npos; at = command.find('\n', at)) command.replace(at, 1, " ⏎ ");
  if (!command.empty()) return "run `" + command + "`";
  std::string what = call.kind.empty() || call.kind == "other" ? "use" : call.kind;
  if (call.paths.empty()) return what + " " + (call.title.empty() ? "a tool" : "\"" + call.title + "\"");
  for (std::size_t i = 0; i < call.paths.size() && i < 3; ++i) what += (i == 0 ? " " : ", ") + call.paths[i];
  return what;
}

}  // namespace baton
