#include "orchestrator/tool_calls.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "orchestrator/yaml.h"
#include "support/json.h"
#include "tests/orchestrator/memory_source.h"

namespace baton {
namespace {

std::string line_of(const ToolCall& call) {
  std::string line = call.cwd.empty() ? "" : call.cwd + ": ";
  line += call.program;
  for (const ShellWord& word : call.arguments) line += " " + word.text;
  return line + (call.files_from_outside ? " <" : "");
}

std::string lines_of(const std::vector<ToolCall>& calls) {
  std::string lines;
  for (const ToolCall& call : calls) lines += (lines.empty() ? "" : "\n") + line_of(call);
  return lines;
}

void check_script(const std::string& script, const std::string& expected) { EXPECT_EQ(lines_of(calls_in(script)), expected) << script; }

TEST(ToolCalls, RunnersAreTakenOff) {
  check_script("python -m mypy --strict src", "mypy --strict src");
  check_script("python3.11 -m ruff check .", "ruff check .");
  check_script("uv run --locked --group dev mypy src", "mypy src");
  check_script("uvx --from 'ruff==0.4' ruff@0.4.2 check", "ruff check");
  check_script("poetry run pytest -q", "pytest -q");
  check_script("pipx run ruff check", "ruff check");
  check_script("hatch run lint:ruff check", "ruff check");
  check_script("npx --no-install stylelint '**/*.css'", "stylelint **/*.css");
  check_script("pnpm exec stylelint a.css", "stylelint a.css");
  check_script("./node_modules/.bin/stylelint a.css", "stylelint a.css");
  check_script("coverage run -m pytest tests", "pytest tests");
  check_script("FOO=1 time mypy src", "mypy src");
  check_script("python setup.py build", "python setup.py build");
}

TEST(ToolCalls, ScriptsAreReadLineByLine) {
  check_script("cd web\nnpm run test:ci\ncd ..\nmake", "web: npm run test:ci\nmake");
  check_script("a --x \\\n  --y && b; c # d\n", "a --x --y\nb\nc");
  check_script("ruff check . || true\nmypy src || exit 1", "mypy src\nexit 1");
  check_script("mypy src 2>&1 | tee log > x", "mypy src\ntee log");
  check_script("pip install 'ruff>=0.4' mypy", "pip install ruff>=0.4 mypy");
  check_script("cat <<EOF > x\nruff check\nEOF\nmypy a", "mypy a");
}

TEST(ToolCalls, WhatOnlyTheCallerKnowsIsLeftOut) {
  check_script("mypy --python-version ${{ matrix.python }} src", "mypy src");
  check_script("cmake -B build -DX=${{ matrix.x }} -DBUILD_TESTING=ON", "cmake -B build -DBUILD_TESTING=ON");
  check_script("shellcheck -s ${{ matrix.shell }} ${{ matrix.file }}", "shellcheck");
  check_script("$PYTHON -m pytest", "");
  check_script("shellcheck -x $(git ls-files '*.sh')", "shellcheck -x <");
  check_script("find . -name '*.sh' -exec shellcheck -S error {} \\;", "shellcheck -S error <");
  check_script("git ls-files -z | xargs -0 -n 1 shellcheck", "git ls-files -z\nshellcheck <");
}

void check_files(const std::map<std::string, std::string>& files, const std::string& expected) {
  EXPECT_EQ(lines_of(tool_calls(MemorySource(files))), expected) << files.begin()->second;
}

TEST(ToolCalls, GitHubActions) {
  const auto workflow = [](const std::string& jobs, const std::string& on = "[push]") {
    return std::map<std::string, std::string>{{".github/workflows/a.yml", "on: " + on + "\njobs:\n" + jobs}};
  };
  check_files(workflow("  a:\n    steps:\n    - run: |\n        ruff check\n        mypy src\n"), "ruff check\nmypy src");
  check_files(workflow("  a:\n    defaults: {run: {working-directory: web}}\n    steps:\n    - run: a\n    - {run: b, working-directory: ./x/}\n"), "web: a\nx: b");
  check_files(workflow("  a:\n    steps:\n    - run: a\n", "{pull_request: {branches: [main]}}"), "a");
  check_files(workflow("  a:\n    steps:\n    - run: a\n", "{schedule: [{cron: '0 0 * * *'}], workflow_dispatch: }"), "");
  check_files(workflow("  a:\n    continue-on-error: true\n    steps:\n    - run: a\n"), "");
  check_files(workflow("  a:\n    steps:\n    - {run: a, continue-on-error: true}\n    - {run: b, shell: pwsh}\n    - {run: c, if: false}\n"), "");
  check_files(workflow("  a:\n    runs-on: windows-latest\n    steps:\n    - run: a\n"), "");
  check_files(workflow("  a:\n    steps:\n    - uses: astral-sh/ruff-action@v3\n      with: {args: check --select I, src: src}\n"), "ruff check --select I src");
  check_files(workflow("  a:\n    steps:\n    - uses: ludeeus/action-shellcheck@master\n      with: {severity: error}\n"), "git ls-files\nshellcheck -S error <");
  check_files({{".github/workflows/a.yml", "on: push\njobs: [\n"}}, "");
}

TEST(ToolCalls, GitLab) {
  check_files({{".gitlab-ci.yml", ".base: &base\n  before_script: [pip install ruff]\nlint:\n  <<: *base\n  script:\n    - ruff check\n    - [mypy a]\n"}},
              "pip install ruff\npip install ruff\nruff check\nmypy a");
  check_files({{".gitlab-ci.yml", "a:\n  allow_failure: true\n  script: a\nb:\n  script: b\ninclude:\n  - local: /ci/more.yml\n"}, {"ci/more.yml", "c:\n  script: c\n"}},
              "c\nb");
}

TEST(ToolCalls, ToxNoxMakeAndPreCommit) {
  check_files({{"tox.ini", "[testenv:lint]\ncommands =\n    ruff check {posargs:src}\n    py3: mypy \\\n      {toxinidir}/src\n    - flake8\n"}},
              "ruff check src\nmypy ./src");
  check_files({{"pyproject.toml", "[tool.tox.env.typing]\ncommands = [['mypy', '--strict'], ['pyright', {replace='posargs'}]]\n"}}, "mypy --strict\npyright");
  check_files({{"noxfile.py", "def lint(session):\n    session.run('mypy', \"src\", *session.posargs)\n    session.run(\n        'ruff',\n        'check',\n    )\n"}},
              "mypy src\nruff check");
  check_files({{"Makefile", "lint:\n\t@ruff check $(SRC)\n\t-flake8\n"}}, "ruff check");
  check_files({{".pre-commit-config.yaml",
                "repos:\n- repo: https://github.com/astral-sh/ruff-pre-commit\n  rev: v0.5.1\n  hooks: [{id: ruff, args: [--fix]}]\n"
                "- repo: https://github.com/pre-commit/mirrors-mypy\n  rev: 0123456789  # frozen: v1.9.0\n  hooks: [{id: mypy, additional_dependencies: [types-six]}]\n"
                "- repo: local\n  hooks: [{id: x, entry: uv run mypy src, pass_filenames: false, language: system}]\n"}},
              "ruff check --force-exclude --fix <\nmypy --ignore-missing-imports --scripts-are-modules <\nmypy src");
}

void check_yaml(const std::string& text, const std::string& expected) {
  const auto value = parse_yaml(text);
  EXPECT_EQ(value ? dump_json(*value) : "error", expected) << text;
}

TEST(Yaml, ReadsWhatCiFilesAreMadeOf) {
  check_yaml("on: push\nn: 1\nb: true\nl: [a, {c: d}]\ne:\n", R"({"b":"true","e":null,"l":["a",{"c":"d"}],"n":"1","on":"push"})");
  check_yaml("a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n", R"({"a":{"p":"1","q":"2"},"b":{"p":"1","q":"3"}})");
  check_yaml("a: |\n  x\n  y\nb: !reference [z, w]\n", R"({"a":"x\ny\n","b":["z","w"]})");
  check_yaml("a: [", "error");
  check_yaml("a: &a [*a]", "error");
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'i'; ++c) {
    const std::string before = "*" + std::string(1, static_cast<char>(c - 1));
    bomb += std::string(1, c) + ": &" + c + " [" + before;
    for (int i = 0; i < 9; ++i) bomb += "," + before;
    bomb += "]\n";
  }
  check_yaml(bomb, "error");
  check_yaml(std::string(100'000, '['), "error");
}

}  // namespace
}  // namespace baton
