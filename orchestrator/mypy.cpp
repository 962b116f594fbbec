#include "orchestrator/mypy.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "orchestrator/ini.h"
#include "orchestrator/python_tools.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxGates = 3;

const std::vector<std::string_view> kValued = {
    "--config-file", "-p", "--package", "-m", "--module", "-c", "--command", "--python-version", "--platform", "--exclude", "--cache-dir",
    "--python-executable", "--follow-imports", "--always-true", "--always-false", "--disable-error-code", "--enable-error-code", "--junit-xml",
    "--junit-format", "--any-exprs-report", "--cobertura-xml-report", "--html-report", "--linecount-report", "--linecoverage-report",
    "--lineprecision-report", "--txt-report", "--xml-report", "--xslt-html-report", "--xslt-txt-report", "--package-root", "--custom-typeshed-dir",
    "--untyped-calls-exclude", "--enable-incomplete-feature", "-O", "--output", "--soft-error-limit", "-n", "--num-workers"};
const std::vector<std::string_view> kDropped = {
    "--cache-dir", "--python-executable", "--junit-xml", "--junit-format", "--any-exprs-report", "--cobertura-xml-report", "--html-report",
    "--linecount-report", "--linecoverage-report", "--lineprecision-report", "--txt-report", "--xml-report", "--xslt-html-report", "--xslt-txt-report",
    "-O", "--output", "--install-types", "--non-interactive", "--pretty", "--no-pretty", "--show-error-context", "--hide-error-context",
    "--color-output", "--no-color-output", "--no-incremental", "--incremental", "-v", "--verbose", "--error-summary", "--no-error-summary",
    "--show-column-numbers", "--hide-column-numbers", "--show-error-end", "--show-absolute-path", "--hide-error-codes", "--show-traceback", "--tb",
    "--sqlite-cache", "--skip-cache-mtime-checks"};

struct Configuration {
  std::string file;         // "" = none
  bool names_files = false;  // says itself what is checked
};

Configuration configuration(const FileSource& files, const std::string& folder, const json& pyproject) {
  for (const char* name : {"mypy.ini", ".mypy.ini", "setup.cfg"}) {
    const auto text = files.read(join(folder, name));
    if (!text || !has_ini_section(*text, "mypy")) continue;
    const auto says = [&](const char* key) { return !ini_list(*text, "mypy", key).empty(); };
    return {join(folder, name), says("files") || says("packages") || says("modules")};
  }
  if (pyproject.contains("tool") && pyproject["tool"].is_object() && pyproject["tool"].contains("mypy")) {
    const json& table = pyproject["tool"]["mypy"];
    return {join(folder, "pyproject.toml"), table.is_object() && (table.contains("files") || table.contains("packages") || table.contains("modules"))};
  }
  return {};
}

// What most likely is the project's code, where nothing says what is checked.
std::vector<std::string> own_packages(const FileSource& files, const std::string& folder) {
  static const std::set<std::string> kBeside = {"tests", "test", "testing", "docs", "doc", "scripts", "tools", "benchmarks"};
  const std::string prefix = folder.empty() ? "" : folder + "/";
  std::set<std::string> packages;
  for (const std::string& path : files.files()) {
    if (!path.starts_with(prefix) || !path.ends_with(".py")) continue;
    const std::string inside = path.substr(prefix.size());
    const std::string top = inside.substr(0, inside.find('/'));
    if (top == "src") return {"src"};
    if (inside == top + "/__init__.py" && !kBeside.contains(top) && !is_foreign(top)) packages.insert(top);
  }
  return {packages.begin(), packages.end()};
}

bool names_targets(const Arguments& use) {
  return !use.targets.empty() || std::any_of(use.options.begin(), use.options.end(), [](const std::string& option) {
    return option == "-p" || option == "-m" || option == "-c" || option.starts_with("--package") || option.starts_with("--module");
  });
}

struct Use {
  Arguments arguments;
  bool required = true;
  std::string source;
};

std::vector<Use> uses_of(Scene& scene, const std::string& folder, const Configuration& config) {
  std::vector<Use> uses;
  for (const ToolCall* call : calls_of(scene.calls(), "mypy", folder)) {
    Use use{take_apart(call->arguments, kValued, kDropped), call->origin != CallOrigin::pre_commit, call->source};
    std::erase_if(use.arguments.targets, [&](const ShellWord& word) {
      return !word.expands && word.text != "." && !scene.files().exists(join(folder, word.text));
    });
    // Stubs that are downloaded on the way are not there without network.
    if (has_option(call->arguments, "--install-types")) use.arguments.options.emplace_back("--disable-error-code=import-untyped");
    if (!names_targets(use.arguments) && !config.names_files) {
      use.required = false;
      for (const std::string& package : own_packages(scene.files(), folder)) use.arguments.targets.push_back(plain_word(package));
      if (use.arguments.targets.empty()) continue;
    }
    if (uses.size() < kMaxGates) uses.push_back(std::move(use));
  }
  if (uses.empty() && config.names_files) uses.push_back({{}, true, config.file});
  return uses;
}

}  // namespace

MypyUse mypy_use(Scene& scene, const std::string& folder, const json& pyproject, const std::string& venv) {
  const Configuration config = configuration(scene.files(), folder, pyproject);
  const auto uses = uses_of(scene, folder, config);
  MypyUse result;
  if (uses.empty()) {
    if (!config.file.empty()) {
      scene.advise("mypy", config.file + " configures mypy, and nothing says what it checks.", "files = [\"src\"] below [tool.mypy] in pyproject.toml");
    }
    return result;
  }
  std::vector<ShellWord> program;
  if (const auto requirement = declared_requirement(scene.files(), folder, pyproject, scene.calls(), "mypy")) {
    result.packages = {*requirement};
    for (std::string& stub : declared_stubs(scene.files(), folder, pyproject, scene.calls())) result.packages.push_back(std::move(stub));
    for (const std::string& word : {venv + "/bin/python", std::string("-m"), std::string("mypy")}) program.push_back(plain_word(word));
  } else if (scene.tool("mypy")) {
    for (const std::string& word : {std::string("mypy"), std::string("--python-executable"), venv + "/bin/python"}) program.push_back(plain_word(word));
  } else {
    scene.advise("mypy", "The workspace is checked by mypy, which none of its manifests asks for and which is not on the PATH.", "pipx install mypy");
    return result;
  }
  for (const Use& use : uses) {
    std::vector<ShellWord> words = program;
    for (const std::string& option : use.arguments.options) words.push_back(plain_word(option));
    for (const char* option : {"--no-pretty", "--show-column-numbers", "--hide-error-context", "--no-color-output", "--no-error-summary", "--cache-dir=/dev/null"}) {
      words.push_back(plain_word(option));
    }
    words.insert(words.end(), use.arguments.targets.begin(), use.arguments.targets.end());
    Gate gate;
    gate.name = named("mypy", folder);
    gate.kind = GateKind::typecheck;
    gate.required = use.required;
    gate.argv = argv_of(words);
    gate.cwd = folder;
    gate.parser = "mypy";
    gate.source = use.source;
    if (!config.file.empty()) gate.scripts = {config.file};
    const bool known = std::any_of(result.gates.begin(), result.gates.end(), [&](const Gate& other) { return other.argv == gate.argv; });
    if (!known) result.gates.push_back(std::move(gate));
  }
  return result;
}

}  // namespace baton
