// Where runners are told to look for tests.
#include "analyzers/audit/test_places.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

using audit::TestPlaces;

// What it is: "tests", "folder", both, "examples"; empty: it is of the program.
std::string told(const char* settings, const std::string& text, const std::string& path) {
  TestPlaces places;
  places.read(settings, text);
  EXPECT_TRUE(audit::names_test_places(settings)) << settings;
  std::string what;
  if (places.collects(path)) what += "tests ";
  if (places.is_in_folder(path)) what += "folder ";
  if (places.runs_examples_of(path)) what += "examples ";
  if (!what.empty()) what.pop_back();
  return what;
}

TEST(TestPlaces, AsSettingsNameThem) {
  struct Row {
    const char* settings;
    const char* text;
    const char* path;
    const char* what;
  };
  const Row rows[] = {
      {"pytest.ini", "[pytest]\npython_files = check_*.py verify_*.py\n", "pkg/check_calc.py", "tests"},
      {"pytest.ini", "[pytest]\npython_files = check_*.py verify_*.py\n", "pkg/verify_calc.py", "tests"},
      {"pytest.ini", "[pytest]\npython_files = check_*.py\n", "pkg/calc.py", ""},
      {"pytest.ini", "[pytest]\npython_files =\n    test_*.py\n    check_*.py\naddopts = -q\n", "check_calc.py", "tests"},
      {"pytest.ini", "[pytest]\npython_files = *.py\n", "calc.py", ""},
      {"tox.ini", "[testenv]\npython_files = check_*.py\n", "check_calc.py", ""},
      {"tox.ini", "[testenv]\ndeps = x\n\n[pytest]\ntestpaths = checks more\n", "checks/near.py", "folder"},
      {"setup.cfg", "[tool:pytest]\ntestpaths = checks\n", "calc.py", ""},
      {"setup.cfg", "[tool:pytest]\ntestpaths = src calc\n", "src/calc.py", ""},
      {"pyproject.toml", "[tool.pytest.ini_options]\ntestpaths = [\n  \"qa\",\n]\npython_files = [\"check_*.py\"]\n\n[tool.ruff]\nline-length = 9\n", "qa/check_calc.py", "tests folder"},
      {"sub/pyproject.toml", "[tool.pytest.ini_options]\ntestpaths = [\"checks\"]\n", "sub/checks/cases.json", "folder"},
      {"sub/pyproject.toml", "[tool.pytest.ini_options]\ntestpaths = [\"checks\"]\n", "checks/cases.json", ""},
      {"pytest.ini", "[pytest]\naddopts = -q --doctest-modules\n", "calc.py", "examples"},
      {"pytest.ini", "[pytest]\naddopts = -q\n", "calc.py", ""},
      {"pytest.ini", "[pytest]\naddopts = --doctest-glob=*.rst\n", "docs/guide.rst", "tests examples"},
      {"pytest.ini", "[pytest]\ndoctest_glob = *.txt\n", "docs/guide.rst", ""},
      {"jest.config.js", "module.exports = { testMatch: ['<rootDir>/checks/**/*.js'] }\n", "checks/a/calc.js", "tests folder"},
      {"jest.config.js", "module.exports = { testMatch: ['**/?(*.)+(check).[jt]s?(x)'] }\n", "src/calc.check.ts", "tests"},
      {"jest.config.js", "module.exports = { testMatch: ['**/?(*.)+(check).[jt]s?(x)'] }\n", "src/calc.ts", ""},
      {"package.json", "{\"jest\": {\"testRegex\": \"\\\\.check\\\\.js$\"}}\n", "src/calc.check.js", "tests"},
      {"package.json", "{\"scripts\": {\"test\": \"node --test checks/*.mjs\"}}\n", "checks/calc.mjs", "tests folder"},
      {"package.json", "{\"scripts\": {\"test\": \"mocha --recursive\"}}\n", "calc.js", ""},
      {"vitest.config.ts", "export default { test: { include: ['checks/**/*.{js,ts}'], coverage: { include: ['src/**/*.ts'] } } }\n", "checks/calc.ts", "tests folder"},
      {"vitest.config.ts", "export default { test: { include: ['checks/**/*.{js,ts}'], coverage: { include: ['src/**/*.ts'] } } }\n", "src/calc.ts", ""},
      {"vitest.config.ts", "export default { test: { include: ['src/**/*.ts'], includeSource: ['src/**/*.ts'] } }\n", "src/calc.ts", ""},
      {".mocharc.json", "{\"spec\": [\"verification/**/*.js\"]}\n", "verification/calc.js", "tests folder"},
      {"Cargo.toml", "[package]\nname = \"a\"\n\n[[test]]\nname = \"c\"\npath = \"checks/c.rs\"\n", "checks/c.rs", "tests folder"},
      {"pom.xml", "<testSourceDirectory>${project.basedir}/checks</testSourceDirectory>", "checks/a/Calc.java", "tests folder"},
  };
  for (const Row& row : rows) EXPECT_EQ(told(row.settings, row.text, row.path), row.what) << row.settings << ": " << row.text << row.path;
}

// What CTest runs is a test, whatever it is called; a program whose answer is looked at is none.
TEST(TestPlaces, WhatCMakeBuildsForTests) {
  struct Row {
    const char* name;
    const char* text;
    bool of_tests;
  };
  const char* const path = "verify/main.cpp";
  const Row rows[] = {
      {"by name", "add_executable(verify verify/main.cpp)\nadd_test(NAME verify COMMAND verify)\n", true},
      {"in the older form", "add_executable(verify verify/main.cpp)\nadd_test(verify verify)\n", true},
      {"by its file", "add_executable(verify verify/main.cpp)\nadd_test(NAME v COMMAND $<TARGET_FILE:verify> WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})\n", true},
      {"a list of sources", "set(CHECKS verify/main.cpp\n  verify/more.cpp)  # all\nadd_executable(verify ${CHECKS})\nadd_test(NAME verify COMMAND verify)\n", true},
      {"sources that are told later", "add_executable(verify)\ntarget_sources(verify PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/verify/main.cpp)\nadd_test(NAME verify COMMAND verify)\n", true},
      {"that a framework asks", "add_executable(verify verify/main.cpp)\ngtest_discover_tests(verify)\n", true},
      {"by a command of its own", "add_unit_test(verify verify/main.cpp)\n", true},
      {"no test runs it", "add_executable(verify verify/main.cpp)\n", false},
      {"only a comment does", "add_executable(verify verify/main.cpp)\n# add_test(NAME verify COMMAND verify)\n", false},
      {"a program that is asked something", "add_executable(verify verify/main.cpp)\nadd_test(NAME version COMMAND verify --version)\n", false},
      {"a program that is installed", "add_executable(verify verify/main.cpp)\nadd_test(NAME verify COMMAND verify)\ninstall(TARGETS verify RUNTIME)\n", false},
      {"a part of the library as well", "add_library(calc verify/main.cpp)\nadd_executable(verify verify/main.cpp)\nadd_test(NAME verify COMMAND verify)\n", false},
      {"of another program", "add_executable(app verify/main.cpp)\nadd_executable(verify verify/other.cpp)\nadd_test(NAME verify COMMAND verify)\n", false},
  };
  for (const Row& row : rows) {
    TestPlaces places;
    EXPECT_TRUE(audit::names_test_places("CMakeLists.txt"));
    places.read("CMakeLists.txt", row.text);
    EXPECT_EQ(places.builds_for_tests(path), row.of_tests) << row.name;
  }
  TestPlaces places;
  places.read("verify/CMakeLists.txt", "add_executable(verify main.cpp ../common/near.cpp)\nadd_test(NAME verify COMMAND verify)\n");
  EXPECT_TRUE(places.builds_for_tests(path));
  EXPECT_TRUE(places.builds_for_tests("common/near.cpp"));
}

}  // namespace
}  // namespace baton
