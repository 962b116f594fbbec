#include "orchestrator/python_needs.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>

#include "orchestrator/discover_parts.h"
#include "orchestrator/ini.h"

namespace baton {
namespace {

using nlohmann::json;

// Groups of dependencies that tests need, the ones that say so first. The second row counts only when the first gives nothing.
constexpr std::array<std::string_view, 8> kTestGroups = {"test", "tests", "testing", "unittest", "pytest", "unit", "test-deps", "ci-test"};
constexpr std::array<std::string_view, 6> kDevGroups = {"dev", "develop", "development", "devel", "ci", "all"};

const json* at(const json& value, std::initializer_list<const char*> path) {
  const json* here = &value;
  for (const char* key : path) {
    if (!here->is_object() || !here->contains(key)) return nullptr;
    here = &(*here)[key];
  }
  return here;
}

std::string normal(std::string_view name) {
  std::string result;
  for (const char c : name) {
    const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    result += lower == '_' || lower == '.' ? '-' : lower;
  }
  return result;
}

template <class Groups>
std::vector<std::string> named_groups(const json& object, const Groups& wanted) {
  std::vector<std::string> found;
  if (!object.is_object()) return found;
  for (const auto& [name, value] : object.items()) {
    if (std::find(wanted.begin(), wanted.end(), normal(name)) != wanted.end()) found.push_back(name);
  }
  return found;
}

// The test groups of an object of groups, or else the development ones.
std::vector<std::string> chosen_groups(const json& object) {
  auto groups = named_groups(object, kTestGroups);
  return groups.empty() ? named_groups(object, kDevGroups) : groups;
}

void add(std::vector<std::string>& list, const std::string& item) {
  if (!item.empty() && std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

// "^1.2" of poetry in the words that pip knows.
std::string pip_version(const std::string& version) {
  std::string rest;
  if (version.empty() || version == "*") return "";
  int major = 0, minor = 0;
  if (version[0] == '^' && RE2::PartialMatch(version, R"(^\^(\d+)(?:\.(\d+))?)", &major)) {
    RE2::PartialMatch(version, R"(^\^0\.(\d+))", &minor);
    const std::string upper = major == 0 && version.find('.') != std::string::npos ? "0." + std::to_string(minor + 1)
                                                                                  : std::to_string(major + 1);
    return ">=" + version.substr(1) + ",<" + upper;
  }
  if (version[0] == '^' || version[0] == '~') {
    const bool dotted = std::count(version.begin(), version.end(), '.') > 0;
    if (version.starts_with("~=")) return version;
    return (dotted ? "~=" : "==") + version.substr(1) + (dotted ? "" : ".*");
  }
  if (std::isdigit(static_cast<unsigned char>(version[0]))) return "==" + version;
  return version;
}

std::string poetry_requirement(const std::string& name, const json& value) {
  if (name == "python") return "";
  if (value.is_string()) return name + pip_version(value);
  if (!value.is_object() || (value.contains("optional") && value["optional"] == true)) return "";
  if (value.contains("path") || value.contains("git") || value.contains("url")) return "";
  std::string extras;
  if (value.contains("extras") && value["extras"].is_array()) {
    for (const json& extra : value["extras"]) {
      if (extra.is_string()) extras += (extras.empty() ? "" : ",") + extra.get<std::string>();
    }
  }
  std::string text = name + (extras.empty() ? "" : "[" + extras + "]");
  if (value.contains("version") && value["version"].is_string()) text += pip_version(value["version"]);
  if (value.contains("markers") && value["markers"].is_string()) text += "; " + value["markers"].get<std::string>();
  return text;
}

void add_poetry_table(const json& table, std::vector<std::string>& packages) {
  if (!table.is_object()) return;
  for (const auto& [name, value] : table.items()) add(packages, poetry_requirement(name, value));
}

// PEP 735, whose groups include others.
void add_group(const json& groups, const std::string& name, std::vector<std::string>& packages, int depth = 0) {
  if (depth > 8 || !groups.contains(name) || !groups[name].is_array()) return;
  for (const json& item : groups[name]) {
    if (item.is_string()) add(packages, item);
    if (item.is_object() && item.contains("include-group") && item["include-group"].is_string()) {
      const std::string wanted = normal(item["include-group"].get<std::string>());
      for (const auto& [other, value] : groups.items()) {
        if (normal(other) == wanted) add_group(groups, other, packages, depth + 1);
      }
    }
  }
}

void add_strings(const json* list, std::vector<std::string>& packages) {
  if (!list || !list->is_array()) return;
  for (const json& item : *list) {
    if (item.is_string()) add(packages, item);
  }
}

void read_pyproject(const json& pyproject, PythonNeeds& needs) {
  needs.installable = pyproject.contains("build-system") || pyproject.contains("project") || at(pyproject, {"tool", "poetry", "name"});
  if (at(pyproject, {"tool", "poetry", "package-mode"}) && *at(pyproject, {"tool", "poetry", "package-mode"}) == false) {
    needs.installable = false;
    if (const json* table = at(pyproject, {"tool", "poetry", "dependencies"})) add_poetry_table(*table, needs.packages);
  }
  if (const json* package = at(pyproject, {"tool", "uv", "package"}); package && *package == false) {
    needs.installable = false;
    add_strings(at(pyproject, {"project", "dependencies"}), needs.packages);
  }
  if (const json* extras = at(pyproject, {"project", "optional-dependencies"})) needs.extras = chosen_groups(*extras);
  if (const json* extras = at(pyproject, {"tool", "poetry", "extras"}); extras && needs.extras.empty()) {
    needs.extras = chosen_groups(*extras);
  }
  if (const json* groups = at(pyproject, {"dependency-groups"})) {
    for (const std::string& group : chosen_groups(*groups)) add_group(*groups, group, needs.packages);
  }
  if (const json* groups = at(pyproject, {"tool", "poetry", "group"})) {
    for (const std::string& group : chosen_groups(*groups)) {
      if (const json* table = at((*groups)[group], {"dependencies"})) add_poetry_table(*table, needs.packages);
    }
  }
  if (const json* table = at(pyproject, {"tool", "poetry", "dev-dependencies"})) add_poetry_table(*table, needs.packages);
  if (const json* groups = at(pyproject, {"tool", "pdm", "dev-dependencies"})) {
    for (const std::string& group : chosen_groups(*groups)) add_strings(at(*groups, {group.c_str()}), needs.packages);
  }
  add_strings(at(pyproject, {"tool", "uv", "dev-dependencies"}), needs.packages);
  if (const json* environments = at(pyproject, {"tool", "hatch", "envs"}); environments && environments->is_object()) {
    for (const char* name : {"hatch-test", "test", "tests", "testing", "default", "dev"}) {
      const json* environment = at(*environments, {name});
      if (!environment) continue;
      add_strings(at(*environment, {"dependencies"}), needs.packages);
      add_strings(at(*environment, {"extra-dependencies"}), needs.packages);
      if (const json* features = at(*environment, {"features"})) add_strings(features, needs.extras);
    }
  }
  std::string backend;
  if (const json* name = at(pyproject, {"build-system", "build-backend"}); name && name->is_string()) backend = *name;
  std::string requires_text;
  if (const json* list = at(pyproject, {"build-system", "requires"})) requires_text = list->dump();
  needs.builds_extensions = RE2::PartialMatch(backend + requires_text,
                                              R"((?i)maturin|scikit.build|mesonpy|meson-python|cython|setuptools.rust|pybind11|nanobind|cffi|numpy|mypyc|torch)");
}

bool looks_like_requirement(const std::string& text) {
  return RE2::FullMatch(text, R"([A-Za-z0-9][A-Za-z0-9._-]*\s*(\[[\w\s,.-]*\])?\s*(\(?[<>=!~][^;{}]*)?(;.*)?)");
}

void add_tox_deps(const FileSource& files, const std::string& folder, std::string_view text, PythonNeeds& needs) {
  static const RE2 kFactors(R"(^([\w{},.!*-]+)\s*:\s+(.*)$)");
  for (std::string item : ini_list(text, "testenv", "deps")) {
    std::string factors, rest;
    if (RE2::FullMatch(item, kFactors, &factors, &rest)) {
      // Only what every Python gets: `py{310,311}: x`, not `django42: x`.
      if (!RE2::PartialMatch(factors, R"(^(py|python)\w*[\d{])") && !RE2::PartialMatch(factors, R"(^tests?$)")) continue;
      item = rest;
    }
    std::string file;
    if (RE2::FullMatch(item, R"(-r\s*(?:\{toxinidir\}/)?(\S+))", &file)) {
      if (files.exists(join(folder, file))) add(needs.requirement_files, file);
    } else if (looks_like_requirement(item)) {
      add(needs.packages, item);
    }
  }
  for (const std::string& line : ini_list(text, "testenv", "extras")) {
    re2::StringPiece rest(line);
    std::string extra;
    while (RE2::FindAndConsume(&rest, R"(([\w-]+))", &extra)) add(needs.extras, extra);
  }
}

void read_setup_cfg(const std::string& text, PythonNeeds& needs) {
  std::vector<std::string> extras;
  for (const auto& group : kTestGroups) {
    if (!ini_list(text, "options.extras_require", std::string(group)).empty()) extras.emplace_back(group);
  }
  if (extras.empty()) {
    for (const auto& group : kDevGroups) {
      if (!ini_list(text, "options.extras_require", std::string(group)).empty()) extras.emplace_back(group);
    }
  }
  for (const std::string& extra : extras) add(needs.extras, extra);
  for (const std::string& item : ini_list(text, "options", "tests_require")) {
    if (looks_like_requirement(item)) add(needs.packages, item);
  }
}

// setup.py is a program; only what it plainly says is read.
void read_setup_py(const std::string& text, PythonNeeds& needs) {
  std::vector<std::string> extras;
  for (const auto* groups : {&kTestGroups}) {
    for (const auto& group : *groups) {
      if (RE2::PartialMatch(text, "extras_require") && RE2::PartialMatch(text, "['\"]" + std::string(group) + R"(['"]\s*:\s*[\[\w])")) {
        extras.emplace_back(group);
      }
    }
  }
  if (extras.empty() && RE2::PartialMatch(text, "extras_require")) {
    for (const char* group : {"dev", "develop", "development"}) {
      if (RE2::PartialMatch(text, "['\"]" + std::string(group) + R"(['"]\s*:\s*[\[\w])")) extras.emplace_back(group);
    }
  }
  for (const std::string& extra : extras) add(needs.extras, extra);
  std::string list;
  if (RE2::PartialMatch(text, R"((?s)tests_require\s*=\s*\[([^\]]*)\])", &list)) {
    re2::StringPiece rest(list);
    std::string item;
    while (RE2::FindAndConsume(&rest, R"(['"]([^'"]+)['"])", &item)) {
      if (looks_like_requirement(item)) add(needs.packages, item);
    }
  }
  if (RE2::PartialMatch(text, R"(ext_modules|Extension\(|cythonize|cffi_modules|pybind11)")) needs.builds_extensions = true;
}

// What `pip install` words ask for: a group of pyproject.toml, extras of the project, requirements files, packages.
void add_install_words(const FileSource& files, const std::string& folder, const json& pyproject, const std::vector<std::string>& words, PythonNeeds& needs) {
  static const std::set<std::string, std::less<>> kValued = {"-c", "--constraint", "--only-binary", "--no-binary", "-i", "--index-url", "--extra-index-url",
                                                             "-f", "--find-links", "--python", "--prefix", "--target", "-t", "--root", "--group"};
  const json* groups = at(pyproject, {"dependency-groups"});
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    std::string group, extras;
    if (word == "--group" && i + 1 < words.size()) group = words[i + 1];
    if (word.starts_with("--group=")) group = word.substr(8);
    if (!group.empty() && groups) add_group(*groups, group, needs.packages);
    if (kValued.count(word)) ++i;
    else if (RE2::FullMatch(word, R"((?:-e\s*)?\.\[([\w,\s-]+)\])", &extras)) {
      re2::StringPiece names(extras);
      std::string extra;
      while (RE2::FindAndConsume(&names, R"(([\w-]+))", &extra)) add(needs.extras, extra);
    } else if (word.ends_with(".txt")) {
      if (files.exists(join(folder, word))) add(needs.requirement_files, word);
    } else if (looks_like_requirement(word)) {
      add(needs.packages, word);
    }
  }
}

// The words of a call's arguments. What another call makes of its words is not known, but for nox's own reader of groups.
std::vector<std::string> install_words(re2::StringPiece arguments) {
  static const RE2 kGroups(R"(\bdependency_groups\(([^)]*)\)?)"), kCall(R"([\w.]+\([^)]*\)?)"), kString(R"(['"]([^'"]+)['"])");
  std::vector<std::string> words;
  std::string list, item, own(arguments);
  while (RE2::FindAndConsume(&arguments, kGroups, &list)) {
    re2::StringPiece names(list);
    while (RE2::FindAndConsume(&names, kString, &item)) words.push_back("--group=" + item);
  }
  RE2::GlobalReplace(&own, kCall, "");
  re2::StringPiece rest(own);
  while (RE2::FindAndConsume(&rest, kString, &item)) words.push_back(item);
  return words;
}

// session.install("pytest", "-r", "requirements/test.txt") in functions whose name speaks of tests.
void read_noxfile(const FileSource& files, const std::string& folder, const json& pyproject, const std::string& text, PythonNeeds& needs) {
  static const RE2 kSession(R"((?s)def\s+(\w*test\w*|unit\w*)\s*\(\s*session[^)]*\)[^:]*:(.*?)(?:\n(?:def|@)\s*\w|\z))");
  static const RE2 kInstall(R"((?s)session\.install\(([^)]*)\))");
  re2::StringPiece rest(text);
  std::string name, body;
  while (RE2::FindAndConsume(&rest, kSession, &name, &body)) {
    re2::StringPiece inside(body);
    std::string arguments;
    while (RE2::FindAndConsume(&inside, kInstall, &arguments)) {
      add_install_words(files, folder, pyproject, install_words(arguments), needs);
    }
  }
}

// Requirements files by their names: those for tests, else those for development, and always the project's own.
void find_requirement_files(const FileSource& files, const std::string& folder, PythonNeeds& needs) {
  static const RE2 kFile(R"((?i)^(?:(?:requirements|requires|reqs|requirement|tests?|test|ci|dev)/)?[\w.-]*\.(?:txt|pip)$)");
  static const RE2 kTest(R"((?i)(^|[/._-])(tests?|testing|pytest|unittest)([/._-]|$))");
  static const RE2 kDev(R"((?i)(^|[/._-])(dev|develop|development|devel|ci)([/._-]|$))");
  const std::string prefix = folder.empty() ? "" : folder + "/";
  std::vector<std::string> test, dev, own;
  for (const std::string& path : files.files()) {
    if (!path.starts_with(prefix)) continue;
    const std::string inside = path.substr(prefix.size());
    if (!RE2::FullMatch(inside, kFile) || inside.find("require") == std::string::npos) {
      if (inside != "requirements.txt" && inside != "requirements.pip") continue;
    }
    if (inside == "requirements.txt" || inside == "requirements/base.txt" || inside == "requirements/requirements.txt" ||
        inside == "requirements.pip" || inside == "requirements/main.txt") {
      own.push_back(inside);
    } else if (RE2::PartialMatch(inside, kTest)) {
      test.push_back(inside);
    } else if (RE2::PartialMatch(inside, kDev)) {
      dev.push_back(inside);
    }
  }
  for (const std::string& file : own) add(needs.requirement_files, file);
  for (const std::string& file : test.empty() ? dev : test) add(needs.requirement_files, file);
}

}  // namespace

std::string requirement_name(std::string_view requirement) {
  const auto start = requirement.find_first_not_of(" \t");
  if (start == requirement.npos) return "";
  requirement.remove_prefix(start);
  const auto end = requirement.find_first_of(" \t[<>=!~;(@,");
  return normal(requirement.substr(0, end));
}

PythonNeeds python_needs(const FileSource& files, const std::string& folder, const json& pyproject) {
  PythonNeeds needs;
  const auto text_of = [&](const char* name) {
    auto text = files.read(join(folder, name));
    if (text) needs.inputs.emplace_back(name);
    return text.value_or("");
  };
  if (!text_of("pyproject.toml").empty()) read_pyproject(pyproject, needs);
  if (const std::string text = text_of("setup.cfg"); !text.empty()) read_setup_cfg(text, needs);
  if (const std::string text = text_of("setup.py"); !text.empty()) {
    needs.installable = true;
    read_setup_py(text, needs);
  }
  find_requirement_files(files, folder, needs);
  if (const std::string text = text_of("tox.ini"); !text.empty()) add_tox_deps(files, folder, text, needs);
  if (const json* legacy = at(pyproject, {"tool", "tox", "legacy_tox_ini"}); legacy && legacy->is_string()) {
    add_tox_deps(files, folder, legacy->get<std::string>(), needs);
  }
  if (const json* modern = at(pyproject, {"tool", "tox", "env_run_base", "deps"})) {
    for (const json& item : *modern) {
      if (item.is_string() && looks_like_requirement(item)) add(needs.packages, item);
    }
  }
  if (const std::string text = text_of("noxfile.py"); !text.empty()) read_noxfile(files, folder, pyproject, text, needs);
  for (const std::string& file : needs.requirement_files) needs.inputs.push_back(file);
  return needs;
}

}  // namespace baton
