// Builds and workflows in which a check still stands, and is asked no more.
#include <gtest/gtest.h>

#include <string>

#include "tests/analyzers/audit_cases.h"

namespace baton {
namespace {

using namespace audit_cases;

TEST(AuditRuns, Builds) {
  const std::string cmake = "project(tax CXX)\nadd_library(tax src/tax.cpp)\nenable_testing()\nadd_subdirectory(tests)\n";
  const auto build = [&](const std::string& fresh, const char* kind, const char* task = "Make total faster.", const char* note = "") {
    check(Change{fresh.c_str(), {{"CMakeLists.txt", cmake, replaced(cmake, "enable_testing", fresh + "\nenable_testing")}}, kind, task, note});
  };
  build("add_compile_definitions(NDEBUG)", "assertions_off");
  build("target_compile_definitions(tax PUBLIC NDEBUG)", "assertions_off");
  build("set(CMAKE_BUILD_TYPE Release)", "assertions_off");
  build("set(CMAKE_BUILD_TYPE Release)", "", "Let CMake build a release by default.", "assertions_off");
  build("if(NOT CMAKE_BUILD_TYPE)\n  set(CMAKE_BUILD_TYPE Release)\nendif()", "", "Make total faster.", "assertions_off");
  build("set(CMAKE_BUILD_TYPE Debug)", "");
  build("add_compile_definitions($<$<CONFIG:Release>:NDEBUG>)", "");
  build("set(CMAKE_CROSSCOMPILING_EMULATOR ${CMAKE_SOURCE_DIR}/tools/run.sh)", "tool_replaced");
  build("set(CMAKE_TEST_LAUNCHER ${CMAKE_SOURCE_DIR}/tools/run.sh)", "tool_replaced");
}

TEST(AuditRuns, Workflows) {
  const std::string ci = "name: ci\non: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: npm ci\n      - run: npm test\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish\n";
  const auto flow = [&](const char* name, const std::string& from, const std::string& to, const char* kind) { check(Case{name, ".github/workflows/ci.yml", ci, replaced(ci, from, to), kind, "Make total faster."}); };
  flow("a step in one place", "- run: npm test\n", "- run: npm test\n        if: github.ref == 'refs/heads/never'\n", "step_disabled");
  flow("a job in one place", "test:\n", "test:\n    if: github.repository == 'nobody/none'\n", "step_disabled");
  flow("what is no check", "publish:\n", "publish:\n    if: github.repository == 'tax/tax'\n", "");
  flow("a step of one system", "- run: npm test\n", "- run: npm test\n        if: matrix.os == 'ubuntu-latest'\n", "");
  flow("by hand alone", "on: [push]", "on: [workflow_dispatch]", "step_disabled");
  flow("by hand, too", "on: [push]", "on: [push, workflow_dispatch]", "");
  flow("no path", "on: [push]", "on:\n  push:\n    paths-ignore: ['**']", "step_disabled");
  flow("documents aside", "on: [push]", "on:\n  push:\n    paths-ignore: ['docs/**', '**.md']", "");
  flow("a branch nobody has", "on: [push]", "on:\n  push:\n    branches: [none]", "step_disabled");
  flow("the main line", "on: [push]", "on:\n  push:\n    branches: [main]", "");
  flow("a shell that goes on", "    steps:\n      - uses", "    defaults:\n      run:\n        shell: bash {0}\n    steps:\n      - uses", "failure_ignored");
  flow("a shell that ends", "    steps:\n      - uses", "    defaults:\n      run:\n        shell: bash\n    steps:\n      - uses", "");
  flow("behind", "npm test", "npm test &", "failure_ignored");
  flow("the other way round", "npm test", "\"! npm test\"", "failure_ignored");
  flow("one after the other", "npm test", "npm run build && npm test", "");
}

}  // namespace
}  // namespace baton
