// Makefiles: the targets `test` and `check`, read as text. Where another ecosystem has gates already, its Makefile most likely
// only wraps them and is left alone. Build systems that are not known by themselves are named with the line that would help.
#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <set>

#include "orchestrator/discover_parts.h"

namespace baton {
namespace {

struct Rule {
  std::string prerequisites, recipe;
};

void read_rules(const FileSource& files, const std::string& path, std::map<std::string, Rule>& rules, int depth) {
  const auto text = files.read(path);
  if (!text || depth > 3) return;
  static const RE2 kRule(R"(^([A-Za-z0-9_./%@$(){} -]+?)\s*::?(?:$|([^=].*)))");
  static const RE2 kInclude(R"(^-?s?include\s+(\S+))");
  std::vector<std::string> current;
  std::size_t start = 0;
  while (start < text->size()) {
    auto end = std::min(text->find('\n', start), text->size());
    std::string line = text->substr(start, end - start);
    start = end + 1;
    while (line.ends_with('\\') && start < text->size()) {
      end = std::min(text->find('\n', start), text->size());
      line.pop_back();
      line += " " + text->substr(start, end - start);
      start = end + 1;
    }
    if (line.starts_with('\t')) {
      for (const std::string& target : current) rules[target].recipe += line + "\n";
      continue;
    }
    if (const auto comment = line.find('#'); comment != std::string::npos) line.resize(comment);
    std::string targets, prerequisites, included;
    if (RE2::PartialMatch(line, kInclude, &included)) {
      read_rules(files, join(folder_of(path), included), rules, depth + 1);
    } else if (RE2::PartialMatch(line, kRule, &targets, &prerequisites)) {
      current.clear();
      re2::StringPiece rest(targets);
      std::string target;
      while (RE2::FindAndConsume(&rest, R"((\S+))", &target)) {
        if (target.starts_with('.')) continue;
        current.push_back(target);
        rules[target].prerequisites += " " + prerequisites;
      }
    } else if (!line.empty()) {
      current.clear();
    }
  }
}

bool reaches(const std::map<std::string, Rule>& rules, const std::string& from, const std::string& to) {
  const auto rule = rules.find(from);
  if (rule == rules.end()) return false;
  const std::string word = R"((?:^|[\s]))" + to + R"((?:$|[\s]))";
  return RE2::PartialMatch(rule->second.prerequisites, word) || RE2::PartialMatch(rule->second.recipe, R"(\$[({]MAKE[)}][^\n]*\b)" + to + R"(\b)");
}

// What a recipe comes down to when it only calls a runner that another finder has made a gate of.
bool wraps_other_gates(const Rule& rule) {
  return RE2::PartialMatch(rule.recipe, R"(\b(ctest|cmake|npm|yarn|pnpm|node|npx|pytest|python3?|tox|nox|uv|poetry|hatch|cargo|go|mvn|gradle)\b)");
}

void add_target(Scene& scene, const std::string& folder, const std::string& file, const std::string& target) {
  Gate gate;
  gate.name = named("make " + target, folder);
  gate.kind = GateKind::test;
  gate.argv = {"make", "-k", target};  // a program that fails does not keep the others from being run
  if (name_of(file) != "Makefile" && name_of(file) != "makefile" && name_of(file) != "GNUmakefile") gate.argv = {"make", "-k", "-f", name_of(file), target};
  gate.cwd = folder;
  gate.timeout = std::chrono::minutes(20);
  gate.source = file;
  gate.scripts = {file};
  scene.add(std::move(gate));
}

void discover_makefile(Scene& scene, const std::string& folder, const std::string& file) {
  std::map<std::string, Rule> rules;
  read_rules(scene.files(), file, rules, 0);
  const bool test = rules.contains("test"), check = rules.contains("check");
  if (!test && !check) return;
  std::vector<std::string> targets;
  if (test && check && !reaches(rules, "test", "check") && !reaches(rules, "check", "test")) {
    targets = {"test", "check"};
  } else {
    targets = {test ? "test" : "check"};
  }
  if (scene.has_test_gate()) {
    const std::string& target = targets[0];
    const bool wraps = wraps_other_gates(rules[target]);
    scene.advise(file, "`make " + target + (wraps ? "` runs tools that have gates of their own, so it is not one itself."
                                                   : "` is not a gate, since another build system of the workspace has test gates."),
                 R"(.baton/config.json: {"gates": [{"name": "make )" + target + R"(", "command": "make )" + target + R"("}]})");
    return;
  }
  for (const std::string& target : targets) {
    if (!scene.tool("make")) scene.advise("make", "The workspace has a Makefile, and make is not on the PATH.", "apt install make", true);
    for (const char* compiler : {"cc", "c++"}) scene.tool(compiler);
    add_target(scene, folder, file, target);
  }
}

}  // namespace

void discover_make(Scene& scene) {
  for (const char* name : {"GNUmakefile", "makefile", "Makefile"}) {
    if (!scene.files().exists(name)) continue;
    discover_makefile(scene, "", name);
    return;
  }
}

void discover_others(Scene& scene) {
  struct Other {
    const char* file;
    const char* what;
    const char* command;
  };
  static const Other kOthers[] = {
      {"configure.ac", "Autotools", "autoreconf -fi && ./configure && make check"},
      {"MODULE.bazel", "Bazel", "bazel test //..."},
      {"WORKSPACE", "Bazel", "bazel test //..."},
      {"WORKSPACE.bazel", "Bazel", "bazel test //..."},
      {"Gemfile", "Bundler", "bundle exec rake test"},
      {"composer.json", "Composer", "vendor/bin/phpunit"},
      {"mix.exs", "Mix", "mix test"},
      {"Package.swift", "Swift", "swift test"},
      {"xmake.lua", "xmake", "xmake test"},
      {"*.sln", ".NET", "dotnet test"},
      {"*.csproj", ".NET", "dotnet test"},
  };
  // By name at the root, or by ending anywhere near it.
  const auto has = [](const Scene& where, std::string_view file) {
    if (!file.starts_with('*')) return where.files().exists(file);
    const auto& all = where.files().files();
    return std::any_of(all.begin(), all.end(), [&](const std::string& path) { return path.ends_with(file.substr(1)) && std::count(path.begin(), path.end(), '/') <= 2 && !is_foreign(path); });
  };
  std::set<std::string_view> said;
  for (const Other& other : kOthers) {
    if (scene.has_test_gate() || !has(scene, other.file) || !said.insert(other.what).second) continue;
    scene.advise(other.file, std::string(other.what) + " projects are not found by themselves; one line of configuration names the command.",
                 R"(.baton/config.json: {"gates": [{"name": "test", "kind": "test", "command": ")" + std::string(other.command) + R"("}]})",
                 true);
  }
}

}  // namespace baton
