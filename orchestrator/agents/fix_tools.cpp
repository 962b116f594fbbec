#include "orchestrator/agents/fix_tools.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "orchestrator/agents/clang_tidy_look.h"
#include "orchestrator/discover_parts.h"
#include "orchestrator/node_script.h"
#include "support/files.h"
#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kFilesPerCall = 2000;
constexpr std::uint64_t kLargestFile = 4u << 20;  // that a formatter may have written

// ---------------------------------------------------------------- where tools are

bool on_path(const FixerScene& scene, std::string_view program) { return find_program(program, scene.path).has_value(); }

bool has_any(const FixerScene& scene, std::initializer_list<const char*> paths) {
  return std::any_of(paths.begin(), paths.end(), [&](const char* path) { return scene.files.exists(path); });
}

const Gate* gate_with_parser(const GatePlan& plan, std::string_view parser) {
  const auto found = std::find_if(plan.gates.begin(), plan.gates.end(), [&](const Gate& gate) { return gate.parser == parser && gate.kind == GateKind::lint; });
  return found == plan.gates.end() ? nullptr : &*found;
}

// The set-up gate that makes a folder ("node_modules"), or one whose name begins so.
const Gate* setup_gate(const GatePlan& plan, std::string_view output, std::string_view name) {
  const auto found = std::find_if(plan.gates.begin(), plan.gates.end(), [&](const Gate& gate) {
    const auto& outputs = gate.installation.outputs;
    const bool makes = !output.empty() && std::find(outputs.begin(), outputs.end(), output) != outputs.end();
    return gate.kind == GateKind::setup && (makes || (!name.empty() && gate.name.starts_with(name)));
  });
  return found == plan.gates.end() ? nullptr : &*found;
}

// package.json of the root as far as scripts and dependencies go.
NodePackage root_package(const FileSource& files) {
  NodePackage package;
  const auto parsed = parse_json(files.read("package.json").value_or(""));
  if (!parsed || !parsed->is_object()) return package;
  const auto each = [&](const char* name, auto& into) {
    const auto found = parsed->find(name);
    if (found == parsed->end() || !found->is_object()) return;
    for (const auto& [key, value] : found->items()) {
      if (value.is_string()) into[key] = value.template get<std::string>();
    }
  };
  each("scripts", package.scripts);
  for (const char* kind : {"dependencies", "devDependencies", "optionalDependencies"}) each(kind, package.dependencies);
  return package;
}

FixerState of_package(const FixerScene& scene, const char* name) {
  if (!root_package(scene.files).dependencies.contains(name)) {
    return {false, false, "package.json does not name " + std::string(name) + " among its dependencies.", "npm install --save-dev " + std::string(name)};
  }
  if (!on_path(scene, "node")) return {false, true, "node is not on the PATH.", "apt install nodejs npm"};
  return {true, true, std::string(name) + " is a dependency of package.json.", ""};
}

// A program on the PATH and a file by which the workspace asks for it.
FixerState of_program(const FixerScene& scene, const char* program, bool configured, const std::string& asks, const char* mend) {
  if (!on_path(scene, program)) return {false, configured, std::string(program) + " is not on the PATH.", mend};
  return {true, configured, configured ? asks : std::string(program) + " is on the PATH.", ""};
}

FixerState missing(std::string why, std::string mend = "") { return {false, false, std::move(why), std::move(mend)}; }

FixerState find_eslint(const FixerScene& scene) {
  if (gate_with_parser(scene.plan, "eslint")) return {true, true, "the workspace's own scripts call eslint.", ""};
  return of_package(scene, "eslint");
}

FixerState find_ruff(const FixerScene& scene) {
  if (gate_with_parser(scene.plan, "ruff")) return {true, true, "the workspace is checked by ruff.", ""};
  return of_program(scene, "ruff", has_any(scene, {"ruff.toml", ".ruff.toml"}), "the workspace configures ruff.", "pipx install ruff");
}

FixerState find_ruff_format(const FixerScene& scene) {
  const std::string pyproject = scene.files.read("pyproject.toml").value_or("");
  const bool configured = has_any(scene, {"ruff.toml", ".ruff.toml"}) || pyproject.find("[tool.ruff.format]") != std::string::npos;
  if (gate_with_parser(scene.plan, "ruff")) return {true, configured, "the workspace is checked by ruff.", ""};
  return of_program(scene, "ruff", configured, "the workspace configures ruff.", "pipx install ruff");
}

FixerState of_cargo(const FixerScene& scene, const char* program, const char* component) {
  if (!setup_gate(scene.plan, "", "cargo fetch")) return missing("The workspace has no Cargo.toml.");
  return of_program(scene, program, true, "the workspace is a Cargo package.", component);
}
FixerState find_clippy(const FixerScene& scene) { return of_cargo(scene, "cargo-clippy", "rustup component add clippy"); }
FixerState find_rustfmt(const FixerScene& scene) { return of_cargo(scene, "cargo-fmt", "rustup component add rustfmt"); }

FixerState find_biome(const FixerScene& scene) { return of_package(scene, "@biomejs/biome"); }
FixerState find_prettier(const FixerScene& scene) { return of_package(scene, "prettier"); }

FixerState find_clang_format(const FixerScene& scene) {
  if (!has_any(scene, {".clang-format", "_clang-format"})) return missing("The workspace has no .clang-format that says how its code is written.");
  return of_program(scene, "clang-format", true, "the workspace has a .clang-format.", "apt install clang-format");
}

FixerState find_gofmt(const FixerScene& scene) {
  const auto& files = scene.files.files();
  const bool go = std::any_of(files.begin(), files.end(), [](const std::string& path) { return name_of(path) == "go.mod"; });
  if (!go) return missing("The workspace has no go.mod.");
  return of_program(scene, "gofmt", true, "the workspace is a Go module.", "apt install golang");
}

// ---------------------------------------------------------------- what they say

FixSource source_of(Workbench& bench, const std::string& cwd) {
  FixSource source;
  source.root = bench.inner_root().string();
  source.cwd = cwd.empty() ? source.root : source.root + "/" + cwd;
  source.text = [&bench](const std::string& path) { return bench.text_of(path); };
  return source;
}

Error did_not_look(const FixTool& tool, const Workbench& bench, const GateRun& run) {
  return {ErrorKind::precondition, std::string(tool.name) + " could not look at the workspace: " + bench.complaint_of(run)};
}

Result<FixLook> read_reports_of(const FixTool& tool, Workbench& bench, const Gate& gate, std::string_view report, FixReader reader) {
  auto run = bench.run(gate);
  if (!run) return run.error();
  FixLook look;
  look.evidence.push_back(run->statement);
  const auto outputs = bench.reports(report);
  if (outputs.empty()) return did_not_look(tool, bench, *run);
  auto fixes = reader(outputs, source_of(bench, gate.cwd));
  if (!fixes) return fixes.error();
  look.fixes = std::move(*fixes);
  return look;
}

Gate lint_gate(const FixTool& tool, std::vector<std::string> argv) {
  Gate gate;
  gate.name = std::string(tool.name) + " fixes";
  gate.kind = GateKind::lint;
  gate.argv = std::move(argv);
  gate.timeout = std::chrono::minutes(60);
  gate.parser = tool.name;
  gate.source = "a task";
  return gate;
}

void need(Gate& gate, const Gate* setup) {
  if (setup) gate.needs.push_back(setup->name);
}

Environment node_path(const Workbench& bench) { return {{"PATH", in_root("node_modules/.bin") + ":" + bench.path_variable()}}; }

Result<FixLook> look_with_eslint(const FixTool& tool, Workbench& bench, const FixWish&) {
  if (const Gate* known = gate_with_parser(bench.plan(), "eslint"); known && known->reports == std::vector<std::string>{"{reports}/eslint.json"}) {
    return read_reports_of(tool, bench, *known, "eslint.json", read_eslint_fixes);
  }
  Gate gate = lint_gate(tool, {"eslint", "-f", "json", "-o", "{reports}/eslint.json", "."});
  gate.env = node_path(bench);
  need(gate, setup_gate(bench.plan(), "node_modules", ""));
  return read_reports_of(tool, bench, gate, "eslint.json", read_eslint_fixes);
}

// Codes that the text names are looked for whether the workspace does or not.
std::string named_codes(const FixWish& wish) {
  std::string codes;
  for (const std::string& check : wish.checks) {
    if (!check.starts_with('-')) codes += (codes.empty() ? "" : ",") + check;
  }
  return codes;
}

Result<FixLook> look_with_ruff(const FixTool& tool, Workbench& bench, const FixWish& wish) {
  Gate gate = lint_gate(tool, {"ruff", "check", ".", "--no-cache", "--no-fix", "--output-format", "json", "--output-file", "{reports}/ruff.json"});
  if (const Gate* known = gate_with_parser(bench.plan(), "ruff")) {
    gate.argv = known->argv;
    gate.cwd = known->cwd;
    gate.env = known->env;
    gate.needs = known->needs;
  }
  const bool in_shell = gate.argv.size() > 1 && gate.argv[1] == "-c";
  if (const std::string codes = named_codes(wish); !codes.empty() && !in_shell) gate.argv.insert(gate.argv.end(), {"--extend-select", codes});
  return read_reports_of(tool, bench, gate, "ruff.json", read_ruff_fixes);
}

Result<FixLook> look_with_clippy(const FixTool& tool, Workbench& bench, const FixWish&) {
  const Gate* fetch = setup_gate(bench.plan(), "", "cargo fetch");
  const std::string folder = fetch ? fetch->cwd : "";
  Gate gate = lint_gate(tool, {"sh", "-c", R"(cargo clippy --workspace --all-targets --offline --message-format=json > "$1")", "clippy", "{reports}/clippy.json"});
  gate.cwd = folder;
  need(gate, fetch);
  return read_reports_of(tool, bench, gate, "clippy.json", read_clippy_fixes);
}

// ---------------------------------------------------------------- formatters

bool in_scope(const std::string& path, const FixWish& wish) {
  Fix at;
  at.path = path;
  FixWish places = wish;
  places.checks.clear();
  return is_wished(places, at);
}

std::vector<std::string> files_for(const FixTool& tool, const Workbench& bench, const FixWish& wish) {
  std::vector<std::string> files;
  for (const std::string& path : bench.files().files()) {
    const bool takes = std::any_of(tool.endings.begin(), tool.endings.end(), [&](std::string_view ending) { return path.ends_with(ending); });
    const bool named = std::find(wish.paths.begin(), wish.paths.end(), path) != wish.paths.end();
    if (takes && in_scope(path, wish) && (named || !is_foreign(folder_of(path)))) files.push_back(path);
  }
  return files;
}

// Runs the command and takes what it changed as fixes; the checkout is as before afterwards.
Status rewrite(const FixTool& tool, Workbench& bench, const Gate& gate, const FixWish& wish, FixLook& look) {
  if (auto made = bench.check_out(); !made) return made;
  // What the command needs may be installed by its first run: that is no change of its own.
  for (const std::string& name : gate.needs) {
    const auto& gates = bench.plan().gates;
    const auto needed = std::find_if(gates.begin(), gates.end(), [&](const Gate& one) { return one.name == name; });
    if (needed == gates.end()) continue;
    auto ready = bench.run(*needed);
    if (!ready) return ready.error();
    if (ready->evidence.diagnosis.verdict != RunVerdict::pass) return did_not_look(tool, bench, *ready);
  }
  const fs::path root = bench.checkout().tree();
  auto before = TreeManifest::of(root);
  if (!before) return before.error();
  auto run = bench.run(gate);
  if (!run) return run.error();
  look.evidence.push_back(run->statement);
  auto changed = before->difference(root);
  if (!changed) return changed.error();
  // Some end with an error where something is left that they cannot mend.
  const bool failed = run->evidence.exit_code != 0;
  const bool at_work = run->evidence.exit_code && run->evidence.diagnosis.verdict != RunVerdict::env_fault;
  if (failed && !at_work) return did_not_look(tool, bench, *run);
  if (failed) look.notes.push_back(std::string(tool.name) + " ended with exit code " + std::to_string(*run->evidence.exit_code) + ", so that some files may not be as it wants them.");
  for (const std::string& path : changed->changed) {
    const auto text = bench.text_of(path);
    std::error_code problem;
    if (!text || !fs::is_regular_file(fs::symlink_status(root / path, problem))) continue;
    auto now = read_file(root / path, kLargestFile);
    if (!now) continue;
    auto fix = formatting_fix(std::string(tool.name), path, *text, *now);
    if (fix && in_scope(path, wish)) look.fixes.push_back(std::move(*fix));
    if (auto back = write_file(root / path, *text); !back) return back;
  }
  return done();
}

Result<FixLook> look_over_files(const FixTool& tool, Workbench& bench, const FixWish& wish, std::vector<std::string> argv, const Gate* setup, Environment env) {
  FixLook look;
  const auto files = files_for(tool, bench, wish);
  for (std::size_t at = 0; at < files.size(); at += kFilesPerCall) {
    Gate gate = lint_gate(tool, argv);
    if (at > 0) gate.name += " " + std::to_string(at / kFilesPerCall + 1);
    gate.env = env;
    need(gate, setup);
    const auto end = files.begin() + static_cast<std::ptrdiff_t>(std::min(at + kFilesPerCall, files.size()));
    for (auto file = files.begin() + static_cast<std::ptrdiff_t>(at); file != end; ++file) gate.argv.push_back(file->starts_with('-') ? "./" + *file : *file);
    if (auto rewritten = rewrite(tool, bench, gate, wish, look); !rewritten) return rewritten.error();
  }
  std::sort(look.fixes.begin(), look.fixes.end(), [](const Fix& a, const Fix& b) { return a.path < b.path; });
  return look;
}

Result<FixLook> look_with_clang_format(const FixTool& tool, Workbench& bench, const FixWish& wish) {
  return look_over_files(tool, bench, wish, {"clang-format", "-i", "--style=file", "--fallback-style=none"}, nullptr, {});
}

Result<FixLook> look_with_gofmt(const FixTool& tool, Workbench& bench, const FixWish& wish) {
  return look_over_files(tool, bench, wish, {"gofmt", "-w"}, nullptr, {});
}

Result<FixLook> look_with_ruff_format(const FixTool& tool, Workbench& bench, const FixWish& wish) {
  const Gate* known = gate_with_parser(bench.plan(), "ruff");
  const Gate* setup = nullptr;
  std::string program = "ruff";
  if (known && !known->argv.empty() && known->argv[0].ends_with("/bin/ruff")) {
    program = known->argv[0];
    if (!known->needs.empty()) setup = setup_gate(bench.plan(), "", known->needs.front());
  }
  return look_over_files(tool, bench, wish, {program, "format", "--no-cache", "--force-exclude"}, setup, {});
}

Result<FixLook> look_with_biome(const FixTool& tool, Workbench& bench, const FixWish& wish) {
  return look_over_files(tool, bench, wish, {"biome", "check", "--write", "--no-errors-on-unmatched", "--colors=off"}, setup_gate(bench.plan(), "node_modules", ""),
                         node_path(bench));
}

// What the project's own scripts hand to prettier; empty: they say nothing of it.
std::vector<std::string> prettier_targets(const NodePackage& package) {
  std::vector<std::string> targets;
  for (const auto& [name, text] : package.scripts) {
    if (text.find("prettier") == std::string::npos) continue;
    for (const NodeCommand& leaf : expand_script(package, name)) {
      const auto& words = leaf.command.words;
      if (leaf.opaque || words.empty() || words[0].text != "prettier") continue;
      for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string& word = words[i].text;
        if (word.starts_with("--config") || word.starts_with("--ignore-path")) ++i;
        else if (!word.starts_with('-') && std::find(targets.begin(), targets.end(), word) == targets.end()) targets.push_back(word);
      }
    }
  }
  return targets;
}

Result<FixLook> look_with_prettier(const FixTool& tool, Workbench& bench, const FixWish& wish) {
  const Gate* setup = setup_gate(bench.plan(), "node_modules", "");
  const std::vector<std::string> argv = {"prettier", "--write", "--log-level", "warn", "--no-color", "--ignore-unknown"};
  const auto targets = prettier_targets(root_package(bench.files()));
  if (targets.empty() || !wish.paths.empty()) return look_over_files(tool, bench, wish, argv, setup, node_path(bench));
  Gate gate = lint_gate(tool, argv);
  gate.argv.insert(gate.argv.end(), targets.begin(), targets.end());
  gate.env = node_path(bench);
  need(gate, setup);
  FixLook look;
  if (auto rewritten = rewrite(tool, bench, gate, wish, look); !rewritten) return rewritten.error();
  return look;
}

Result<FixLook> look_with_rustfmt(const FixTool& tool, Workbench& bench, const FixWish& wish) {
  const Gate* fetch = setup_gate(bench.plan(), "", "cargo fetch");
  Gate gate = lint_gate(tool, {"cargo", "fmt", "--all"});
  gate.cwd = fetch ? fetch->cwd : "";
  need(gate, fetch);
  FixLook look;
  if (auto rewritten = rewrite(tool, bench, gate, wish, look); !rewritten) return rewritten.error();
  return look;
}

}  // namespace

const std::vector<FixTool>& fix_tools() {
  static const std::vector<FixTool> kTools = {
      {"clang-tidy", FixerKind::linter, "clang-tidy -p BUILD --export-fixes", {".c", ".cc", ".cpp", ".cxx", ".c++"}, find_clang_tidy, look_with_clang_tidy},
      {"eslint", FixerKind::linter, "eslint -f json", {}, find_eslint, look_with_eslint},
      {"ruff", FixerKind::linter, "ruff check --output-format json", {}, find_ruff, look_with_ruff},
      {"clippy", FixerKind::linter, "cargo clippy --message-format=json", {}, find_clippy, look_with_clippy},
      {"biome", FixerKind::formatter, "biome check --write", {".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".json", ".jsonc", ".css"}, find_biome, look_with_biome},
      {"prettier", FixerKind::formatter, "prettier --write",
       {".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".css", ".scss", ".less", ".vue"}, find_prettier, look_with_prettier},
      {"clang-format", FixerKind::formatter, "clang-format -i", {".c", ".cc", ".cpp", ".cxx", ".c++", ".h", ".hh", ".hpp", ".hxx", ".h++", ".ipp", ".inl"},
       find_clang_format, look_with_clang_format},
      {"gofmt", FixerKind::formatter, "gofmt -w", {".go"}, find_gofmt, look_with_gofmt},
      {"ruff format", FixerKind::formatter, "ruff format", {".py", ".pyi"}, find_ruff_format, look_with_ruff_format},
      {"rustfmt", FixerKind::formatter, "cargo fmt", {}, find_rustfmt, look_with_rustfmt},
  };
  return kTools;
}

const FixTool* find_fix_tool(std::string_view name) {
  const auto found = std::find_if(fix_tools().begin(), fix_tools().end(), [&](const FixTool& tool) { return tool.name == name; });
  return found == fix_tools().end() ? nullptr : &*found;
}

FixerScene fixer_scene(const FileSource& files, const GatePlan& plan, const Environment& client_env) {
  GatePlan unused;
  return {files, plan, Scene(files, client_env, unused).path_variable()};
}

Result<std::vector<const FixTool*>> wished_tools(const FixWish& wish, const FixerScene& scene) {
  std::vector<const FixTool*> tools;
  for (const std::string& name : wish.tools) {
    const FixTool* tool = find_fix_tool(name);
    if (!tool) return Error{ErrorKind::internal, name + " is no tool that is known here."};
    const FixerState state = tool->find(scene);
    if (!state.usable) {
      return Error{ErrorKind::missing_tool, name + " cannot be used here: " + state.why + (state.mend.empty() ? "" : " `" + state.mend + "` supplies it.")};
    }
    tools.push_back(tool);
  }
  if (!wish.tools.empty()) return tools;
  std::string absent;
  for (const FixTool& tool : fix_tools()) {
    if ((tool.kind == FixerKind::formatter) != wish.formats) continue;
    const FixerState state = tool.find(scene);
    if (state.usable && state.configured) tools.push_back(&tool);
    else if (state.configured) absent += " " + std::string(tool.name) + ": " + state.why;
  }
  if (!tools.empty()) return tools;
  return Error{ErrorKind::missing_tool, std::string("No ") + (wish.formats ? "formatter" : "linter with fixes of its own") + " is configured in this workspace; name one in the task." + absent};
}

}  // namespace baton
