#include "orchestrator/fixed_findings.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>

#include "orchestrator/criteria.h"

namespace baton {
namespace {

// What one tool is asked: its checks and the files that they are about, both sorted.
struct Asked {
  std::set<std::string> checks, files;
  bool everywhere = false;
};

// Over the translation units that are named, or all that the build knows, each to a file of its own, since two may run at a time. A
// unit that clang-tidy dies on makes the run say nothing (70).
constexpr const char* kTidyScript =
    R"sh(command -v clang-tidy >/dev/null || exit 127; db=$1 checks=$2 headers=$3 out=$4 jobs=$5; shift 5; mkdir -p "$out" || exit 70; )sh"
    R"sh(for f do printf '%s\n' "$PWD/$f"; done > "$out/named"; [ $# -gt 0 ] || sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' "$db/compile_commands.json" | )sh"
    R"sh(grep -F "$PWD/" | grep -vF "$db/" | sort -u > "$out/named"; )sh"
    R"sh(xargs -r -d '\n' -P "$jobs" -n 1 sh -c 'n=$(printf %s "$4" | cksum | tr " " -); clang-tidy -p "$1" --quiet --checks="$2" --warnings-as-errors="-*" )sh"
    R"sh(--extra-arg=-Wno-error --extra-arg=-Wno-unknown-warning-option --header-filter="$3" "$4" >"$0/$n.said" 2>/dev/null; echo "$? $4" >"$0/$n.end"' "$out" "$db" "-*,$checks" "$headers" < "$out/named" || exit 70; )sh"
    R"sh(status=0; for end in "$out"/*.end; do [ -e "$end" ] || continue; cat "${end%.end}.said"; read -r code file < "$end"; )sh"
    R"sh([ "$code" -le 1 ] || { echo "$file: clang-tidy ended with $code"; status=70; }; done; exit $status)sh";

// A finding for each file that its formatter would change; a formatter that fails says nothing of any (70).
constexpr const char* kFormatScript =
    R"(tool=$1; shift; command -v "${tool%% *}" >/dev/null || exit 127; for f do [ -e "$f" ] || continue; case $tool in )"
    R"(clang-format) clang-format "$f" > "$OUT" || exit 70; cmp -s "$OUT" "$f"; status=$? ;; gofmt) said=$(gofmt -l "$f") || exit 70; [ -z "$said" ]; status=$? ;; )"
    R"(*) $tool "$f" >/dev/null 2>&1; status=$?; [ $status -le 1 ] || exit 70 ;; esac; )"
    R"([ $status = 0 ] || echo "$f:1:1: warning: the file is not formatted [format]"; done; exit 0)";

// As the fixer asks: each package by the edition of its Cargo.toml. What cannot be parsed is not listed as formatted either (70).
constexpr const char* kRustScript =
    R"(command -v cargo-fmt >/dev/null || exit 127; root=$(pwd -P) folder=$1; shift; )"
    R"(list=$(cd "./$folder" && cargo fmt --all -- --check -l 2> "$OUT"); ! grep '^error' "$OUT" || exit 70; )"
    R"(for f do printf '%s\n' "$list" | grep -qxF "$root/${f#./}" && echo "$f:1:1: warning: the file is not formatted [format]"; done; exit 0)";

struct Formatter {
  std::string_view tool, command;
};
constexpr std::array kFormatters = {Formatter{"clang-format", "clang-format"},          Formatter{"gofmt", "gofmt"},
                                    Formatter{"prettier", "npx --offline --no-install prettier --check"}, Formatter{"biome", "npx --offline --no-install biome format"},
                                    Formatter{"black", "black -q --check"},              Formatter{"ruff format", "ruff format -q --check"},
                                    Formatter{"rustfmt", "cargo fmt"}};

std::map<std::string, Asked> asked_of(const std::vector<std::string>& criteria) {
  std::map<std::string, Asked> asked;
  for (const std::string& text : criteria) {
    const auto finding = fixed_finding(text);
    if (!finding) continue;
    Asked& one = asked[finding->tool];
    one.checks.insert(finding->check);
    if (finding->path.empty()) one.everywhere = true;
    else one.files.insert(finding->path);
  }
  return asked;
}

std::string joined(const std::set<std::string>& words, std::string_view by) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? std::string() : std::string(by)) + word;
  return text;
}

bool is_header(std::string_view path) {
  const auto ending = path.substr(path.rfind('.') == path.npos ? path.size() : path.rfind('.'));
  return ending != ".c" && ending != ".cc" && ending != ".cpp" && ending != ".cxx" && ending != ".c++";
}

std::string quoted_pattern(std::string_view path) {
  std::string text;
  for (const char c : path) {
    if (std::string_view(R"(\.[]{}()*+?^$|)").find(c) != std::string_view::npos) text += '\\';
    text += c;
  }
  return text;
}

// Never taken for an option.
std::string as_argument(const std::string& path) { return path.starts_with('-') ? "./" + path : path; }

const Gate* find_gate(const VerificationPlan& plan, const std::function<bool(const Gate&)>& wanted) {
  for (const PlannedGate& planned : plan.gates) {
    if (wanted(planned.gate())) return &planned.gate();
  }
  return nullptr;
}

void add_once(std::vector<std::string>& list, std::string text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
}

Gate lint_gate(const std::string& tool) {
  Gate gate;
  gate.name = fixed_findings_gate(tool);
  gate.kind = GateKind::lint;
  gate.required = false;
  gate.timeout = std::chrono::minutes(30);
  gate.parser = tool;
  gate.source = "the task's criteria";
  return gate;
}

std::optional<Gate> clang_tidy_gate(const VerificationPlan& plan, const Asked& asked) {
  const Gate* build = find_gate(plan, [](const Gate& gate) { return gate.argv.size() > 2 && gate.argv[0] == "cmake" && gate.argv[1] == "--build"; });
  if (!build) return std::nullopt;
  Gate gate = lint_gate("clang-tidy");
  std::set<std::string> headers, sources;
  for (const std::string& file : asked.files) (is_header(file) ? headers : sources).insert(file);
  std::string filter = asked.everywhere ? ".*" : "^$";
  if (!asked.everywhere && !headers.empty()) {
    filter.clear();
    for (const std::string& header : headers) filter += (filter.empty() ? "(^|/)(" : "|") + quoted_pattern(header);
    filter += ")$";
  }
  gate.argv = {"sh", "-c", kTidyScript, "clang-tidy", build->argv[2], joined(asked.checks, ","), filter, "{reports}/tidy", "{jobs}"};
  if (headers.empty() && !asked.everywhere) gate.argv.insert(gate.argv.end(), sources.begin(), sources.end());
  gate.needs = {build->name};
  return gate;
}

std::optional<Gate> ruff_gate(const VerificationPlan& plan, const Asked& asked) {
  Gate gate = lint_gate("ruff");
  const Gate* known = find_gate(plan, [](const Gate& other) { return other.parser == "ruff"; });
  gate.argv = {known ? known->argv[0] : "ruff", "check", "--no-cache", "--no-fix", "--select", joined(asked.checks, ","), "--output-format", "json", "--output-file",
               "{reports}/ruff.json", "--"};
  if (known) gate.needs = known->needs;
  gate.reports = {"{reports}/ruff.json"};
  for (const std::string& file : asked.files) gate.argv.push_back(as_argument(file));
  if (asked.everywhere) gate.argv.emplace_back(".");
  return gate;
}

std::optional<Gate> eslint_gate(const VerificationPlan& plan, const Asked& asked) {
  const Gate* install = find_gate(plan, [](const Gate& gate) {
    const auto& made = gate.installation.outputs;
    return gate.kind == GateKind::setup && std::find(made.begin(), made.end(), "node_modules") != made.end();
  });
  if (!install) return std::nullopt;
  Gate gate = lint_gate("eslint");
  // Without --offline npx asks the registry for what is not installed, and waits for it.
  gate.argv = {"npx", "--offline", "--no-install", "eslint", "-f", "json", "-o", "{reports}/eslint.json", "--no-error-on-unmatched-pattern"};
  for (const std::string& file : asked.files) gate.argv.push_back(as_argument(file));
  if (asked.everywhere) gate.argv.emplace_back(".");
  gate.needs = {install->name};
  gate.reports = {"{reports}/eslint.json"};
  return gate;
}

std::optional<Gate> clippy_gate(const VerificationPlan& plan, const Asked& asked) {
  const Gate* cargo = find_gate(plan, [](const Gate& gate) { return !gate.argv.empty() && gate.argv[0] == "cargo" && gate.kind != GateKind::setup; });
  if (!cargo) return std::nullopt;
  Gate gate = lint_gate("clippy");
  gate.argv = {"cargo", "clippy", "--all-targets", "--message-format=json", "--"};
  for (const std::string& check : asked.checks) gate.argv.insert(gate.argv.end(), {"-W", check});
  gate.cwd = cargo->cwd;
  gate.env = cargo->env;
  gate.network = cargo->network;
  gate.needs = cargo->needs;
  return gate;
}

std::optional<Gate> format_gate(const VerificationPlan& plan, const Formatter& formatter, const Asked& asked) {
  if (asked.everywhere) return std::nullopt;
  Gate gate = lint_gate(std::string(formatter.tool));
  gate.argv = {"sh", "-c", kFormatScript, "format", std::string(formatter.command)};
  for (const std::string& file : asked.files) gate.argv.push_back(as_argument(file));
  gate.env.emplace_back("OUT", "{reports}/formatted");
  for (const PlannedGate& planned : plan.gates) {
    const Gate& setup = planned.gate();
    if (setup.kind == GateKind::setup && formatter.command.starts_with("npx") && !setup.installation.outputs.empty()) gate.needs.push_back(setup.name);
  }
  return gate;
}

std::optional<Gate> rustfmt_gate(const VerificationPlan& plan, const Asked& asked) {
  if (asked.everywhere) return std::nullopt;
  Gate gate = lint_gate("rustfmt");
  const Gate* fetch = find_gate(plan, [](const Gate& other) { return !other.argv.empty() && other.argv[0] == "cargo" && other.kind == GateKind::setup; });
  gate.argv = {"sh", "-c", kRustScript, "rustfmt", fetch ? fetch->cwd : ""};
  for (const std::string& file : asked.files) gate.argv.push_back(as_argument(file));
  if (fetch) gate.env = fetch->env, gate.needs = {fetch->name};
  gate.env.emplace_back("OUT", "{reports}/said");
  return gate;
}

std::optional<Gate> gate_of(const VerificationPlan& plan, const std::string& tool, const Asked& asked) {
  if (tool == "clang-tidy") return clang_tidy_gate(plan, asked);
  if (tool == "ruff") return ruff_gate(plan, asked);
  if (tool == "eslint") return eslint_gate(plan, asked);
  if (tool == "clippy" || tool == "cargo clippy") return clippy_gate(plan, asked);
  if (tool == "rustfmt") return rustfmt_gate(plan, asked);
  const auto formatter = std::find_if(kFormatters.begin(), kFormatters.end(), [&](const Formatter& known) { return known.tool == tool; });
  return formatter == kFormatters.end() ? std::nullopt : format_gate(plan, *formatter, asked);
}

// One that looks at every file with the workspace's own checks shows the same, and is judged anyhow.
bool is_shown_already(const VerificationPlan& plan, const std::string& tool) {
  return (tool == "eslint" || tool == "stylelint") && find_gate(plan, [&](const Gate& gate) { return gate.parser == tool && gate.kind == GateKind::lint; });
}

}  // namespace

std::string fixed_findings_gate(std::string_view tool) { return std::string(tool) + " (fixed findings)"; }

void add_fixed_findings_gates(VerificationPlan& plan, const std::vector<std::string>& criteria, const Environment& client_env) {
  for (const auto& [tool, asked] : asked_of(criteria)) {
    if (is_shown_already(plan, tool)) continue;
    auto gate = gate_of(plan, tool, asked);
    if (!gate) {
      plan.notes.push_back("Whether findings of " + tool + " are gone could not be looked at: it cannot be run here by itself.");
      continue;
    }
    if (const auto program = find_program(tool, get(client_env, "PATH").value_or(""))) add_once(plan.tools, program->string());
    PlannedGate planned;
    planned.base = *gate;
    planned.head = std::move(*gate);
    plan.gates.push_back(std::move(planned));
  }
}

bool is_formatter(std::string_view tool) {
  return std::any_of(kFormatters.begin(), kFormatters.end(), [&](const Formatter& known) { return known.tool == tool; });
}

}  // namespace baton
