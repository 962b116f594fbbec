#include "orchestrator/discover.h"

#include <algorithm>
#include <array>
#include <set>

#include "orchestrator/discover_parts.h"
#include "orchestrator/gate_tools.h"

namespace baton {
namespace {

constexpr std::string_view kDefaultPath = "/usr/local/bin:/usr/bin:/bin";
constexpr std::string_view kRepositoryConfig = ".baton/config.json";

// PATH without the folders of a project: its virtual environments and node_modules belong to a tree, not to the toolchain.
std::string toolchain_path(std::string_view path) {
  std::string kept;
  while (true) {
    const auto colon = path.find(':');
    const std::filesystem::path folder(path.substr(0, colon));
    std::error_code error;
    const bool of_project = folder.string().find("node_modules") != std::string::npos ||
                            std::filesystem::exists(folder.parent_path() / "pyvenv.cfg", error);
    if (folder.is_absolute() && !of_project) kept += (kept.empty() ? "" : ":") + folder.string();
    if (colon == path.npos) return kept;
    path.remove_prefix(colon + 1);
  }
}

}  // namespace

Scene::Scene(const FileSource& files, const Environment& env, GatePlan& plan)
    : files_(files), plan_(plan), path_(toolchain_path(get(env, "PATH").value_or(std::string(kDefaultPath)))) {}

std::optional<std::string> Scene::tool(std::string_view name) {
  const auto found = find_program(name, path_);
  if (!found) return std::nullopt;
  if (std::find(plan_.tools.begin(), plan_.tools.end(), found->string()) == plan_.tools.end()) {
    plan_.tools.push_back(found->string());
  }
  return found->string();
}

bool Scene::has_tool(std::string_view name) const { return find_program(name, path_).has_value(); }

void Scene::add(Gate gate) {
  const auto taken = [&](const std::string& name) {
    return std::any_of(plan_.gates.begin(), plan_.gates.end(), [&](const Gate& other) { return other.name == name; });
  };
  const std::string name = gate.name;
  for (int count = 2; taken(gate.name); ++count) gate.name = name + " #" + std::to_string(count);
  plan_.gates.push_back(std::move(gate));
}

void Scene::advise(std::string about, std::string message, std::string mend, bool blocking) {
  plan_.advice.push_back({std::move(about), std::move(message), std::move(mend), blocking});
}

bool Scene::has_test_gate() const {
  return std::any_of(plan_.gates.begin(), plan_.gates.end(),
                     [](const Gate& gate) { return gate.kind == GateKind::test; });
}

const std::vector<ToolCall>& Scene::calls() {
  if (!calls_) calls_ = tool_calls(files_);
  return *calls_;
}

const std::vector<Gate>& Scene::gates() const { return plan_.gates; }

std::string join(std::string_view folder, std::string_view name) {
  if (folder.empty()) return std::string(name);
  if (name.empty()) return std::string(folder);
  return std::string(folder) + "/" + std::string(name);
}

std::string folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? "" : std::string(path.substr(0, slash));
}

std::string name_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return std::string(slash == path.npos ? path : path.substr(slash + 1));
}

std::string in_root(std::string_view path) { return join("{root}", path); }

std::string named(std::string_view name, std::string_view folder) {
  return folder.empty() ? std::string(name) : std::string(name) + " (" + std::string(folder) + ")";
}

bool is_foreign(std::string_view path) {
  static const std::set<std::string, std::less<>> kForeign = {
      "third_party", "thirdparty",  "3rdparty",  "third-party", "vendor",      "vendored", "external",    "externals",
      "extern",      "deps",        "submodules", "node_modules", "examples",  "example",  "samples",     "sample",
      "fixtures",    "fixture",     "__fixtures__", "testdata",  "test-data",  "test_data", "subprojects", "templates",
      "template",    "demo",        "demos",     "site-packages", "packaging", "contrib",  "dist",        "benchmarks"};
  while (!path.empty()) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    if (part.starts_with('.') || kForeign.contains(part)) return true;
    if (slash == path.npos) return false;
    path.remove_prefix(slash + 1);
  }
  return false;
}

std::vector<std::string> project_folders(const FileSource& files, std::string_view file_name, int max_depth) {
  std::vector<std::string> folders;
  for (const std::string& path : files.files()) {
    if (name_of(path) != file_name) continue;
    std::string folder = folder_of(path);
    if (folder.empty()) return {""};
    if (std::count(folder.begin(), folder.end(), '/') < max_depth && !is_foreign(folder)) {
      folders.push_back(std::move(folder));
    }
  }
  std::stable_sort(folders.begin(), folders.end(), [](const std::string& a, const std::string& b) {
    return std::count(a.begin(), a.end(), '/') < std::count(b.begin(), b.end(), '/');
  });
  std::vector<std::string> outermost;
  for (const std::string& folder : folders) {
    const bool inside = std::any_of(outermost.begin(), outermost.end(),
                                    [&](const std::string& outer) { return folder.starts_with(outer + "/"); });
    if (!inside) outermost.push_back(folder);
  }
  return outermost;
}

std::vector<std::string> files_of(const FileSource& files, const std::vector<std::string>& candidates) {
  std::vector<std::string> found;
  for (const std::string& path : candidates) {
    if (std::binary_search(files.files().begin(), files.files().end(), path)) found.push_back(path);
  }
  return found;
}

namespace {

int rank(GateKind kind) {
  switch (kind) {
    case GateKind::setup: return 0;
    case GateKind::lint: return 1;  // before a build fills the tree with its output
    case GateKind::build: return 2;
    case GateKind::typecheck: return 3;
    case GateKind::test: return 4;
  }
  return 5;
}

// By kind, and what a gate needs always in front of it, whatever its kind.
void order_gates(std::vector<Gate>& gates) {
  std::stable_sort(gates.begin(), gates.end(), [](const Gate& a, const Gate& b) { return rank(a.kind) < rank(b.kind); });
  std::vector<Gate> ordered;
  std::set<std::string> placed;
  std::vector<bool> taken(gates.size(), false);
  while (ordered.size() < gates.size()) {
    bool moved = false;
    for (std::size_t i = 0; i < gates.size(); ++i) {
      if (taken[i]) continue;
      const bool ready = std::all_of(gates[i].needs.begin(), gates[i].needs.end(), [&](const std::string& need) {
        return placed.contains(need) ||
               std::none_of(gates.begin(), gates.end(), [&](const Gate& gate) { return gate.name == need; });
      });
      if (!ready) continue;
      placed.insert(gates[i].name);
      ordered.push_back(gates[i]);
      taken[i] = moved = true;
      break;
    }
    if (moved) continue;
    for (std::size_t i = 0; i < gates.size(); ++i) {  // a circle, only possible by configuration: kept as it stands
      if (!taken[i]) ordered.push_back(gates[i]);
    }
    break;
  }
  gates = std::move(ordered);
}

void apply(const GateSetting& setting, Gate& gate) {
  if (setting.kind) gate.kind = *setting.kind;
  if (setting.required) gate.required = *setting.required;
  if (!setting.command.empty()) {
    gate.argv = setting.command;
    gate.select_argv.clear();
    gate.reports.clear();
    gate.source = setting.source;
  }
  if (!setting.cwd.empty()) gate.cwd = setting.cwd;
  if (setting.timeout) gate.timeout = *setting.timeout;
  if (setting.network) gate.network = *setting.network;
  if (!setting.parser.empty()) gate.parser = setting.parser;
  if (!setting.needs.empty()) gate.needs = setting.needs;
  if (!setting.reports.empty()) gate.reports = setting.reports;
}

// Set-up that a gate of the user's own most likely wants: all that installs or configures.
std::vector<std::string> all_setup(const GatePlan& plan) {
  std::vector<std::string> names;
  for (const Gate& gate : plan.gates) {
    if (gate.kind == GateKind::setup || gate.kind == GateKind::build) names.push_back(gate.name);
  }
  return names;
}

// The user's own file may weaken a gate in silence; a repository's may not.
void note_weakening(const GateSetting& setting, const Gate& gate, GatePlan& plan) {
  if (setting.source != kRepositoryConfig) return;
  std::string how;
  if (setting.disabled) {
    how = "turns this gate off";
  } else if (gate.required && setting.required == false) {
    how = "makes this gate not required";
  } else if (setting.kind == GateKind::lint && gate.kind != GateKind::lint) {
    how = "counts this gate as lint only";
  } else if (!setting.command.empty()) {
    how = "replaces the command of this gate";
  }
  if (!how.empty()) plan.advice.push_back({setting.name, "The repository's configuration " + how + ".", "", false});
}

// A gate that goes on without what made its tools ready fails in a way that names neither.
void note_missing_setup(const Config& config, GatePlan& plan) {
  for (const GateSetting& off : config.gates) {
    if (!off.disabled) continue;
    for (const Gate& gate : plan.gates) {
      const bool own = std::any_of(config.gates.begin(), config.gates.end(), [&](const GateSetting& setting) { return setting.name == gate.name && !setting.command.empty(); });
      if (own || std::find(gate.needs.begin(), gate.needs.end(), off.name) == gate.needs.end()) continue;
      plan.advice.push_back({gate.name, "It runs with what \"" + off.name + "\" makes ready, which the configuration turns off.",
                             "Leave \"" + off.name + "\" on, turn \"" + gate.name + "\" off as well, or give it a command of its own.", true});
    }
  }
}

void apply_gate_settings(const Config& config, GatePlan& plan) {
  for (const GateSetting& setting : config.gates) {
    const auto found = std::find_if(plan.gates.begin(), plan.gates.end(),
                                    [&](const Gate& gate) { return gate.name == setting.name; });
    if (found != plan.gates.end()) {
      note_weakening(setting, *found, plan);
      if (setting.disabled) {
        plan.gates.erase(found);
      } else {
        apply(setting, *found);
      }
    } else if (!setting.disabled && !setting.command.empty()) {
      Gate gate;
      gate.name = setting.name;
      gate.kind = setting.kind.value_or(GateKind::test);
      if (gate.kind != GateKind::setup) gate.needs = all_setup(plan);
      gate.network = gate.kind == GateKind::setup;
      apply(setting, gate);
      plan.gates.push_back(std::move(gate));
    } else if (!setting.disabled) {
      std::string names;
      for (const Gate& gate : plan.gates) names += (names.empty() ? "" : ", ") + gate.name;
      plan.advice.push_back({setting.name, "No gate of this name was found, and its setting has no command" +
                                               (names.empty() ? std::string(".") : "; found: " + names + "."),
                             "", true});
    }
  }
  note_missing_setup(config, plan);
}

void add_configured_setup(const Config& config, GatePlan& plan) {
  std::vector<Gate> gates;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < config.setup.size(); ++i) {
    Gate gate;
    gate.name = config.setup.size() == 1 ? "setup" : "setup " + std::to_string(i + 1);
    gate.kind = GateKind::setup;
    gate.argv = config.setup[i];
    gate.timeout = std::chrono::minutes(20);
    gate.network = true;
    gate.needs = names;
    gate.source = ".baton/config.json";
    names.push_back(gate.name);
    gates.push_back(std::move(gate));
  }
  for (Gate& gate : plan.gates) gate.needs.insert(gate.needs.begin(), names.begin(), names.end());
  plan.gates.insert(plan.gates.begin(), gates.begin(), gates.end());
}

}  // namespace

GatePlan discover_gates(const FileSource& files, const Config& config, const Environment& client_env) {
  GatePlan plan;
  Scene scene(files, client_env, plan);
  discover_cmake(scene);
  discover_node(scene);
  discover_python(scene);
  discover_cargo(scene);
  discover_go(scene);
  discover_maven(scene);
  discover_make(scene);
  discover_lint(scene);
  discover_tools(scene);
  discover_others(scene);
  apply_gate_settings(config, plan);
  add_configured_setup(config, plan);
  order_gates(plan.gates);
  if (std::none_of(plan.gates.begin(), plan.gates.end(), [](const Gate& gate) { return gate.kind != GateKind::setup; })) {
    plan.advice.push_back({"workspace", "No build, test or check command was found, so nothing can be called verified.",
                           R"(.baton/config.json: {"gates": [{"name": "test", "kind": "test", "command": "sh run-my-tests.sh"}]})",
                           true});
  }
  return plan;
}

}  // namespace baton
