#include "orchestrator/ci_files.h"

#include <re2/re2.h>

#include <nlohmann/json.hpp>
#include <set>

#include "orchestrator/discover_parts.h"
#include "orchestrator/script.h"
#include "orchestrator/yaml.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxSteps = 2000;
constexpr std::size_t kMaxFiles = 40;

const json& at(const json& value, const char* key) {
  static const json kNothing;
  if (!value.is_object()) return kNothing;
  const auto found = value.find(key);
  return found == value.end() ? kNothing : *found;
}

std::string text_of(const json& value) { return value.is_string() ? value.get<std::string>() : ""; }

bool is_true(const json& value) { return text_of(value) == "true"; }

// Commands one a line, however the lists are nested.
std::string script_of(const json& value) {
  if (value.is_string()) return value.get<std::string>() + "\n";
  std::string script;
  if (value.is_array()) {
    for (const json& item : value) script += script_of(item);
  }
  return script;
}

// A folder below the root, or nothing when it cannot be told.
bool read_folder(const std::string& text, std::string& folder) {
  if (text.find('$') != std::string::npos || text.starts_with('/') || text.find("..") != std::string::npos) return false;
  folder = text.starts_with("./") ? text.substr(2) : text;
  while (folder.ends_with('/')) folder.pop_back();
  if (folder == ".") folder.clear();
  return true;
}

// ---------------------------------------------------------------- GitHub Actions

bool names_event(const json& on, const std::set<std::string>& events) {
  if (on.is_string()) return events.contains(on.get<std::string>());
  if (on.is_object()) {
    for (const auto& [event, settings] : on.items()) {
      if (events.contains(event)) return true;
    }
  }
  if (on.is_array()) {
    for (const json& event : on) {
      if (names_event(event, events)) return true;
    }
  }
  return false;
}

// The command that a linter's action comes down to; "" for the others.
std::string command_of_action(const json& step) {
  const std::string uses = text_of(at(step, "uses"));
  const std::string action = uses.substr(0, uses.find('@'));
  const json& with = at(step, "with");
  if (action == "astral-sh/ruff-action" || action == "chartboost/ruff-action") {
    const std::string arguments = text_of(at(with, "args")), source = text_of(at(with, "src"));
    return "ruff " + (arguments.empty() ? "check" : arguments) + " " + (source.empty() ? "." : source);
  }
  if (action == "ludeeus/action-shellcheck" || action == "reviewdog/action-shellcheck") {
    std::string severity = text_of(at(with, "severity"));
    if (severity.empty()) severity = text_of(at(with, "level"));
    const std::string options = text_of(at(at(step, "env"), "SHELLCHECK_OPTS"));
    std::string command = "git ls-files | xargs shellcheck";
    if (!options.empty()) command += " " + options;
    if (action.starts_with("ludeeus") && RE2::FullMatch(severity, "error|warning|info|style")) command += " -S " + severity;
    return command;
  }
  if (action == "reviewdog/action-stylelint") {
    const std::string input = text_of(at(with, "stylelint_input"));
    return "npx stylelint " + (input.empty() ? "'**/*.css'" : input);
  }
  return "";
}

bool is_for_another_shell(const json& job, const json& step) {
  static const RE2 kOther(R"((?i)^(pwsh|powershell|cmd|python))");
  return RE2::PartialMatch(text_of(at(step, "shell")), kOther) ||
         RE2::PartialMatch(text_of(at(at(at(job, "defaults"), "run"), "shell")), kOther);
}

bool is_left_out(const std::string& condition) {
  return RE2::PartialMatch(condition, R"(^\s*(\$\{\{\s*)?false\b|event_name\s*==\s*'(schedule|workflow_dispatch|release)')");
}

void read_job(const json& workflow, const std::string& name, const json& job, const std::string& source, std::vector<CiStep>& steps) {
  static const RE2 kOtherSystem(R"(^(windows|macos))");
  if (is_true(at(job, "continue-on-error")) || is_left_out(text_of(at(job, "if")))) return;
  if (RE2::PartialMatch(text_of(at(job, "runs-on")), kOtherSystem)) return;
  std::string shared = text_of(at(at(at(job, "defaults"), "run"), "working-directory"));
  if (shared.empty()) shared = text_of(at(at(at(workflow, "defaults"), "run"), "working-directory"));
  for (const json& step : at(job, "steps")) {
    if (is_true(at(step, "continue-on-error")) || is_left_out(text_of(at(step, "if"))) || is_for_another_shell(job, step)) continue;
    CiStep read;
    read.script = text_of(at(step, "run"));
    if (read.script.empty()) read.script = command_of_action(step);
    const std::string own = text_of(at(step, "working-directory"));
    if (read.script.empty() || !read_folder(own.empty() ? shared : own, read.cwd) || steps.size() >= kMaxSteps) continue;
    read.source = source;
    read.job = name;
    steps.push_back(std::move(read));
  }
}

void read_github(const FileSource& files, std::vector<CiStep>& steps) {
  static const std::set<std::string> kJudging = {"push", "pull_request", "pull_request_target", "merge_group", "workflow_call"};
  std::size_t count = 0;
  for (const std::string& path : files.files()) {
    if (folder_of(path) != ".github/workflows" || !(path.ends_with(".yml") || path.ends_with(".yaml"))) continue;
    if (++count > kMaxFiles) return;
    const auto workflow = parse_yaml(files.read(path).value_or(""));
    if (!workflow || !names_event(at(*workflow, "on"), kJudging)) continue;
    const json& jobs = at(*workflow, "jobs");
    if (!jobs.is_object()) continue;
    for (const auto& [name, job] : jobs.items()) read_job(*workflow, name, job, path, steps);
  }
}

// ---------------------------------------------------------------- GitLab CI

void read_gitlab(const FileSource& files, const std::string& path, int depth, std::vector<CiStep>& steps) {
  static const std::set<std::string> kNoJobs = {"stages", "variables", "workflow", "image", "services", "cache", "include", "pages", "spec"};
  const auto text = files.read(path);
  if (!text || depth > 3) return;
  const auto pipeline = parse_yaml(*text);
  if (!pipeline || !pipeline->is_object()) return;
  const json& include = at(*pipeline, "include");
  for (const json& one : include.is_array() ? include : json::array({include})) {
    std::string local = one.is_string() ? one.get<std::string>() : text_of(at(one, "local"));
    if (local.starts_with('/')) local = local.substr(1);
    if (!local.empty() && local.find(':') == std::string::npos) read_gitlab(files, local, depth + 1, steps);
  }
  for (const auto& [name, job] : pipeline->items()) {
    if (!job.is_object() || kNoJobs.contains(name) || is_true(at(job, "allow_failure")) || text_of(at(job, "when")) == "manual") continue;
    const std::string script = script_of(at(job, "before_script")) + script_of(at(job, "script"));
    if (!script.empty() && steps.size() < kMaxSteps) steps.push_back({script, "", path, name});
  }
}

}  // namespace

std::vector<CiStep> ci_steps(const FileSource& files) {
  std::vector<CiStep> steps;
  read_github(files, steps);
  for (const char* path : {".gitlab-ci.yml", ".gitlab-ci.yaml"}) read_gitlab(files, path, 0, steps);
  return steps;
}

}  // namespace baton
