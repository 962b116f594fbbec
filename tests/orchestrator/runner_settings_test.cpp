// The part of a file that only runners of tests read.
#include "orchestrator/runner_settings.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(RunnerSettings, TheBasesInPlaceOfTheResults) {
  EXPECT_EQ(with_runner_settings_of("setup.cfg", "[a]\nb = 1\n\n[tool:pytest]\nx = 1\n", "[a]\nb = 2\n\n[tool:pytest]\nx = 2\n\n[c]\nd = 1\n"), "[a]\nb = 2\n\n[c]\nd = 1\n\n[tool:pytest]\nx = 1\n");
  EXPECT_EQ(with_runner_settings_of("pyproject.toml", "[project]\nname = 'a'\n", "[project]\nname = 'a'\n\n[tool.pytest.ini_options]\naddopts = '-p fake'\n"), "[project]\nname = 'a'\n\n");
  EXPECT_EQ(with_runner_settings_of("tox.ini", "[pytest]\nx = 1\n", "[tox]\nenvlist = py\n"), "[tox]\nenvlist = py\n\n[pytest]\nx = 1\n");
  const std::string same = "[tool.pytest.ini_options]\nx = 1\n[tool.ruff]\ny = 2";
  EXPECT_EQ(with_runner_settings_of("pyproject.toml", "[tool.pytest.ini_options]\nx = 1\n", same), same) << "to the letter";
}

TEST(RunnerSettings, FieldsOfAPackage) {
  const std::string base = R"({"name": "a", "imports": {"#calc": "./calc.js"}, "scripts": {"test": "node --test", "build": "tsc"}})";
  const std::string head = R"({"name": "a", "imports": {"#calc": "./fake.js"}, "jest": {"moduleNameMapper": {"x": "y"}}, "scripts": {"test": "node --import ./fake.js --test", "build": "tsc -b"}, "exports": {"import": "./b.js", "default": "./a.js"}})";
  EXPECT_EQ(with_runner_settings_of("package.json", base, head),
            "{\n  \"name\": \"a\",\n  \"imports\": {\n    \"#calc\": \"./calc.js\"\n  },\n  \"scripts\": {\n    \"test\": \"node --test\",\n    \"build\": \"tsc -b\"\n  },\n  \"exports\": {\n    \"import\": \"./b.js\",\n    \"default\": \"./a.js\"\n  }\n}\n");
  const std::string other = R"({"name":"b","scripts":{"test":"node --test","build":"tsc"},"imports":{"#calc":"./calc.js"}})";
  EXPECT_EQ(with_runner_settings_of("package.json", base, other), other) << "nothing of a runner's";
  EXPECT_EQ(with_runner_settings_of("package.json", base, "no json"), "no json");
}

// What is run is the base's; what is built before is named as the result names it.
TEST(RunnerSettings, RecipesOfTests) {
  const std::string base = "CFLAGS = -O1\n\napp: app.c\n\tcc -o app app.c\n\ntest: app\n\tsh tests/run.sh\n\tsh tests/more.sh\n\nclean:\n\trm app\n";
  const std::string head = "CFLAGS = -O2\n\nprogram: app.c\n\tcc -o program app.c\n\ntest: program\n\tRATE=18 sh tests/run.sh\n\nclean:\n\trm program\n";
  EXPECT_EQ(with_runner_settings_of("Makefile", base, head), "CFLAGS = -O2\n\nprogram: app.c\n\tcc -o program app.c\n\ntest: program\n\tsh tests/run.sh\n\tsh tests/more.sh\n\nclean:\n\trm program\n");
  const std::string built = "CFLAGS = -O3\ntest: app\n\tsh tests/run.sh\n\tsh tests/more.sh\nlint:\n\tcheck";
  EXPECT_EQ(with_runner_settings_of("Makefile", base, built), built) << "to the letter";
  EXPECT_EQ(with_runner_settings_of("sub/GNUmakefile", "test := 1\n", "test:\n\ttrue\n"), "test:\n\ttrue\n");
}

TEST(RunnerSettings, TheSectionOfTestsInWhatBuilds) {
  const std::string base = "export default defineConfig({\n  plugins: [vue()],\n  test: { globals: true, include: ['a.{js,ts}'] },\n})\n";
  EXPECT_EQ(with_runner_settings_of("vite.config.ts", base, "export default defineConfig({\n  plugins: [],\n  test: {\n    setupFiles: ['./fake.js'],\n  },\n  base: '/'\n})\n"),
            "export default defineConfig({\n  plugins: [],\n  test: { globals: true, include: ['a.{js,ts}'] },\n  base: '/'\n})\n");
  EXPECT_EQ(with_runner_settings_of("vite.config.ts", base, "export default defineConfig({\n  plugins: [],\n})\n"), "export default defineConfig({\ntest: { globals: true, include: ['a.{js,ts}'] },\n  plugins: [],\n})\n") << "it is gone";
  EXPECT_EQ(with_runner_settings_of("vite.config.js", "export default { base: '/' }\n", "export default { test: { setupFiles: ['./fake.js'] }, base: '/' }\n"), "export default {  base: '/' }\n") << "it is new";
  const std::string plugin = "export default defineConfig({\n  plugins: [vue(), svg()],\n  test: { globals: true, include: ['a.{js,ts}'] }\n})\n";
  EXPECT_EQ(with_runner_settings_of("vite.config.ts", "export default { test: {} }\n", plugin), "export default defineConfig({\n  plugins: [vue(), svg()],\n  test: {},\n})\n");
  EXPECT_EQ(with_runner_settings_of("vite.config.ts", plugin, plugin), plugin) << "to the letter";
}

TEST(RunnerSettings, TheEnvironmentOfTests) {
  EXPECT_EQ(with_runner_settings_of(".env.test", "RATE=7\nMODE=strict\n", "# rates\nRATE=70\nURL=x\n"), "# rates\nRATE=7\nURL=x\nMODE=strict\n");
  EXPECT_EQ(with_runner_settings_of(".env.test", "RATE=7\n", "RATE=7\nURL=x"), "RATE=7\nURL=x") << "to the letter";
  EXPECT_FALSE(names_runner_settings(".env"));
}

TEST(RunnerSettings, FilesThatNothingElseReads) {
  for (const char* path : {"pytest.ini", "sub/jest.config.ts", "vitest.config.mjs", ".mocharc.yml"}) EXPECT_TRUE(is_runner_settings(path)) << path;
  for (const char* path : {"pyproject.toml", "package.json", "vite.config.ts", "tox.ini"}) EXPECT_FALSE(is_runner_settings(path)) << path;
  for (const char* path : {"pyproject.toml", "package.json", "tox.ini", "pytest.ini", "vite.config.ts", "web/.env.test"}) EXPECT_TRUE(names_runner_settings(path)) << path;
  for (const char* path : {"Cargo.toml", "a.py"}) EXPECT_FALSE(names_runner_settings(path)) << path;
}

}  // namespace
}  // namespace baton
