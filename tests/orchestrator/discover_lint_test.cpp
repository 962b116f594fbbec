#include <gtest/gtest.h>

#include "orchestrator/changed_files.h"
#include "orchestrator/gate_tools.h"
#include "tests/orchestrator/memory_source.h"

namespace baton {
namespace {

using Files = std::map<std::string, std::string>;

std::string ci(const std::string& script) { return "on: push\njobs:\n  a:\n    steps:\n    - run: " + script + "\n"; }

const Programs& linters() {
  static const Programs kPrograms{"python3", "ruff", "mypy", "shellcheck", "node", "npm", "cmake", "c++", "make", "clang-tidy"};
  return kPrograms;
}

// The commands of the gates that are named so, "-" before one that is not required; "none" without one.
std::string commands(const Files& files, const std::string& name, const Programs& programs = linters()) {
  std::string lines;
  for (const Gate& gate : plan_for(files, {}, programs).gates) {
    if (!gate.name.starts_with(name)) continue;
    lines += (lines.empty() ? "" : "\n") + std::string(gate.required ? "" : "-") + words(gate.argv);
  }
  return lines.empty() ? "none" : lines;
}

const std::string kRuffEnd = " --extend-exclude .baton-* --no-cache --no-fix --output-format json --output-file {reports}/ruff.json";

TEST(DiscoverLint, RuffWhereItIsConfiguredOrCalled) {
  EXPECT_EQ(commands({{"ruff.toml", ""}}, "ruff"), "ruff check ." + kRuffEnd);
  EXPECT_EQ(commands({{"pyproject.toml", "[tool.ruff]\nline-length = 100\n"}}, "ruff"), "ruff check ." + kRuffEnd);
  EXPECT_EQ(commands({{"pyproject.toml", "[tool.black]\n"}, {"a.py", ""}}, "ruff"), "none");
  const std::string own = "{root}/.baton-lint/bin/ruff check ";
  EXPECT_EQ(commands({{".github/workflows/a.yml", ci("ruff check --select I --fix --output-format=github src gone")}, {"src/a.py", ""}}, "ruff"),
            own + "--select I src" + kRuffEnd);
  EXPECT_EQ(commands({{".github/workflows/a.yml", ci("ruff . && ruff check --select D src")}, {"src/a.py", ""}}, "ruff"),
            own + "." + kRuffEnd + "\n" + own + "--select D src" + kRuffEnd);
  // A formatter alone, one whose findings are ignored, a question.
  EXPECT_EQ(commands({{"ruff.toml", ""}, {".github/workflows/a.yml", ci("ruff format --check")}}, "ruff"), "none");
  EXPECT_EQ(commands({{".github/workflows/a.yml", ci("ruff check --exit-zero && ruff --version")}}, "ruff"), "none");
  EXPECT_TRUE(advises(plan_for({{"ruff.toml", ""}}), "ruff", false));
}

// The requirement that the linters' environment gets.
void check_requirement(const Files& files, const std::string& expected) {
  const std::string command = commands(files, "python linters");
  EXPECT_EQ(command.substr(command.rfind(' ') + 1), expected) << command;
}

TEST(DiscoverLint, TheReleaseOfRuffThatTheProjectNames) {
  const auto with = [](Files files) {
    files["ruff.toml"] = "";
    return files;
  };
  check_requirement(with({{"pyproject.toml", "[dependency-groups]\nlint = ['ruff>=0.4']\n"}}), "'ruff>=0.4'");
  check_requirement(with({{"pyproject.toml", "[dependency-groups]\nlint = ['ruff']\n"}, {"uv.lock", "[[package]]\nname = \"ruff\"\nversion = \"0.5.2\"\n"}}), "ruff==0.5.2");
  check_requirement(with({{"pyproject.toml", "[tool.poetry.group.dev.dependencies]\nruff = '0.3.1'\n"}}), "ruff==0.3.1");
  check_requirement(with({{"requirements-dev.in", "ruff\n"}, {"requirements-dev.txt", "ruff==0.1.9 \\\n    --hash=sha256:0\n"}}), "ruff==0.1.9");
  check_requirement(with({{"tox.ini", "[testenv:lint]\ndeps =\n    ruff==0.2.0\n"}}), "ruff==0.2.0");
  check_requirement(with({{".pre-commit-config.yaml", "repos:\n- repo: x\n  rev: v0.6.9\n  hooks: [{id: ruff}]\n"}}), "ruff==0.6.9");
  check_requirement(with({{".github/workflows/a.yml", ci("pip install ruff==0.7.0 mypy")}}), "ruff==0.7.0");
  check_requirement(with({{".github/workflows/a.yml", ci("uvx ruff check")}}), "ruff");
  EXPECT_EQ(commands(with({}), "python linters"), "none");
  EXPECT_EQ(commands(with({{"requirements.txt", "ruff"}}), "python linters").substr(0, 1), "-");
}

const std::string kMypy = "{root}/.baton-venv/bin/python -m mypy ";
const std::string kMypyOptions = "--no-pretty --show-column-numbers --hide-error-context --no-color-output --no-error-summary --cache-dir=/dev/null";

TEST(DiscoverLint, MypyWhereItIsConfiguredOrCalled) {
  const std::string group = "[dependency-groups]\nx = ['mypy']\n";
  EXPECT_EQ(commands({{"pyproject.toml", group + "[tool.mypy]\nfiles = ['src']\n"}}, "mypy"), kMypy + kMypyOptions);
  EXPECT_EQ(commands({{"mypy.ini", "[mypy]\nfiles = src\n"}, {"setup.py", ""}}, "mypy"),
            "mypy --python-executable {root}/.baton-venv/bin/python " + kMypyOptions);
  EXPECT_EQ(commands({{"setup.cfg", "[mypy]\nstrict = true\n"}, {"tox.ini", "[testenv:mypy]\ndeps = mypy\ncommands = mypy --txt-report x pkg\n"}, {"pkg/a.py", ""}}, "mypy"),
            kMypy + kMypyOptions + " pkg");
  EXPECT_EQ(commands({{"setup.py", ""}, {"pkg/a.py", ""}, {".github/workflows/a.yml", ci("mypy --strict --install-types --non-interactive pkg")}}, "mypy"),
            kMypy + "--strict --disable-error-code=import-untyped " + kMypyOptions + " pkg");
  // pre-commit hands over files: what they are is guessed, and nobody insists on the guess.
  const std::string hook = "repos:\n- repo: x\n  rev: v1.2.3\n  hooks: [{id: mypy, args: [--strict]}]\n";
  EXPECT_EQ(commands({{"setup.py", ""}, {"src/a.py", ""}, {".pre-commit-config.yaml", hook}}, "mypy"), "-" + kMypy + "--strict " + kMypyOptions + " src");
  EXPECT_EQ(commands({{"setup.py", ""}, {"pkg/__init__.py", ""}, {"tests/__init__.py", ""}, {".pre-commit-config.yaml", hook}}, "mypy"),
            "-" + kMypy + "--strict " + kMypyOptions + " pkg");
  const Files unclear = {{"pyproject.toml", group + "[tool.mypy]\nstrict = true\n"}};
  EXPECT_EQ(commands(unclear, "mypy"), "none");
  EXPECT_TRUE(advises(plan_for(unclear), "mypy", false));
}

TEST(DiscoverLint, MypyCannotKeepTheTestsFromBeingInstalled) {
  const std::string command = commands({{"pyproject.toml", "[project]\nname='x'\n[dependency-groups]\ntest=['pytest']\ntyping=['mypy==1.9','types-six','sphinx']\n[tool.mypy]\nfiles='x'\n"},
                                        {"test_a.py", "def test_a(): pass\n"}}, "python venv");
  EXPECT_NE(command.find("-e . pytest && { "), std::string::npos) << command;
  EXPECT_NE(command.find(" mypy==1.9 types-six || echo "), std::string::npos) << command;
}

TEST(DiscoverLint, ShellcheckWhereItIsConfiguredOrCalled) {
  const std::string all = commands({{".shellcheckrc", ""}}, "shellcheck");
  EXPECT_NE(all.find("git ls-files -z -- '*.sh'"), std::string::npos) << all;
  EXPECT_TRUE(all.ends_with("| xargs -0 -r shellcheck -f json1")) << all;
  EXPECT_EQ(commands({{"a.sh", ""}}, "shellcheck"), "none");
  EXPECT_EQ(commands({{".github/workflows/a.yml", ci("shellcheck -x -f gcc scripts/*.sh ./install")}}, "shellcheck"),
            "sh -c git ls-files -z -- ':(glob)scripts/*.sh' install | xargs -0 -r shellcheck -f json1 -x");
  const std::string given = commands({{".github/workflows/a.yml", ci("git ls-files '*.sh' | xargs shellcheck -e SC1091")}}, "shellcheck");
  EXPECT_TRUE(given.ends_with(" | xargs -0 -r shellcheck -f json1 -e SC1091")) << given;
  EXPECT_EQ(commands({{".github/workflows/a.yml", ci("shellcheck --version")}}, "shellcheck"), "none");
  EXPECT_TRUE(advises(plan_for({{".shellcheckrc", ""}}), "shellcheck", false));
}

std::string package(const std::string& scripts, const std::string& more = "") {
  return "{\"scripts\": {" + scripts + "}, \"devDependencies\": {\"stylelint\": \"^16.0.0\"}" + more + "}";
}

TEST(DiscoverLint, StylelintWhereItIsConfigured) {
  const std::string end = " -f json -o {reports}/stylelint.json --allow-empty-input";
  const Files sheets = {{"a.css", ""}, {"b/c.scss", ""}};
  const auto with = [&](Files files) {
    files.insert(sheets.begin(), sheets.end());
    return files;
  };
  EXPECT_EQ(commands(with({{"package.json", package("")}, {".stylelintrc.json", "{}"}}), "stylelint"), "stylelint **/*.{css,scss}" + end);
  EXPECT_EQ(commands(with({{"package.json", package("", ", \"stylelint\": {}")}}), "stylelint"), "stylelint **/*.{css,scss}" + end);
  EXPECT_EQ(commands(with({{"package.json", package("\"css\": \"stylelint --quiet src -f compact\", \"css:fix\": \"stylelint --fix src\"")}, {"stylelint.config.js", ""}}), "stylelint"),
            "stylelint src" + end);
  EXPECT_EQ(commands(with({{"package.json", package("\"lint\": \"stylelint x.css\"")}, {".stylelintrc", ""}}), "stylelint"), "stylelint x.css" + end);
  EXPECT_EQ(commands(with({{"package.json", package("")}, {".stylelintrc", ""}, {".github/workflows/a.yml", ci("npx stylelint 'web/**/*.css'")}}), "stylelint"),
            "stylelint web/**/*.css" + end);
  EXPECT_EQ(commands(with({{"package.json", package("")}}), "stylelint"), "none");
  EXPECT_EQ(commands(with({{"package.json", "{\"scripts\": {\"a\": \"b\"}}"}, {".stylelintrc", ""}}), "stylelint"), "none");
}

const Files kCMake = {{"CMakeLists.txt", "project(x)\nenable_testing()\noption(X_DOCS \"\" ON)\noption(X_SLOW_TESTS \"\" OFF)\nadd_test(NAME a COMMAND a)\n"}};

Files cmake_with(Files files) {
  files.insert(kCMake.begin(), kCMake.end());
  return files;
}

TEST(DiscoverLint, ClangTidyOverChangedFiles) {
  const GatePlan plan = plan_for(cmake_with({{".clang-tidy", ""}, {"Makefile", "lint:\n\tclang-tidy -p build src/*.cpp\n"}}), {}, linters());
  const Gate* gate = find_gate(plan, "clang-tidy");
  ASSERT_NE(gate, nullptr) << gate_lines(plan);
  EXPECT_TRUE(gate->required);
  EXPECT_EQ(gate->argv.back(), "{changed:.c,.cc,.cpp,.cxx,.c++}");
  EXPECT_EQ(gate->needs, std::vector<std::string>{"cmake build"});
  EXPECT_EQ(commands(cmake_with({{".clang-tidy", ""}}), "clang-tidy").substr(0, 1), "-");
  EXPECT_EQ(commands(kCMake, "clang-tidy"), "none");
  EXPECT_TRUE(advises(plan_for(cmake_with({{".clang-tidy", ""}})), "clang-tidy", false));
}

// What either side of a gate with a placeholder runs.
void check_changed(const std::vector<FileChange>& changes, const std::string& cwd, const std::string& base, const std::string& head) {
  Gate gate;
  gate.name = "tidy";
  gate.cwd = cwd;
  gate.argv = {"tidy", "{changed:.c,.cpp}", "-x"};
  VerificationPlan plan;
  plan.gates.push_back({gate, gate, std::nullopt});
  give_changed_files(plan, changes);
  EXPECT_EQ(words(plan.gates[0].base->argv), base);
  EXPECT_EQ(words(plan.gates[0].head->argv), head);
}

TEST(ChangedFiles, EachSideGetsThoseThatItHas) {
  const FileChange modified{ChangeKind::modified, "a.c", "a.c"}, added{ChangeKind::added, "b.cpp", "b.cpp"}, gone{ChangeKind::deleted, "c.c", "c.c"},
      renamed{ChangeKind::renamed, "src/n.c", "src/o.c"}, other{ChangeKind::modified, "d.py", "d.py"};
  check_changed({modified, added, gone, renamed, other}, "", "tidy a.c c.c src/o.c -x", "tidy a.c b.cpp src/n.c -x");
  check_changed({modified, renamed}, "src", "tidy o.c -x", "tidy n.c -x");
  check_changed({added}, "", "true", "tidy b.cpp -x");
  check_changed({{ChangeKind::modified, "-load=x.c", "-load=x.c"}}, "", "tidy ./-load=x.c -x", "tidy ./-load=x.c -x");
  check_changed({other}, "", "true", "true");
  check_changed({}, "", "true", "true");
  VerificationPlan many;
  Gate gate;
  gate.argv = {"tidy", "{changed:.c}"};
  many.gates.push_back({gate, gate, std::nullopt});
  give_changed_files(many, std::vector<FileChange>(40, modified));
  EXPECT_EQ(many.gates[0].head->argv.size(), 31u);
  EXPECT_EQ(many.notes.size(), 1u);
}

TEST(CiChooses, CMakeSwitchesOfItsTestJobs) {
  const auto configure = [&](const std::string& script) {
    return commands(cmake_with({{".github/workflows/a.yml", "on: push\njobs:\n  a:\n    steps:\n    - run: |\n        " + script + "\n        ctest --test-dir build\n"}}), "cmake configure");
  };
  const std::string before = commands(kCMake, "cmake configure");
  EXPECT_EQ(before.find("X_DOCS"), std::string::npos) << before;
  EXPECT_TRUE(configure("cmake -B build -DX_DOCS=OFF -DUNKNOWN=OFF").ends_with(" -DX_DOCS=OFF"));
  EXPECT_TRUE(configure("cmake -B build -D X_SLOW_TESTS:BOOL=on").find("-DX_SLOW_TESTS=ON") != std::string::npos);
  // Compilers and the like are its machines' own, and so is what its jobs do not agree on.
  EXPECT_EQ(configure("cmake -B build -DCMAKE_CXX_COMPILER=clang++ -DX_DOCS=ON"), before);
  EXPECT_EQ(configure("cmake -B a -DX_DOCS=OFF && cmake -B build"), before);
}

TEST(CiChooses, NpmScripts) {
  const auto names = [](const std::string& scripts, const std::string& script) {
    return check_lines(plan_for({{"package.json", "{\"scripts\": {" + scripts + "}}"}, {".github/workflows/a.yml", ci(script)}}));
  };
  const std::string tests = R"("test": "mocha e2e", "test:unit": "mocha unit", "lint:md": "markdownlint .", "lint:fix": "eslint --fix .")";
  EXPECT_NE(names(tests, "npm ci && npm run test:unit").find("| mocha unit "), std::string::npos);
  EXPECT_NE(names(tests, "npm test").find("| mocha e2e "), std::string::npos);
  EXPECT_EQ(names(tests, "npm test").find("markdownlint"), std::string::npos);
  EXPECT_NE(names(tests, "yarn lint:md && pnpm run lint:fix && npm t").find("lint markdownlint"), std::string::npos);
  EXPECT_EQ(names(tests, "yarn lint:md && pnpm run lint:fix && npm t").find("eslint"), std::string::npos);
}

TEST(CiChooses, WhatPytestIsTold) {
  const auto arguments = [](const std::string& script) {
    const std::string line = commands({{"tests/test_a.py", "def test_a(): pass\n"}, {"docs/test_b.py", "def test_b(): pass\n"}, {"tests/test_c.py", "def test_c(): pass\n"},
                                       {"setup.py", ""}, {".github/workflows/a.yml", ci(script)}}, "pytest");
    const std::string before = "-p no:cacheprovider";
    return line.substr(line.find(before) + before.size());
  };
  EXPECT_EQ(arguments("pytest -v -n auto --cov=x -m 'not slow' tests/"), " -m not slow tests/");
  EXPECT_EQ(arguments("python -m pytest --ignore=tests/x"), " --ignore=tests/x");
  EXPECT_EQ(arguments("pytest docs"), "");
  EXPECT_EQ(arguments("pytest tests/test_a.py"), "");
  EXPECT_EQ(arguments("pytest -m unit && pytest -m slow"), "");
}

// The gates that data alone describes: gate_tools.json.
const Programs& tools() {
  static const Programs kPrograms{"python3", "node", "npm", "go", "cargo", "cargo-clippy", "cc", "meson", "gradle", "tox", "nox", "pyright", "cppcheck", "golangci-lint"};
  return kPrograms;
}

TEST(GateTools, ARowEach) {
  struct Case {
    const char* name;
    Files files;
    const char* expected;
  };
  const std::string package = R"({"devDependencies": {"@biomejs/biome": "1", "prettier": "3"}})";
  const Case cases[] = {
      {"pyright", {{"pyrightconfig.json", "{}"}}, "pyright --outputjson"},
      {"pyright", {{"pyproject.toml", "[tool.pyright]\n"}, {".github/workflows/a.yml", ci("pyright src gone")}, {"src/a.py", ""}}, "pyright --outputjson src"},
      {"pyright", {{"pyproject.toml", "[tool.black]\n"}}, "none"},
      {"biome", {{"biome.json", "{}"}, {"package.json", package}}, "{root}/node_modules/.bin/biome ci --reporter=github ."},
      {"prettier", {{"package.json", package}, {".github/workflows/a.yml", ci("npx prettier --check src")}, {"src/a.js", ""}}, "{root}/node_modules/.bin/prettier --check src"},
      {"prettier", {{"package.json", package}, {".github/workflows/a.yml", ci("npx prettier --write src")}}, "none"},
      {"cppcheck", {{".github/workflows/a.yml", ci("cppcheck --enable=warning --std=c++17 -j4 --error-exitcode=1 src")}, {"src/a.cpp", ""}},
       "cppcheck --quiet --xml --enable=warning --std=c++17 -I . -i .baton-build src"},
      {"cargo clippy", {{"Cargo.toml", "[package]\nname = 'a'\n"}, {".github/workflows/a.yml", ci("cargo clippy -- -D warnings")}}, "cargo clippy --offline --all-targets --message-format=json"},
      {"cargo clippy", {{"Cargo.toml", "[package]\nname = 'a'\n"}, {".github/workflows/a.yml", ci("cargo test")}}, "none"},
      {"go vet", {{"go.mod", "module a\n"}, {"Makefile", "vet:\n\tgo vet ./...\n"}}, "go vet ./..."},
      {"golangci-lint", {{"go.mod", "module a\n"}, {".golangci.yml", ""}}, "golangci-lint run ./..."},
      {"tox", {{"tox.ini", "[testenv]\ncommands = stestr run\n"}}, "tox run"},
      {"nox", {{"noxfile.py", ""}}, "nox --non-interactive"},
      {"meson test", {{"meson.build", ""}}, "meson test -C {root}/.baton-build --print-errorlogs --no-rebuild"},
      {"gradle test", {{"build.gradle", ""}}, "gradle --no-daemon --console=plain --offline test --continue"},
      {"gradle test", {{"build.gradle.kts", ""}, {"gradlew", ""}}, "sh {root}/gradlew --no-daemon --console=plain --offline test --continue"},
  };
  for (const Case& one : cases) EXPECT_EQ(commands(one.files, one.name, tools()), one.expected) << one.name;
}

TEST(GateTools, WhatIsMissingIsSaid) {
  EXPECT_TRUE(advises(plan_for({{"pyrightconfig.json", "{}"}}), "pyright", false));
  EXPECT_TRUE(advises(plan_for({{"build.gradle", ""}}), "gradle", true));
  EXPECT_TRUE(advises(plan_for({{"meson.build", ""}}), "meson", true));
  EXPECT_TRUE(advises(plan_for({{"MODULE.bazel", ""}}), "MODULE.bazel", true));
  EXPECT_TRUE(advises(plan_for({{"src/App/App.csproj", ""}}), "*.csproj", true));
  const GatePlan gradle = plan_for({{"build.gradle", ""}, {"core/build.gradle", ""}}, {}, tools());
  EXPECT_EQ(find_gate(gradle, "gradle test")->reports, (std::vector<std::string>{"build/test-results/test/TEST-*.xml", "core/build/test-results/test/TEST-*.xml"}));
  EXPECT_EQ(find_gate(plan_for({{"go.mod", "module a\n"}, {".golangci.yml", ""}}, {}, tools()), "golangci-lint")->needs, (std::vector<std::string>{"go modules"}));
}

TEST(GateTools, ANewToolIsARow) {
  const char* table = R"({"tools": [{"name": "vale", "files": [".vale.ini"], "call": "vale", "program": "vale", "mend": "apt install vale", "all": ".",
                          "steps": [{"name": "vale", "kind": "lint", "command": ["{program}", "--output=line", "{targets}"], "parser": "vale", "minutes": 2}]}]})";
  const Programs programs{"vale"};
  const MemorySource files({{".vale.ini", ""}, {".github/workflows/a.yml", ci("vale docs")}, {"docs/a.md", ""}});
  GatePlan plan;
  Scene scene(files, programs.environment(), plan);
  discover_tools(scene, table);
  EXPECT_EQ(gate_lines(plan), "lint vale | vale --output=line docs\n");
  EXPECT_EQ(plan.gates.at(0).timeout, std::chrono::minutes(2));
  EXPECT_EQ(plan.gates.at(0).scripts, (std::vector<std::string>{".vale.ini"}));
}

}  // namespace
}  // namespace baton
