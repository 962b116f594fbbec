#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/orchestrator/memory_source.h"

namespace baton {
namespace {

using Files = std::map<std::string, std::string>;
using nlohmann::json;

Files package(const json& scripts, const json& dependencies = json::object()) {
  return {{"package.json", json{{"scripts", scripts}, {"devDependencies", dependencies}}.dump()}};
}

void check(const json& scripts, const std::string& expected, const json& dependencies = json::object()) {
  EXPECT_EQ(check_lines(plan_for(package(scripts, dependencies))), expected) << scripts.dump();
}

constexpr const char* kNodeReporters =
    "--test-reporter=junit --test-reporter-destination={reports}/node.xml --test-reporter=spec --test-reporter-destination=stdout";

TEST(DiscoverNode, EachRunnerGetsItsReporter) {
  check({{"test", "jest"}}, "test jest | jest --json --outputFile={reports}/jest.json --testLocationInResults\n");
  check({{"test", "jest --watch --coverage"}},
        "test jest | jest --coverage --json --outputFile={reports}/jest.json --testLocationInResults\n");
  const std::string vitest = " --reporter=default --reporter=json --outputFile.json={reports}/vitest.json\n";
  check({{"test", "vitest"}}, "test vitest | vitest run" + vitest);
  check({{"test", "vitest run --coverage"}}, "test vitest | vitest run --coverage" + vitest);
  check({{"test", "vitest --run"}}, "test vitest | vitest --run" + vitest);
  check({{"test", "mocha -R dot test"}},
        "test mocha | mocha test --reporter json --reporter-option output={reports}/mocha.json\n");
  check({{"test", "mocha"}}, "test mocha | mocha --reporter json\n", {{"mocha", "^8.0.1"}});
  check({{"test", "node_modules/.bin/mocha --reporter spec test/*.test.js"}},
        "test mocha | sh -c exec node_modules/.bin/_mocha test/*.test.js --reporter json\n", {{"mocha", "1.x.x"}});
  check({{"test", "ava --verbose"}}, "test ava | ava --tap\n");
  check({{"test", "tape 'test/**/*.js'"}}, "test tape | tape test/**/*.js\n");
  check({{"test", "tape test/*.js | tap-spec"}}, "test tape | sh -c exec tape test/*.js\n");
  check({{"test", "tap -R spec"}}, "test tap | tap --reporter=tap\n");
  check({{"test", "node --test test/"}}, std::string("test node --test | node --test ") + kNodeReporters + " test/\n");
  check({{"test", "node --import tsx --test --test-reporter=dot a.ts"}},
        std::string("test node --test | node --import tsx --test ") + kNodeReporters + " a.ts\n");
  check({{"test", "node ./node_modules/.bin/mocha"}},
        "test mocha | node ./node_modules/.bin/mocha --reporter json --reporter-option output={reports}/mocha.json\n");
  check({{"test", "ts-scripts test"}},
        "build ts-scripts build | ts-scripts build --no-clean\n"
        "typecheck ts-scripts check | ts-scripts check\n"
        "test vitest | ts-scripts specs -- --reporter=default --reporter=json --outputFile.json={reports}/vitest.json\n");
  check({{"test", "node test.js"}}, "test node test.js | node test.js\n");
}

TEST(DiscoverNode, ReportersAreNamedAndTestsCanBeChosen) {
  const GatePlan plan = plan_for(package({{"test", "nyc mocha"}}));
  const Gate* gate = find_gate(plan, "mocha");
  ASSERT_NE(gate, nullptr);
  EXPECT_EQ(gate->reports, std::vector<std::string>{"{reports}/mocha.json"});
  EXPECT_EQ(words(gate->argv), "nyc mocha --reporter json --reporter-option output={reports}/mocha.json");
  // Chosen tests alone would fall short of a coverage threshold.
  EXPECT_EQ(words(gate->select_argv), "mocha --reporter json --reporter-option output={reports}/mocha.json -g {tests}");
  EXPECT_EQ(gate->select_join, "|");
}

TEST(DiscoverNode, AFileOfNodesOwnTestsGetsNodesReporter) {
  Files files = package({{"test", "node test.js"}});
  files["test.js"] = "import test from 'node:test';\n";
  EXPECT_EQ(check_lines(plan_for(files)), std::string("test node test.js | node ") + kNodeReporters + " test.js\n");
}

TEST(DiscoverNode, ChainsBecomeOneGateATool) {
  check({{"test", "xo && ava && tsd"}},
        "lint xo | xo --reporter=json\ntypecheck tsd | tsd\ntest ava | ava --tap\n");
  check({{"test", "npm run lint && npm run unit"}, {"lint", "eslint . --fix"}, {"unit", "ava"}},
        "lint eslint | eslint . -f json -o {reports}/eslint.json\ntest ava | ava --tap\n");
  check({{"test", "pnpm types && pnpm vitest run"}, {"types", "tsgo --noEmit"}},
        "typecheck tsgo | tsgo --noEmit --pretty false\ntest vitest | vitest run --reporter=default --reporter=json --outputFile.json={reports}/vitest.json\n");
  check({{"test", "npm-run-all --silent typecheck unit:*"}, {"typecheck", "tsc --noEmit"}, {"unit:a", "ava a"}, {"unit:b", "ava b"}},
        "typecheck tsc | tsc --noEmit --pretty false\ntest ava | ava a --tap\ntest ava: unit:b | ava b --tap\n");
  check({{"test", "pnpm run /^test:/"}, {"test:a", "ava"}, {"test:b", "oxlint"}},
        "lint oxlint | oxlint -f json\ntest ava | ava --tap\n");
  check({{"test", "yarn lint && yarn ava"}, {"lint", "standard"}}, "lint standard | standard\ntest ava | ava --tap\n");
  // What is beside a runner and may only assert something is judged by its exit code.
  check({{"test", "ava && node test/check.js && rimraf x && echo done"}},
        "build node test/check.js | node test/check.js\ntest ava | ava --tap\n");
}

TEST(DiscoverNode, HooksBelongToTheirScript) {
  check({{"pretest", "rimraf build && tsc -p tsconfig.test.json"}, {"test", "c8 mocha build/"}, {"posttest", "npx npm@10 audit"}},
        "build tsc | tsc -p tsconfig.test.json --pretty false\n"
        "test mocha | c8 mocha build/ --reporter json --reporter-option output={reports}/mocha.json\n");
  const GatePlan plan = plan_for(package({{"pretest", "tsc"}, {"test", "mocha"}}));
  EXPECT_EQ(find_gate(plan, "mocha")->needs, (std::vector<std::string>{"npm install", "tsc"}));
}

TEST(DiscoverNode, TextThatNeedsAShellRunsAsItIs) {
  check({{"test", "ava || exit 1"}}, "test npm test | npm test\n");
  check({{"test", "FOO=$BAR mocha; ava"}}, "test npm test | npm test\n");
  check({{"test", "ava | grep x"}}, "test npm test | npm test\n");
  check({{"test", "npm run odd && ava"}, {"odd", "a; b"}}, "lint npm run odd | npm run odd\ntest ava | ava --tap\n");
  check({{"test", "mystery"}}, "test npm test | npm test\n");
  check({{"test", R"(echo "Error: no test specified" && exit 1)"}}, "");
  check({{"test", "npm test"}}, "");
  check({{"test", "npm run a"}, {"a", "npm run b"}, {"b", "npm run a"}}, "");
}

TEST(DiscoverNode, VariablesAndWrappers) {
  const GatePlan plan = plan_for(package({{"test", "cross-env NODE_ENV=test TZ=UTC npx ava"}}));
  const Gate* gate = find_gate(plan, "ava");
  ASSERT_NE(gate, nullptr);
  EXPECT_EQ(words(gate->argv), "ava --tap");
  EXPECT_EQ(get(gate->env, "NODE_ENV"), "test");
  EXPECT_EQ(get(gate->env, "TZ"), "UTC");
  EXPECT_TRUE(get(gate->env, "PATH")->starts_with("{root}/node_modules/.bin:"));
}

TEST(DiscoverNode, BuildLintAndTypecheckScripts) {
  check({{"build", "rollup -c"}, {"lint", "eslint src"}, {"typecheck", "tsc --noEmit"}, {"test", "ava"}},
        "lint eslint | eslint src -f json -o {reports}/eslint.json\n"
        "build npm run build | npm run build\n"
        "typecheck tsc | tsc --noEmit --pretty false\n"
        "test ava | ava --tap\n");
  // A compiler that build and test share runs once.
  check({{"build", "del-cli dist && tsc"}, {"test", "ava && del-cli dist && tsc && tsd"}},
        "build tsc | tsc --pretty false\ntypecheck tsd | tsd\ntest ava | ava --tap\n");
  check({{"release", "np"}, {"start", "node server.js"}, {"deploy", "x"}}, "");
}

std::string install_line(Files files, const char* name) {
  const GatePlan plan = plan_for(std::move(files));
  const Gate* gate = find_gate(plan, name);
  return gate ? words(gate->argv) : gate_lines(plan);
}

TEST(DiscoverNode, InstallsByTheLockFile) {
  const auto with = [](const char* lock, const std::string& text = "") {
    Files files = package({{"test", "ava"}});
    files[lock] = text;
    return files;
  };
  EXPECT_EQ(install_line(with("package-lock.json"), "npm ci"), "npm ci --no-audit --no-fund");
  EXPECT_EQ(install_line(with("pnpm-lock.yaml", "lockfileVersion: '9.0'\n"), "pnpm install"), "npx --yes pnpm@10 install --frozen-lockfile");
  EXPECT_EQ(install_line(with("pnpm-lock.yaml", "lockfileVersion: '6.0'\n"), "pnpm install"), "npx --yes pnpm@8 install --frozen-lockfile");
  EXPECT_EQ(install_line(with("yarn.lock", "# yarn lockfile v1\n"), "yarn install"), "npx --yes yarn@1.22.22 install --frozen-lockfile --non-interactive");
  EXPECT_EQ(install_line(with("yarn.lock", "__metadata:\n  version: 8\n"), "yarn install"), "npx --yes @yarnpkg/cli-dist@4 install --immutable");
  EXPECT_NE(install_line(package({{"test", "ava"}}), "npm install").find("npm install --no-audit --no-fund --no-package-lock"), std::string::npos);
  const GatePlan plan = plan_for(with("package-lock.json"));
  EXPECT_EQ(plan.gates[0].installation.inputs, (std::vector<std::string>{"package.json", "package-lock.json"}));
  EXPECT_EQ(plan.gates[0].installation.outputs, std::vector<std::string>{"node_modules"});
  EXPECT_TRUE(plan.gates[0].network);
}

TEST(DiscoverNode, ABuildAtInstallationIsAGateOfItsOwn) {
  Files files = package({{"prepare", "npm run compile"}, {"compile", "tsc"}, {"test", "ava"}});
  files["package-lock.json"] = "{}";
  const GatePlan plan = plan_for(files);
  EXPECT_NE(words(find_gate(plan, "npm ci")->argv).find("--ignore-scripts"), std::string::npos);
  EXPECT_NE(find_gate(plan, "tsc"), nullptr);
  Files hooks = package({{"prepare", "husky"}, {"test", "ava"}});
  hooks["package-lock.json"] = "{}";
  EXPECT_EQ(words(plan_for(hooks).gates[0].argv).find("--ignore-scripts"), std::string::npos);
}

TEST(DiscoverNode, Workspaces) {
  const std::string inner = R"({"name":"a","scripts":{"test":"ava"}})";
  Files files = {{"package.json", R"({"workspaces":["packages/*"],"scripts":{"test":"npm run test --workspaces"}})"},
                 {"packages/a/package.json", inner},
                 {"packages/b/package.json", R"({"name":"b"})"},
                 {"other/package.json", inner}};
  EXPECT_EQ(check_lines(plan_for(files)), "test ava (packages/a) | ava --tap\n");
  EXPECT_TRUE(get(find_gate(plan_for(files), "ava (packages/a)")->env, "PATH")
                  ->starts_with("{root}/packages/a/node_modules/.bin:{root}/node_modules/.bin:"));
  Files pnpm = {{"package.json", R"({"scripts":{"test":"pnpm -r test"}})"},
                {"pnpm-workspace.yaml", "packages:\n  - 'packages/*'\n"},
                {"packages/a/package.json", inner}};
  EXPECT_EQ(check_lines(plan_for(pnpm)), "test ava (packages/a) | ava --tap\n");
  // A runner at the root runs them all already.
  files["package.json"] = R"({"workspaces":["packages/*"],"scripts":{"test":"jest"}})";
  EXPECT_EQ(check_lines(plan_for(files)), "test jest | jest --json --outputFile={reports}/jest.json --testLocationInResults\n");
}

TEST(DiscoverNode, BadManifestsAreSaid) {
  EXPECT_TRUE(advises(plan_for({{"package.json", "{"}}), "package.json", true));
  EXPECT_TRUE(advises(plan_for({{"package.json", "[]"}}), "package.json", true));
  EXPECT_TRUE(plan_for({{"package.json", R"({"scripts":{"test":3},"dependencies":[]})"}}).gates.empty());
  const Programs none{};
  EXPECT_TRUE(advises(plan_for(package({{"test", "ava"}}), {}, none), "node", true));
}

}  // namespace
}  // namespace baton
