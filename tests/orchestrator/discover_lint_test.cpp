#include <gtest/gtest.h>

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

}  // namespace
}  // namespace baton
