#include "orchestrator/gate_audit.h"

#include <re2/re2.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "support/json.h"

namespace baton {
namespace {

using Lines = std::vector<std::string>;

std::string trimmed_line(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return std::string(text);
}

template <class Keep>
Lines lines_if(std::string_view text, Keep keep) {
  Lines lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string line = trimmed_line(text.substr(0, end));
    if (!line.empty() && keep(line)) lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Lines of the sections whose header matches; `[tool.pytest.ini_options]`, `[tool:pytest]`.
Lines sections(std::string_view text, const RE2& header) {
  bool inside = false;
  return lines_if(text, [&](const std::string& line) {
    if (line.front() == '[' && line.back() == ']') inside = RE2::PartialMatch(line, header);
    return inside && line.front() != '#' && line.front() != ';';
  });
}

Lines package_json(std::string_view text) {
  const auto json = parse_json(text);
  Lines lines;
  if (!json || !json->is_object()) return lines;
  static const std::set<std::string> kFields{"jest", "mocha",  "ava", "tap",          "nyc",
                                             "c8",   "vitest", "xo",  "eslintConfig", "tsd"};
  for (const auto& [name, value] : json->items()) {
    if (kFields.count(name)) lines.push_back(name + ": " + dump_json(value));
  }
  if (json->contains("scripts") && (*json)["scripts"].is_object()) {
    static const RE2 kScripts(
        "(?i)^(pre|post)?(test|lint|check|typecheck|type-check|types|build|coverage|spec|ci|verify)");
    for (const auto& [name, value] : (*json)["scripts"].items()) {
      if (RE2::PartialMatch(name, kScripts)) lines.push_back("scripts." + name + ": " + dump_json(value));
    }
  }
  return lines;
}

Lines makefile(std::string_view text) {
  static const RE2 kTarget(
      "^(?:\\.PHONY|(?:[\\w./-]+\\s+)*(?:test|tests|check|lint|typecheck|unit|verify))[\\w\\s./-]*:");
  bool inside = false;
  Lines lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const bool recipe = !line.empty() && line.front() == '\t';
    if (!recipe) inside = RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), kTarget);
    if (inside && !trimmed_line(line).empty()) lines.push_back(trimmed_line(line));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Lines that the base has and the head lacks: what was taken away or rewritten.
Lines lost(const Lines& base, const Lines& head) {
  std::map<std::string, int> left;
  for (const std::string& line : head) ++left[line];
  Lines gone;
  for (const std::string& line : base) {
    if (--left[line] < 0) gone.push_back(line);
  }
  return gone;
}

int line_of(std::string_view text, std::string_view needle) {
  const auto at = text.find(needle);
  return at == text.npos || needle.empty() ? 0
                                           : 1 + static_cast<int>(std::count(text.begin(), text.begin() + at, '\n'));
}

// Where a reader should look: the first line of the head that the base does not have.
int changed_line(const std::string& head_text, const Lines& base, const Lines& head) {
  for (const std::string& line : lost(head, base)) {
    const std::string word = line.starts_with("scripts.") ? "\"" + line.substr(8, line.find(':') - 8) + "\"" : line;
    if (const int at = line_of(head_text, word)) return at;
  }
  return 0;
}

std::string command_line(const Gate& gate) {
  std::string line;
  for (const std::string& part : gate.argv) line += (line.empty() ? "" : " ") + part;
  return line.size() > 200 ? line.substr(0, 200) + "…" : line;
}

// The file that a command runs: itself ("./check.sh"), or what an interpreter is given first ("sh check.sh"). Files that a tool
// only looks at decide nothing.
std::optional<std::string> script_of(const std::vector<std::string>& argv) {
  static const RE2 kShell("^(.*/)?(ba|da|z|k)?sh$"), kInterpreter("^(.*/)?(python[0-9.]*|node|ruby|perl|php|deno|bun|Rscript)$");
  if (argv.empty()) return std::nullopt;
  if (argv[0].find('/') != std::string::npos && argv[0][0] != '/') return argv[0];
  std::size_t at = 1;
  while (RE2::FullMatch(argv[0], kShell) && at < argv.size() && argv[at].starts_with('-') && argv[at].find('c') == std::string::npos) ++at;
  const bool runs = RE2::FullMatch(argv[0], kShell) || RE2::FullMatch(argv[0], kInterpreter);
  if (!runs || at >= argv.size() || argv[at].empty() || argv[at].find_first_of(" {*") != std::string::npos) return std::nullopt;
  return argv[at][0] == '-' || argv[at][0] == '/' ? std::nullopt : std::optional(argv[at]);
}

std::string below(const std::string& folder, const std::string& path) { return (std::filesystem::path(folder) / path).lexically_normal().generic_string(); }

std::vector<std::string> what_decides(const Gate& gate) {
  std::vector<std::string> paths = gate.scripts;
  if (const auto script = script_of(gate.argv)) paths.push_back(below(gate.cwd, *script));
  return paths;
}

bool is_shell_script(std::string_view path) {
  static const RE2 kShell("(?i)\\.(sh|bash|zsh|bats)$");
  return RE2::PartialMatch(re2::StringPiece(path.data(), path.size()), kShell);
}

// "check.sh", "scripts/run-tests.py", "bin/verify", "checks/all.py": by its name, or that of its folder, it is no part of the program.
bool is_named_for_tests(std::string_view path) {
  static const RE2 kName("(?i)(^|[/_.-])(tests?|selftest|checks?|specs?|verify|ci|smoke|regressions?)([_.-][^/]*)?$|(^|/)(tests?|checks?|specs?|verify|verification|qa|e2e|smoke)/[^/]*$");
  return RE2::PartialMatch(re2::StringPiece(path.data(), path.size()), kName);
}

// The files that decide what gates run, each once with its gates.
class Deciders {
 public:
  using Gates = std::vector<std::string>;

  explicit Deciders(const VerificationPlan& plan) {
    for (const PlannedGate& planned : plan.gates) {
      if (!planned.base) continue;
      for (const std::string& path : what_decides(*planned.base)) add(path, planned.base->name);
    }
  }

  const std::vector<std::pair<std::string, Gates>>& in_order() const { return files_; }

 private:
  void add(const std::string& path, const std::string& gate) {
    const auto [place, fresh] = places_.try_emplace(path, files_.size());
    if (fresh) files_.emplace_back(path, Gates());
    Gates& gates = files_[place->second].second;
    if (gates.empty() || gates.back() != gate) gates.push_back(gate);
  }

  std::map<std::string, std::size_t> places_;
  std::vector<std::pair<std::string, Gates>> files_;
};

// "\"npm install\" and \"node --test\" run"
std::string what_they_run(const std::vector<std::string>& gates) {
  if (gates.size() == 1) return "\"" + gates[0] + "\" runs";
  std::string text;
  for (std::size_t i = 0; i < gates.size(); ++i) text += (i == 0 ? "" : i + 1 == gates.size() ? " and " : ", ") + ("\"" + gates[i] + "\"");
  return text + " run";
}

}  // namespace

std::set<std::string> scripts_of_tests(const std::vector<Gate>& gates, const TextReader& base_text, const std::vector<FileChange>& changes) {
  std::set<std::string> scripts;
  for (const Gate& gate : gates) {
    if (const auto script = script_of(gate.argv); script && (is_shell_script(*script) || is_named_for_tests(*script))) scripts.insert(below(gate.cwd, *script));
    for (const std::string& path : gate.scripts) {
      const auto text = base_text(path);
      const Lines lines = text ? deciding_lines(path, *text) : Lines();
      for (const FileChange& change : changes) {
        if (!is_shell_script(change.old_path) || !is_named_for_tests(change.old_path)) continue;
        const std::string name = gate.cwd.empty() || !change.old_path.starts_with(gate.cwd + "/") ? change.old_path : change.old_path.substr(gate.cwd.size() + 1);
        if (std::any_of(lines.begin(), lines.end(), [&](const std::string& line) { return line.find(name) != line.npos; })) scripts.insert(change.old_path);
      }
    }
  }
  return scripts;
}

std::vector<std::string> deciding_lines(std::string_view path, std::string_view text) {
  const std::string name = std::filesystem::path(path).filename().string();
  static const RE2 kPyproject("^\\[+tool\\.(pytest|coverage|tox|nox|mypy|ruff|pyright|flake8|pylint|hatch\\.envs|poe)");
  static const RE2 kIni("^\\[(tool:pytest|pytest|testenv|tox|mypy|flake8|coverage|pylint)");
  static const RE2 kCTest(
      "(?i)add_test|enable_testing|discover_tests|gtest_add_tests|set_tests_properties|BUILD_TESTING|"
      "\\bCTEST_|include\\s*\\(\\s*CTest");
  if (name == "package.json") return package_json(text);
  if (name == "pyproject.toml") return sections(text, kPyproject);
  if (name == "setup.cfg" || name == "tox.ini") return sections(text, kIni);
  if (name == "CMakeLists.txt" || name.ends_with(".cmake")) {
    return lines_if(text, [](const std::string& line) { return line[0] != '#' && RE2::PartialMatch(line, kCTest); });
  }
  if (name == "Makefile" || name == "makefile" || name == "GNUmakefile") return makefile(text);
  return lines_if(text, [](const std::string& line) { return line[0] != '#' && !line.starts_with("//"); });
}

std::vector<AuditFinding> audit_gates(const VerificationPlan& plan, const TextReader& base_text,
                                      const TextReader& head_text) {
  std::vector<AuditFinding> findings = plan.audit;
  const Deciders deciders(plan);
  std::set<std::string> changed;
  for (const auto& [path, gates] : deciders.in_order()) {
    const auto before = base_text(path), after = head_text(path);
    if (!before || before == after) continue;
    if (!after) {
      changed.insert(path);
      findings.push_back({path, 0, "gate_script_changed", Severity::warning, "The result removes " + path + ", which decides what " + what_they_run(gates) + "."});
      continue;
    }
    const Lines base = deciding_lines(path, *before), head = deciding_lines(path, *after);
    const Lines gone = lost(base, head);
    if (gone.empty()) continue;
    changed.insert(path);
    findings.push_back({path, changed_line(*after, base, head), "gate_script_changed", Severity::warning,
                        "The change touches what decides what " + what_they_run(gates) + "; was: " + gone.front().substr(0, 200)});
  }
  for (const PlannedGate& planned : plan.gates) {
    if (!planned.base || !planned.replacement || planned.replacement->name != planned.base->name) continue;
    const std::vector<std::string> paths = what_decides(*planned.base);
    if (std::any_of(paths.begin(), paths.end(), [&](const std::string& path) { return changed.contains(path); })) continue;
    findings.push_back({planned.base->source.substr(0, planned.base->source.find(':')), 0, "gate_script_changed", Severity::warning,
                        "The result runs \"" + planned.base->name + "\" in another way: " + command_line(*planned.replacement) + "; judged as the base runs it."});
  }
  return findings;
}

}  // namespace baton
