// npm, pnpm and yarn packages: one installation, then the scripts build, typecheck, lint and test, taken apart into the tools that
// they run (node_script.h) so that each gets its structured reporter.
#include <re2/re2.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "orchestrator/discover_parts.h"
#include "orchestrator/node_script.h"
#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxPackages = 40;
constexpr std::size_t kMaxProjects = 4;

void merge_strings(const json& object, const char* key, std::map<std::string, std::string>& into) {
  if (!object.contains(key) || !object[key].is_object()) return;
  for (const auto& [name, value] : object[key].items()) {
    if (value.is_string()) into.emplace(name, value.get<std::string>());
  }
}

struct Manifest {
  NodePackage package;
  json root;
};

std::optional<Manifest> read_manifest(const FileSource& files, const std::string& folder) {
  const auto text = files.read(join(folder, "package.json"));
  if (!text) return std::nullopt;
  auto parsed = parse_json(*text);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  Manifest manifest{{}, std::move(*parsed)};
  NodePackage& package = manifest.package;
  package.folder = folder;
  const json& root = manifest.root;
  if (root.contains("name") && root["name"].is_string()) package.name = root["name"];
  merge_strings(root, "scripts", package.scripts);
  for (const char* key : {"devDependencies", "dependencies", "optionalDependencies", "peerDependencies"}) {
    merge_strings(root, key, package.dependencies);
  }
  package.module_type = root.contains("type") && root["type"] == "module";
  return manifest;
}

// `packages/*`, `packages/**`, `tools/a`, as npm, yarn and pnpm write them.
bool matches_workspace(std::string pattern, std::string_view folder) {
  if (pattern.starts_with("./")) pattern = pattern.substr(2);
  while (pattern.ends_with('/')) pattern.pop_back();
  std::string expression;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern.compare(i, 2, "**") == 0) {
      expression += ".*";
      ++i;
    } else if (pattern[i] == '*') {
      expression += "[^/]*";
    } else if (pattern[i] == '{' || pattern[i] == '}' || pattern[i] == ',') {
      expression += pattern[i] == '{' ? "(?:" : pattern[i] == '}' ? ")" : "|";
    } else {
      expression += RE2::QuoteMeta(std::string(1, pattern[i]));
    }
  }
  const RE2 regex(expression, RE2::Quiet);
  return regex.ok() && RE2::FullMatch(std::string(folder), regex);
}

std::vector<std::string> workspace_patterns(const FileSource& files, const Manifest& manifest) {
  std::vector<std::string> patterns;
  const auto take = [&](const json& list) {
    if (!list.is_array()) return;
    for (const json& item : list) {
      if (item.is_string()) patterns.push_back(item);
    }
  };
  if (manifest.root.contains("workspaces")) {
    const json& workspaces = manifest.root["workspaces"];
    take(workspaces.is_object() && workspaces.contains("packages") ? workspaces["packages"] : workspaces);
  }
  if (const auto text = files.read(join(manifest.package.folder, "pnpm-workspace.yaml"))) {
    static const RE2 kItem(R"((?m)^\s*-\s*['"]?([^'"\s#]+)['"]?)");
    static const RE2 kSection(R"((?m)^packages:[^\n]*\n((?:[ \t]*-[^\n]*\n?|[ \t]*#[^\n]*\n|[ \t]*\n)+))");
    std::string section, item;
    if (RE2::PartialMatch(*text, kSection, &section)) {
      re2::StringPiece rest(section);
      while (RE2::FindAndConsume(&rest, kItem, &item)) patterns.push_back(item);
    }
  }
  return patterns;
}

std::vector<Manifest> read_workspaces(const FileSource& files, const Manifest& root) {
  std::vector<Manifest> found;
  const auto patterns = workspace_patterns(files, root);
  if (patterns.empty()) return found;
  const std::string prefix = root.package.folder.empty() ? "" : root.package.folder + "/";
  for (const std::string& path : files.files()) {
    if (name_of(path) != "package.json" || !path.starts_with(prefix)) continue;
    const std::string folder = folder_of(path);
    if (folder.size() <= prefix.size() || folder.find("node_modules") != std::string::npos) continue;
    const std::string inside = folder.substr(prefix.size());
    bool chosen = false;
    for (const std::string& pattern : patterns) {
      if (pattern.starts_with('!')) {
        if (matches_workspace(pattern.substr(1), inside)) chosen = false;
      } else if (matches_workspace(pattern, inside)) {
        chosen = true;
      }
    }
    if (!chosen) continue;
    if (auto manifest = read_manifest(files, folder)) found.push_back(std::move(*manifest));
    if (found.size() >= kMaxPackages) break;
  }
  return found;
}

// ---------------------------------------------------------------- installation

struct Lock {
  std::string file;                // relative to the package
  std::string manager;             // npm, pnpm, yarn, berry, bun
};

std::optional<Lock> find_lock(const FileSource& files, const std::string& folder) {
  const auto there = [&](const char* name) { return files.exists(join(folder, name)); };
  if (there("pnpm-lock.yaml")) return Lock{"pnpm-lock.yaml", "pnpm"};
  if (there("package-lock.json")) return Lock{"package-lock.json", "npm"};
  if (there("npm-shrinkwrap.json")) return Lock{"npm-shrinkwrap.json", "npm"};
  if (there("yarn.lock")) {
    const auto text = files.read(join(folder, "yarn.lock"));
    return Lock{"yarn.lock", text && text->find("__metadata:") != std::string::npos ? "berry" : "yarn"};
  }
  if (there("bun.lock")) return Lock{"bun.lock", "bun"};
  if (there("bun.lockb")) return Lock{"bun.lockb", "bun"};
  return std::nullopt;
}

// "pnpm@9.1.0+sha512..." -> "9.1.0"
std::string pinned_version(const json& manifest, std::string_view manager) {
  if (!manifest.contains("packageManager") || !manifest["packageManager"].is_string()) return "";
  const std::string text = manifest["packageManager"];
  const auto at = text.find('@');
  if (at == std::string::npos || text.substr(0, at) != manager) return "";
  return text.substr(at + 1, text.find('+') == std::string::npos ? std::string::npos : text.find('+') - at - 1);
}

std::vector<std::string> pnpm_command(Scene& scene, const Manifest& root, const std::string& folder) {
  if (scene.tool("pnpm")) return {"pnpm"};
  std::string version = pinned_version(root.root, "pnpm");
  if (version.empty()) {
    const std::string text = scene.files().read(join(folder, "pnpm-lock.yaml")).value_or("").substr(0, 200);
    std::string lock_version;
    RE2::PartialMatch(text, R"(lockfileVersion:\s*'?(\d+))", &lock_version);
    version = lock_version == "9" ? "10" : lock_version == "6" ? "8" : lock_version == "5" ? "7" : "10";
  }
  scene.advise("pnpm", "The lock file is pnpm's and pnpm is not on the PATH; it is fetched by npx for each installation.",
               "npm install --global pnpm@" + version);
  return {"npx", "--yes", "pnpm@" + version};
}

std::vector<std::string> berry_command(Scene& scene, const Manifest& root, const std::string& folder) {
  const auto settings = scene.files().read(join(folder, ".yarnrc.yml"));
  std::string path;
  if (settings && RE2::PartialMatch(*settings, R"((?m)^yarnPath:\s*['"]?([^'"\s]+))", &path) &&
      scene.files().exists(join(folder, path))) {
    return {"node", path};
  }
  const std::string version = pinned_version(root.root, "yarn");
  return {"npx", "--yes", "@yarnpkg/cli-dist@" + (version.empty() ? "4" : version)};
}

std::vector<std::string> yarn_command(Scene& scene) {
  if (scene.tool("yarn")) return {"yarn"};
  scene.advise("yarn", "The lock file is yarn's and yarn is not on the PATH; it is fetched by npx for each installation.",
               "npm install --global yarn");
  return {"npx", "--yes", "yarn@1.22.22"};
}

// Scripts that npm runs in the root at installation and that build something: they belong to the change, not to set-up.
std::string building_hook(const NodePackage& package) {
  static const RE2 kBuilds(R"((?i)\b(build|tsc|compile|rollup|tsup|webpack|microbundle|unbuild|bundle|babel|tshy|tsdown|pkgroll)\b)");
  for (const char* hook : {"prepare", "postinstall", "prepublish", "install"}) {
    const auto found = package.scripts.find(hook);
    if (found != package.scripts.end() && RE2::PartialMatch(found->second, kBuilds)) return hook;
  }
  return "";
}

void append(std::vector<std::string>& to, std::initializer_list<std::string> items) { to.insert(to.end(), items); }

std::string in_shell(const std::vector<std::string>& argv) {
  std::string text;
  for (const std::string& word : argv) text += (text.empty() ? "" : " ") + shell_quoted(word);
  return text;
}

// Without a lock file an old commit gets what was there when it was made, since newer releases may not fit it any more.
// Registries that do not know when a release was made get the plain command.
std::string as_of_commit_date(const std::string& install) {
  return "made=$(git log -1 --format=%ct 2>/dev/null); "
         "if [ -n \"$made\" ] && [ $(($(date +%s) - made)) -gt 7776000 ] && " +
         install + " --before=\"$(git log -1 --format=%cI)\"; then :; else " + install + "; fi";
}

// Adds the set-up gate; its name.
std::string add_install(Scene& scene, const Manifest& root, const std::vector<Manifest>& workspaces) {
  const std::string& folder = root.package.folder;
  const auto lock = find_lock(scene.files(), folder);
  const std::string manager = lock ? lock->manager : "npm";
  const std::string hook = building_hook(root.package);

  Gate gate;
  gate.kind = GateKind::setup;
  gate.cwd = folder;
  gate.network = true;
  gate.timeout = std::chrono::minutes(20);
  std::string label;
  bool as_of_commit = false;
  if (manager == "pnpm") {
    gate.argv = pnpm_command(scene, root, folder);
    append(gate.argv, {"install", "--frozen-lockfile"});
    label = "pnpm install";
  } else if (manager == "berry") {
    gate.argv = berry_command(scene, root, folder);
    append(gate.argv, {"install", "--immutable"});
    gate.env = {{"YARN_NODE_LINKER", "node-modules"}, {"YARN_ENABLE_TELEMETRY", "0"}, {"YARN_ENABLE_GLOBAL_CACHE", "1"}};
    label = "yarn install";
  } else if (manager == "yarn") {
    gate.argv = yarn_command(scene);
    append(gate.argv, {"install", "--frozen-lockfile", "--non-interactive"});
    label = "yarn install";
  } else if (manager == "bun" && scene.tool("bun")) {
    gate.argv = {"bun", "install", "--frozen-lockfile"};
    label = "bun install";
  } else if (manager == "npm" && lock) {
    gate.argv = {"npm", "ci", "--no-audit", "--no-fund"};
    label = "npm ci";
  } else {
    if (lock) {
      scene.advise("bun", "The lock file is bun's and bun is not on the PATH, so npm resolves the dependencies anew.",
                   "npm install --global bun");
    }
    gate.argv = {"npm", "install", "--no-audit", "--no-fund", "--no-package-lock"};
    label = "npm install";
    as_of_commit = true;
  }
  // A root script that builds would make a compile error of the change look like a failed installation.
  if (!hook.empty() && (label == "npm ci" || label == "npm install")) gate.argv.push_back("--ignore-scripts");
  if (!hook.empty() && label.starts_with("pnpm")) gate.argv.push_back("--ignore-scripts");
  std::string script = in_shell(gate.argv);
  if (as_of_commit) script = as_of_commit_date(script);
  // Scripts of the dependencies are still theirs to run.
  const bool rebuild = !hook.empty() && label.starts_with("npm");
  if (rebuild) script = "{ " + script + "; } && npm rebuild --no-audit --no-fund";
  if (as_of_commit || rebuild) gate.argv = {"sh", "-c", script};
  gate.name = named(label, folder);
  // What downloads browsers and sets git hooks has no place in a checkout of ours.
  for (const char* name : {"HUSKY", "CYPRESS_INSTALL_BINARY"}) gate.env.emplace_back(name, "0");
  for (const char* name : {"PUPPETEER_SKIP_DOWNLOAD", "PUPPETEER_SKIP_CHROMIUM_DOWNLOAD", "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD"}) {
    gate.env.emplace_back(name, "1");
  }
  gate.source = join(folder, lock ? lock->file : "package.json");
  gate.scripts = {join(folder, "package.json")};

  Installation& installation = gate.installation;
  installation.inputs = {join(folder, "package.json")};
  if (lock) installation.inputs.push_back(join(folder, lock->file));
  for (const char* name : {".npmrc", "pnpm-workspace.yaml", ".yarnrc.yml", ".yarnrc", ".pnpmfile.cjs"}) {
    if (scene.files().exists(join(folder, name))) installation.inputs.push_back(join(folder, name));
  }
  const std::string patches = join(folder, "patches/");
  for (const std::string& path : scene.files().files()) {
    if (path.starts_with(patches)) installation.inputs.push_back(path);
  }
  installation.outputs = {join(folder, "node_modules")};
  for (const Manifest& workspace : workspaces) {
    installation.inputs.push_back(join(workspace.package.folder, "package.json"));
    installation.outputs.push_back(join(workspace.package.folder, "node_modules"));
  }
  if (!scene.tool("node")) {
    scene.advise("node", "The workspace has a package.json, and node is not on the PATH.", "apt install nodejs npm", true);
  } else if (!scene.tool("npm")) {
    scene.advise("npm", "The workspace has a package.json, and npm is not on the PATH.", "apt install npm", true);
  }
  std::string name = gate.name;
  scene.add(std::move(gate));
  return name;
}

// ---------------------------------------------------------------- gates of one package

class PackageGates {
 public:
  PackageGates(Scene& scene, const NodePackage& package, const NodePackage& root, std::string install)
      : scene_(scene), package_(package), install_(std::move(install)), dependencies_(package.dependencies) {
    dependencies_.insert(root.dependencies.begin(), root.dependencies.end());
    path_ = in_root(join(package.folder, "node_modules/.bin"));
    if (package.folder != root.folder) path_ += ":" + in_root(join(root.folder, "node_modules/.bin"));
    path_ += ":" + scene.path_variable();
    for (const ToolCall& call : scene.calls()) {
      if (call.origin != CallOrigin::ci || call.cwd != package.folder) continue;
      const std::string name = script_that_runs(call);
      if (package.scripts.contains(name)) in_ci_.insert(name);
    }
  }

  // The script names that delegate to the workspaces, found on the way.
  std::set<std::string> delegated;

  void all(const std::string& hook) {
    if (!hook.empty() && !package_.scripts.contains("build")) script(hook, GateKind::build);
    if (package_.scripts.contains("build")) script("build", GateKind::build);
    for (const char* name : {"typecheck", "type-check", "check-types", "check:types", "types:check", "tsc", "check:type",
                             "test:types", "typescript"}) {
      if (package_.scripts.contains(name)) {
        script(name, GateKind::typecheck);
        break;
      }
    }
    if (package_.scripts.contains("lint")) script("lint", GateKind::lint);
    lint_of_ci();
    stylelint();
    const std::string test = test_script();
    if (!test.empty()) script(test, GateKind::test);
    if (test.empty()) {
      scene_.advise(join(package_.folder, "package.json"), "No test script was found.",
                    R"("scripts": {"test": "node --test"} in package.json)");
    }
  }

  void script(const std::string& name, GateKind kind) {
    const auto leaves = expand_script(package_, name);
    std::vector<NodeTool> tools;
    for (const NodeCommand& leaf : leaves) tools.push_back(recognised(leaf));
    if (whole(kind, leaves, tools)) {
      add_whole(name, kind, {});
      return;
    }
    const bool has_runner =
        std::any_of(tools.begin(), tools.end(), [](const NodeTool& tool) { return tool.role == NodeRole::runner; });
    std::vector<std::string> builds;  // `a && b`: b is not run when a does not hold
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      if (leaves[i].workspaces) {
        delegated.insert(leaves[i].script);
        continue;
      }
      std::string built = leaf(leaves[i], tools[i], kind, builds, has_runner);
      if (!built.empty()) builds.push_back(std::move(built));
    }
  }

 private:
  // `npm test`, `npm run x`, `yarn x`; "" for what is no script.
  static std::string script_that_runs(const ToolCall& call) {
    static const std::set<std::string> kManagers = {"npm", "pnpm", "yarn", "bun"};
    if (!kManagers.contains(call.program)) return "";
    std::vector<std::string> words;
    for (const ShellWord& word : call.arguments) {
      if (word.text == "--") break;
      if (!word.text.starts_with('-')) words.push_back(word.text);
    }
    if (words.empty()) return "";
    if (words[0] == "run" || words[0] == "run-script") return words.size() > 1 ? words[1] : "";
    return words[0] == "t" || words[0] == "tst" ? "test" : words[0];
  }

  // Scripts beside `lint` that CI insists on and that check without changing anything.
  void lint_of_ci() {
    static const RE2 kLint(R"((?i)(^|[:_-])(lint|eslint|stylelint|prettier|format[:-]check|check[:-]format)([:_-]|$))");
    static const RE2 kChanges(R"((?i)fix|write|(^|\s)--update)");
    const std::set<std::string> names = in_ci_;
    for (const std::string& name : names) {
      if (name == "lint" || !RE2::PartialMatch(name, kLint)) continue;
      if (RE2::PartialMatch(name, kChanges) || RE2::PartialMatch(package_.scripts.at(name), kChanges)) continue;
      script(name, GateKind::lint);
    }
  }

  bool has_gate_of(std::string_view parser) const {
    return std::any_of(scene_.gates().begin(), scene_.gates().end(),
                       [&](const Gate& gate) { return gate.parser == parser && gate.cwd == package_.folder; });
  }

  // Its configuration, or "" where the package does not use it.
  std::string stylelint_configuration() const {
    if (!dependencies_.contains("stylelint")) return "";
    for (const char* name : {".stylelintrc", ".stylelintrc.json", ".stylelintrc.yaml", ".stylelintrc.yml", ".stylelintrc.js", ".stylelintrc.cjs",
                             ".stylelintrc.mjs", "stylelint.config.js", "stylelint.config.cjs", "stylelint.config.mjs", "stylelint.config.ts"}) {
      if (scene_.files().exists(join(package_.folder, name))) return join(package_.folder, name);
    }
    const auto manifest = read_manifest(scene_.files(), package_.folder);
    return manifest && manifest->root.contains("stylelint") ? join(package_.folder, "package.json") : "";
  }

  // The endings of style sheets that the package has, as a pattern of stylelint's.
  std::string style_sheets() const {
    std::set<std::string> endings;
    const std::string prefix = package_.folder.empty() ? "" : package_.folder + "/";
    for (const std::string& path : scene_.files().files()) {
      if (!path.starts_with(prefix)) continue;
      for (const char* ending : {"css", "scss", "sass", "less"}) {
        if (path.ends_with(std::string(".") + ending)) endings.insert(ending);
      }
    }
    std::string list;
    for (const std::string& ending : endings) list += (list.empty() ? "" : ",") + ending;
    return endings.size() > 1 ? "**/*.{" + list + "}" : list.empty() ? "" : "**/*." + list;
  }

  // As a script calls it, or CI, or over all style sheets.
  void stylelint() {
    const std::string configuration = stylelint_configuration();
    if (configuration.empty() || has_gate_of("stylelint")) return;
    std::vector<NodeCommand> commands;
    for (const auto& [name, text] : package_.scripts) {
      if (text.find("stylelint") == std::string::npos || text.find("--fix") != std::string::npos) continue;
      for (NodeCommand& leaf : expand_script(package_, name)) {
        if (recognise(leaf, dependencies_).name == "stylelint") commands.push_back(std::move(leaf));
      }
    }
    const auto calls = calls_of(scene_.calls(), "stylelint", package_.folder);
    for (const ToolCall* call : calls) {
      if (!commands.empty()) break;
      NodeCommand command;
      command.command.words = call->arguments;
      command.command.words.insert(command.command.words.begin(), plain_word("stylelint"));
      const bool has_target = std::any_of(call->arguments.begin(), call->arguments.end(), [](const ShellWord& word) { return !word.text.starts_with('-'); });
      if (has_target && !call->files_from_outside) commands.push_back(std::move(command));
    }
    if (commands.empty() && !style_sheets().empty()) {
      NodeCommand command;
      command.command.words = {plain_word("stylelint"), plain_word(style_sheets())};
      commands.push_back(std::move(command));
    }
    for (const NodeCommand& command : commands) {
      const NodeTool tool = recognise(command, dependencies_);
      Gate gate = gate_for(command.script, GateKind::lint);
      gate.name = named(tool.name, package_.folder);
      gate.argv = tool.argv;
      gate.parser = tool.parser;
      gate.reports = tool.reports;
      if (command.script.empty()) gate.source = configuration;
      gate.scripts.push_back(configuration);
      add(std::move(gate), command.script);
    }
  }

  std::string test_script() const {
    // CI leaves `test` aside where it does more than the unit tests.
    if (!in_ci_.contains("test")) {
      for (const char* name : {"test:ci", "ci:test", "test-ci", "test:unit", "test-unit", "unit-test", "unit", "test:node", "test:run"}) {
        if (in_ci_.contains(name)) return name;
      }
    }
    for (const char* name : {"test", "test:unit", "unit", "tests", "test:node", "test:ci", "test-unit", "unit-test", "mocha",
                             "jest", "vitest"}) {
      const auto found = package_.scripts.find(name);
      if (found != package_.scripts.end() && !is_placeholder(found->second)) return name;
    }
    static const RE2 kTests(R"((?i)(^|[:_-])(tests?|unit)([:_-]|$))");
    static const RE2 kBeyond(R"((?i)e2e|integration|browser|visual|perf|bench|smoke|types?|lint|watch|update|playwright|cypress)");
    for (const std::string& name : in_ci_) {
      if (RE2::PartialMatch(name, kTests) && !RE2::PartialMatch(name, kBeyond)) return name;
    }
    return "";
  }

  // A file run by node itself whose tests are node's own gets node's reporter.
  NodeTool recognised(const NodeCommand& leaf) const {
    NodeTool tool = recognise(leaf, dependencies_);
    if (tool.role != NodeRole::maybe_runner || leaf.command.words[0].expands) return tool;
    for (std::size_t i = 1; i < leaf.command.words.size(); ++i) {
      const std::string& word = leaf.command.words[i].text;
      if (word.starts_with('-')) continue;
      std::string path = join(package_.folder, word.starts_with("./") ? word.substr(2) : word);
      for (const char* ending : {"", ".js", ".mjs", ".cjs", ".ts", "/index.js", "/index.mjs", "/index.ts"}) {
        const auto text = scene_.files().read(path + ending);
        if (!text) continue;
        if (text->find("node:test") == std::string::npos) return tool;
        NodeCommand with_reporter = leaf;
        return with_node_reporter(with_reporter);
      }
    }
    return tool;
  }

  // Whether the script is run as it stands: nothing of it is known for what it is asked to do.
  static bool whole(GateKind kind, const std::vector<NodeCommand>& leaves, const std::vector<NodeTool>& tools) {
    const auto any = [&](auto... roles) {
      return std::any_of(tools.begin(), tools.end(), [&](const NodeTool& tool) { return ((tool.role == roles) || ...); });
    };
    if (std::any_of(leaves.begin(), leaves.end(), [](const NodeCommand& leaf) { return leaf.workspaces; })) return false;
    const bool unknown = any(NodeRole::unknown);
    switch (kind) {
      case GateKind::test:
        return !any(NodeRole::runner, NodeRole::maybe_runner) && unknown;
      case GateKind::build:
        // Compilers alone are taken apart; bundlers and their helpers stay together.
        return unknown || any(NodeRole::maybe_runner) ||
               std::any_of(tools.begin(), tools.end(),
                           [](const NodeTool& tool) { return tool.role == NodeRole::build && tool.parser != "tsc"; });
      case GateKind::typecheck:
        return unknown && !any(NodeRole::typecheck, NodeRole::build);
      default:
        return unknown && !any(NodeRole::lint, NodeRole::typecheck, NodeRole::build);
    }
  }

  Gate gate_for(const std::string& script, GateKind kind) const {
    Gate gate;
    gate.kind = kind;
    gate.cwd = package_.folder;
    gate.env = {{"PATH", path_}};
    gate.needs = {install_};
    gate.timeout = std::chrono::minutes(kind == GateKind::test || kind == GateKind::build ? 15 : 10);
    gate.source = join(package_.folder, "package.json") + ": scripts." + script;
    gate.scripts = {join(package_.folder, "package.json")};
    return gate;
  }

  std::string add_whole(const std::string& script, GateKind kind, const std::vector<std::string>& needs) {
    // The hooks of the test script are part of `npm test`.
    Gate gate = gate_for(script, kind);
    gate.name = named(script == "test" ? "npm test" : "npm run " + script, package_.folder);
    gate.argv = script == "test" ? std::vector<std::string>{"npm", "test"} : std::vector<std::string>{"npm", "run", script};
    gate.needs.insert(gate.needs.end(), needs.begin(), needs.end());
    return add(std::move(gate), script);
  }

  // Adds the gate of one command; its name when later commands of the script need it.
  std::string leaf(const NodeCommand& command, const NodeTool& tool, GateKind script_kind, const std::vector<std::string>& builds,
                   bool has_runner) {
    if (tool.role == NodeRole::housekeeping) return "";
    // What a project does after its tests and nobody knows is not a check of the tree.
    if (tool.role == NodeRole::unknown && command.script.starts_with("post")) return "";
    if (command.opaque) {
      const GateKind kind = kind_by_name(command.script, script_kind);
      const std::string name = add_whole(command.script, kind, builds);
      return kind == GateKind::build ? name : "";
    }
    GateKind kind = script_kind;
    switch (tool.role) {
      case NodeRole::runner: kind = GateKind::test; break;
      // Beside a runner, a script that may only assert something: its exit code decides, tests or none.
      case NodeRole::maybe_runner: kind = has_runner ? GateKind::build : GateKind::test; break;
      case NodeRole::typecheck: kind = GateKind::typecheck; break;
      case NodeRole::build: kind = GateKind::build; break;
      case NodeRole::lint: kind = GateKind::lint; break;
      default: kind = script_kind == GateKind::test ? GateKind::lint : script_kind; break;
    }
    if (script_kind == GateKind::lint && kind == GateKind::test) return "";
    if (script_kind == GateKind::typecheck && kind == GateKind::build) kind = GateKind::typecheck;
    Gate gate = gate_for(command.script, kind);
    gate.name = named(tool.name, package_.folder);
    gate.argv = tool.argv;
    gate.parser = tool.parser;
    gate.reports = tool.reports;
    gate.select_argv = tool.select_argv;
    gate.select_join = tool.select_join;
    for (const auto& [key, value] : command.command.env) gate.env.emplace_back(key, value);
    gate.needs.insert(gate.needs.end(), builds.begin(), builds.end());
    if (reads_build_output(tool.name)) {
      for (const Gate& other : scene_.gates()) {
        if (other.cwd == gate.cwd && other.kind == GateKind::build) gate.needs.push_back(other.name);
      }
    }
    add_configuration(tool.name, gate.scripts);
    const std::string name = add(std::move(gate), command.script);
    return tool.role == NodeRole::build ? name : "";
  }

  static bool reads_build_output(const std::string& tool) {
    static const std::set<std::string> kTools = {"size-limit", "bundlesize", "bundlewatch", "publint", "attw", "check-dts"};
    return kTools.contains(tool);
  }

  static GateKind kind_by_name(const std::string& script, GateKind asked) {
    if (script == "test") return GateKind::test;
    if (RE2::PartialMatch(script, R"((?i)lint|format|style|size|spell)")) return GateKind::lint;
    if (RE2::PartialMatch(script, R"((?i)type|tsc|tsd|dts)")) return GateKind::typecheck;
    if (RE2::PartialMatch(script, R"((?i)^pre|build|compile|bundle|prepare)")) return GateKind::build;
    if (RE2::PartialMatch(script, R"((?i)test|unit|spec|coverage)")) return GateKind::test;
    return asked == GateKind::test ? GateKind::lint : asked;
  }

  // Configuration that decides what the tool does, for the audit.
  void add_configuration(const std::string& tool, std::vector<std::string>& scripts) const {
    static const std::map<std::string, std::vector<std::string>> kFiles = {
        {"jest", {"jest.config.js", "jest.config.ts", "jest.config.mjs", "jest.config.cjs", "jest.config.json"}},
        {"vitest", {"vitest.config.ts", "vitest.config.js", "vitest.config.mts", "vitest.config.mjs", "vite.config.ts",
                    "vite.config.js", "vite.config.mjs", "vitest.workspace.ts"}},
        {"mocha", {".mocharc.js", ".mocharc.cjs", ".mocharc.json", ".mocharc.jsonc", ".mocharc.yml", ".mocharc.yaml", "test/mocha.opts"}},
        {"ava", {"ava.config.js", "ava.config.cjs", "ava.config.mjs"}},
        {"tap", {".taprc"}},
        {"eslint", {"eslint.config.js", "eslint.config.mjs", "eslint.config.cjs", "eslint.config.ts", ".eslintrc", ".eslintrc.js",
                    ".eslintrc.cjs", ".eslintrc.json", ".eslintrc.yml", ".eslintrc.yaml", ".eslintignore"}},
        {"xo", {"xo.config.js", "xo.config.ts", ".xo-config.json", ".xo-config.js"}},
        {"stylelint", {".stylelintrc", ".stylelintrc.json", ".stylelintrc.yml", ".stylelintrc.yaml", ".stylelintrc.js", ".stylelintrc.cjs",
                       ".stylelintrc.mjs", "stylelint.config.js", "stylelint.config.cjs", "stylelint.config.mjs", ".stylelintignore"}},
        {"tsc", {"tsconfig.json"}}};
    const auto found = kFiles.find(tool);
    if (found == kFiles.end()) return;
    for (const std::string& name : found->second) {
      if (scene_.files().exists(join(package_.folder, name))) scripts.push_back(join(package_.folder, name));
    }
  }

  std::string add(Gate gate, const std::string& script) {
    for (const Gate& other : scene_.gates()) {
      if (other.cwd == gate.cwd && other.argv == gate.argv) return other.name;
    }
    const auto taken = [&] {
      return std::any_of(scene_.gates().begin(), scene_.gates().end(), [&](const Gate& other) { return other.name == gate.name; });
    };
    if (taken()) gate.name += ": " + script;
    for (int count = 2; taken(); ++count) gate.name += " #" + std::to_string(count);
    std::string name = gate.name;
    scene_.add(std::move(gate));
    return name;
  }

  Scene& scene_;
  const NodePackage& package_;
  std::string install_;
  std::map<std::string, std::string> dependencies_;
  std::set<std::string> in_ci_;  // scripts that CI runs
  std::string path_;
};

void discover_node_project(Scene& scene, const std::string& folder) {
  const auto root = read_manifest(scene.files(), folder);
  if (!root) {
    scene.advise(join(folder, "package.json"), "The file does not parse as JSON, so none of its scripts became a gate.", "", true);
    return;
  }
  const auto workspaces = read_workspaces(scene.files(), *root);
  if (root->package.scripts.empty() && root->package.dependencies.empty() && workspaces.empty()) return;
  const std::string install = add_install(scene, *root, workspaces);
  PackageGates gates(scene, root->package, root->package, install);
  const bool tests_itself = root->package.scripts.contains("test");
  if (tests_itself || workspaces.empty()) {
    gates.all(building_hook(root->package));
  } else {
    for (const char* name : {"build", "lint", "test"}) gates.delegated.insert(name);
  }
  if (gates.delegated.empty()) return;
  for (const Manifest& workspace : workspaces) {
    PackageGates inner(scene, workspace.package, root->package, install);
    for (const auto& [name, kind] : {std::pair{"build", GateKind::build}, {"typecheck", GateKind::typecheck},
                                     {"lint", GateKind::lint}, {"test", GateKind::test}}) {
      const bool wanted = gates.delegated.contains(name) || (std::string_view(name) == "build");
      if (wanted && workspace.package.scripts.contains(name)) inner.script(name, kind);
    }
  }
}

}  // namespace

void discover_node(Scene& scene) {
  auto folders = project_folders(scene.files(), "package.json", 1);
  std::erase_if(folders, [&](const std::string& folder) {
    if (folder.empty()) return false;
    const auto manifest = read_manifest(scene.files(), folder);
    return !manifest || manifest->package.scripts.empty();
  });
  if (folders.size() > kMaxProjects) {
    scene.advise("package.json", "More than four packages lie in subfolders; only the first four are looked at.",
                 R"(.baton/config.json: {"gates": [...]} names the others)");
    folders.resize(kMaxProjects);
  }
  for (const std::string& folder : folders) discover_node_project(scene, folder);
}

}  // namespace baton
