// What of a tree is there for its tests, by what its runners are told and by who uses it.
#include "orchestrator/tests_of_tree.h"

#include <gtest/gtest.h>

#include <map>

namespace baton {
namespace {

using Files = std::map<std::string, std::string>;

TestsOfTree tree(Files files) {
  return TestsOfTree(
      [files] {
        std::vector<std::string> paths;
        for (const auto& [path, text] : files) paths.push_back(path);
        return paths;
      },
      [files](const std::string& path) {
        const auto found = files.find(path);
        return found == files.end() ? std::optional<std::string>() : std::optional(found->second);
      });
}

TEST(TestsOfTree, WhatOnlyTestsUse) {
  const std::string table = "CASES = [\n    (1, 2),\n]\n", helper = "def close(a, b):\n    return abs(a - b) < 0.1\n";
  const char* const kImportsCheck = "import \"example.com/a/internal/check\"\n";
  const char* const kSame = "module.exports = function same(got, want) {\n  if (got !== want) throw new Error(`${got}`)\n}\n";
  struct Row {
    const char* name;
    Files files;
    const char* path;
    bool supports;
  };
  const Row rows[] = {
      {"a helper", {{"pkg/testing.py", helper}, {"tests/test_a.py", "from pkg.testing import close\n"}}, "pkg/testing.py", true},
      {"a helper that the program uses", {{"pkg/testing.py", helper}, {"pkg/app.py", "from .testing import close\n"}, {"tests/test_a.py", "from pkg.testing import close\n"}}, "pkg/testing.py", false},
      {"a helper that the program uses from its folder", {{"pkg/testing.py", helper}, {"pkg/app.py", "from . import (\n    testing,\n)\n"}, {"tests/test_a.py", "from pkg.testing import close\n"}}, "pkg/testing.py", false},
      {"a helper that nobody uses", {{"pkg/testing.py", helper}, {"tests/test_a.py", "import pkg\n"}}, "pkg/testing.py", false},
      {"what is tested", {{"pkg/calc.py", helper}, {"tests/test_a.py", "from pkg.calc import close\n"}}, "pkg/calc.py", false},
      {"what asks a framework", {{"pkg/calc.py", "import pytest\n\n\n" + helper}, {"tests/test_a.py", "from pkg.calc import close\n"}}, "pkg/calc.py", true},
      {"a table", {{"pkg/cases.py", table}, {"tests/test_a.py", "from pkg.cases import CASES\n"}}, "pkg/cases.py", true},
      {"a table of the program", {{"pkg/cases.py", table}, {"pkg/calc.py", "from pkg.cases import CASES\n"}, {"tests/test_a.py", "from pkg.cases import CASES\n"}}, "pkg/cases.py", false},
      {"a table of javascript", {{"lib/cases.js", "module.exports = [[1, 2]]\n"}, {"test/a.test.js", "const cases = require('../lib/cases')\n"}}, "lib/cases.js", true},
      {"a helper of go", {{"internal/testutil/near.go", "package testutil\n\nfunc Near() bool {\n\treturn true\n}\n"}, {"a_test.go", "import \"example.com/a/internal/testutil\"\n"}}, "internal/testutil/near.go", true},
      {"assertions of a package of go", {{"internal/check/check.go", "package check\n\nfunc Equal(got, want int) {\n\tif got != want {\n\t\tpanic(got)\n\t}\n}\n"}, {"a_test.go", kImportsCheck}}, "internal/check/check.go", true},
      {"a package of go inside that only tests import, as all of a library", {{"internal/data/data.go", "package data\n\nfunc Read() int {\n\treturn 1\n}\n"}, {"a_test.go", "import \"example.com/a/internal/data\"\n"}}, "internal/data/data.go", false},
      {"a package of go that asserts and answers", {{"internal/tax/check.go", "package tax\n\nfunc same(got, want int) {\n\tif got != want {\n\t\tpanic(got)\n\t}\n}\n"}, {"internal/tax/tax.go", "package tax\n\nfunc Total() int {\n\treturn 1\n}\n"}, {"a_test.go", "import \"example.com/a/internal/tax\"\n"}}, "internal/tax/tax.go", false},
      {"a package of go that is named for helping", {{"internal/expect/near.go", "package expect\n\nfunc Near() bool {\n\treturn true\n}\n"}, {"a_test.go", "import \"example.com/a/internal/expect\"\n"}}, "internal/expect/near.go", true},
      {"a package of go inside, with tests of its own", {{"internal/data/data.go", "package data\n\nfunc Read() int {\n\treturn 1\n}\n"}, {"internal/data/data_test.go", "package data\n"}, {"a_test.go", "import \"example.com/a/internal/data\"\n"}}, "internal/data/data.go", false},
      {"a package of go inside, of the program", {{"internal/check/check.go", "package check\n\nfunc Equal(got, want int) {\n\tif got != want {\n\t\tpanic(got)\n\t}\n}\n"}, {"a.go", kImportsCheck}, {"a_test.go", kImportsCheck}}, "internal/check/check.go", false},
      {"a package of go that anyone imports", {{"data/data.go", "package data\n\nfunc Read() int {\n\treturn 1\n}\n"}, {"a_test.go", "import \"example.com/a/data\"\n"}}, "data/data.go", false},
      {"an assertion of javascript", {{"lib/same.js", kSame}, {"test/a.test.js", "const same = require('../lib/same')\n"}}, "lib/same.js", true},
      {"an assertion that another one uses", {{"lib/same.js", kSame}, {"lib/all.js", "const same = require('./same')\nexports.all = (got, want) => { if (got[0] !== want) throw new Error(got)\nif (got !== want) throw new Error(want) }\n"}, {"test/a.test.js", "require('../lib/all')\nrequire('../lib/same')\n"}}, "lib/same.js", true},
      {"an assertion that the program uses", {{"lib/same.js", kSame}, {"lib/app.js", "const same = require('./same')\n"}, {"test/a.test.js", "require('../lib/same')\n"}}, "lib/same.js", false},
      {"an assertion beside an answer", {{"lib/same.js", std::string(kSame) + "exports.total = (n) => round(n * 1.18)\n"}, {"test/a.test.js", "const same = require('../lib/same')\n"}}, "lib/same.js", false},
      {"an assertion beside what does something", {{"lib/same.js", std::string(kSame) + "exports.count = function count(n) {\n  state.total += n\n}\n"}, {"test/a.test.js", "const same = require('../lib/same')\n"}}, "lib/same.js", false},
      {"the program that asserts and answers", {{"units.py", "def total(n):\n    return n * 2\n\n\ndef add(a, unit, other):\n    assert unit == other\n"}, {"tests/test_a.py", "from units import total\n"}}, "units.py", false},
      {"assertions of python", {{"units.py", "def same(got, want):\n    assert got == want\n"}, {"tests/test_a.py", "from units import same\n"}}, "units.py", true},
      {"an assertion that is the package's face", {{"index.js", kSame}, {"test/a.test.js", "const same = require('../index')\n"}}, "index.js", false},
      {"an assertion that the package names", {{"package.json", "{\"exports\": {\".\": \"./lib/same.js\"}}"}, {"lib/same.js", kSame}, {"test/a.test.js", "const same = require('../lib/same')\n"}}, "lib/same.js", false},
      {"a table that is the package's face", {{"pkg/__init__.py", "VERSION = 1\n"}, {"tests/test_a.py", "from pkg import VERSION\n__init__\nimport pkg.__init__\n"}}, "pkg/__init__.py", false},
      {"what matchers are told by", {{"lib/expect.js", "module.exports = () => ({ toBe() {} })\n"}, {"test/a.test.js", "const expect = require('../lib/expect')\n"}}, "lib/expect.js", true},
      {"the program that refuses", {{"lib/dot.js", "module.exports = (a, b) => {\n  if (a.length !== b.length) throw new Error('length')\n  return a[0] * b[0]\n}\n"}, {"test/a.test.js", "require('../lib/dot')\n"}}, "lib/dot.js", false},
      {"the program that refuses what it is given", {{"pkg/token.py", "def admit(given, stored):\n    if given != stored:\n        raise TokenError(given)\n"}, {"tests/test_a.py", "from pkg.token import admit\n"}}, "pkg/token.py", false},
      {"a text", {{"examples/out.txt", "1\n"}, {"tests/test_a.py", "ROOT / 'examples' / 'out.txt'\n"}}, "examples/out.txt", true},
      {"a text by its path", {{"examples/out.txt", "1\n"}, {"tests/test_a.py", "open('examples/out.txt')\n"}}, "examples/out.txt", true},
      {"texts of a folder", {{"examples/out.txt", "1\n"}, {"tests/test_a.py", "for one in Path('examples').glob('*.txt'):\n"}}, "examples/out.txt", true},
      {"a text that the program reads", {{"examples/out.txt", "1\n"}, {"app.py", "open('examples/out.txt')\n"}, {"tests/test_a.py", "open('examples/out.txt')\n"}}, "examples/out.txt", false},
      {"a folder that the program looks into", {{"examples/out.txt", "1\n"}, {"app.py", "for one in Path('examples').iterdir():\n"}, {"tests/test_a.py", "open('examples/out.txt')\n"}}, "examples/out.txt", false},
      {"a name that tests write", {{"examples/out.txt", "1\n"}, {"tests/test_a.py", "open(tmp_path / 'out.txt')\n"}}, "examples/out.txt", false},
      {"what a framework finds", {{"templates/a.html", "1\n"}, {"tests/test_a.py", "open('templates/a.html')\n"}}, "templates/a.html", false},
      {"what people read", {{"README.md", "1\n"}, {"tests/test_a.py", "open('README.md')\n"}}, "README.md", false},
      {"what a runner is set up by", {{"jest.config.js", "module.exports = { setupFiles: [\n  '<rootDir>/env/console.js',\n] }\n"}, {"env/console.js", "console.error = () => { throw 1 }\n"}}, "env/console.js", true},
      {"what a command is set up by", {{"package.json", "{\"scripts\": {\"test\": \"mocha --require ./env/console.js\"}}\n"}, {"env/console.js", "console.error = () => { throw 1 }\n"}}, "env/console.js", true},
      {"a plugin", {{"pytest.ini", "[pytest]\naddopts = -q -p strict\n"}, {"strict.py", "def pytest_configure():\n    raise\n"}}, "strict.py", true},
      {"the program that a package names", {{"package.json", "{\"main\": \"./lib/console.js\", \"scripts\": {\"test\": \"mocha\"}}\n"}, {"lib/console.js", "exports.a = () => 1\n"}}, "lib/console.js", false},
      {"the program whose coverage is told", {{"jest.config.js", "module.exports = { collectCoverageFrom: ['lib/console.js'] }\n"}, {"lib/console.js", "exports.a = () => 1\n"}}, "lib/console.js", false},
      {"in a folder that a runner is pointed at", {{"pytest.ini", "[pytest]\ntestpaths = checks\n"}, {"checks/near.py", helper}}, "checks/near.py", true},
  };
  for (const Row& row : rows) EXPECT_EQ(tree(row.files).supports(row.path), row.supports) << row.name;
}

TEST(TestsOfTree, ModulesOfRust) {
  struct Row {
    const char* name;
    Files files;
    const char* path;
    bool collects;
  };
  const Row rows[] = {
      {"for tests", {{"src/lib.rs", "pub mod calc;\n#[cfg(test)]\nmod helpers;\n"}, {"src/helpers.rs", ""}}, "src/helpers.rs", true},
      {"of the program", {{"src/lib.rs", "#[cfg(test)]\nmod other;\npub mod helpers;\n"}, {"src/helpers.rs", ""}}, "src/helpers.rs", false},
      {"for tests and a feature", {{"src/lib.rs", "#[cfg(any(test, feature = \"testing\"))]\n#[allow(dead_code)]\npub mod helpers;\n"}, {"src/helpers.rs", ""}}, "src/helpers.rs", true},
      {"not for tests", {{"src/lib.rs", "#[cfg(not(test))]\nmod helpers;\n"}, {"src/helpers.rs", ""}}, "src/helpers.rs", false},
      {"of a binary", {{"src/main.rs", "#[cfg(test)] mod helpers;\n"}, {"src/helpers.rs", ""}}, "src/helpers.rs", true},
      {"a folder", {{"src/lib.rs", "#[cfg(test)]\nmod helpers;\n"}, {"src/helpers/mod.rs", "mod near;\n"}, {"src/helpers/near.rs", ""}}, "src/helpers/mod.rs", true},
      {"within a folder", {{"src/lib.rs", "#[cfg(test)]\nmod helpers;\n"}, {"src/helpers/mod.rs", "mod near;\n"}, {"src/helpers/near.rs", ""}}, "src/helpers/near.rs", true},
      {"beside what it tests", {{"src/lib.rs", "mod calc;\n"}, {"src/calc.rs", "#[cfg(test)]\nmod near;\n"}, {"src/calc/near.rs", ""}}, "src/calc/near.rs", true},
      {"that nobody declares", {{"src/lib.rs", ""}, {"src/helpers.rs", ""}}, "src/helpers.rs", false},
  };
  for (const Row& row : rows) EXPECT_EQ(tree(row.files).collects(row.path), row.collects) << row.name;
}

TEST(TestsOfTree, WhatCTestRuns) {
  const char* const lists = "add_executable(verify verify/main.cpp)\nadd_test(NAME verify COMMAND verify)\n";
  EXPECT_TRUE(tree({{"CMakeLists.txt", lists}, {"verify/main.cpp", "int main() { assert(twice(3) == 6); }\n"}}).collects("verify/main.cpp"));
  EXPECT_TRUE(tree({{"CMakeLists.txt", lists}, {"verify/main.cpp", "int main() {\n  if (twice(3) != 6) return 1;\n}\n"}}).collects("verify/main.cpp"));
  EXPECT_FALSE(tree({{"CMakeLists.txt", lists}, {"verify/main.cpp", "int main() { show(twice(3)); }\n"}}).collects("verify/main.cpp")) << "it insists on nothing";
  const char* const product = "add_executable(app main.cpp)\nadd_test(NAME smoke COMMAND app)\n";
  EXPECT_FALSE(tree({{"CMakeLists.txt", product}, {"main.cpp", "int main() { assert(twice(3) == 6); }\n"}}).collects("main.cpp")) << "the program, which is run to see that it starts";
  EXPECT_TRUE(tree({{"CMakeLists.txt", product}, {"main.cpp", "#include <catch2/catch_all.hpp>\n\nint main() { assert(twice(3) == 6); }\n"}}).collects("main.cpp"));
  EXPECT_TRUE(tree({{"CMakeLists.txt", "add_executable(app_checks main.cpp)\nadd_test(NAME smoke COMMAND app_checks)\n"}, {"main.cpp", "int main() { assert(twice(3) == 6); }\n"}}).collects("main.cpp"));
  EXPECT_FALSE(tree({{"CMakeLists.txt", "add_executable(verify verify/main.cpp)\n"}, {"verify/main.cpp", "int main() { assert(twice(3) == 6); }\n"}}).collects("verify/main.cpp")) << "no test";
  Files many = {{"pytest.ini", "[pytest]\npython_files = check_*.py\n"}, {"z/CMakeLists.txt", "add_executable(verify main.cpp)\nadd_test(NAME verify COMMAND verify)\n"}};
  for (int i = 0; i < 250; ++i) many["a/" + std::to_string(i) + "/CMakeLists.txt"] = "";
  EXPECT_TRUE(tree(many).collects("check_a.py")) << "lists of CMake are in no runner's way";
}

TEST(TestsOfTree, ExamplesThatRun) {
  const std::string module = "def f():\n    \"\"\"\n    >>> f()\n    1\n    \"\"\"\n    return 1\n";
  EXPECT_FALSE(tree({{"calc.py", module}}).runs_examples_of("calc.py"));
  EXPECT_TRUE(tree({{"calc.py", module}, {"pytest.ini", "[pytest]\naddopts = --doctest-modules\n"}}).runs_examples_of("calc.py"));
  EXPECT_TRUE(tree({{"calc.py", module + "\n\nif __name__ == '__main__':\n    import doctest\n    doctest.testmod()\n"}}).runs_examples_of("calc.py"));
  EXPECT_TRUE(tree({{"calc.py", module}, {"tests/test_docs.py", "import calc\nimport doctest\n\n\ndef load_tests(loader, tests, ignore):\n    tests.addTests(doctest.DocTestSuite(calc))\n"}}).runs_examples_of("calc.py"));
  EXPECT_FALSE(tree({{"calc.py", module}, {"tests/test_docs.py", "import other\nimport doctest\n\n\ndoctest.testmod(other)\n"}}).runs_examples_of("calc.py"));
}

TEST(TestsOfTree, ExamplesOfRustThatRun) {
  const char* const manifest = "[package]\nname = \"a\"\n";
  EXPECT_TRUE(tree({{"Cargo.toml", manifest}, {"src/lib.rs", ""}, {"src/a.rs", ""}}).runs_examples_of("src/a.rs"));
  EXPECT_TRUE(tree({{"crates/a/Cargo.toml", manifest}, {"crates/a/src/lib.rs", ""}}).runs_examples_of("crates/a/src/lib.rs"));
  EXPECT_FALSE(tree({{"Cargo.toml", manifest}, {"src/main.rs", ""}}).runs_examples_of("src/main.rs")) << "no library";
  EXPECT_FALSE(tree({{"Cargo.toml", "[lib]\ndoctest = false\n"}, {"src/lib.rs", ""}}).runs_examples_of("src/lib.rs"));
}

TEST(TestsOfTree, FilesThatARunnerNames) {
  const std::string unit = "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(f(), 1)\n", module = "def f():\n    \"\"\"\n    >>> f()\n    1\n    \"\"\"\n    return 1\n";
  const Files files = {{"checks/check_a.py", unit}, {"calc.py", module}, {"plain.py", "def f():\n    return 1\n"}, {"docs/guide.rst", ">>> 1\n1\n"}};
  TestReport report;
  for (const char* id : {"test_a (checks.check_a.T.test_a)", "calc.f", "plain.f"}) report.cases.push_back({id});
  report.cases.push_back({"docs/guide.rst::guide.rst", {}, "docs/guide.rst"});
  TestsOfTree tests = tree(files);
  const auto text = [&](const std::string& path) { return files.contains(path) ? std::optional(files.at(path)) : std::nullopt; };
  const NamedFiles named = files_named({&report}, {"checks/check_a.py", "calc.py", "plain.py", "docs/guide.rst", "gone.py"}, text, tests);
  EXPECT_EQ(named.of_tests, (std::set<std::string>{"checks/check_a.py", "docs/guide.rst"}));
  EXPECT_EQ(named.with_examples, (std::set<std::string>{"calc.py"}));
}

}  // namespace
}  // namespace baton
