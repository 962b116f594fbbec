#include "orchestrator/agents/foreign_setup.h"

#include <gtest/gtest.h>

#include "tests/orchestrator/memory_source.h"

namespace baton {
namespace {

std::string text(const ForeignSetup& setup) {
  std::string all;
  for (const Gate& step : setup.steps) {
    EXPECT_EQ(step.kind, GateKind::setup);
    EXPECT_TRUE(step.network);
    for (std::size_t i = 0; i < step.argv.size(); ++i) all += (i == 0 ? "" : "|") + step.argv[i];
    all += "\n";
  }
  for (const std::string& path : setup.copies) all += "copy " + path + "\n";
  return all + (setup.notes.empty() ? "" : std::to_string(setup.notes.size()) + " notes\n");
}

TEST(ForeignSetupTest, WhatOtherToolsSay) {
  GatePlan npm;
  npm.gates.emplace_back();
  npm.gates[0].kind = GateKind::setup;
  npm.gates[0].argv = {"npm", "ci"};
  const struct {
    const char* path;
    const char* content;
    const char* found;
  } cases[] = {
      {".cursor/worktrees.json", R"({"setup-worktree": ["npm install", "cp $ROOT_WORKTREE_PATH/.env .env", "make seed"]})", "sh|-c|make seed\ncopy .env\n"},
      {".cursor/worktrees.json", R"({"setup-worktree-unix": ["a"], "setup-worktree": ["b"]})", "sh|-c|a\n"},
      {".cursor/worktrees.json", R"({"setup-worktree": "make all"})", "sh|-c|make all\n"},
      {".cursor/worktrees.json", R"({"setup-worktree": ["cp -R $ROOT_WORKTREE_PATH/data ../elsewhere", "cp \"$ROOT_WORKTREE_PATH/a/.env\" a/"]})", "copy a/.env\n1 notes\n"},
      {".cursor/worktrees.json", "not JSON", ""},
      {"conductor.json", R"({"scripts": {"setup": "npm ci && cp $CONDUCTOR_ROOT_PATH/.env . && npm run build", "run": "npm start"}})", "sh|-c|npm run build\ncopy .env\n"},
      {"conductor.json", R"({"scripts": {"run": "npm start"}})", ""},
      {".codex/environments/environment.toml", "version = 1\nname = \"x\"\n\n[setup]\nscript = '''\nset -e\nmake deps\n'''\n", "sh|-c|set -e\nmake deps\n"},
      {".devcontainer/devcontainer.json", "{\n  // how it begins\n  \"postCreateCommand\": \"make init\",\n  \"onCreateCommand\": [\"make\", \"first one\"]\n}", "make|first one\nsh|-c|make init\n"},
      {".devcontainer.json", R"({"postCreateCommand": {"a": "make a", "b": ["make", "b"]}})", "sh|-c|make a\nmake|b\n"},
      {".devcontainer.json", R"({"image": "x"})", ""},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(text(foreign_setup(MemorySource(std::map<std::string, std::string>{{one.path, one.content}}), npm)), one.found) << one.path << ": " << one.content;
  }
}

TEST(ForeignSetupTest, TheFirstThatSaysSomethingCounts) {
  const MemorySource files({{".cursor/worktrees.json", R"({"setup-worktree": []})"},
                            {"conductor.json", R"({"scripts": {"setup": "npm install"}})"},
                            {".devcontainer.json", R"({"postCreateCommand": "npm install"})"}});
  const ForeignSetup setup = foreign_setup(files, {});
  EXPECT_EQ(text(setup), "sh|-c|npm install\n");
  EXPECT_EQ(setup.steps[0].source, "conductor.json");
  const ForeignSetup copies = foreign_setup(MemorySource(std::map<std::string, std::string>{{"conductor.json", R"({"scripts": {"setup": "ln -s $CONDUCTOR_ROOT_PATH/.env .env"}})"}}), {});
  ASSERT_EQ(for_trust(copies).size(), 1u);
  EXPECT_EQ(for_trust(copies)[0].argv, (std::vector<std::string>{"cp", "<your tree>/.env", ".env"}));
}

}  // namespace
}  // namespace baton
