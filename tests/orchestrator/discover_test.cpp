#include "orchestrator/discover.h"

#include <gtest/gtest.h>

#include "tests/orchestrator/memory_source.h"

namespace baton {
namespace {

using Files = std::map<std::string, std::string>;

constexpr const char* kPlainCMake = "project(demo CXX)\nadd_executable(t t.cpp)\nenable_testing()\nadd_test(NAME t COMMAND t)\n";

void check(const Files& files, const std::string& expected) { EXPECT_EQ(check_lines(plan_for(files)), expected); }

std::string configure_of(const Files& files) {
  const GatePlan plan = plan_for(files);
  const Gate* gate = find_gate(plan, "cmake configure");
  return gate ? words(gate->argv) : "none";
}

// The -D options of the configure gate that come from the project.
void check_options(const std::string& list, const std::string& expected) {
  const std::string line = configure_of({{"CMakeLists.txt", list}});
  const std::string before = "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON";
  const auto at = line.find(before);
  ASSERT_NE(at, std::string::npos) << line;
  const std::string rest = line.substr(at + before.size());
  EXPECT_EQ(rest.empty() ? "" : rest.substr(1), expected) << list;
}

TEST(DiscoverCMake, ConfigureBuildAndCTest) {
  const GatePlan plan = plan_for({{"CMakeLists.txt", kPlainCMake}, {"t.cpp", ""}});
  EXPECT_EQ(gate_lines(plan),
            "setup cmake configure | cmake -S {root} -B {root}/.baton-build -G Ninja -DCMAKE_BUILD_TYPE=Debug "
            "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON\n"
            "build cmake build | cmake --build {root}/.baton-build -j {jobs}\n"
            "test ctest | ctest --test-dir {root}/.baton-build --output-junit {reports}/ctest.xml --no-tests=error "
            "--output-on-failure --timeout 300 -j {jobs} --test-output-size-passed 1048576 --test-output-size-failed 1048576\n");
  const Gate* test = find_gate(plan, "ctest");
  EXPECT_EQ(test->needs, std::vector<std::string>{"cmake build"});
  EXPECT_EQ(test->reports, std::vector<std::string>{"{reports}/ctest.xml"});
  EXPECT_EQ(test->select_argv.back(), "{tests}");
  EXPECT_FALSE(find_gate(plan, "cmake configure")->network);
  EXPECT_EQ(plan.tools.size(), 4u);  // cmake, cc, c++, ninja
  EXPECT_TRUE(plan.advice.empty());
}

TEST(DiscoverCMake, TurnsTestsOnAndNothingElse) {
  const std::string project = "project(x)\n";
  check_options(project + "option(X_BUILD_TESTS \"\" OFF)", "-DX_BUILD_TESTS=ON");
  check_options(project + "option(JSON_BuildTests \"\" OFF)", "-DJSON_BuildTests=ON");
  check_options(project + "option(ENABLE_X_TEST \"\" OFF) option(ENABLE_FUZZING \"\" OFF)", "-DENABLE_X_TEST=ON");
  check_options(project + "include(CTest)\nif(BUILD_TESTING)\nendif()", "-DBUILD_TESTING=ON");
  check_options(project + "option(FMT_TEST \"\" OFF) option(FMT_CUDA_TEST \"\" OFF) option(FMT_DOC \"\")", "-DFMT_TEST=ON");
  check_options(project + "option(A_BUILD_TESTS \"\") option(A_BUILD_TESTS_HO \"\") option(A_SINGLE_FILE_TESTS \"\")",
                "-DA_BUILD_TESTS=ON");
  check_options(project + "option(X_DISABLE_TESTS \"\") option(USE_SYSTEM_GTEST \"\") option(X_LATEST \"\")", "");
  check_options(project + "option(my_DEVELOPER_MODE \"\" OFF)", "-Dmy_DEVELOPER_MODE=ON");
  check_options(project + "# option(X_BUILD_TESTS \"\" OFF)", "");
  check_options(project + "set(X_BUILD_TESTS OFF CACHE BOOL \"\")", "-DX_BUILD_TESTS=ON");
}

TEST(DiscoverCMake, LeavesAProjectItsOwnBuildType) {
  EXPECT_EQ(configure_of({{"CMakeLists.txt", "project(x)\nif(NOT CMAKE_BUILD_TYPE)\nset(CMAKE_BUILD_TYPE Release)\nendif()"}})
                .find("CMAKE_BUILD_TYPE"),
            std::string::npos);
}

TEST(DiscoverCMake, NetworkOnlyWhereSomethingIsFetched) {
  GatePlan plan = plan_for({{"CMakeLists.txt", "project(x)\nFetchContent_Declare(a URL b)"}});
  EXPECT_TRUE(find_gate(plan, "cmake configure")->network);
  EXPECT_FALSE(find_gate(plan, "cmake build")->network);
  plan = plan_for({{"CMakeLists.txt", "project(x)\nExternalProject_Add(a URL b)"}});
  EXPECT_TRUE(find_gate(plan, "cmake build")->network);
  EXPECT_EQ(words(find_gate(plan, "cmake configure")->argv).find("Ninja"), std::string::npos);
}

TEST(DiscoverCMake, TestsWhereTheyAre) {
  // enable_testing() below the top: ctest looks there.
  GatePlan plan = plan_for({{"CMakeLists.txt", "project(x)\nadd_subdirectory(test)"},
                            {"test/CMakeLists.txt", "enable_testing()\nadd_test(a a)"}});
  EXPECT_NE(words(find_gate(plan, "ctest")->argv).find("{root}/.baton-build/test "), std::string::npos);
  // A program that CTest does not know is run with its framework's reporter.
  plan = plan_for({{"CMakeLists.txt", "project(x)\nadd_subdirectory(test)"},
                   {"test/CMakeLists.txt", "add_executable(X_TESTS a.cpp)\nset_target_properties(X_TESTS PROPERTIES OUTPUT_NAME tests)\n"
                                           "set(DEFS DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN)"}});
  ASSERT_NE(find_gate(plan, "X_TESTS"), nullptr);
  EXPECT_EQ(words(find_gate(plan, "X_TESTS")->argv),
            "{root}/.baton-build/test/tests --reporters=junit --out={reports}/doctest.xml");
  // None at all.
  plan = plan_for({{"CMakeLists.txt", "project(x)\nadd_library(x x.cpp)"}});
  EXPECT_EQ(find_gate(plan, "ctest"), nullptr);
  EXPECT_TRUE(advises(plan, "CMakeLists.txt", false));
}

TEST(DiscoverCMake, SubfolderProjectsGetTheirNames) {
  check({{"native/CMakeLists.txt", kPlainCMake}, {"third_party/zlib/CMakeLists.txt", kPlainCMake}},
        "build cmake build (native) | cmake --build {root}/.baton-build/native -j {jobs}\n"
        "test ctest (native) | ctest --test-dir {root}/.baton-build/native --output-junit {reports}/ctest.xml --no-tests=error "
        "--output-on-failure --timeout 300 -j {jobs} --test-output-size-passed 1048576 --test-output-size-failed 1048576\n");
  check({{"cmake/CMakeLists.txt", "include(x)"}}, "");
}

TEST(DiscoverCMake, MissingToolsBlock) {
  const Programs none{};
  const GatePlan plan = plan_for({{"CMakeLists.txt", kPlainCMake}}, {}, none);
  for (const char* tool : {"cmake", "c++", "make"}) EXPECT_TRUE(advises(plan, tool, true)) << tool;
  EXPECT_EQ(plan.advice[0].mend, "apt install cmake");
}

TEST(DiscoverMake, TestAndCheckOnly) {
  check({{"Makefile", "all:\n\tcc x.c\ntest: all\n\t./x\n"}}, "test make test | make -k test\n");
  check({{"Makefile", "check:\n\t./x\n"}}, "test make check | make -k check\n");
  check({{"Makefile", "test:\n\t./x\ncheck: test\n"}}, "test make test | make -k test\n");
  check({{"Makefile", "test:\n\t./x\ncheck:\n\t./y\n"}}, "test make test | make -k test\ntest make check | make -k check\n");
  check({{"Makefile", "all:\n\tcc x.c\ntest_one:\n\t./x\nTEST := 1\ntest = 2\n"}}, "");
  check({{"Makefile", "include rules.mk\n"}, {"rules.mk", "lint test:\n\t./x\n"}}, "test make test | make -k test\n");
  check({{"Makefile", "# test:\n"}}, "");
}

TEST(DiscoverMake, WrapsNothingTwice) {
  const GatePlan plan = plan_for({{"CMakeLists.txt", kPlainCMake}, {"Makefile", "test:\n\tctest\n"}});
  EXPECT_EQ(find_gate(plan, "make test"), nullptr);
  EXPECT_TRUE(advises(plan, "Makefile", false));
}

TEST(DiscoverOthers, NameTheLineThatHelps) {
  const GatePlan plan = plan_for({{"mix.exs", ""}});
  ASSERT_TRUE(advises(plan, "mix.exs", true));
  EXPECT_NE(plan.advice[0].mend.find("mix test"), std::string::npos);
  EXPECT_TRUE(advises(plan_for({{"README.md", ""}}), "workspace", true));
  EXPECT_TRUE(advises(plan_for({}), "workspace", true));
}

TEST(Discover, SeveralEcosystemsGiveAllTheirGates) {
  const GatePlan plan = plan_for({{"CMakeLists.txt", kPlainCMake},
                                  {"package.json", R"({"scripts":{"test":"ava"}})"},
                                  {"tools/setup.py", ""},
                                  {"tools/tests/test_a.py", "def test_a(): pass\n"}});
  for (const char* name : {"cmake build", "ctest", "ava", "pytest (tools)"}) EXPECT_NE(find_gate(plan, name), nullptr) << name;
  EXPECT_EQ(find_gate(plan, "pytest (tools)")->cwd, "tools");
}

// ---------------------------------------------------------------- configuration

Config with_gate(GateSetting setting) {
  Config config;
  config.gates = {std::move(setting)};
  return config;
}

GateSetting named(const char* name) {
  GateSetting setting;
  setting.name = name;
  setting.source = ".baton/config.json";
  return setting;
}

TEST(DiscoverConfig, AddsChangesAndDisables) {
  GateSetting extra = named("smoke");
  extra.command = {"sh", "-c", "./smoke"};
  GatePlan plan = plan_for({{"CMakeLists.txt", kPlainCMake}}, with_gate(extra));
  ASSERT_NE(find_gate(plan, "smoke"), nullptr);
  EXPECT_EQ(find_gate(plan, "smoke")->kind, GateKind::test);
  EXPECT_EQ(find_gate(plan, "smoke")->needs, (std::vector<std::string>{"cmake configure", "cmake build"}));

  GateSetting slower = named("ctest");
  slower.timeout = std::chrono::seconds(5);
  plan = plan_for({{"CMakeLists.txt", kPlainCMake}}, with_gate(slower));
  EXPECT_EQ(find_gate(plan, "ctest")->timeout, std::chrono::seconds(5));
  EXPECT_FALSE(advises(plan, "ctest", false));

  GateSetting off = named("ctest");
  off.disabled = true;
  plan = plan_for({{"CMakeLists.txt", kPlainCMake}}, with_gate(off));
  EXPECT_EQ(find_gate(plan, "ctest"), nullptr);
  EXPECT_TRUE(advises(plan, "ctest", false)) << "a repository that weakens a gate is shown";
  off.source = "/home/me/.config/baton/config.json";
  EXPECT_FALSE(advises(plan_for({{"CMakeLists.txt", kPlainCMake}}, with_gate(off)), "ctest", false));

  EXPECT_TRUE(advises(plan_for({{"CMakeLists.txt", kPlainCMake}}, with_gate(named("ctset"))), "ctset", true));
}

TEST(DiscoverConfig, SetUpComesFirst) {
  Config config;
  config.setup = {{"sh", "-c", "./prepare"}};
  const GatePlan plan = plan_for({{"CMakeLists.txt", kPlainCMake}}, config);
  EXPECT_EQ(plan.gates[0].name, "setup");
  EXPECT_TRUE(plan.gates[0].network);
  EXPECT_EQ(plan.gates[1].needs, std::vector<std::string>{"setup"});
}

TEST(DiscoverConfig, ACircleOfNeedsIsKept) {
  GateSetting a = named("a"), b = named("b");
  a.command = b.command = {"true"};
  a.needs = {"b"};
  b.needs = {"a"};
  Config config;
  config.gates = {a, b};
  EXPECT_EQ(plan_for({}, config).gates.size(), 2u);
}

}  // namespace
}  // namespace baton
