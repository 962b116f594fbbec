// Linters that need nothing of the project: ruff and shellcheck. One is a gate only where the workspace configures or calls it.
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "orchestrator/discover_parts.h"
#include "orchestrator/python_tools.h"
#include "orchestrator/toml.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxGates = 3;  // of one linter, called with different arguments

std::vector<ShellWord> plain(const std::vector<std::string>& texts) {
  std::vector<ShellWord> words;
  for (const std::string& text : texts) words.push_back(plain_word(text));
  return words;
}

void append(std::vector<ShellWord>& words, const std::vector<ShellWord>& more) { words.insert(words.end(), more.begin(), more.end()); }

// ---------------------------------------------------------------- ruff

const std::vector<std::string_view> kRuffValued = {
    "--select", "--ignore", "--extend-select", "--extend-ignore", "--per-file-ignores", "--extend-per-file-ignores", "--config", "--target-version",
    "--line-length", "--fixable", "--unfixable", "--extend-fixable", "--exclude", "--extend-exclude", "--output-format", "--format", "--output-file",
    "-o", "--cache-dir", "--stdin-filename", "--extension", "--dummy-variable-rgx", "--color"};
const std::vector<std::string_view> kRuffDropped = {
    "--output-format", "--format", "--output-file", "-o", "--cache-dir", "--fix", "--unsafe-fixes", "--no-unsafe-fixes", "--show-fixes", "--show-source",
    "--no-show-source", "-w", "--watch", "-q", "--quiet", "-s", "--silent", "-v", "--verbose", "-n", "--no-cache", "--no-fix", "--exit-non-zero-on-fix",
    "--statistics", "--color", "--show-files", "--show-settings", "--no-force-exclude"};

// `ruff check …`, and `ruff …` as it was called before it had commands.
bool checks(const ToolCall& call) {
  static constexpr std::array<std::string_view, 10> kOther = {"format", "rule", "config", "linter", "clean", "version", "server", "help", "analyze", "generate-shell-completion"};
  if (has_option(call.arguments, "--exit-zero") || has_option(call.arguments, "-e") || has_option(call.arguments, "--add-noqa")) return false;
  return call.arguments.empty() || std::find(kOther.begin(), kOther.end(), call.arguments[0].text) == kOther.end();
}

std::string add_linters(Scene& scene, const std::string& folder, const std::string& requirement, const std::string& source) {
  const std::string venv = in_root(join(folder, kLintFolder));
  const bool uv = scene.tool("uv").has_value();
  scene.tool("python3");
  Gate gate;
  gate.name = named("python linters", folder);
  gate.kind = GateKind::setup;
  gate.required = false;  // without its linter a tree can still be judged
  const std::string script = uv ? "uv venv " + venv + " && uv pip install --python " + venv + "/bin/python " + shell_quoted(requirement)
                                : "python3 -m venv " + venv + " && " + venv + "/bin/python -m pip install --disable-pip-version-check --no-input " +
                                      shell_quoted(requirement);
  gate.argv = {"sh", "-c", script};
  gate.network = true;
  gate.parser = "pip";
  gate.source = source;
  gate.installation.outputs = {join(folder, kLintFolder)};
  std::string name = gate.name;
  scene.add(std::move(gate));
  return name;
}

void discover_ruff(Scene& scene, const std::string& folder) {
  const FileSource& files = scene.files();
  json pyproject = json::object();
  if (const auto text = files.read(join(folder, "pyproject.toml"))) {
    if (auto parsed = parse_toml(*text)) pyproject = std::move(*parsed);
  }
  const bool in_pyproject = pyproject.contains("tool") && pyproject["tool"].is_object() && pyproject["tool"].contains("ruff");
  std::string config;
  for (const char* name : {"ruff.toml", ".ruff.toml"}) {
    if (files.exists(join(folder, name))) config = join(folder, name);
  }
  if (config.empty() && in_pyproject) config = join(folder, "pyproject.toml");
  const auto calls = calls_of(scene.calls(), "ruff", folder, checks);
  if (calls.empty()) {
    // Configured, and called for something else alone: it formats.
    const auto others = calls_of(scene.calls(), "ruff", folder);
    if (config.empty() || !others.empty()) return;
  }

  std::string program;
  std::vector<std::string> needs;
  if (const auto requirement = declared_requirement(files, folder, pyproject, scene.calls(), "ruff"); requirement && scene.has_tool("python3")) {
    needs = {add_linters(scene, folder, *requirement, config.empty() ? calls.front()->source : config)};
    program = in_root(join(folder, kLintFolder)) + "/bin/ruff";
  } else if (scene.tool("ruff")) {
    program = "ruff";
  } else {
    scene.advise("ruff", "The workspace is checked by ruff, which none of its manifests asks for and which is not on the PATH.", "pipx install ruff");
    return;
  }

  std::vector<Arguments> uses;
  for (const ToolCall* call : calls) {
    std::vector<ShellWord> words = call->arguments;
    if (!words.empty() && words[0].text == "check") words.erase(words.begin());
    Arguments use = take_apart(words, kRuffValued, kRuffDropped);
    std::erase_if(use.targets, [&](const ShellWord& word) { return !word.expands && word.text != "." && !files.exists(join(folder, word.text)); });
    if (uses.size() < kMaxGates) uses.push_back(std::move(use));
  }
  if (uses.empty()) uses.emplace_back();
  for (Arguments& use : uses) {
    if (use.targets.empty()) use.targets = plain({"."});
    std::vector<ShellWord> words = plain({program, "check"});
    append(words, plain(use.options));
    append(words, use.targets);
    append(words, plain({"--extend-exclude", ".baton-*", "--no-cache", "--no-fix", "--output-format", "json", "--output-file", "{reports}/ruff.json"}));
    Gate gate;
    gate.name = named("ruff", folder);
    gate.kind = GateKind::lint;
    gate.argv = argv_of(words);
    gate.cwd = folder;
    gate.parser = "ruff";
    gate.needs = needs;
    gate.reports = {"{reports}/ruff.json"};
    gate.source = config.empty() ? calls.front()->source : config;
    if (!config.empty()) gate.scripts.push_back(config);
    const bool known = std::any_of(scene.gates().begin(), scene.gates().end(), [&](const Gate& other) { return other.argv == gate.argv && other.cwd == gate.cwd; });
    if (!known) scene.add(std::move(gate));
  }
}

void discover_ruff(Scene& scene) {
  std::vector<std::string> folders = {""};
  for (const char* name : {"pyproject.toml", "ruff.toml", ".ruff.toml"}) {
    for (const std::string& folder : project_folders(scene.files(), name, 1)) {
      if (std::find(folders.begin(), folders.end(), folder) == folders.end() && folders.size() < kMaxGates) folders.push_back(folder);
    }
  }
  for (const std::string& folder : folders) discover_ruff(scene, folder);
}

// ---------------------------------------------------------------- shellcheck

const std::vector<std::string_view> kShellcheckValued = {"-S", "--severity", "-e", "--exclude", "-i", "--include", "-s", "--shell", "-o",
                                                         "--enable", "-P", "--source-path", "-f", "--format", "-C", "--color", "-W", "--wiki-link-count", "--rcfile"};
const std::vector<std::string_view> kShellcheckDropped = {"-f", "--format", "-C", "--color", "-W", "--wiki-link-count", "-V", "--version"};

// Every script that git knows: by its ending, and by the first line of files without one. Vendored ones are not the project's.
const std::string kAllScripts =
    R"({ git ls-files -z -- '*.sh' '*.bash' '*.ksh' '*.bats'; git grep -lzIE -e '^#! ?/(usr/)?bin/(env )?(ba|da|k)?sh( |$)' -- . ':(exclude,glob)**/*.*'; } )"
    R"(| grep -zvE '(^|/)(third_party|vendor|vendored|node_modules|external|submodules)/' | sort -zu)";

// The scripts that a call names, as git finds them in whichever tree it runs.
std::string listing(const std::vector<ShellWord>& targets) {
  std::string specs;
  for (const ShellWord& target : targets) {
    std::string text = target.text.starts_with("./") ? target.text.substr(2) : target.text;
    if (text.empty() || text.starts_with('/') || text.find("..") != std::string::npos) continue;
    specs += " " + shell_quoted(target.expands ? ":(glob)" + text : text);
  }
  return specs.empty() ? kAllScripts : "git ls-files -z --" + specs;
}

void discover_shellcheck(Scene& scene) {
  const bool configured = scene.files().exists(".shellcheckrc") || scene.files().exists("shellcheckrc");
  std::vector<const ToolCall*> calls;
  for (const ToolCall& call : scene.calls()) {
    const bool same_origin = calls.empty() || calls.front()->origin == call.origin;
    if (call.program == "shellcheck" && same_origin && !has_option(call.arguments, "--version") && !has_option(call.arguments, "-V")) calls.push_back(&call);
  }
  if (calls.empty() && !configured) return;
  if (!scene.tool("shellcheck")) {
    scene.advise("shellcheck", "The workspace's shell scripts are checked by shellcheck, which is not on the PATH.", "apt install shellcheck");
    return;
  }
  std::vector<std::pair<std::string, std::string>> uses;  // where, script
  const auto add = [&](const std::string& cwd, const Arguments& use, bool all) {
    std::string script = (all ? kAllScripts : listing(use.targets)) + " | xargs -0 -r shellcheck -f json1";
    for (const std::string& option : use.options) script += " " + shell_quoted(option);
    const std::pair<std::string, std::string> one{cwd, script};
    if (uses.size() < kMaxGates && std::find(uses.begin(), uses.end(), one) == uses.end()) uses.push_back(one);
  };
  for (const ToolCall* call : calls) {
    const Arguments use = take_apart(call->arguments, kShellcheckValued, kShellcheckDropped);
    if (use.targets.empty() && !call->files_from_outside) continue;
    add(call->cwd, use, call->files_from_outside);
  }
  if (uses.empty()) {
    if (!configured) return;
    add("", {}, true);
  }
  for (const auto& [cwd, script] : uses) {
    Gate gate;
    gate.name = named("shellcheck", cwd);
    gate.kind = GateKind::lint;
    gate.argv = {"sh", "-c", script};
    gate.cwd = cwd;
    gate.parser = "shellcheck";
    gate.source = calls.empty() ? ".shellcheckrc" : calls.front()->source;
    if (configured) gate.scripts = {scene.files().exists(".shellcheckrc") ? ".shellcheckrc" : "shellcheckrc"};
    scene.add(std::move(gate));
  }
}

}  // namespace

void discover_lint(Scene& scene) {
  discover_ruff(scene);
  discover_shellcheck(scene);
}

}  // namespace baton
