// Reads the tree and holds it to the rules of the house; the tables show that each rule bites.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "tests/house/rules.h"

namespace baton::house {
namespace {

namespace fs = std::filesystem;
using Rule = Complaints (*)(std::string_view, std::string_view);

void check(Rule rule, std::string_view path, std::string_view text, size_t expected) {
  const Complaints complaints = rule(path, text);
  EXPECT_EQ(complaints.size(), expected) << path << "\n" << text << "\n" << testing::PrintToString(complaints);
}

template <class Wanted>
std::vector<std::string> files(const Wanted& wanted) {
  const fs::path root = BATON_SOURCE_DIR;
  std::vector<std::string> found;
  for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator(); ++it) {
    const std::string name = it->path().filename().string();
    if (it->is_directory() && (name == ".git" || name == "node_modules" || name == "workspaces" ||
                               it->path() == root / "build" || it->path() == root / "out")) {
      it.disable_recursion_pending();
    } else if (it->is_regular_file()) {
      const std::string path = it->path().lexically_relative(root).generic_string();
      if (wanted(path)) found.push_back(path);
    }
  }
  return found;
}

bool is_source(std::string_view path) {
  return !path.starts_with("tests/") && (path.ends_with(".cpp") || path.ends_with(".h"));
}

bool is_build_file(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  for (const std::string_view known :
       {"CMakeLists.txt", "CMakePresets.json", "Makefile", "package.json", "package-lock.json", ".npmrc", "pyproject.toml"}) {
    if (name == known) return true;
  }
  return path.ends_with(".cmake") || name.starts_with("requirements") || path.starts_with("scripts/") ||
         path.starts_with(".ci/");
}

std::string read(const std::string& path) {
  std::ifstream in(fs::path(BATON_SOURCE_DIR) / path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

template <class Wanted>
void hold(Rule rule, const Wanted& wanted) {
  const auto paths = files(wanted);
  ASSERT_FALSE(paths.empty());
  for (const std::string& path : paths) {
    for (const std::string& complaint : rule(path, read(path))) ADD_FAILURE() << complaint;
  }
}

TEST(House, IncludesPointDown) { hold(include_arrows, is_source); }
TEST(House, HeavyHeadersStayInTheirSources) { hold(heavy_headers, is_source); }
TEST(House, NoCapturingLambdaInsideCoAwait) { hold(awaited_lambdas, is_source); }
TEST(House, BuildFilesNameNoRegistry) { hold(registry_hosts, is_build_file); }

TEST(House, OneNameIsOneType) {
  std::map<std::string, std::string> owners;
  for (const std::string& path : files(is_source)) {
    for (const std::string& name : shared_types(read(path))) {
      const auto [first, is_new] = owners.emplace(name, path);
      EXPECT_TRUE(is_new) << name << " is defined in " << first->second << " and in " << path;
    }
  }
  EXPECT_GT(owners.size(), 100u);
}

TEST(Rules, SharedTypes) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(shared_types("namespace baton {\nstruct A {\n  struct B {};\n};\nclass C : public A {\n};\n}  // namespace baton\n"),
            (Names{"A", "C"}));
  EXPECT_EQ(shared_types("namespace baton {\nnamespace {\nstruct A {};\n}  // namespace\nenum class B { b };\nstruct C;\n"), (Names{"B"}));
  EXPECT_EQ(shared_types("namespace baton {\nnamespace event {\nstruct A {\n};\n}  // namespace event\nstruct A {\n};\n"), (Names{"event::A", "A"}));
  EXPECT_EQ(shared_types("struct Store::State {\n};\ntemplate <class T>\nclass [[nodiscard]] R {\n"), (Names{"R"}));
}

TEST(Rules, IncludeArrows) {
  check(include_arrows, "git/a.cpp", "#include \"support/result.h\"", 0);
  check(include_arrows, "git/a.cpp", "#include \"git/b.h\"\n#include <string>\n", 0);
  check(include_arrows, "cli/a.cpp", "#include \"lsp/b.h\"", 0);
  check(include_arrows, "git/a.cpp", "#include <git2/oid.h>", 0);
  check(include_arrows, "tests/git/a.cpp", "#include \"cli/b.h\"", 0);
  check(include_arrows, "support/a.h", "#include \"git/b.h\"", 1);
  check(include_arrows, "git/a.cpp", "  #  include \"analyzers/b.h\"", 1);
  check(include_arrows, "analyzers/a.cpp", "#include \"git/b.h\"", 1);
  check(include_arrows, "lsp/a.cpp", "#include \"cli/b.h\"", 1);
  check(include_arrows, "orchestrator/a.cpp", "#include \"b.h\"\n#include \"../git/b.h\"\n", 2);
}

TEST(Rules, HeavyHeaders) {
  check(heavy_headers, "support/json.h", "#include <nlohmann/json_fwd.hpp>", 0);
  check(heavy_headers, "support/json.cpp", "#include <nlohmann/json.hpp>", 0);
  check(heavy_headers, "lsp/wire.cpp", "#include <asio.hpp>\n#include <asio/ts/net.hpp>\n", 0);
  check(heavy_headers, "support/log.cpp", "#include <spdlog/spdlog.h>", 0);
  check(heavy_headers, "support/json.h", "#include <nlohmann/json.hpp>", 1);
  check(heavy_headers, "lsp/wire.h", "#include <asio/io_context.hpp>", 1);
  check(heavy_headers, "git/a.cpp", "#include <asio.hpp>", 1);
  check(heavy_headers, "git/a.cpp", "#include <spdlog/spdlog.h>", 1);
}

TEST(Rules, AwaitedLambdas) {
  check(awaited_lambdas, "a.cpp", "co_await run(job);\nauto f = [s] { s(); };\n", 0);
  check(awaited_lambdas, "a.cpp", "co_await run(jobs[i], [] { return 1; });", 0);
  check(awaited_lambdas, "a.cpp", "// co_await run([s] {});\n\"co_await run([s] {});\"", 0);
  check(awaited_lambdas, "a.cpp", "co_await run([s] { s(); });", 1);
  check(awaited_lambdas, "a.cpp", "co_await spawn(\n  executor,\n  [p = std::move(p)]() mutable { p(); });", 1);
  check(awaited_lambdas, "a.cpp", "co_await a([&] {}); co_await b([this] {});", 2);
}

TEST(Rules, RegistryHosts) {
  check(registry_hosts, "CMakeLists.txt", "execute_process(COMMAND npm ci)", 0);
  check(registry_hosts, "package-lock.json", "\"integrity\": \"sha512-x\", \"funding\": \"https://example.com\"", 0);
  check(registry_hosts, "package-lock.json", "\"resolved\": \"x\"", 1);
  check(registry_hosts, "scripts/setup.sh", "npm --registry https://registry.npmjs.org ci", 1);
  check(registry_hosts, ".npmrc", "registry=http://localhost:4873", 1);
  check(registry_hosts, "cmake/Grammars.cmake", "file(DOWNLOAD https://example.com/x)", 1);
}

TEST(Rules, CodeOnly) {
  EXPECT_EQ(code_only("a(\"b\\\"c\"); // d\ne"), "a(\"    \");     \ne");
  EXPECT_EQ(code_only("R\"x(a\")x\" 1'000 /* b */ c"), "R\"      \" 1'000         c");
}

}  // namespace
}  // namespace baton::house
