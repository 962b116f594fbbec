#include "orchestrator/tool_calls.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "orchestrator/ci_files.h"
#include "orchestrator/discover_parts.h"
#include "orchestrator/ini.h"
#include "orchestrator/toml.h"
#include "orchestrator/yaml.h"

namespace baton {
namespace {

using nlohmann::json;
using Words = std::vector<ShellWord>;

constexpr std::size_t kMaxCalls = 4000;
constexpr std::size_t kMaxScript = 64u << 10;
// Stands for what only the caller knows: an expression of the CI, a variable, a substitution.
constexpr char kUnknown = '\x01';
constexpr char kFiles = '\x02';  // and for a list of files

// ---------------------------------------------------------------- a script to simple commands

std::string without_expressions(std::string_view script) {
  std::string text(script.substr(0, kMaxScript));
  static const std::string kMark(1, kUnknown);
  RE2::GlobalReplace(&text, R"(\\\r?\n)", " ");
  RE2::GlobalReplace(&text, R"((?s)\$\{\{.*?\}\})", kMark);
  RE2::GlobalReplace(&text, R"(\$\((?:git ls-files|find|ls)\b[^()]*(?:\([^()]*\)[^()]*)*\)|`(?:git ls-files|find|ls)\b[^`\n]*`)", std::string(1, kFiles));
  RE2::GlobalReplace(&text, R"(\$\([^()]*(?:\([^()]*\)[^()]*)*\))", kMark);
  RE2::GlobalReplace(&text, R"(\$\{[^{}]*\}|\$\w+|\$[@*#?]|`[^`\n]*`)", kMark);
  RE2::GlobalReplace(&text, R"([ \t](?:\d|&)?>{1,2}&?[ \t]*[^\s;&|]+|[ \t]<[ \t]*[^\s<;&|]+)", " ");
  return text;
}

struct Piece {
  std::string text;
  std::string after;  // the separator that follows
};

// One line at `&&`, `||`, `|` and `;`, quotes respected.
std::vector<Piece> pieces_of(std::string_view line) {
  std::vector<Piece> pieces(1);
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '\\' && i + 1 < line.size()) {
      pieces.back().text += c;
      pieces.back().text += line[++i];
      continue;
    } else if (line.substr(i, 2) == "&&" || line.substr(i, 2) == "||") {
      pieces.back().after = line.substr(i, 2);
      pieces.emplace_back();
      ++i;
      continue;
    } else if (c == '|' || c == ';') {
      pieces.back().after = c;
      pieces.emplace_back();
      continue;
    } else if (c == '#' && (i == 0 || line[i - 1] == ' ')) {
      break;
    }
    pieces.back().text += c;
  }
  return pieces;
}

// Words of a runner up to the program that it runs: `uv run --group dev mypy` leaves `mypy`.
void drop_options(Words& words, std::size_t from, const std::set<std::string>& valued) {
  std::size_t at = from;
  while (at < words.size() && words[at].text.starts_with('-')) at += valued.contains(words[at].text) ? 2 : 1;
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(std::min(at, words.size())));
}

// Takes off one runner; false when there is none left.
bool unwrap(Words& words, bool& files_from_outside) {
  static const std::set<std::string> kUvValued = {"--group", "--extra", "--with", "--python", "-p", "--package", "--only-group", "--no-group",
                                                  "--with-requirements", "--env-file", "--directory", "--project", "--from", "--index-strategy"};
  static const std::set<std::string> kNpxValued = {"-p", "--package"};
  static const std::set<std::string> kXargsValued = {"-n", "-P", "-I", "-L", "-d", "-s", "-E", "-a"};
  static const std::set<std::string> kPlain = {"time", "sudo", "command", "exec", "nice", "xvfb-run", "-", "env", "then", "do", "else", "if", "!", "\\time"};
  if (words.empty()) return false;
  const std::string program = name_of(words[0].text);
  const auto second = [&](std::string_view text) { return words.size() > 1 && words[1].text == text; };
  if (kPlain.contains(program)) {
    drop_options(words, 1, {});
    while (!words.empty() && words[0].text.find('=') != std::string::npos && !words[0].text.starts_with('-')) words.erase(words.begin());
    return true;
  }
  if (RE2::FullMatch(program, R"(python[\d.]*|py|pypy3?|\{envpython\})")) {
    const auto module = std::find_if(words.begin(), words.end(), [](const ShellWord& word) { return word.text == "-m"; });
    if (module == words.end() || module + 1 == words.end()) return false;
    words.erase(words.begin(), module + 1);
    return true;
  }
  if (program == "coverage" && second("run")) {
    const auto module = std::find_if(words.begin(), words.end(), [](const ShellWord& word) { return word.text == "-m"; });
    if (module == words.end() || module + 1 == words.end()) return false;
    words.erase(words.begin(), module + 1);
    return true;
  }
  if (program == "uvx") return drop_options(words, 1, kUvValued), true;
  if (program == "uv" && second("tool") && words.size() > 2 && words[2].text == "run") return drop_options(words, 3, kUvValued), true;
  static const std::set<std::string> kRunners = {"uv", "poetry", "pdm", "pipenv", "rye", "hatch", "pipx", "pixi"};
  if (kRunners.contains(program) && second("run")) {
    drop_options(words, 2, kUvValued);
    if (program == "hatch" && !words.empty()) {  // `hatch run lint:ruff`
      const auto colon = words[0].text.find(':');
      if (colon != std::string::npos) words[0] = plain_word(words[0].text.substr(colon + 1));
    }
    return true;
  }
  if (program == "npx" || program == "bunx" || program == "pnpx") return drop_options(words, 1, kNpxValued), true;
  if ((program == "pnpm" || program == "npm" || program == "yarn") && (second("exec") || second("dlx"))) return drop_options(words, 2, kNpxValued), true;
  if (program == "xargs") {
    files_from_outside = true;
    drop_options(words, 1, kXargsValued);
    return true;
  }
  if (program == "find") {
    const auto exec = std::find_if(words.begin(), words.end(), [](const ShellWord& word) { return word.text == "-exec" || word.text == "-execdir"; });
    if (exec == words.end()) return false;
    files_from_outside = true;
    words.erase(words.begin(), exec + 1);
    std::erase_if(words, [](const ShellWord& word) { return word.text == "{}" || word.text == ";" || word.text == "+"; });
    return true;
  }
  return false;
}

// Words with something unknown in them are left out, with the option that they are the value of.
void drop_unknown(ToolCall& call) {
  Words kept;
  for (ShellWord& word : call.arguments) {
    if (word.text.find(kFiles) != std::string::npos) {
      call.files_from_outside = true;
      continue;
    }
    if (word.text.find(kUnknown) == std::string::npos) {
      kept.push_back(std::move(word));
      continue;
    }
    const bool option = word.text.starts_with('-');
    if (!option && !kept.empty() && kept.back().text.starts_with('-') && kept.back().text.find('=') == std::string::npos) kept.pop_back();
  }
  call.arguments = std::move(kept);
}

std::optional<ToolCall> call_of(const std::string& text) {
  const auto simple = split_script(text);
  if (!simple || simple->size() != 1) return std::nullopt;
  ToolCall call;
  Words words = (*simple)[0].words;
  call.env = (*simple)[0].env;
  for (int depth = 0; depth < 6 && unwrap(words, call.files_from_outside); ++depth) {
  }
  if (words.empty() || words[0].text.find_first_of(std::string{kUnknown, kFiles}) != std::string::npos) return std::nullopt;
  call.program = name_of(words[0].text);
  if (const auto version = call.program.find('@', 1); version != std::string::npos) call.program.resize(version);
  if (const auto version = call.program.find("=="); version != std::string::npos) call.program.resize(version);
  call.arguments.assign(words.begin() + 1, words.end());
  drop_unknown(call);
  return call;
}

bool changes_folder(const std::string& text, std::string& cwd) {
  std::string folder;
  if (!RE2::FullMatch(text, R"(\s*(?:cd|pushd)\s+['"]?([\w./-]+)['"]?\s*)", &folder) || folder.starts_with('/')) return false;
  if (folder.starts_with("./")) folder = folder.substr(2);
  while (folder.ends_with('/')) folder.pop_back();
  if (folder == "..") {
    cwd = folder_of(cwd);
  } else if (folder.find("..") == std::string::npos && folder != ".") {
    cwd = join(cwd, folder);
  }
  return true;
}

// ---------------------------------------------------------------- where calls stand

class Collector {
 public:
  explicit Collector(const FileSource& files) : files_(files) {}

  std::vector<ToolCall> all() {
    for (const CiStep& step : ci_steps(files_)) add(step.script, step.cwd, CallOrigin::ci, step.source, step.job);
    tox();
    nox();
    make();
    pre_commit();
    return std::move(calls_);
  }

 private:
  void add(std::string_view script, const std::string& cwd, CallOrigin origin, const std::string& source, const std::string& scope) {
    for (ToolCall& call : calls_in(script, cwd)) {
      if (calls_.size() >= kMaxCalls) return;
      call.origin = origin;
      call.source = source;
      call.scope = scope;
      calls_.push_back(std::move(call));
    }
  }

  static std::string tox_command(std::string line) {
    if (line.starts_with('-')) return "";  // its failure is ignored
    static const RE2 kFactor(R"(^[\w{},.!*-]+\s*:\s+(.*)$)");
    std::string rest;
    if (RE2::FullMatch(line, kFactor, &rest)) line = rest;
    RE2::GlobalReplace(&line, R"(\{posargs:([^{}]*)\})", R"(\1)");
    RE2::GlobalReplace(&line, R"(\{(?:toxinidir|tox_root)\}/?)", "./");
    RE2::GlobalReplace(&line, R"(\{posargs\}|\[\]|\{tty:[^{}]*\})", "");
    RE2::GlobalReplace(&line, R"(\{envpython\}|\{env_python\})", "python");
    RE2::GlobalReplace(&line, R"(\{[^{}]*\})", "$x");
    return line;
  }

  void tox_text(std::string_view text, const std::string& source) {
    for (const std::string& section : ini_sections(text)) {
      if (!section.starts_with("testenv")) continue;
      std::string script;
      for (const std::string& line : ini_list(text, section, "commands")) {
        const bool goes_on = line.ends_with('\\');
        script += tox_command(goes_on ? line.substr(0, line.size() - 1) : line) + (goes_on ? " " : "\n");
      }
      add(script, "", CallOrigin::tox, source, section);
    }
  }

  // tox 4 in TOML: commands are lists of words.
  void tox_environment(const json& environment, const std::string& source, const std::string& name) {
    if (!environment.is_object() || !environment.contains("commands") || !environment["commands"].is_array()) return;
    std::string script;
    for (const json& command : environment["commands"]) {
      if (!command.is_array()) continue;
      std::string line;
      for (const json& word : command) {
        if (word.is_string()) line += (line.empty() ? "" : " ") + shell_quoted(word.get<std::string>());
      }
      script += tox_command(line) + "\n";
    }
    add(script, "", CallOrigin::tox, source, name);
  }

  void tox_table(const json& tox, const std::string& source) {
    if (!tox.is_object()) return;
    if (tox.contains("legacy_tox_ini") && tox["legacy_tox_ini"].is_string()) tox_text(tox["legacy_tox_ini"].get<std::string>(), source);
    if (tox.contains("env_run_base")) tox_environment(tox["env_run_base"], source, "env_run_base");
    if (!tox.contains("env") || !tox["env"].is_object()) return;
    for (const auto& [name, environment] : tox["env"].items()) tox_environment(environment, source, name);
  }

  void tox() {
    for (const char* name : {"tox.ini", "setup.cfg"}) {
      if (const auto text = files_.read(name)) tox_text(*text, name);
    }
    if (const auto text = files_.read("tox.toml")) {
      if (const auto table = parse_toml(*text)) tox_table(*table, "tox.toml");
    }
    if (const auto text = files_.read("pyproject.toml")) {
      const auto table = parse_toml(*text);
      if (table && table->contains("tool") && (*table)["tool"].is_object() && (*table)["tool"].contains("tox")) {
        tox_table((*table)["tool"]["tox"], "pyproject.toml");
      }
    }
  }

  // session.run("mypy", "--strict", "src"), as far as its words are literal.
  void nox() {
    const auto text = files_.read("noxfile.py");
    if (!text) return;
    static const RE2 kRun(R"((?s)session\.run\(([^()]*)\))");
    static const RE2 kWord(R"re(^\s*(?:"([^"\\\n]*)"|'([^'\\\n]*)')\s*(?:,|$))re");
    re2::StringPiece rest(*text);
    std::string arguments;
    while (RE2::FindAndConsume(&rest, kRun, &arguments)) {
      std::string line, one, other;
      re2::StringPiece inside(arguments);
      while (RE2::Consume(&inside, kWord, &one, &other)) line += (line.empty() ? "" : " ") + shell_quoted(one.empty() ? other : one);
      add(line, "", CallOrigin::nox, "noxfile.py", "");
    }
  }

  void make() {
    for (const char* name : {"GNUmakefile", "makefile", "Makefile", "justfile"}) {
      const auto text = files_.read(name);
      if (!text) continue;
      std::string script;
      static const RE2 kRecipe(R"((?m)^(?:\t|    )[@+]?\s*([^\s#@+-].*)$)");
      re2::StringPiece rest(*text);
      std::string line, joined = *text;
      RE2::GlobalReplace(&joined, R"(\\\n)", " ");
      rest = joined;
      while (RE2::FindAndConsume(&rest, kRecipe, &line)) {
        RE2::GlobalReplace(&line, R"(\$[({]\w+[)}])", "$x");
        script += line + "\n";
      }
      add(script, "", CallOrigin::make, name, "");
      return;
    }
  }

  void pre_commit() {
    const auto text = files_.read(".pre-commit-config.yaml");
    if (!text) return;
    const auto config = parse_yaml(*text);
    if (!config || !config->is_object() || !config->contains("repos")) return;
    for (const json& repository : (*config)["repos"]) {
      if (!repository.is_object() || !repository.contains("hooks")) continue;
      for (const json& hook : repository["hooks"]) {
        if (hook.is_object()) pre_commit_hook(*text, repository, hook);
      }
    }
  }

  static std::string text_at(const json& object, const char* key) {
    return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : "";
  }

  // A hash is followed by the version that it stands for in a comment.
  static std::string version_of(const std::string& text, const std::string& revision) {
    std::string version;
    if (RE2::FullMatch(revision, R"(v?(\d+(?:\.\d+)+)(?:\.post\d+)?)", &version)) return version;
    if (!revision.empty()) RE2::PartialMatch(text, RE2::QuoteMeta(revision) + R"(['"]?\s*#\s*(?:frozen:)?\s*v?(\d+(?:\.\d+)+))", &version);
    return version;
  }

  void pre_commit_hook(const std::string& text, const json& repository, const json& hook) {
    static const std::map<std::string, std::pair<std::string, std::string>> kHooks = {
        {"ruff", {"ruff check --force-exclude", "ruff"}},
        {"ruff-check", {"ruff check --force-exclude", "ruff"}},
        {"ruff-format", {"ruff format --force-exclude", "ruff"}},
        {"mypy", {"mypy", "mypy"}},
        {"shellcheck", {"shellcheck", ""}},
        {"stylelint", {"stylelint", ""}}};
    if (hook.contains("stages") && hook["stages"].dump().find("manual") != std::string::npos) return;
    std::string line;
    ToolCall extra;
    const std::string id = text_at(hook, "id");
    if (text_at(repository, "repo") == "local") {
      line = text_at(hook, "entry");
    } else if (const auto known = kHooks.find(id); known != kHooks.end()) {
      line = known->second.first;
      const std::string version = version_of(text, text_at(repository, "rev"));
      if (!known->second.second.empty()) extra.packages.push_back(known->second.second + (version.empty() ? "" : "==" + version));
      if (id == "mypy" && !hook.contains("args")) line += " --ignore-missing-imports --scripts-are-modules";
    }
    if (line.empty()) return;
    if (hook.contains("args") && hook["args"].is_array()) {
      for (const json& word : hook["args"]) {
        if (word.is_string()) line += " " + shell_quoted(word.get<std::string>());
      }
    }
    if (hook.contains("additional_dependencies") && hook["additional_dependencies"].is_array()) {
      for (const json& item : hook["additional_dependencies"]) {
        if (item.is_string()) extra.packages.push_back(item);
      }
    }
    for (ToolCall& call : calls_in(line)) {
      call.origin = CallOrigin::pre_commit;
      call.source = ".pre-commit-config.yaml";
      call.scope = id;
      call.packages = extra.packages;
      call.files_from_outside = text_at(hook, "pass_filenames") != "false";
      calls_.push_back(std::move(call));
    }
  }

  const FileSource& files_;
  std::vector<ToolCall> calls_;
};

}  // namespace

std::vector<ToolCall> calls_in(std::string_view script, std::string cwd) {
  std::vector<ToolCall> calls;
  const std::string text = without_expressions(script);
  std::string heredoc;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find('\n', start), text.size());
    const std::string line = text.substr(start, end - start);
    start = end + 1;
    if (!heredoc.empty()) {
      if (line.find(heredoc) != std::string::npos) heredoc.clear();
      continue;
    }
    RE2::PartialMatch(line, R"(<<-?\s*['"]?(\w+))", &heredoc);
    const std::vector<Piece> pieces = pieces_of(line);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (changes_folder(pieces[i].text, cwd)) continue;
      // `mypy src || true`: its failure is ignored, so nobody insists on it.
      static const RE2 kIgnores(R"(\s*(true|:|exit 0|echo\b.*)\s*)");
      if (pieces[i].after == "||" && i + 1 < pieces.size() && RE2::FullMatch(pieces[i + 1].text, kIgnores)) {
        ++i;
        continue;
      }
      auto call = call_of(pieces[i].text);
      if (!call) continue;
      call->cwd = cwd;
      calls.push_back(std::move(*call));
    }
  }
  return calls;
}

std::vector<ToolCall> tool_calls(const FileSource& files) { return Collector(files).all(); }

std::vector<const ToolCall*> calls_of(const std::vector<ToolCall>& calls, std::string_view program, const std::string& folder,
                                      const std::function<bool(const ToolCall&)>& accepted) {
  std::vector<const ToolCall*> found;
  for (const ToolCall& call : calls) {
    if (call.program != program || call.cwd != folder || (accepted && !accepted(call))) continue;
    if (has_option(call.arguments, "--version") || has_option(call.arguments, "--help") || has_option(call.arguments, "-V")) continue;
    if (!found.empty() && found.front()->origin != call.origin) continue;  // they come in order of origin
    const auto same = [&](const ToolCall* other) {
      return std::equal(other->arguments.begin(), other->arguments.end(), call.arguments.begin(), call.arguments.end(),
                        [](const ShellWord& a, const ShellWord& b) { return a.text == b.text; });
    };
    if (std::none_of(found.begin(), found.end(), same)) found.push_back(&call);
  }
  return found;
}

Arguments take_apart(const std::vector<ShellWord>& words, const std::vector<std::string_view>& valued,
                     const std::vector<std::string_view>& dropped) {
  Arguments parts;
  const auto among = [](const std::vector<std::string_view>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& text = words[i].text;
    if (!text.starts_with('-') || text == "-") {
      parts.targets.push_back(words[i]);
      continue;
    }
    const std::string name = text.substr(0, text.find('='));
    const bool takes_next = among(valued, name) && name.size() == text.size() && i + 1 < words.size();
    // `-Sstyle`: a short option with its value in the same word
    const bool drop = among(dropped, name) || (text.size() > 2 && text[1] != '-' && among(dropped, text.substr(0, 2)) && among(valued, text.substr(0, 2)));
    if (!drop) parts.options.push_back(text);
    if (takes_next) {
      ++i;
      if (!drop) parts.options.push_back(words[i].text);
    }
  }
  return parts;
}

bool has_option(const std::vector<ShellWord>& words, std::string_view option) {
  return std::any_of(words.begin(), words.end(), [&](const ShellWord& word) {
    return word.text == option || (word.text.starts_with(option) && word.text.size() > option.size() && word.text[option.size()] == '=');
  });
}

}  // namespace baton
