// Python projects: a virtual environment of their own with what the tests need (python_needs.h), then pytest, unittest or Django's
// runner, whichever the project itself uses.
#include <re2/re2.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "orchestrator/discover_parts.h"
#include "orchestrator/mypy.h"
#include "orchestrator/python_needs.h"
#include "orchestrator/script.h"
#include "orchestrator/toml.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kMostProjects = 4;
constexpr std::size_t kMaxTestFilesRead = 400;

enum class Runner { none, pytest, unittest, django };

struct TestFiles {
  std::vector<std::string> paths;  // relative to the project's folder
  std::string text;                // of all of them, as far as they were read
};

struct Project {
  std::string folder;
  json pyproject = json::object();
  std::string addopts;             // of pytest's configuration
  bool pytest_configured = false;
  TestFiles tests;
  PythonNeeds needs;
  std::string venv;                // "{root}/.baton-venv"
};

bool is_test_file(std::string_view name) {
  return name.ends_with(".py") && (name.starts_with("test") || name.ends_with("_test.py") || name.ends_with("_tests.py"));
}

TestFiles find_tests(const FileSource& files, const std::string& folder) {
  TestFiles tests;
  const std::string prefix = folder.empty() ? "" : folder + "/";
  for (const std::string& path : files.files()) {
    if (!path.starts_with(prefix)) continue;
    const std::string inside = path.substr(prefix.size());
    const std::string name = name_of(inside);
    const bool conftest = name == "conftest.py";
    if ((!is_test_file(name) && !conftest) || is_foreign(folder_of(inside))) continue;
    if (!conftest) tests.paths.push_back(inside);
    if (tests.paths.size() <= kMaxTestFilesRead && tests.text.size() < (8u << 20)) {
      tests.text += files.read(path).value_or("") + "\n";
    }
  }
  return tests;
}

std::string read_addopts(const FileSource& files, Project& project) {
  const json* options = nullptr;
  if (project.pyproject.contains("tool") && project.pyproject["tool"].contains("pytest")) {
    const json& pytest = project.pyproject["tool"]["pytest"];
    project.pytest_configured = true;
    options = pytest.contains("ini_options") ? &pytest["ini_options"] : &pytest;
  }
  if (options && options->is_object() && options->contains("addopts")) {
    const json& value = (*options)["addopts"];
    if (value.is_string()) return value;
    std::string joined;
    for (const json& item : value) joined += item.is_string() ? item.get<std::string>() + " " : "";
    return joined;
  }
  for (const auto& [file, section] : {std::pair{"pytest.ini", "pytest"}, {".pytest.ini", "pytest"}, {"tox.ini", "pytest"},
                                      {"setup.cfg", "tool:pytest"}}) {
    const auto text = files.read(join(project.folder, file));
    if (!text || text->find("[" + std::string(section) + "]") == std::string::npos) continue;
    project.pytest_configured = true;
    std::string value;
    const std::string expression =
        "(?s)\\[" + RE2::QuoteMeta(section) + R"(\][^\[]*?\n\s*addopts\s*=[ \t]*([^\n]*(?:\n[ \t]+[^\n]*)*))";
    if (RE2::PartialMatch(*text, expression, &value)) return value;
  }
  return "";
}

bool text_mentions(const FileSource& files, const Project& project, const char* pattern,
                   std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto text = files.read(join(project.folder, name));
    if (text && RE2::PartialMatch(*text, pattern)) return true;
  }
  return false;
}

Runner choose_runner(const FileSource& files, const Project& project) {
  if (project.tests.paths.empty() && !project.pytest_configured) return Runner::none;
  const auto named_pytest = [&] {
    const auto& packages = project.needs.packages;
    if (std::any_of(packages.begin(), packages.end(), [](const std::string& item) { return requirement_name(item) == "pytest"; })) {
      return true;
    }
    for (const std::string& file : project.needs.requirement_files) {
      if (RE2::PartialMatch(files.read(join(project.folder, file)).value_or(""), R"((?mi)^\s*pytest\b)")) return true;
    }
    return text_mentions(files, project, R"(\bpytest\b|py\.test)", {"pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "noxfile.py", "Makefile", "Pipfile"});
  };
  const bool uses_pytest = RE2::PartialMatch(project.tests.text, R"((?m)^\s*(import pytest|from pytest)\b)") ||
                           RE2::PartialMatch(project.tests.text, R"((?m)^(async )?def test_)");
  const bool says_unittest = text_mentions(files, project, R"(-m unittest|unittest discover|setup\.py test)", {"tox.ini", "Makefile", "noxfile.py", "pyproject.toml", "README.md", "README.rst", "CONTRIBUTING.md"});
  if (project.pytest_configured || uses_pytest) return Runner::pytest;
  const bool django = files.exists(join(project.folder, "manage.py"));
  if (django && !named_pytest()) return Runner::django;
  if (says_unittest && !text_mentions(files, project, R"(\bpytest\b|py\.test)", {"tox.ini", "Makefile", "noxfile.py"})) {
    return Runner::unittest;
  }
  if (named_pytest()) return Runner::pytest;
  if (RE2::PartialMatch(project.tests.text, R"(\bunittest\b|TestCase\b)")) return Runner::unittest;
  // A name alone makes no test: `generate_tests.py` is a program.
  return RE2::PartialMatch(project.tests.text, R"((?m)^\s*(?:async )?def \w*test|^class \w*Test|^\s*>>> )") ? Runner::pytest : Runner::none;
}

// Packages that the tests plainly use and nothing declares.
void add_plugins(Project& project, const FileSource& files) {
  std::string declared;
  for (const std::string& item : project.needs.packages) declared += requirement_name(item) + "\n";
  for (const std::string& file : project.needs.inputs) {
    std::string text = files.read(join(project.folder, file)).value_or("");
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return c == '_' ? '-' : std::tolower(c); });
    declared += text;
  }
  struct Plugin {
    const char* package;
    const char* in_options;  // pattern in addopts and the configuration, or null
    const char* in_tests;    // pattern in the test files, or null
  };
  static const Plugin kPlugins[] = {
      {"pytest-cov", R"(--cov\b|--no-cov)", nullptr},
      {"pytest-xdist", R"((^|\s)(-n[ =\d]|-nauto|--numprocesses|--dist\b))", nullptr},
      {"pytest-benchmark", R"(--benchmark)", R"((?m)def test_\w+\([^)]*\bbenchmark\b)"},
      {"pytest-asyncio", R"(asyncio_mode|--asyncio-mode|asyncio_default)", R"(pytest\.mark\.asyncio|import pytest_asyncio)"},
      {"pytest-timeout", R"(--timeout\b)", R"(pytest\.mark\.timeout)"},
      {"pytest-mock", nullptr, R"(def \w+\([^)]*\bmocker\b)"},
      {"pytest-randomly", R"(-p randomly|--randomly)", nullptr},
      {"pytest-rerunfailures", R"(--reruns)", R"(pytest\.mark\.flaky)"},
      {"pytest-sugar", R"(--old-summary)", nullptr},
      {"pytest-mypy", R"(--mypy\b)", nullptr},
      {"pytest-flake8", R"(--flake8\b)", nullptr},
      {"pytest-black", R"(--black\b)", nullptr},
      {"pytest-isort", R"(--isort\b)", nullptr},
      {"pytest-ruff", R"(--ruff\b)", nullptr},
      {"pytest-socket", R"(--disable-socket|--allow-hosts)", nullptr},
      {"pytest-instafail", R"(--instafail)", nullptr},
      {"pytest-html", R"(--html=)", nullptr},
      {"pytest-env", R"((?m)^\s*env\s*=\s*$)", nullptr},
      {"pytest-random-order", R"(--random-order)", nullptr},
      {"pytest-subtests", nullptr, R"(def \w+\([^)]*\bsubtests\b)"},
      {"pytest-lazy-fixture", nullptr, R"(lazy_fixture)"},
      {"pytest-datadir", nullptr, R"(def \w+\([^)]*\b(shared_)?datadir\b)"},
      {"pytest-django", R"(DJANGO_SETTINGS_MODULE)", R"(pytest\.mark\.django_db)"},
      {"anyio", nullptr, R"(pytest\.mark\.anyio)"},
      {"pytest-trio", R"(trio_mode)", R"(pytest\.mark\.trio)"},
      {"hypothesis", nullptr, R"((?m)^\s*(from|import) hypothesis\b)"},
      {"freezegun", nullptr, R"((?m)^\s*(from|import) freezegun\b)"},
      {"responses", nullptr, R"((?m)^\s*(from|import) responses\b)"},
      {"requests-mock", nullptr, R"((?m)^\s*(from|import) requests_mock\b)"},
      {"parameterized", nullptr, R"((?m)^\s*(from|import) parameterized\b)"},
      {"mock", nullptr, R"((?m)^(from mock import|import mock\b))"},
      {"ddt", nullptr, R"((?m)^\s*(from|import) ddt\b)"},
      {"syrupy", nullptr, R"(def \w+\([^)]*\bsnapshot\b)"},
  };
  std::string options = project.addopts;
  for (const char* file : {"pyproject.toml", "pytest.ini", "tox.ini", "setup.cfg"}) {
    const std::string text = files.read(join(project.folder, file)).value_or("");
    std::string section;
    if (RE2::PartialMatch(text, R"((?s)\[(?:tool:pytest|pytest|tool\.pytest[\w.]*)\](.*?)(?:\n\[|\z))", &section)) options += "\n" + section;
  }
  for (const Plugin& plugin : kPlugins) {
    const bool asked = (plugin.in_options && RE2::PartialMatch(options, plugin.in_options)) ||
                       (plugin.in_tests && RE2::PartialMatch(project.tests.text, plugin.in_tests));
    if (asked && declared.find(plugin.package) == std::string::npos) project.needs.packages.emplace_back(plugin.package);
  }
}

// ---------------------------------------------------------------- set-up

bool has_ensurepip(const std::string& python) {
  std::error_code error;
  const auto real = std::filesystem::canonical(python, error);
  if (error) return true;
  const std::string name = real.filename().string();
  std::string version;
  if (!RE2::FullMatch(name, R"(python(3\.\d+))", &version)) return true;  // a shim: it cannot be told without running it
  return std::filesystem::exists(real.parent_path().parent_path() / "lib" / ("python" + version) / "ensurepip", error);
}

// `checkers`: a type checker and its stubs. The tests can do without them, so that their failure to install is theirs alone.
std::string add_install(Scene& scene, const Project& project, const std::vector<std::string>& checkers) {
  const PythonNeeds& needs = project.needs;
  const auto python = scene.tool("python3");
  const bool uv = scene.tool("uv").has_value();
  if (!python) {
    scene.advise("python3", "The workspace has Python tests, and python3 is not on the PATH.", "apt install python3 python3-venv", true);
  } else if (!uv && !has_ensurepip(*python)) {
    scene.advise("python3-venv", "Python's venv module cannot make an environment here, since ensurepip is missing.",
                 "apt install python3-venv", true);
  }
  const std::string venv = project.venv;
  std::string arguments;
  if (needs.installable) {
    std::string extras;
    for (const std::string& extra : needs.extras) extras += (extras.empty() ? "" : ",") + extra;
    arguments += " -e " + shell_quoted(extras.empty() ? "." : ".[" + extras + "]");
  }
  for (const std::string& file : needs.requirement_files) arguments += " -r " + shell_quoted(file);
  for (const std::string& package : needs.packages) arguments += " " + shell_quoted(package);

  Gate gate;
  gate.name = named("python venv", project.folder);
  gate.kind = GateKind::setup;
  std::string script = uv ? "uv venv --seed " + venv : "python3 -m venv " + venv;
  if (!arguments.empty()) {
    // PEP 517 keeps the metadata of an editable install in the environment, not in the source tree.
    script += uv ? " && uv pip install --python " + venv + "/bin/python" + arguments
                 : " && " + venv + "/bin/python -m pip install --disable-pip-version-check --no-input --use-pep517" + arguments;
  }
  if (!checkers.empty()) {
    std::string packages;
    for (const std::string& package : checkers) packages += " " + shell_quoted(package);
    script += " && { " + (uv ? "uv pip install --python " + venv + "/bin/python"
                             : venv + "/bin/python -m pip install --disable-pip-version-check --no-input") +
              packages + " || echo 'mypy could not be installed'; }";
  }
  gate.argv = {"sh", "-c", script};
  gate.cwd = project.folder;
  gate.network = !arguments.empty() || !checkers.empty();
  gate.timeout = std::chrono::minutes(20);
  gate.parser = "pip";
  gate.source = needs.inputs.empty() ? (project.folder.empty() ? "*.py" : project.folder) : join(project.folder, needs.inputs[0]);
  // What is compiled or written into the source tree at installation is not in the environment, so it cannot be carried over.
  if (!needs.builds_extensions) {
    for (const std::string& file : needs.inputs) gate.installation.inputs.push_back(join(project.folder, file));
    gate.installation.outputs = {join(project.folder, kVenvFolder)};
  }
  std::string name = gate.name;
  scene.add(std::move(gate));
  return name;
}

// ---------------------------------------------------------------- tests

Gate test_gate(const Scene& scene, const Project& project, const std::string& install, std::string name) {
  Gate gate;
  gate.name = named(name, project.folder);
  gate.kind = GateKind::test;
  gate.cwd = project.folder;
  gate.timeout = std::chrono::minutes(20);
  gate.needs = {install};
  gate.env = {{"VIRTUAL_ENV", project.venv},
              {"PATH", project.venv + "/bin:" + scene.path_variable()}};
  return gate;
}

// What CI tells pytest, where it always calls it in one way: which files and markers, not how to report.
Arguments pytest_arguments(Scene& scene, const Project& project) {
  static const std::vector<std::string_view> kValued = {"-m", "-k", "-n", "-p", "-c", "-o", "-W", "-r", "--ignore", "--ignore-glob", "--deselect", "--import-mode",
                                                        "--junitxml", "--junit-xml", "--cov-report", "--cov-config", "--cov-fail-under", "--maxfail", "--tb", "--timeout",
                                                        "--durations", "--color", "--dist", "--numprocesses", "--rootdir", "--confcutdir", "--reruns", "--html", "--splits", "--group"};
  static const std::vector<std::string_view> kKept = {"-m", "-k", "--ignore", "--ignore-glob", "--deselect", "--import-mode", "--doctest-modules", "--doctest-glob",
                                                      "--doctest-plus", "--pyargs"};
  Arguments kept;
  std::vector<const ToolCall*> calls;
  for (const char* name : {"pytest", "py.test"}) {
    for (const ToolCall* call : calls_of(scene.calls(), name, project.folder)) calls.push_back(call);
  }
  if (calls.size() != 1 || calls[0]->files_from_outside) return kept;
  const Arguments all = take_apart(calls[0]->arguments, kValued, {});
  for (std::size_t i = 0; i < all.options.size(); ++i) {
    const std::string name = all.options[i].substr(0, all.options[i].find('='));
    const bool takes_next = name == all.options[i] && std::find(kValued.begin(), kValued.end(), name) != kValued.end() && i + 1 < all.options.size();
    if (std::find(kKept.begin(), kKept.end(), name) != kKept.end()) {
      kept.options.push_back(all.options[i]);
      if (takes_next) kept.options.push_back(all.options[i + 1]);
    }
    if (takes_next) ++i;
  }
  for (const ShellWord& target : all.targets) {
    // One file of many is a look at that file, not the tests.
    const bool folder = !target.expands && !target.text.ends_with(".py") && target.text.find("::") == std::string::npos &&
                        scene.files().exists(join(project.folder, target.text));
    if (folder) kept.targets.push_back(target);
  }
  if (kept.targets.size() != all.targets.size()) kept.targets.clear();
  // A call for a corner of the tests says nothing of the others.
  const auto covered = std::count_if(project.tests.paths.begin(), project.tests.paths.end(), [&](const std::string& path) {
    return std::any_of(kept.targets.begin(), kept.targets.end(), [&](const ShellWord& target) {
      const std::string folder = target.text.starts_with("./") ? target.text.substr(2) : target.text;
      return folder == "." || path.starts_with(folder.ends_with('/') ? folder : folder + "/");
    });
  });
  if (!kept.targets.empty() && covered * 2 < static_cast<std::ptrdiff_t>(project.tests.paths.size())) return {};
  return kept;
}

void add_pytest(Scene& scene, const Project& project, const std::string& install) {
  Gate gate = test_gate(scene, project, install, "pytest");
  const std::string& options = project.addopts;
  gate.argv = {project.venv + "/bin/python", "-m", "pytest", "--junitxml={reports}/pytest.xml", "-o", "junit_family=xunit1",
               "--color=no"};
  if (!RE2::PartialMatch(options, R"(--(lf|ff|nf|sw|last-failed|failed-first|new-first|stepwise|cache-\w+)\b)")) {
    gate.argv.insert(gate.argv.end(), {"-p", "no:cacheprovider"});
  }
  // A run that stops at its first failure tells nothing of the tests after it.
  if (RE2::PartialMatch(options, R"((^|\s)(-x|--exitfirst|--maxfail))")) gate.argv.emplace_back("--maxfail=0");
  gate.reports = {"{reports}/pytest.xml"};
  const Arguments of_ci = pytest_arguments(scene, project);
  gate.argv.insert(gate.argv.end(), of_ci.options.begin(), of_ci.options.end());
  gate.select_argv = gate.argv;
  for (const ShellWord& target : of_ci.targets) gate.argv.push_back(target.text);
  if (RE2::PartialMatch(options, R"(--cov\b)")) gate.select_argv.emplace_back("--no-cov");
  gate.select_argv.emplace_back("{tests}");
  gate.parser = "pytest";
  for (const char* file : {"pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg", "conftest.py", "tests/conftest.py", "test/conftest.py"}) {
    if (scene.files().exists(join(project.folder, file))) gate.scripts.push_back(join(project.folder, file));
  }
  gate.source = gate.scripts.empty() ? join(project.folder, project.tests.paths.empty() ? "" : project.tests.paths[0])
                                     : gate.scripts[0];
  scene.add(std::move(gate));
}

void add_unittest(Scene& scene, const Project& project, const std::string& install) {
  Gate gate = test_gate(scene, project, install, "unittest");
  gate.argv = {project.venv + "/bin/python", "-m", "unittest", "discover", "-v"};
  const auto is_package = [&](const std::string& folder) {
    for (std::string at = folder; !at.empty(); at = folder_of(at)) {
      if (!scene.files().exists(join(join(project.folder, at), "__init__.py"))) return false;
    }
    return true;
  };
  std::set<std::string> tops;
  bool all_packages = true, plain_names = true;
  for (const std::string& path : project.tests.paths) {
    const std::string folder = folder_of(path);
    tops.insert(folder.substr(0, folder.find('/')));
    all_packages = all_packages && is_package(folder);
    plain_names = plain_names && name_of(path).starts_with("test");
  }
  if (!all_packages && tops.size() == 1 && !tops.begin()->empty()) gate.argv.insert(gate.argv.end(), {"-s", *tops.begin()});
  // Ids are dotted names, which unittest imports from where it stands.
  if (all_packages) gate.select_argv = {project.venv + "/bin/python", "-m", "unittest", "-v", "{tests}"};
  if (!plain_names) gate.argv.insert(gate.argv.end(), {"-p", "*test*.py"});
  gate.parser = "unittest";
  gate.source = join(project.folder, project.tests.paths.empty() ? "tests" : project.tests.paths[0]);
  scene.add(std::move(gate));
}

void add_django(Scene& scene, const Project& project, const std::string& install) {
  Gate gate = test_gate(scene, project, install, "django test");
  gate.argv = {project.venv + "/bin/python", "manage.py", "test", "--noinput", "-v", "2"};
  gate.parser = "unittest";
  gate.source = join(project.folder, "manage.py");
  gate.scripts = {gate.source};
  scene.add(std::move(gate));
}

void add_mypy(Scene& scene, const Project& project, const MypyUse& mypy, const std::string& install) {
  for (Gate gate : mypy.gates) {
    gate.needs = {install};
    gate.env = {{"VIRTUAL_ENV", project.venv}, {"PATH", project.venv + "/bin:" + scene.path_variable()}};
    scene.add(std::move(gate));
  }
}

void discover_python_project(Scene& scene, const std::string& folder) {
  Project project;
  project.folder = folder;
  project.venv = in_root(join(folder, kVenvFolder));
  if (const auto text = scene.files().read(join(folder, "pyproject.toml"))) {
    auto parsed = parse_toml(*text);
    if (parsed) {
      project.pyproject = std::move(*parsed);
    } else {
      scene.advise(join(folder, "pyproject.toml"), parsed.error().message, "", true);
    }
  }
  project.tests = find_tests(scene.files(), folder);
  project.addopts = read_addopts(scene.files(), project);
  project.needs = python_needs(scene.files(), folder, project.pyproject);
  const Runner runner = choose_runner(scene.files(), project);
  const MypyUse mypy = mypy_use(scene, folder, project.pyproject, project.venv);
  if (runner == Runner::none) {
    if (project.needs.installable) {
      scene.advise(join(folder, project.needs.inputs.empty() ? "" : project.needs.inputs[0]), "The Python project has no tests that pytest or unittest would find.",
                   "tests/test_*.py");
    }
    if (!mypy.gates.empty()) add_mypy(scene, project, mypy, add_install(scene, project, mypy.packages));
    return;
  }
  add_plugins(project, scene.files());
  if (runner == Runner::pytest) {
    const auto declared = [&](const std::string& item) { return requirement_name(item) == "pytest"; };
    if (std::none_of(project.needs.packages.begin(), project.needs.packages.end(), declared)) project.needs.packages.emplace_back("pytest");
  }
  if (runner == Runner::django && project.needs.requirement_files.empty() && !project.needs.installable) project.needs.packages.emplace_back("django");
  const std::string install = add_install(scene, project, mypy.packages);
  add_mypy(scene, project, mypy, install);
  switch (runner) {
    case Runner::pytest: add_pytest(scene, project, install); break;
    case Runner::unittest: add_unittest(scene, project, install); break;
    case Runner::django: add_django(scene, project, install); break;
    case Runner::none: break;
  }
}

// Folders with a Python project of their own; the root counts when it has tests beside no manifest.
std::vector<std::string> python_folders(const FileSource& files) {
  std::set<std::string> folders;
  for (const char* name : {"pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "pytest.ini", "tox.ini", "manage.py", "conftest.py"}) {
    for (const std::string& folder : project_folders(files, name, 1)) folders.insert(folder);
  }
  if (folders.contains("")) return {""};
  if (folders.empty()) {
    const TestFiles tests = find_tests(files, "");
    if (!tests.paths.empty() && RE2::PartialMatch(tests.text, R"(\bunittest\b|\bdef test_)")) return {""};
  }
  return {folders.begin(), folders.end()};
}

}  // namespace

void discover_python(Scene& scene) {
  auto folders = python_folders(scene.files());
  if (folders.size() > kMostProjects) {
    scene.advise("Python", "More than four Python projects lie in subfolders; only the first four are looked at.",
                 R"(.baton/config.json: {"gates": [...]} names the others)");
    folders.resize(kMostProjects);
  }
  for (const std::string& folder : folders) discover_python_project(scene, folder);
}

}  // namespace baton
