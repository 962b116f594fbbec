// CMake projects: configure, build, ctest. The options that turn a project's own tests on are read from its option() lines.
#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "orchestrator/cmake_options.h"
#include "orchestrator/discover_parts.h"
#include "support/json.h"

namespace baton {
namespace {

constexpr const char* kTestOutput = "1048576";  // bytes

constexpr std::size_t kMaxSubprojects = 4;

// All CMake text of a project that is its own, comments removed.
struct CMakeText {
  std::string all;
  std::map<std::string, std::string> lists;  // folder relative to the project -> its CMakeLists.txt
};

std::string without_comments(std::string_view text) {
  std::string kept;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      kept += c;
      kept += text[++i];
      continue;
    }
    if (c == '"') quoted = !quoted;
    if (c == '#' && !quoted) {
      if (text.substr(i, 3) == "#[[") {
        const auto close = text.find("]]", i);
        i = close == text.npos ? text.size() : close + 1;
      } else {
        const auto end = text.find('\n', i);
        if (end == text.npos) break;
        i = end - 1;
      }
      continue;
    }
    kept += c;
  }
  return kept;
}

CMakeText read_cmake(const FileSource& files, const std::string& folder) {
  CMakeText result;
  const std::string prefix = folder.empty() ? "" : folder + "/";
  for (const std::string& path : files.files()) {
    if (!path.starts_with(prefix)) continue;
    const std::string inside = path.substr(prefix.size());
    const bool list = name_of(inside) == "CMakeLists.txt";
    if (!list && !inside.ends_with(".cmake")) continue;
    if (is_foreign(inside) || std::count(inside.begin(), inside.end(), '/') > 4) continue;
    auto text = files.read(path);
    if (!text) continue;
    std::string code = without_comments(*text);
    result.all += code + "\n";
    if (list) result.lists[folder_of(inside)] = std::move(code);
  }
  return result;
}

bool mentions(const std::string& text, const char* pattern) {
  RE2::Options options;
  options.set_case_sensitive(false);
  return RE2::PartialMatch(text, RE2(pattern, options));
}

// FOO_buildTests -> FOO BUILD TESTS
std::set<std::string> tokens_of(std::string_view name) {
  std::set<std::string> tokens;
  std::string token;
  const auto flush = [&] {
    if (!token.empty()) tokens.insert(token);
    token.clear();
  };
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    const bool starts_word = std::isupper(c) && i > 0 && std::islower(static_cast<unsigned char>(name[i - 1]));
    if (!std::isalnum(c) || starts_word) flush();
    if (std::isalnum(c)) token += static_cast<char>(std::toupper(c));
  }
  flush();
  return tokens;
}

// Whether an option of this name switches the project's ordinary tests on.
bool turns_tests_on(std::string_view name) {
  static const std::set<std::string> kTest = {"TEST",      "TESTS",        "TESTING",   "UNITTEST", "UNITTESTS",
                                              "BUILDTESTS", "ENABLETESTING", "DEVELOPER"};
  static const std::set<std::string> kOther = {
      "BENCH",   "BENCHMARK", "BENCHMARKS", "FUZZ",    "FUZZER",   "FUZZERS",  "FUZZING",     "DOC",       "DOCS",
      "COVERAGE", "INSTALL",  "SYSTEM",     "EXTERNAL", "DOWNLOAD", "FIND",     "VALGRIND",    "MEMCHECK",  "CUDA",
      "HIP",     "SYCL",      "OPENCL",     "GPU",     "PERF",     "PERFORMANCE", "STRESS",   "LONG",      "SLOW",
      "LARGE",   "NO",        "NOT",        "DISABLE", "DISABLED", "SKIP",     "WITHOUT",     "EXCLUDE",   "SANITIZE",
      "SANITIZER", "SANITIZERS", "ONLINE",  "NETWORK", "HO",       "MODULE",   "MODULES",     "PYTHON",    "WASM",
      "COMPATIBILITY", "ONLY", "ABI",       "PACKAGE", "LINT",     "TIDY",     "CI",          "EXPORT",    "SHARED",
      "FAST",    "QUICK",     "WERROR",     "WARNINGS", "DEBUG",   "VERBOSE",  "EXTRA",       "INTEGRATION"};
  bool test = false;
  for (const std::string& token : tokens_of(name)) {
    if (kOther.contains(token)) return false;
    test = test || kTest.contains(token);
  }
  return test && (!name.ends_with("DEVELOPER") && tokens_of(name).contains("DEVELOPER") ? name.ends_with("_MODE") : true);
}

std::vector<std::string> test_options(const CMakeText& text) {
  static const RE2 kOption(R"((?i)\b(?:option|cmake_dependent_option)\s*\(\s*([A-Za-z_][A-Za-z0-9_]*))");
  static const RE2 kCached(R"re((?i)\bset\s*\(\s*([A-Za-z_][A-Za-z0-9_]*)\s+"?(?:ON|OFF|TRUE|FALSE|0|1)"?\s+CACHE\s+BOOL)re");
  std::set<std::string> names;
  for (const RE2* pattern : {&kOption, &kCached}) {
    re2::StringPiece rest(text.all);
    std::string name;
    while (RE2::FindAndConsume(&rest, *pattern, &name)) {
      if (turns_tests_on(name)) names.insert(name);
    }
  }
  if (mentions(text.all, R"(\bBUILD_TESTING\b)")) names.insert("BUILD_TESTING");
  // Where an option plainly says "build the tests", the others are extras that their owner asks for by name.
  static const RE2 kPlain(R"((?i)(BUILD|ENABLE|WITH).*TEST(S|ING)?$|DEVELOPER_MODE$)");
  const bool plain = std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return name != "BUILD_TESTING" && RE2::PartialMatch(name, kPlain);
  });
  std::vector<std::string> chosen;
  for (const std::string& name : names) {
    const bool extra = std::any_of(names.begin(), names.end(), [&](const std::string& shorter) {
      return name.size() > shorter.size() && name.starts_with(shorter + "_");
    });
    if (!extra && (!plain || RE2::PartialMatch(name, kPlain))) chosen.push_back(name);
  }
  return chosen;
}

// Folder (relative to the build folder) whose CTest file lists the tests: where enable_testing() stands highest. Absent = none.
std::optional<std::string> ctest_folder(const CMakeText& text) {
  std::optional<std::string> best;
  for (const auto& [folder, code] : text.lists) {
    if (!mentions(code, R"(\benable_testing\s*\(|\binclude\s*\(\s*"?CTest"?\s*\))")) continue;
    if (!best || folder.size() < best->size()) best = folder;
  }
  // The call may stand in an included file or a macro: the top has it then.
  if (mentions(text.all, R"(\benable_testing\s*\(|\binclude\s*\(\s*"?CTest"?\s*\))")) {
    const auto top = text.lists.find("");
    if (!best || (top != text.lists.end() && mentions(top->second, R"(\binclude\s*\()") &&
                  std::none_of(text.lists.begin(), text.lists.end(), [](const auto& entry) {
                    return mentions(entry.second, R"(\benable_testing\s*\()");
                  }))) {
      return "";
    }
  }
  return best;
}

bool adds_tests(const CMakeText& text) {
  return mentions(text.all, R"(\badd_test\s*\(|_discover_tests\s*\(|\bgtest_add_tests\s*\(|\badd_\w*tests?\s*\()");
}

// Test programs of a project that never tells CTest about them.
struct TestProgram {
  std::string folder, name;
  std::string path;                    // relative to the build folder
  std::vector<std::string> reporter;   // options of the framework that it is linked with
  std::string report;
};

std::optional<TestProgram> lone_test_program(const CMakeText& text) {
  static const RE2 kProgram(R"re((?i)\badd_executable\s*\(\s*"?([\w.-]+)"?)re");
  for (const auto& [folder, code] : text.lists) {
    const std::string last = name_of(folder);
    if (last != "test" && last != "tests" && last != "unittest" && last != "unittests" && last != "unit_tests") continue;
    TestProgram program;
    if (!RE2::PartialMatch(code, kProgram, &program.name)) continue;
    program.folder = folder;
    std::string file = program.name;
    RE2::PartialMatch(code, "(?is)set_target_properties\\s*\\(\\s*" + RE2::QuoteMeta(program.name) + R"re([^)]*\bOUTPUT_NAME\s+"?([\w.-]+))re", &file);
    std::string output;
    static const RE2 kOutput(R"re((?i)\bset\s*\(\s*(?:CMAKE_RUNTIME_OUTPUT_DIRECTORY|EXECUTABLE_OUTPUT_PATH)\s+"?\$\{(?:CMAKE|PROJECT)_BINARY_DIR\}/?([\w./-]*))re");
    program.path = join(RE2::PartialMatch(text.all, kOutput, &output) ? output : folder, file);
    if (mentions(code, "doctest")) {
      program.reporter = {"--reporters=junit", "--out={reports}/doctest.xml"};
      program.report = "{reports}/doctest.xml";
    } else if (mentions(code, "catch")) {
      program.reporter = {"-r", "junit", "-o", "{reports}/catch.xml"};
      program.report = "{reports}/catch.xml";
    } else if (mentions(code, R"(gtest|GTest)")) {
      program.reporter = {"--gtest_output=xml:{reports}/gtest.xml"};
      program.report = "{reports}/gtest.xml";
    }
    return program;
  }
  return std::nullopt;
}

void check_tools(Scene& scene, const CMakeText& text) {
  if (!scene.tool("cmake")) {
    scene.advise("cmake", "The workspace is built with CMake, and cmake is not on the PATH.", "apt install cmake", true);
  }
  const bool c_only = mentions(text.all, R"(\bproject\s*\([^)]*\bC\b)") && !mentions(text.all, R"(\bproject\s*\([^)]*\bCXX\b)") &&
                      mentions(text.all, R"(\bproject\s*\([^)]*(\bLANGUAGES\b|\s)C\b)");
  const bool cc = scene.tool("cc") || scene.tool("gcc") || scene.tool("clang");
  const bool cxx = scene.tool("c++") || scene.tool("g++") || scene.tool("clang++");
  if (!cc && c_only) scene.advise("cc", "No C compiler is on the PATH.", "apt install gcc", true);
  if (!cxx && !c_only) scene.advise("c++", "No C++ compiler is on the PATH.", "apt install g++", true);
}

void discover_cmake_project(Scene& scene, const std::string& folder) {
  const CMakeText text = read_cmake(scene.files(), folder);
  const std::string list = join(folder, "CMakeLists.txt");
  check_tools(scene, text);
  // ExternalProject rarely names its by-products, which Ninja insists on.
  const bool external = mentions(text.all, R"(\bExternalProject_Add\s*\()");
  const bool ninja = !external && scene.tool("ninja");
  if (!ninja && !scene.tool("make")) {
    scene.advise("make", "CMake needs ninja or make, and neither is on the PATH.", "apt install ninja-build", true);
  }
  const bool downloads =
      external || mentions(text.all, R"(\bFetchContent_|\bCPM(Add|Find)Package|\bfile\s*\(\s*DOWNLOAD|\bhunter_|vcpkg|conan)");
  const std::string build = in_root(join(kBuildFolder, folder));

  Gate configure;
  configure.name = named("cmake configure", folder);
  configure.kind = GateKind::setup;
  configure.argv = {"cmake", "-S", in_root(folder), "-B", build};
  if (ninja) configure.argv.insert(configure.argv.end(), {"-G", "Ninja"});
  // Assertions are part of what tests check, so they stay in, unless the project has a default of its own.
  if (!mentions(text.all, R"(\bset\s*\(\s*CMAKE_BUILD_TYPE\b)")) configure.argv.push_back("-DCMAKE_BUILD_TYPE=Debug");
  configure.argv.push_back("-DCMAKE_EXPORT_COMPILE_COMMANDS=ON");
  auto options = cmake_options_of_ci(scene.calls(), folder, [&](const std::string& name) {
    return name == "BUILD_TESTING" || mentions(text.all, ("\\b(?:option|cmake_dependent_option)\\s*\\(\\s*" + name + "\\b").c_str());
  });
  for (const std::string& option : test_options(text)) options[option] = "ON";
  for (const auto& [name, value] : options) configure.argv.push_back("-D" + name + "=" + value);
  configure.timeout = std::chrono::minutes(downloads ? 20 : 10);
  configure.network = downloads;
  configure.parser = "cmake";
  configure.source = list;
  configure.scripts = {list};

  Gate compile;
  compile.name = named("cmake build", folder);
  compile.kind = GateKind::build;
  compile.argv = {"cmake", "--build", build, "-j", "{jobs}"};
  compile.timeout = std::chrono::minutes(30);
  compile.network = external;
  compile.needs = {configure.name};
  compile.source = list;
  compile.scripts = {list};

  const std::string configure_name = configure.name, compile_name = compile.name;
  scene.add(std::move(configure));
  scene.add(std::move(compile));
  add_clang_tidy(scene, folder, build, compile_name, mentions(text.all, R"(_CLANG_TIDY\b|clang-tidy)"));

  const auto tests_in = ctest_folder(text);
  if (tests_in && adds_tests(text)) {
    Gate test;
    test.name = named("ctest", folder);
    test.kind = GateKind::test;
    test.argv = {"ctest", "--test-dir", join(build, *tests_in), "--output-junit", "{reports}/ctest.xml",
                 "--no-tests=error", "--output-on-failure", "--timeout", "300", "-j", "{jobs}"};
    // CTest keeps 1 KiB of what a passing program printed, which cuts off the list of its cases.
    for (const char* of : {"passed", "failed"}) {
      test.argv.insert(test.argv.end(), {std::string("--test-output-size-") + of, kTestOutput});
    }
    test.reports = {"{reports}/ctest.xml"};
    test.select_argv = test.argv;
    test.select_argv.insert(test.select_argv.end(), {"-R", "{tests}"});
    test.select_join = "|";
    test.timeout = std::chrono::minutes(20);
    test.parser = "ctest";
    test.needs = {compile_name};
    test.source = list;
    test.scripts = {list};
    for (const auto& [inside, code] : text.lists) {
      if (!inside.empty() && mentions(code, R"(\badd_test\s*\(|_discover_tests\s*\()")) {
        test.scripts.push_back(join(join(folder, inside), "CMakeLists.txt"));
      }
    }
    scene.add(std::move(test));
  } else if (const auto program = lone_test_program(text)) {
    Gate test;
    test.name = named(program->name, folder);
    test.kind = GateKind::test;
    test.argv = {join(build, program->path)};
    test.argv.insert(test.argv.end(), program->reporter.begin(), program->reporter.end());
    if (!program->report.empty()) test.reports = {program->report};
    test.cwd = folder;
    test.timeout = std::chrono::minutes(20);
    test.needs = {compile_name};
    test.source = join(join(folder, program->folder), "CMakeLists.txt");
    test.scripts = {test.source};
    scene.advise(test.name, test.source + " builds tests that CTest does not know, so the program is run as it is.",
                 "enable_testing() and add_test(NAME " + program->name + " COMMAND " + program->name + ") in CMakeLists.txt");
    scene.add(std::move(test));
  } else {
    scene.advise(list, "The CMake project has no tests that ctest could run.",
                 "enable_testing() and add_test(NAME ... COMMAND ...) in CMakeLists.txt");
  }
}

}  // namespace

void discover_cmake(Scene& scene) {
  auto folders = project_folders(scene.files(), "CMakeLists.txt", 2);
  std::erase_if(folders, [&](const std::string& folder) {
    const auto text = scene.files().read(join(folder, "CMakeLists.txt"));
    return !text || !mentions(without_comments(*text), R"(\bproject\s*\()");
  });
  if (folders.size() > kMaxSubprojects) {
    scene.advise("CMakeLists.txt", "More than four CMake projects lie in subfolders; only the first four are built.",
                 R"(.baton/config.json: {"gates": [...]} names the others)");
    folders.resize(kMaxSubprojects);
  }
  for (const std::string& folder : folders) discover_cmake_project(scene, folder);
}

}  // namespace baton
