#include "orchestrator/python_tools.h"

#include <re2/re2.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/discover_parts.h"
#include "orchestrator/ini.h"
#include "orchestrator/python_needs.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr int kMaxNesting = 12;
constexpr std::size_t kMaxRequirementFiles = 40;

bool is_requirement(const std::string& text) {
  return RE2::FullMatch(text, R"([A-Za-z0-9][A-Za-z0-9._-]*\s*(\[[\w\s,.-]*\])?\s*(\(?[<>=!~][^;{}]*)?(;.*)?)");
}

void add_requirement(std::vector<std::string>& list, std::string item) {
  while (!item.empty() && item.back() == ' ') item.pop_back();
  if (is_requirement(item) && std::find(list.begin(), list.end(), item) == list.end()) list.push_back(std::move(item));
}

// Lists of requirements wherever a manifest keeps them, and poetry's tables, whose keys are names.
void collect(const json& value, int depth, std::vector<std::string>& found) {
  if (depth > kMaxNesting) return;
  if (value.is_array()) {
    for (const json& item : value) {
      if (item.is_string()) add_requirement(found, item);
    }
  } else if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) {
      if ((key == "dependencies" || key == "dev-dependencies") && inner.is_object()) {
        for (const auto& [name, version] : inner.items()) {
          std::string text = version.is_string() ? version.get<std::string>() : "";
          if (version.is_object() && version.contains("version") && version["version"].is_string()) text = version["version"];
          if (RE2::FullMatch(text, R"(\d[\w.]*)")) text = "==" + text;
          add_requirement(found, name + (RE2::FullMatch(text, R"([<>=!~]=?.*)") && !text.starts_with("~1") ? text : ""));
        }
      }
      collect(inner, depth + 1, found);
    }
  }
}

std::vector<std::string> in_manifest(const json& pyproject) {
  std::vector<std::string> found;
  const auto section = [&](const json& object, const char* key) {
    if (object.is_object() && object.contains(key)) collect(object[key], 0, found);
  };
  section(pyproject, "project");
  section(pyproject, "dependency-groups");
  if (pyproject.contains("tool")) {
    for (const char* tool : {"poetry", "pdm", "uv", "hatch", "rye", "tox"}) section(pyproject["tool"], tool);
  }
  return found;
}

std::vector<std::string> in_files(const FileSource& files, const std::string& folder) {
  std::vector<std::string> found;
  const std::string prefix = folder.empty() ? "" : folder + "/";
  static const RE2 kFile(R"((?i)^(?:[\w.-]+/)?[\w.-]*\.(?:txt|in|pip)$)");
  std::vector<std::string> paths;
  for (const std::string& path : files.files()) {
    if (!path.starts_with(prefix)) continue;
    const std::string inside = path.substr(prefix.size());
    if (inside.find("require") != std::string::npos && RE2::FullMatch(inside, kFile)) paths.push_back(path);
  }
  // What is compiled is exact.
  std::stable_partition(paths.begin(), paths.end(), [](const std::string& path) { return path.ends_with(".txt"); });
  if (paths.size() > kMaxRequirementFiles) paths.resize(kMaxRequirementFiles);
  for (const std::string& path : paths) {
    const std::string text = files.read(path).value_or("");
    static const RE2 kLine(R"((?m)^\s*([A-Za-z0-9][^#\\\n]*?)\s*(?:\\|--hash|#|$))");
    re2::StringPiece rest(text);
    std::string line;
    while (RE2::FindAndConsume(&rest, kLine, &line)) add_requirement(found, line);
  }
  for (const char* name : {"tox.ini", "setup.cfg"}) {
    const std::string text = files.read(join(folder, name)).value_or("");
    for (const std::string& section : ini_sections(text)) {
      const bool extras = section == "options.extras_require";
      if (!section.starts_with("testenv") && !extras) continue;
      for (const char* key : {"deps", "dev", "lint", "typing", "test", "tests", "testing", "mypy", "qa"}) {
        if (extras == (std::string_view(key) == "deps")) continue;
        for (std::string line : ini_list(text, section, key)) {
          static const RE2 kFactor(R"(^[\w{},.!*-]+\s*:\s+(.*)$)");
          std::string rest;
          add_requirement(found, RE2::FullMatch(line, kFactor, &rest) ? rest : line);
        }
      }
    }
  }
  return found;
}

// Everything that is asked for beside what runs, the most binding first.
std::vector<std::string> requirements(const FileSource& files, const std::string& folder, const json& pyproject,
                                      const std::vector<ToolCall>& calls) {
  std::vector<std::string> found;
  for (const ToolCall& call : calls) {
    const bool installs = (call.program == "pip" || call.program == "pip3" || call.program == "pipx" || call.program == "uv");
    if (installs) {
      for (const ShellWord& word : call.arguments) add_requirement(found, word.text);
    }
    for (const std::string& package : call.packages) add_requirement(found, package);
  }
  for (std::string& item : in_manifest(pyproject)) add_requirement(found, std::move(item));
  for (std::string& item : in_files(files, folder)) add_requirement(found, std::move(item));
  return found;
}

std::string locked_version(const FileSource& files, const std::string& folder, std::string_view name) {
  for (const char* lock : {"uv.lock", "poetry.lock", "pdm.lock"}) {
    const auto text = files.read(join(folder, lock));
    std::string version;
    if (text && RE2::PartialMatch(*text, "(?m)^name = \"" + RE2::QuoteMeta(std::string(name)) + "\"\nversion = \"([\\w.]+)\"", &version)) {
      return version;
    }
  }
  return "";
}

}  // namespace

std::optional<std::string> declared_requirement(const FileSource& files, const std::string& folder, const json& pyproject,
                                                const std::vector<ToolCall>& calls, std::string_view name) {
  const std::string locked = locked_version(files, folder, name);
  if (!locked.empty()) return std::string(name) + "==" + locked;
  std::optional<std::string> best;
  for (const std::string& item : requirements(files, folder, pyproject, calls)) {
    if (requirement_name(item) != name) continue;
    if (item.find("==") != std::string::npos) return item;
    if (!best || (best->size() == name.size() && item.size() > name.size())) best = item;
  }
  if (best) return best;
  // CI runs it, so CI has it from somewhere.
  const bool called = std::any_of(calls.begin(), calls.end(), [&](const ToolCall& call) { return call.program == name; });
  return called ? std::optional(std::string(name)) : std::nullopt;
}

std::vector<std::string> declared_stubs(const FileSource& files, const std::string& folder, const json& pyproject,
                                        const std::vector<ToolCall>& calls) {
  std::vector<std::string> stubs, names;
  for (const std::string& item : requirements(files, folder, pyproject, calls)) {
    const std::string name = requirement_name(item);
    const bool is_stub = (name.starts_with("types-") && name != "types-all") || name.ends_with("-stubs");
    if (!is_stub || std::find(names.begin(), names.end(), name) != names.end()) continue;
    names.push_back(name);
    stubs.push_back(item);
  }
  return stubs;
}

}  // namespace baton
