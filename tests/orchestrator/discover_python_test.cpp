#include <gtest/gtest.h>

#include "tests/orchestrator/memory_source.h"

namespace baton {
namespace {

using Files = std::map<std::string, std::string>;

const std::string kTest = "def test_a():\n    assert True\n";
const std::string kCase = "import unittest\nclass A(unittest.TestCase):\n    def test_a(self): pass\n";

// What pip is asked for.
void check_install(const Files& files, const std::string& expected) {
  const GatePlan plan = plan_for(files);
  const Gate* gate = find_gate(plan, "python venv");
  ASSERT_NE(gate, nullptr) << gate_lines(plan);
  const std::string before = "--use-pep517 ";
  const auto at = gate->argv[2].find(before);
  EXPECT_EQ(at == std::string::npos ? "" : gate->argv[2].substr(at + before.size()), expected);
}

std::string runner_of(const Files& files) {
  for (const Gate& gate : plan_for(files).gates) {
    if (gate.kind == GateKind::test) return words(gate.argv);
  }
  return "none";
}

const std::string kPytest =
    "{root}/.baton-venv/bin/python -m pytest --junitxml={reports}/pytest.xml -o junit_family=xunit1 --color=no -p no:cacheprovider";
const std::string kUnittest = "{root}/.baton-venv/bin/python -m unittest discover -v";

TEST(DiscoverPython, ChoosesTheRunnerThatTheProjectUses) {
  EXPECT_EQ(runner_of({{"pytest.ini", "[pytest]\n"}, {"tests/test_a.py", kCase}}), kPytest);
  EXPECT_EQ(runner_of({{"pyproject.toml", "[tool.pytest.ini_options]\naddopts = '-x'\n"}, {"tests/test_a.py", kTest}}),
            kPytest + " --maxfail=0");
  EXPECT_EQ(runner_of({{"setup.cfg", "[tool:pytest]\naddopts = --lf\n"}, {"tests/test_a.py", kTest}}),
            kPytest.substr(0, kPytest.find(" -p no:")));
  EXPECT_EQ(runner_of({{"test_a.py", kTest}}), kPytest);
  EXPECT_EQ(runner_of({{"requirements.txt", "pytest\n"}, {"tests/test_a.py", kCase}}), kPytest);
  EXPECT_EQ(runner_of({{"test_a.py", kCase}}), kUnittest);
  EXPECT_EQ(runner_of({{"setup.py", ""}, {"tests/__init__.py", ""}, {"tests/test_a.py", kCase}}), kUnittest);
  EXPECT_EQ(runner_of({{"setup.py", ""}, {"tests/test_a.py", kCase}}), kUnittest + " -s tests");
  EXPECT_EQ(runner_of({{"setup.py", ""}, {"lib_test.py", kCase}}), kUnittest + " -p *test*.py");
  EXPECT_EQ(runner_of({{"tox.ini", "[testenv]\ncommands = {envpython} -m unittest -v\n"}, {"tests/test_a.py", kCase}}),
            kUnittest + " -s tests");
  EXPECT_EQ(runner_of({{"manage.py", ""}, {"app/tests.py", kCase}, {"app/test_b.py", kCase}}),
            "{root}/.baton-venv/bin/python manage.py test --noinput -v 2");
  EXPECT_EQ(runner_of({{"setup.py", ""}, {"a.py", ""}}), "none");
  EXPECT_EQ(runner_of({{"requirements.txt", "yaml\n"}, {"tools/generate_tests.py", "import sys\nprint(sys.argv)\n"}}), "none");
  EXPECT_EQ(runner_of({{"setup.py", ""}, {"examples/test_a.py", kTest}}), "none");
}

TEST(DiscoverPython, InstallsWhatTheTestsNeed) {
  const Files test = {{"tests/test_a.py", kTest}};
  const auto with = [&](Files files) {
    files.insert(test.begin(), test.end());
    return files;
  };
  check_install(with({{"pyproject.toml", "[project]\nname='x'\n[project.optional-dependencies]\ntest=['pytest']\ndocs=['sphinx']\n"}}),
                "-e '.[test]' pytest");
  check_install(with({{"pyproject.toml", "[project]\nname='x'\n[dependency-groups]\ndev=['ruff']\ntests=['pytest>=7', {include-group='more'}]\nmore=['trio']\n"}}),
                "-e . 'pytest>=7' trio");
  check_install(with({{"pyproject.toml", "[project]\nname='x'\n[dependency-groups]\ndev=['pytest', 'mock']\n"}}), "-e . pytest mock");
  check_install(with({{"pyproject.toml", "[tool.poetry]\nname='x'\n[tool.poetry.group.dev.dependencies]\npytest='^7.1'\nmock={version='*', optional=true}\nrequests='~2.0'\n"}}),
                "-e . 'pytest>=7.1,<8' 'requests~=2.0'");
  check_install(with({{"setup.py", "setup(extras_require={'test': ['pytest']}, tests_require=['mock>=1'])"}}),
                "-e '.[test]' 'mock>=1' pytest");
  check_install(with({{"setup.cfg", "[options.extras_require]\ntesting =\n    pytest\n"}, {"setup.py", "setup()"}}), "-e '.[testing]' pytest");
  check_install(with({{"requirements.txt", "click\n"}, {"requirements-test.txt", "pytest\n"}, {"requirements-dev.txt", "black\n"}, {"docs/requirements.txt", "sphinx\n"}}),
                "-r requirements.txt -r requirements-test.txt pytest");
  check_install(with({{"requirements/development.txt", "x\n"}, {"requirements/testing.txt", "y\n"}}), "-r requirements/testing.txt pytest");
  check_install(with({{"setup.py", "setup()"}, {"tox.ini", "[testenv]\ndeps =\n    pytest\n    -r{toxinidir}/reqs.txt\n    py{310,311}: ipython\n    django42: Django\ncommands = pytest\n"}, {"reqs.txt", ""}}),
                "-e . -r reqs.txt pytest ipython");
  check_install(with({{"setup.py", "setup()"}, {"noxfile.py", "@nox.session\ndef tests(session):\n    session.install('.[ci]', 'pytest', 'mock')\n    session.run('pytest')\n"}}),
                "-e '.[ci]' pytest mock");
  check_install(with({{"pyproject.toml", "[project]\nname='x'\n[build-system]\nrequires=[]\n[dependency-groups]\ntest=['pretend']\n"},
                      {"noxfile.py", "def tests(session):\n    session.install(\n        '--only-binary', 'hypothesis', '--group', 'test', 'pytest')\n"}}),
                "-e . pretend pytest");
  check_install(with({{"pyproject.toml", "[project]\nname='x'\n[build-system]\nrequires=[]\n[dependency-groups]\ntest=['pretend']\n"},
                      {"noxfile.py", "def tests(session):\n    session.install(\n        *nox.project.dependency_groups(PROJECT, 'test'), *load('x')\n    )\n"}}),
                "-e . pretend pytest");
}

TEST(DiscoverPython, PluginsThatAreUsedAreInstalled) {
  check_install({{"pytest.ini", "[pytest]\naddopts = --cov=x -n auto\nasyncio_mode = auto\n"}, {"test_a.py", kTest}},
                "pytest-cov pytest-xdist pytest-asyncio pytest");
  check_install({{"test_a.py", "from hypothesis import given\ndef test_a(mocker): pass\n"}}, "pytest-mock hypothesis pytest");
  check_install({{"requirements-test.txt", "pytest_cov\n"}, {"pytest.ini", "[pytest]\naddopts = --cov=x\n"}, {"test_a.py", kTest}},
                "-r requirements-test.txt pytest");
}

TEST(DiscoverPython, TheEnvironmentIsOnThePath) {
  const GatePlan plan = plan_for({{"setup.py", "setup()"}, {"test_a.py", kTest}});
  const Gate* gate = find_gate(plan, "pytest");
  ASSERT_NE(gate, nullptr);
  EXPECT_EQ(get(gate->env, "VIRTUAL_ENV"), "{root}/.baton-venv");
  EXPECT_TRUE(get(gate->env, "PATH")->starts_with("{root}/.baton-venv/bin:"));
  EXPECT_EQ(gate->needs, std::vector<std::string>{"python venv"});
  EXPECT_EQ(plan.gates[0].installation.outputs, std::vector<std::string>{".baton-venv"});
  // What is compiled into the source tree cannot be carried from one checkout to another.
  const GatePlan native = plan_for({{"setup.py", "setup(ext_modules=[Extension('x', ['x.c'])])"}, {"test_a.py", kTest}});
  EXPECT_TRUE(native.gates[0].installation.outputs.empty());
}

TEST(DiscoverPython, WithoutItsEnvironmentARunnerSaysSo) {
  GateSetting off;
  off.name = "python venv";
  off.disabled = true;
  Config config;
  config.gates = {off};
  const Files files = {{"test_a.py", kCase}};
  GatePlan plan = plan_for(files, config);
  const auto said = std::find_if(plan.advice.begin(), plan.advice.end(), [](const Advice& one) { return one.about == "unittest"; });
  ASSERT_NE(said, plan.advice.end());
  EXPECT_TRUE(said->blocking);
  EXPECT_NE(said->message.find("python venv"), std::string::npos);
  GateSetting own;
  own.name = "unittest";
  own.command = {"python3", "-m", "unittest"};
  config.gates.push_back(own);
  plan = plan_for(files, config);
  EXPECT_TRUE(std::none_of(plan.advice.begin(), plan.advice.end(), [](const Advice& one) { return one.blocking; }));
}

TEST(DiscoverPython, MissingPython) {
  const Programs none{};
  EXPECT_TRUE(advises(plan_for({{"test_a.py", kTest}}, {}, none), "python3", true));
  EXPECT_TRUE(advises(plan_for({{"pyproject.toml", "[project\n"}, {"test_a.py", kTest}}), "pyproject.toml", true));
}

}  // namespace
}  // namespace baton
