// Which texts ask for the workspace's own fixes, and what of.
#include "orchestrator/agents/fix_wish.h"

#include <gtest/gtest.h>

#include "tests/orchestrator/memory_source.h"

namespace baton {
namespace {

MemorySource workspace() { return MemorySource({{"include/cxxopts.hpp", ""}, {"package.json", ""}, {"src/a.cpp", ""}, {"src/sub/b.cpp", ""}, {"test/t.cpp", ""}, {"vendor/x.c", ""}}); }

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

// "tools | checks | paths | not in"; "-" for no wish.
std::string told(std::string_view text) {
  const auto wish = fix_wish(text, workspace());
  if (!wish) return "-";
  return listed(wish->tools) + (wish->formats ? "(format)" : "") + " | " + listed(wish->checks) + " | " + listed(wish->paths) + " | " + listed(wish->not_in);
}

TEST(FixWish, TextsThatAskForFixes) {
  const std::pair<const char*, const char*> kCases[] = {
      {"Fix the clang-tidy findings", "clang-tidy |  |  | "},
      {"Fix the clang-tidy findings modernize-*, readability-*, performance-*", "clang-tidy | modernize-*,readability-*,performance-* |  | "},
      {"Fix the clang-tidy findings (modernize-use-nullptr, -modernize-use-auto) in src.", "clang-tidy | modernize-use-nullptr,-modernize-use-auto | src | "},
      {"Fix all modernize and performance findings of clang-tidy", "clang-tidy | modernize-*,performance-* |  | "},
      {"Fix the `modernize-use-override` findings", "clang-tidy | modernize-use-override |  | "},
      {"fix eslint errors in src", "eslint |  | src | "},
      {"Please fix the ESLint warnings in src/ and test/", "eslint |  | src,test | "},
      {"Fix the errors that eslint reports, except in vendor", "eslint |  |  | vendor"},
      {"Apply eslint's fixes for `prefer-const` and `no-var`.", "eslint | prefer-const,no-var |  | "},
      {"apply ruff's fixes", "ruff |  |  | "},
      {"Fix F401 and UP findings with ruff", "ruff | F401,UP |  | "},
      {"run ruff --fix", "ruff |  |  | "},
      {"Fix the clippy warnings", "clippy |  |  | "},
      {"Fix cargo clippy's needless_return lints", "clippy | clippy::needless_return |  | "},
      {"format the code", "(format) |  |  | "},
      {"Format all C++ files with clang-format", "clang-format |  |  | "},
      {"Run prettier over src", "prettier |  | src | "},
      {"Format src with clang-format", "clang-format |  | src | "},
      {"Run gofmt", "gofmt |  |  | "},
      {"reformat the whole project", "(format) |  |  | "},
      {"Fix the lint errors", " |  |  | "},
      {"Fix all linter warnings in src", " |  | src | "},
      {"Apply the clang-tidy fixes. Do not touch include/cxxopts.hpp.", "clang-tidy |  |  | include/cxxopts.hpp"},
      {"Fix the clang-tidy findings in include/cxxopts.hpp", "clang-tidy |  | include/cxxopts.hpp | "},
  };
  for (const auto& [text, expected] : kCases) EXPECT_EQ(told(text), expected) << text;
}

TEST(FixWish, TextsThatAskForSomethingElse) {
  const char* kCases[] = {"Add a dark mode",
                          "Fix the crash when the config is empty",
                          "Add clang-tidy to CI",
                          "Fix the eslint config so that it finds tests",
                          "Upgrade eslint to version 9",
                          "format the date as ISO 8601",
                          "Fix the date format in the invoice",
                          "Fix the eslint errors and add a dark mode",
                          "Fix the eslint errors. Add a test for parse().",
                          "Implement a prettier error page",
                          "ruff crashes on empty files",
                          "Write a black and white theme",
                          "Improve the performance of the parser",
                          "Fix the tests",
                          ""};
  for (const char* text : kCases) EXPECT_EQ(told(text), "-") << text;
}

TEST(FixWish, WhichFindingsAreMeant) {
  const auto fix = [](const char* tool, const char* check, const char* path) { return Fix{"", tool, check, path, 1, "", {}}; };
  const FixWish tidy{{"clang-tidy"}, false, {"modernize-*", "-modernize-use-auto"}, {"src"}, {"src/gen"}};
  EXPECT_TRUE(is_wished(tidy, fix("clang-tidy", "modernize-use-nullptr", "src/a.cpp")));
  EXPECT_FALSE(is_wished(tidy, fix("clang-tidy", "modernize-use-auto", "src/a.cpp")));
  EXPECT_FALSE(is_wished(tidy, fix("clang-tidy", "readability-x", "src/a.cpp")));
  EXPECT_FALSE(is_wished(tidy, fix("clang-tidy", "modernize-use-nullptr", "src2/a.cpp")));
  EXPECT_FALSE(is_wished(tidy, fix("clang-tidy", "modernize-use-nullptr", "src/gen/a.cpp")));
  EXPECT_TRUE(is_wished({{"ruff"}, false, {"F"}, {}, {}}, fix("ruff", "F401", "a.py")));
  EXPECT_FALSE(is_wished({{"ruff"}, false, {"-F"}, {}, {}}, fix("ruff", "F401", "a.py")));
  EXPECT_TRUE(is_wished({{"ruff"}, false, {"-F"}, {}, {}}, fix("ruff", "E501", "a.py")));
  EXPECT_TRUE(is_wished({}, fix("eslint", "semi", "a.js")));
}

}  // namespace
}  // namespace baton
