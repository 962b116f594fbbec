#include "orchestrator/agents/acp_permission.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

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
// Of other processes nothing is read.
constexpr const char* kReadable[] = {"/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/opt", "/nix", "/gnu", "/proc/cpuinfo", "/proc/meminfo", "/proc/version"};
constexpr const char* kStreams[] = {"/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/tty"};
constexpr const char* kWriters[] = {"tee", "mkdir", "touch", "cp", "mv", "rm", "rmdir", "chmod"};
// Their words are text, and no places.
constexpr const char* kSpeakers[] = {"echo", "printf", "seq", "sleep", "expr", "tr", "true", "false", "which", "basename", "dirname"};
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

template <class List>
bool holds(const List& list, std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

// Before the command that a wrapper runs: an option that neither names a place nor holds a command, and for `env` a variable that
// steers no program.
bool may_stand_before(const std::string& wrapper, const std::string& word) {
  const auto equals = word.find('=');
  if (wrapper != "env") return word.find_first_of("=/") == word.npos;
  return word.starts_with('-') ? word == "-" || word == "-i" : !steers_programs(std::string_view(word).substr(0, equals));
}

// `timeout 60 npm test` is `npm test`. Absent where that cannot be told.
std::optional<Words> unwrapped(Words command) {
  while (!command.empty() && holds(kWrappers, program_of(command[0]))) {
    const std::string wrapper = program_of(command[0]);
    command.erase(command.begin());
    while (!command.empty() && (command[0].starts_with('-') || (wrapper == "env" && command[0].find('=') != std::string::npos))) {
      if (!may_stand_before(wrapper, command[0])) return std::nullopt;
      command.erase(command.begin());
    }
    if (wrapper == "timeout" && !command.empty()) command.erase(command.begin());
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
  const auto has_beginning = [&](auto... options) { return std::any_of(command.begin() + 1, command.end(), [&](const std::string& word) { return (word.starts_with(options) || ...); }); };
  if (program == "find" || program == "fd") return has("-exec", "-execdir", "-ok", "-okdir", "-x", "-X", "--exec", "--exec-batch");
  if (program == "rg") return has_beginning("--pre", "--hostname-bin");
  if (program == "sort") return has_beginning("--com");
  if (program == "git") return command.size() > 1 && (command[1].starts_with("-") || (command[1] == "grep" && has_beginning("-O", "--op")));
  if (program == "cd") return command.size() > 1 && command[1].starts_with("-");
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

// By its name, or by an option that makes it one that does.
bool changes_files(const Words& command) {
  const std::string program = program_of(command[0]);
  const auto has = [&](auto... options) { return std::any_of(command.begin() + 1, command.end(), [&](const std::string& word) { return (word.starts_with(options) || ...); }); };
  if (program == "find") return has("-delete", "-fls", "-fprint");
  if (program == "sed") return has("-i", "--in-place");
  if (program == "xxd") return has("-r");
  return holds(kWriters, program);
}

// Whether the word at `i` names what is written.
bool is_written(const Words& command, std::size_t i) {
  const std::string &word = command[i], &before = command[i - 1];
  if (word.starts_with("-o") || word.starts_with("--out") || before == "-o" || (before.starts_with("--out") && before.find('=') == before.npos)) return true;
  if (program_of(command[0]) != "cp") return changes_files(command);
  const bool target_first = std::any_of(command.begin() + 1, command.end(), [](const std::string& word) { return word.starts_with("-t") || word.starts_with("--t"); });
  return target_first || i + 1 == command.size();
}

// What a word may name: itself, what an option holds (`--output=x`, `-ox`), the parts of `a=b`, `a:b` and `a,b`.
std::vector<std::string> places_in(const std::string& word) {
  std::vector<std::string> places;
  if (!word.starts_with('-')) places.push_back(word);
  else if (word.size() > 2 && word[1] != '-') places.push_back(word.substr(2));
  for (auto at = word.find_first_of("=:,"); at != word.npos; at = word.find_first_of("=:,", at + 1)) {
    const auto end = word.find_first_of("=:,", at + 1);
    if (std::string part = word.substr(at + 1, end == word.npos ? end : end - at - 1); !part.empty()) places.push_back(std::move(part));
  }
  return places;
}

// The folders in which the next command of a line may run: a `cd` surely moves only what hangs on it by `&&`.
class Whereabouts {
  using Then = ShellCommand::Then;

 public:
  explicit Whereabouts(fs::path start) : folders_{std::move(start)} {}
  const std::vector<fs::path>& folders() const { return folders_; }

  // After a command, `to`: where it went by `cd`.
  void after(const ShellCommand& command, const std::string* to) {
    if (to) {
      std::vector<fs::path> moved;
      for (const fs::path& folder : folders_) moved.push_back(normal(folder / *to));
      const bool surely = command.then == Then::and_then && (before_ == Then::next || before_ == Then::and_then);
      join(surely ? left_ : moved, folders_);
      folders_ = std::move(moved);
    }
    if (command.then != Then::and_then) join(folders_, std::exchange(left_, {}));
    before_ = command.then;
  }

 private:
  static void join(std::vector<fs::path>& all, const std::vector<fs::path>& more) {
    for (const fs::path& one : more) {
      if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
    }
  }

  std::vector<fs::path> folders_, left_;  // `left_`: in which what follows the chain of `&&` runs, where that broke
  Then before_ = Then::next;
};

// What lies below the work tree by its name, where it lies. A `..` behind a link goes up from where the link leads.
std::optional<fs::path> where_it_lies(const fs::path& given, const PermissionGround& ground) {
  for (const fs::path& path : {given, normal(given)}) {
    if (below(path, ground.inner)) return ground.tree / path.lexically_relative(ground.inner);
    if (below(path, ground.tree)) return path;
  }
  return std::nullopt;
}

class PermissionJudge {
 public:
  explicit PermissionJudge(const PermissionGround& ground) : ground_(ground) {}

  PermissionAnswer execute(const AcpToolCall& call) const {
    const Words& argv = call.argv;
    const bool in_shell = argv.size() == 3 && (argv[1] == "-c" || argv[1] == "-lc") && holds(kShells, argv[0]);
    if (!argv.empty() && !in_shell) {
      ShellCommand command;
      command.words = argv;
      return judge_commands({command}, joined(argv));
    }
    const std::string& line = in_shell ? argv[2] : call.command;
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
  using Objection = std::optional<PermissionAnswer>;

  bool allows_all() const { return holds(ground_.allow, "*"); }

  PermissionAnswer judge_commands(const std::vector<ShellCommand>& told, const std::string& line) const {
    Whereabouts here(ground_.inner);
    for (const ShellCommand& given : told) {
      const auto command = unwrapped(given.words);
      if (!command) return {Answered::ask, "what `" + shortened(joined(given.words)) + "` runs cannot be told"};
      if (auto objection = against_program(*command)) return *objection;
      const bool listed_by_user = allows_all() || (!command->empty() && lists(ground_.allow, *command));
      if (!listed_by_user) {
        if (auto objection = against_words(*command, given, here.folders())) return *objection;
      }
      if (auto objection = against_targets(given, here.folders())) return *objection;
      const bool moves = command->size() > 1 && program_of(command->front()) == "cd";
      here.after(given, moves ? &(*command)[1] : nullptr);
    }
    return {Answered::allow, told.empty() ? "nothing is run" : "listed: " + shortened(joined(split(line)))};
  }

  Objection against_program(const Words& command) const {
    if (command.empty()) return std::nullopt;
    const std::string shown = "`" + shortened(joined(command)) + "`";
    if (lists(kNobody, command) || program_of(command[0]) == "baton") return PermissionAnswer{Answered::refuse, shown + " is not an agent's to run"};
    if (allows_all() || lists(ground_.allow, command)) return std::nullopt;
    if (!lists(kEveryone, command) || runs_more(command)) return PermissionAnswer{Answered::ask, shown + " is not on the list of commands"};
    return std::nullopt;
  }

  // Each word may be a place. What a box does not show needs no look, unless it is to be changed.
  Objection against_words(const Words& command, const ShellCommand& given, const std::vector<fs::path>& folders) const {
    if (command.empty()) return std::nullopt;
    const std::string program = program_of(command[0]);
    const bool moves = program == "cd";
    if (moves && command.size() < 2) return PermissionAnswer{Answered::refuse, "outside its work tree: ~"};
    if (holds(kSpeakers, program) || (ground_.isolated && !moves && !changes_files(command))) return std::nullopt;
    for (std::size_t i = 1; i < command.size(); ++i) {
      if (!ground_.isolated && given.expanded.contains(command[i]) && may_lead_out(command[i], folders)) return unknown_place(command[i]);
      for (const std::string& place : places_in(command[i])) {
        auto objection = against_place(place, is_written(command, i), folders);
        if (objection && moves) objection->kind = Answered::refuse;
        if (objection) return objection;
      }
    }
    return std::nullopt;
  }

  Objection against_targets(const ShellCommand& given, const std::vector<fs::path>& folders) const {
    for (const auto* targets : {&given.read, &given.written}) {
      const bool writes = targets == &given.written;
      for (const std::string& target : *targets) {
        if (ground_.isolated && !writes) continue;
        if (!ground_.isolated && given.expanded.contains(target)) return unknown_place(target);
        if (auto objection = against_place(target, writes, folders)) return objection;
      }
    }
    return std::nullopt;
  }

  static PermissionAnswer unknown_place(const std::string& word) { return {Answered::ask, "which places `" + shortened(word) + "` names cannot be told"}; }

  // What is not there cannot be read: it may be a pattern, or a message.
  Objection against_place(const std::string& place, bool writes, const std::vector<fs::path>& folders) const {
    for (const fs::path& folder : folders) {
      const fs::path path = folder / place;
      const auto refused = path_refused(path.string(), writes);
      if (refused.empty()) continue;
      std::error_code failed;
      const bool may_be_none = !writes && !fs::exists(where_it_lies(path, ground_).value_or(path), failed);
      return PermissionAnswer{may_be_none ? Answered::ask : Answered::refuse, refused};
    }
    return std::nullopt;
  }

  // A pattern of names stays where it stands, unless links lead out from there.
  bool may_lead_out(const std::string& word, const std::vector<fs::path>& folders) const {
    const auto slash = word.rfind('/');
    const std::string folder = slash == word.npos ? "" : word.substr(0, slash + 1);
    if (word.find_first_of("$~{") != word.npos || folder.find_first_of("*?[=:,") != folder.npos) return true;
    return std::any_of(folders.begin(), folders.end(), [&](const fs::path& here) { return has_way_out(here / folder); });
  }

  bool has_way_out(const fs::path& folder) const {
    const auto place = inside_tree(folder.string(), ground_);
    if (!place) return false;  // it is judged by its own name
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(*place, failed)) {
      if (entry.is_symlink(failed) && !inside_tree(entry.path().string(), ground_)) return true;
    }
    return false;
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
    const auto lies_in = [&](const auto& folders) { return std::any_of(std::begin(folders), std::end(folders), [&](const fs::path& folder) { return below(given, folder); }); };
    if (lies_in(ground_.own) || lies_in(kStreams) || (!writes && lies_in(kReadable))) return "";
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
  const auto on_host = where_it_lies(fs::path(path).is_absolute() ? fs::path(path) : ground.inner / path, ground);
  if (!on_host) return std::nullopt;
  fs::path real = fs::weakly_canonical(*on_host, failed);
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
