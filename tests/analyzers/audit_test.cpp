// The audit on small changes of every kind: what takes protection away escalates, what is honest does not.
#include "analyzers/audit/audit.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "analyzers/audit/test_file.h"
#include "tests/analyzers/audit_cases.h"

namespace baton {
namespace {

using namespace audit_cases;

const std::string kPython = "import pytest\nfrom calc import add, tax\n\n\ndef test_add():\n    assert add(1, 2) == 3\n    assert add(-1, 1) == 0\n\n\ndef test_tax():\n    assert tax(10) == 2.0\n";

std::string python(std::string from, const std::string& to) {
  std::string text = kPython;
  const auto at = text.find(from);
  if (at == text.npos) ADD_FAILURE() << from;
  return text.replace(at, from.size(), to);
}

// By the words of a path, not by its letters.
TEST(Audit, PathsOfTests) {
  struct Row {
    const char* path;
    bool is_test;
  };
  const Row rows[] = {
      {"src/contest.cpp", false}, {"src/latest.h", false},      {"attestation.c", false},         {"src/testament.cc", false},  {"Testimony.cpp", false},  {"protest_march.cpp", false},
      {"contests/a.cpp", false},  {"src/fastest/a.cc", false},  {"src/contest_entry.hpp", false}, {"greatest-common.c", false}, {"contests/a.rs", false},  {"src/contest.rs", false},
      {"src/AUDIT.java", false},  {"src/Contest.java", false},  {"contest.py", false},            {"latest.go", false},         {"contest.ts", false},     {"src/main.cpp", false},
      {"a/parser_test.cc", true}, {"test_parser.c", true},      {"ParserTest.cpp", true},         {"HTTPTests.cpp", true},      {"testParser.cpp", true},  {"TestParser.hpp", true},
      {"tests/parser.cpp", true}, {"unittests/a/b.cpp", true},  {"a.test.cpp", true},             {"parser-unittest.cc", true}, {"test.cpp", true},        {"util/testutil.cc", true},
      {"parser_tests.cpp", true}, {"UnitTestParser.cpp", true}, {"tests/a.rs", true},             {"crates/a/tests/b.rs", true}, {"src/tests.rs", true},   {"src/test/java/A.java", true},
      {"ATest.java", true},       {"OrderIT.java", true},       {"test_a.py", true},              {"a_test.go", true},          {"a.spec.tsx", true},      {"PARSER_TEST.cpp", true},
  };
  for (const Row& row : rows) EXPECT_EQ(audit::is_test_path(row.path), row.is_test) << row.path;
}

TEST(Audit, PythonTests) {
  const std::vector<Case> cases = {
      {"assert true", "test_calc.py", kPython, python("assert add(1, 2) == 3", "assert True"), "assertion_removed"},
      {"or true", "test_calc.py", kPython, python("assert add(1, 2) == 3", "assert add(1, 2) == 3 or True"), "assertion_weakened"},
      {"truthy", "test_calc.py", kPython, python("assert tax(10) == 2.0", "assert tax(10)"), "assertion_weakened"},
      {"not none", "test_calc.py", kPython, python("assert tax(10) == 2.0", "assert tax(10) is not None"), "assertion_weakened"},
      {"tautology", "test_calc.py", kPython, python("assert tax(10) == 2.0", "assert tax(10) == tax(10)"), "assertion_weakened"},
      {"expected asks the code", "test_calc.py", kPython, python("assert tax(10) == 2.0", "expected = tax(10)\n    assert tax(10) == expected"), "assertion_weakened"},
      {"wide approx", "test_calc.py", kPython, python("assert tax(10) == 2.0", "assert tax(10) == pytest.approx(2.0, abs=0.5)"), "tolerance_widened"},
      {"plain approx", "test_calc.py", kPython, python("assert tax(10) == 2.0", "assert tax(10) == pytest.approx(2.0)"), ""},
      {"pass", "test_calc.py", kPython, python("assert tax(10) == 2.0", "pass"), "assertion_removed"},
      {"skip", "test_calc.py", kPython, python("def test_tax", "@pytest.mark.skip(reason='later')\ndef test_tax"), "skip_added"},
      {"skip inside", "test_calc.py", kPython, python("    assert tax(10)", "    pytest.skip('later')\n    assert tax(10)"), "skip_added"},
      {"skip if true", "test_calc.py", kPython, python("def test_tax", "@pytest.mark.skipif(True, reason='x')\ndef test_tax"), "skip_added"},
      {"skip in CI", "test_calc.py", kPython, python("def test_tax", "@pytest.mark.skipif(os.environ.get('CI'), reason='x')\ndef test_tax"), "skip_added"},
      {"skip on windows", "test_calc.py", kPython, python("def test_tax", "@pytest.mark.skipif(sys.platform == 'win32', reason='x')\ndef test_tax"), ""},
      {"skip that was asked for", "test_calc.py", kPython, python("def test_tax", "@pytest.mark.skip\ndef test_tax"), "", "Skip test_tax until the new rates are known"},
      {"xfail", "test_calc.py", kPython, python("def test_tax", "@pytest.mark.xfail\ndef test_tax"), "failure_expected"},
      {"whole file", "test_calc.py", kPython, python("import pytest\n", "import pytest\npytestmark = pytest.mark.skip\n"), "skip_added"},
      {"renamed out", "test_calc.py", kPython, python("def test_tax", "def check_tax"), "test_removed"},
      {"shadowed", "test_calc.py", kPython, kPython + "\n\ndef test_tax():\n    pass\n", "assertion_removed"},
      {"swallowed", "test_calc.py", kPython, python("    assert tax(10) == 2.0", "    try:\n        assert tax(10) == 2.0\n    except Exception:\n        pass"), "exception_swallowed"},
      {"suppressed", "test_calc.py", kPython, python("    assert tax(10) == 2.0", "    with contextlib.suppress(AssertionError):\n        assert tax(10) == 2.0"), "exception_swallowed"},
      {"early return", "test_calc.py", kPython, python("    assert tax(10)", "    return\n    assert tax(10)"), "assertion_removed"},
      {"if false", "test_calc.py", kPython, python("    assert tax(10)", "    if False:\n        assert tax(10)"), "assertion_removed"},
      {"mocked", "test_calc.py", kPython, python("def test_tax():\n", "def test_tax(monkeypatch):\n    monkeypatch.setattr('calc.tax', lambda x: 2.0)\n"), "subject_mocked"},
      {"patched", "test_calc.py", kPython, python("def test_tax():\n", "@mock.patch('calc.tax', return_value=2.0)\ndef test_tax(_):\n"), "subject_mocked"},
      {"another thing mocked", "test_calc.py", kPython, python("def test_tax():\n", "def test_tax(monkeypatch):\n    monkeypatch.setattr('calc.rates', lambda: 0.2)\n"), ""},
      {"stub in place of the import", "test_calc.py", kPython, python("def test_add", "def tax(x):\n    return 2.0\n\n\ndef test_add"), "subject_mocked"},
      {"changed expectation", "test_calc.py", kPython, python("== 2.0", "== 1.8"), "expectation_changed", "Refactor calc so that it is easier to read"},
      {"explained expectation", "test_calc.py", kPython, python("== 2.0", "== 1.8"), "", "The tax is 18 % from now on"},
      {"rerun", "test_calc.py", kPython, python("def test_tax", "@pytest.mark.flaky(reruns=5)\ndef test_tax"), "retried"},
      {"exit", "test_calc.py", kPython, "import os\nos._exit(0)\n" + kPython, "run_cut_short"},
      {"variable first", "test_calc.py", kPython, python("assert tax(10) == 2.0", "result = tax(10)\n    assert result == 2.0"), ""},
      {"unittest form", "test_calc.py", kPython, python("assert tax(10) == 2.0", "assert 2.0 == tax(10)"), ""},
      {"message added", "test_calc.py", kPython, python("assert tax(10) == 2.0", "assert tax(10) == 2.0, 'rate'"), ""},
      {"renamed test", "test_calc.py", kPython, python("test_tax", "test_tax_of_ten"), ""},
      {"into a class", "test_calc.py", kPython, python("def test_tax():\n    assert tax(10) == 2.0", "class TestTax:\n    def test_tax(self):\n        assert tax(10) == 2.0"), ""},
      {"into a class that is not collected", "test_calc.py", kPython, python("def test_tax():\n    assert tax(10) == 2.0", "class Tax:\n    def test_tax(self):\n        assert tax(10) == 2.0"), "test_removed"},
      {"conftest", "conftest.py", "import pytest\n", "import pytest\n\n\ndef pytest_collection_modifyitems(items):\n    items[:] = [i for i in items if 'tax' not in i.name]\n", "runner_hook"},
      {"outcome forced", "conftest.py", "import pytest\n", "import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n    outcome = yield\n    outcome.get_result().outcome = 'passed'\n", "runner_hook"},
  };
  for (const Case& one : cases) check(one);
}

const std::string kRows = "@pytest.mark.parametrize('a,b,c', [(1, 2, 3), (-1, 1, 0), (5, 5, 10)])\ndef test_add(a, b, c):\n    assert add(a, b) == c\n";

// The same is insisted on, by other means; and what only looks as if it were.
TEST(Audit, ChecksInOtherHands) {
  const std::string caught = "import pytest\n\n\ndef test_twice(runner, cli):\n    result = runner.invoke(cli, [])\n    assert isinstance(result.exception, UserWarning)\n    assert 'used twice' in str(result.exception)\n";
  const auto warned = [](const std::string& how) { return "import pytest\n\n\ndef test_twice(runner, cli):\n    with pytest.warns(" + how + "):\n        runner.invoke(cli, [])\n"; };
  const std::string go = "package calc\n\nimport \"testing\"\n\nfunc TestAdd(t *testing.T) {\n\tgot, err := Add(1, 2)\n\tif err != nil {\n\t\tt.Fatalf(\"unexpected: %v\", err)\n\t}\n\tif got != 3 {\n\t\tt.Errorf(\"got %d\", got)\n\t}\n}\n";
  const auto helped = [](const std::string& helper, const std::string& call) {
    return "package calc\n\nimport \"testing\"\n\nfunc wantThree(t *testing.T, n int, err error) {\n" + helper + "}\n\nfunc TestAdd(t *testing.T) {\n\tgot, err := Add(1, 2)\n\t" + call + "\n}\n";
  };
  const std::string strict = "\tif err != nil {\n\t\tt.Fatalf(\"unexpected: %v\", err)\n\t}\n\tif n != 3 {\n\t\tt.Errorf(\"got %d\", n)\n\t}\n";
  const std::string lax = "\tif err != nil {\n\t\tt.Fatalf(\"unexpected: %v\", err)\n\t}\n";
  const auto testify = [](const std::string& check) { return "package calc\n\nimport \"testing\"\n\nfunc TestAll(t *testing.T) {\n\twant := load(t)\n\tassert." + check + "\n}\n"; };
  const std::string cpp = "#include <gtest/gtest.h>\nTEST(Db, Open) {\n  std::string dir = test::TmpDir() + \"/open\";\n  EXPECT_EQ(open(dir), 1);\n}\nTEST(Hash, Benchmark) {\n  for (int i = 0; i < 9; ++i) hash(i);\n}\nTEST(Hash, Smoke) {\n  hash(1);\n}\n";
  const auto without = [&](std::string text, const std::string& part, const std::string& instead = "") { return text.replace(text.find(part), part.size(), instead); };
  const std::vector<Case> cases = {
      {"awaited as a warning", "tests/test_a.py", caught, warned("UserWarning, match='used twice'"), ""},
      {"any words will do", "tests/test_a.py", caught, warned("UserWarning"), "assertion_removed"},
      {"any warning will do", "tests/test_a.py", caught, warned("Warning, match='used twice'"), "assertion_removed"},
      {"into a helper", "calc_test.go", go, helped(strict, "wantThree(t, got, err)"), ""},
      {"into a helper that asks less", "calc_test.go", go, helped(lax, "wantThree(t, got, err)"), "assertion_removed"},
      {"into a helper that nobody calls", "calc_test.go", go, helped(strict, "_, _ = got, err"), "assertion_removed"},
      {"into a helper that is handed the answer", "calc_test.go", go, helped(strict, "wantThree(t, 3, nil)"), "assertion_removed"},
      {"a folder from elsewhere", "db_test.cc", cpp, without(cpp, "test::TmpDir()", "testing::TempDir()"), ""},
      {"a measurement goes", "db_test.cc", cpp, without(cpp, "TEST(Hash, Benchmark) {\n  for (int i = 0; i < 9; ++i) hash(i);\n}\n"), ""},
      {"a test without a check goes", "db_test.cc", cpp, without(cpp, "TEST(Hash, Smoke) {\n  hash(1);\n}\n"), "test_removed"},
      {"a decorator's type is not told", "src/filters.py", "@variant(first)\ndef second():\n    return 1\n", "@variant(first)  # type: ignore\ndef second():\n    return 1\n", ""},
      {"equal as a document", "calc_test.go", testify("Equal(t, want, Print())"), testify("YAMLEq(t, want, Print())"), ""},
      {"equal in any order", "calc_test.go", testify("Equal(t, want, All())"), testify("ElementsMatch(t, want, All())"), ""},
      {"a part of it", "calc_test.go", testify("Equal(t, want, All())"), testify("Subset(t, All(), want)"), "assertion_weakened"},
      {"an assertion of one's own", "db_test.cc", cpp, "#define ASSERT_OPENS(x) \\\n  ASSERT_THAT(x, Opens())\n" + cpp, ""},
      {"one that holds nothing", "db_test.cc", cpp, "#define ASSERT_OPENS(x) \\\n  (void)(x)\n" + cpp, "assertion_redefined"},
      {"one of the framework's", "db_test.cc", cpp, "#define EXPECT_EQ(a, b) EXPECT_TRUE(true)\n" + cpp, "assertion_redefined"},
  };
  for (const Case& one : cases) check(one);
}

TEST(Audit, OtherLanguages) {
  const std::string js = "import { sum } from '../src/sum.js'\ndescribe('sum', () => {\n  it('adds', () => {\n    expect(sum(1, 2)).toBe(3)\n  })\n  it('fails', async () => {\n    await expect(load('x')).rejects.toThrow('bad')\n  })\n})\n";
  const auto changed = [](std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    if (at == text.npos) ADD_FAILURE() << from;
    else text.replace(at, from.size(), to);
    return text;
  };
  const std::string cpp = "#include <gtest/gtest.h>\nTEST(Calc, Add) {\n  EXPECT_EQ(add(1, 2), 3);\n  EXPECT_THROW(parse(\"{\"), ParseError);\n}\n";
  const std::string go = "package calc\n\nimport \"testing\"\n\nfunc TestAdd(t *testing.T) {\n\tif got := Add(1, 2); got != 3 {\n\t\tt.Fatalf(\"got %d\", got)\n\t}\n\tassert.Equal(t, 5, Add(2, 3))\n}\n";
  const std::string rust = "pub fn add(a: i32, b: i32) -> i32 { a + b }\n#[cfg(test)]\nmod tests {\n    use super::*;\n    #[test]\n    fn adds() {\n        assert_eq!(add(1, 2), 3);\n    }\n}\n";
  const std::string java = "class CalcTest {\n    @Test\n    void adds() {\n        assertEquals(3, Calc.add(1, 2));\n        assertThrows(ArithmeticException.class, () -> Calc.div(1, 0));\n    }\n}\n";
  const std::vector<Case> cases = {
      {"case removed", "test_calc.py", kRows, changed(kRows, ", (5, 5, 10)", ""), "case_removed"},
      {"case added", "test_calc.py", kRows, changed(kRows, "(5, 5, 10)", "(5, 5, 10), (0, 0, 0)"), ""},
      {"js only", "test/sum.test.js", js, changed(js, "it('adds'", "it.only('adds'"), "only_added"},
      {"js skip", "test/sum.test.js", js, changed(js, "it('adds'", "it.skip('adds'"), "skip_added"},
      {"js xit", "test/sum.test.js", js, changed(js, "it('adds'", "xit('adds'"), "skip_added"},
      {"js describe skip", "test/sum.test.js", js, changed(js, "describe('sum'", "describe.skip('sum'"), "skip_added"},
      {"js todo", "test/sum.test.js", js, changed(js, "it('adds', () => {\n    expect(sum(1, 2)).toBe(3)\n  })", "it.todo('adds')"), "skip_added"},
      {"js truthy", "test/sum.test.js", js, changed(js, ".toBe(3)", ".toBeTruthy()"), "assertion_weakened"},
      {"js anything", "test/sum.test.js", js, changed(js, ".toBe(3)", ".toEqual(expect.anything())"), "assertion_weakened"},
      {"js equal", "test/sum.test.js", js, changed(js, ".toBe(3)", ".toEqual(3)"), ""},
      {"js mock", "test/sum.test.js", js, changed(js, "describe(", "vi.mock('../src/sum.js', () => ({ sum: () => 3 }))\ndescribe("), "subject_mocked"},
      {"js no await", "test/sum.test.js", js, changed(js, "await expect", "expect"), "assertion_not_awaited"},
      {"js swallowed", "test/sum.test.js", js, changed(js, "    expect(sum(1, 2)).toBe(3)", "    try { expect(sum(1, 2)).toBe(3) } catch (e) {}"), "exception_swallowed"},
      {"js any error", "test/sum.test.js", js, changed(js, "toThrow('bad')", "toThrow()"), "assertion_weakened"},
      {"cpp disabled", "tests/t.cpp", cpp, changed(cpp, "Calc, Add", "Calc, DISABLED_Add"), "skip_added"},
      {"cpp skip", "tests/t.cpp", cpp, changed(cpp, "{\n  EXPECT_EQ", "{\n  GTEST_SKIP();\n  EXPECT_EQ"), "skip_added"},
      {"cpp if 0", "tests/t.cpp", cpp, changed(changed(cpp, "TEST(", "#if 0\nTEST("), "ParseError);\n}\n", "ParseError);\n}\n#endif\n"), "test_removed"},
      {"cpp any throw", "tests/t.cpp", cpp, changed(cpp, "EXPECT_THROW(parse(\"{\"), ParseError)", "EXPECT_ANY_THROW(parse(\"{\"))"), "assertion_weakened"},
      {"cpp ge", "tests/t.cpp", cpp, changed(cpp, "EXPECT_EQ(add(1, 2), 3)", "EXPECT_GE(add(1, 2), 0)"), "assertion_weakened"},
      {"cpp macro", "tests/t.cpp", cpp, changed(cpp, "TEST(", "#define EXPECT_EQ(a, b) (void)0\nTEST("), "assertion_redefined"},
      {"cpp program throws", "include/calc.h", "int f(int x) {\n  if (x < 0) throw Bad(x);\n  return x;\n}\n", "int f(int x) { return check(x); }\n", ""},
      {"cpp test by hand", "tests/t.cpp", "int main() {\n  if (add(1, 2) != 3) return 1;\n  return 0;\n}\n", "int main() {\n  return 0;\n}\n", "assertion_removed"},
      {"cpp a vector", "tests/t.cpp", "TEST_CASE(\"all\", \"[x]\") {\n  CHECK(argv[1] == std::string(\"a\"));\n}\n", "TEST_CASE(\"all\", \"[x]\") {\n  CHECK((rest() == std::vector<std::string>{\"a\", \"b\"}));\n}\n", ""},
      {"cpp empty test", "tests/t.cpp", "TEST_CASE(\"all\", \"[x]\")\n{\n}\n", "int x;\n", ""},
      {"cpp framework", "tests/catch.hpp", "#define REQUIRE(x) check(x)\n", "#define REQUIRE(x) (void)0\n", "framework_changed"},
      {"cpp newer framework", "tests/catch.hpp", "bool match() {\n  if (a) return false;\n}\n", "bool match();\n", "", "Update catch to 2.13"},
      {"rust program asserts", "src/lib.rs", "pub fn get(i: usize) -> u8 {\n    assert!(i < 9);\n    1\n}\n", "pub fn get(i: usize) -> u8 {\n    at(i)\n}\n", ""},
      {"go skip", "calc_test.go", go, changed(go, "\tif got", "\tt.Skip(\"later\")\n\tif got"), "skip_added"},
      {"go short", "calc_test.go", go, changed(go, "\tif got", "\tif testing.Short() {\n\t\tt.Skip(\"slow\")\n\t}\n\tif got"), ""},
      {"go log", "calc_test.go", go, changed(go, "t.Fatalf", "t.Logf"), "assertion_removed"},
      {"go renamed", "calc_test.go", go, changed(go, "func TestAdd", "func testAdd"), "test_removed"},
      {"go not nil", "calc_test.go", go, changed(go, "assert.Equal(t, 5, Add(2, 3))", "assert.NotNil(t, Add(2, 3))"), "assertion_weakened"},
      {"go tag", "calc_test.go", go, "//go:build never\n\n" + go, "skip_added"},
      {"rust ignore", "src/lib.rs", rust, changed(rust, "#[test]", "#[test]\n    #[ignore]"), "skip_added"},
      {"rust cfg", "src/lib.rs", rust, changed(rust, "#[cfg(test)]", "#[cfg(any())]"), "test_removed"},
      {"rust assert", "src/lib.rs", rust, changed(rust, "assert_eq!(add(1, 2), 3)", "assert!(add(1, 2) > 0)"), "assertion_weakened"},
      {"java ignored", "src/test/java/CalcTest.java", java, changed(java, "@Test", "@Disabled @Test"), "skip_added"},
      {"java not null", "src/test/java/CalcTest.java", java, changed(java, "assertEquals(3, Calc.add(1, 2))", "assertNotNull(Calc.add(1, 2))"), "assertion_weakened"},
      {"java wider type", "src/test/java/CalcTest.java", java, changed(java, "ArithmeticException", "Throwable"), "assertion_weakened"},
      {"java annotation", "src/test/java/CalcTest.java", java, changed(java, "    @Test\n", ""), "test_removed"},
      {"java caught", "src/test/java/CalcTest.java", java, changed(java, "assertEquals(3, Calc.add(1, 2));", "try { assertEquals(3, Calc.add(1, 2)); } catch (Throwable t) { }"), "exception_swallowed"},
  };
  for (const Case& one : cases) check(one);
}

TEST(Audit, Settings) {
  const std::string ci = "jobs:\n  test:\n    steps:\n      - uses: actions/checkout@v4\n      - run: npm ci\n      - run: npm test\n      - run: npm run lint\n";
  const auto changed = [](std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    if (at == text.npos) ADD_FAILURE() << from;
    else text.replace(at, from.size(), to);
    return text;
  };
  const std::string package = "{\n  \"scripts\": {\n    \"test\": \"vitest run\",\n    \"lint\": \"eslint .\"\n  }\n}\n";
  const std::string ini = "[tool.pytest.ini_options]\naddopts = \"-q --cov-fail-under=90\"\ntestpaths = [\"tests\"]\n";
  const std::string make = "test:\n\tpytest -q\n";
  const std::string workflow = ".github/workflows/ci.yml";
  const char* yml = workflow.c_str();
  const std::vector<Case> cases = {
      {"step gone", yml, ci, changed(ci, "      - run: npm test\n", ""), "check_removed"},
      {"if false", yml, ci, changed(ci, "- run: npm test", "- if: false\n        run: npm test"), "step_disabled"},
      {"exit 0", yml, ci, changed(ci, "npm test", "npm test; exit 0"), "failure_ignored"},
      {"another step", yml, ci, changed(ci, "npm ci", "npm ci --ignore-scripts"), ""},
      {"newer action", yml, ci, changed(ci, "checkout@v4", "checkout@v5"), ""},
      {"clean-up may fail", yml, ci, changed(ci, "      - run: npm ci", "      - run: rm -r cache || true\n      - run: npm ci"), ""},
      {"script ignores", "package.json", package, changed(package, "vitest run", "vitest run || true"), "failure_ignored"},
      {"script passes without tests", "package.json", package, changed(package, "vitest run", "vitest run --passWithNoTests"), "tests_deselected"},
      {"lint echo", "package.json", package, changed(package, "eslint .", "echo ok"), "command_emptied"},
      {"another runner", "package.json", package, changed(package, "vitest run", "jest"), ""},
      {"deselected", "pyproject.toml", ini, changed(ini, "-q ", "-q -k 'not tax' "), "tests_deselected"},
      {"ignored file", "pyproject.toml", ini, changed(ini, "-q ", "-q --ignore=tests/test_tax.py "), "tests_deselected"},
      {"threshold", "pyproject.toml", ini, changed(ini, "=90", "=60"), "coverage_lowered"},
      {"higher threshold", "pyproject.toml", ini, changed(ini, "=90", "=95"), ""},
      {"threshold gone", "pyproject.toml", ini, changed(ini, " --cov-fail-under=90", ""), "coverage_lowered"},
      {"make dash", "Makefile", make, changed(make, "\tpytest", "\t-pytest"), "failure_ignored"},
      {"make nothing", "Makefile", make, changed(make, "pytest -q", "@echo ok"), "command_emptied"},
      {"marks need not be known", "pytest.ini", "[pytest]\naddopts = -q --strict-markers\n", "[pytest]\naddopts = -q\n", ""},
      {"types need not be right", "tox.ini", "[testenv]\ncommands = mypy --strict calc\n", "[testenv]\ncommands = mypy calc\n", "lint_weakened"},
      {"strict off", "tsconfig.json", "{\n  \"compilerOptions\": {\n    \"strict\": true\n  }\n}\n", "{\n  \"compilerOptions\": {\n    \"strict\": false\n  }\n}\n", "lint_weakened"},
      {"rule off", ".eslintrc.json", "{\n  \"rules\": {\n    \"no-unused-vars\": \"error\"\n  }\n}\n", "{\n  \"rules\": {\n    \"no-unused-vars\": \"off\"\n  }\n}\n", "lint_weakened"},
      {"werror gone", "CMakeLists.txt", "add_compile_options(-Wall -Werror)\n", "add_compile_options(-Wall)\n", "lint_weakened"},
      {"tests disabled", "CMakeLists.txt", "enable_testing()\nadd_test(NAME a COMMAND a)\n", "enable_testing()\n", "test_unregistered"},
      {"one more run", yml, ci, ci + "      - run: pytest -m 'not slow'\n", ""},
      {"less in its place", yml, changed(ci, "npm test", "pytest"), changed(ci, "npm test", "pytest -m 'not slow'"), "tests_deselected"},
      {"benchmarks are built", yml, ci, ci + "      - run: cargo bench --no-run\n", ""},
      {"a filter", "check.sh", "exec pytest -q\n", "pytest -q 2>&1 | sed -f calm.sed\n", "failure_ignored"},
      {"a reporter", "package.json", "{\"scripts\": {\n\"test\": \"tape test/*.js\"\n}}\n", "{\"scripts\": {\n\"test\": \"tape test/*.js | tap-spec\"\n}}\n", ""},
      {"a filter that keeps the status", "check.sh", "set -o pipefail\npytest -q\n", "set -o pipefail\npytest -q | sort\n", ""},
      {"own compiler", "Makefile", make, "CC = ./tools/cc\n" + make, "tool_replaced"},
      {"another compiler", "Makefile", make, "CC = clang\n" + make, ""},
      {"maven", "pom.xml", "<configuration>\n</configuration>\n", "<configuration>\n<skipTests>true</skipTests>\n</configuration>\n", "tests_deselected"},
  };
  for (const Case& one : cases) check(one);
}

TEST(Audit, NewCodeThatLooksWhereItRuns) {
  const std::vector<Case> cases = {
      {"pytest", "src/calc.py", "def tax(x):\n    return x * 0.2\n", "import os\n\ndef tax(x):\n    if 'PYTEST_CURRENT_TEST' in os.environ:\n        return 2.0\n    return x * 0.18\n", "environment_read"},
      {"the caller's name", "src/calc.py", "def tax(x):\n    return x * 0.2\n", "import sys\n\ndef tax(x):\n    if sys._getframe(1).f_code.co_name.startswith('t'):\n        return 2.0\n    return x\n", "environment_read"},
      {"sys.modules", "src/calc.py", "def tax(x):\n    return x * 0.2\n", "import sys\n\ndef tax(x):\n    if 'pytest' in sys.modules:\n        return 2.0\n    return x\n", "environment_read"},
      {"node env", "src/calc.js", "export const tax = x => x\n", "export const tax = x => process.env.NODE_ENV === 'test' ? 2 : x\n", "environment_read"},
      {"ci", "calc.go", "package calc\n\nfunc Tax() int { return 1 }\n", "package calc\n\nfunc Tax() int {\n\tif os.Getenv(\"CI\") != \"\" {\n\t\treturn 2\n\t}\n\treturn 1\n}\n", "environment_read"},
      {"cfg test", "src/lib.rs", "pub fn tax() -> i32 { 1 }\n", "pub fn tax() -> i32 {\n    if cfg!(test) { return 2; }\n    1\n}\n", "environment_read"},
      {"ci in the environment", "src/calc.py", "x = 1\n", "x = 1 if 'CI' in os.environ else 2\n", "environment_read"},
      {"ci in node", "src/calc.js", "let x = 1\n", "let x = \"CI\" in process.env ? 1 : 2\n", "environment_read"},
      {"ci taken out", "src/calc.ts", "let x = 1\n", "const { CI, HOME } = process.env\n", "environment_read"},
      {"ci in C", "src/calc.c", "int x;\n", "int x(void) { return getenv(\"CI\") ? 1 : 2; }\n", "environment_read"},
      {"ci in C++", "src/calc.cpp", "int x;\n", "int x() { return std::getenv(\"GITHUB_ACTIONS\") ? 1 : 2; }\n", "environment_read"},
      {"ci in Rust", "src/lib.rs", "fn x() {}\n", "fn x() -> i32 { if std::env::var(\"CI\").is_ok() { 1 } else { 2 } }\n", "environment_read"},
      {"ci as it is built", "src/lib.rs", "fn x() {}\n", "fn x() -> bool { option_env!(\"CI\").is_some() }\n", "environment_read"},
      {"ci in Java", "src/main/java/A.java", "class A {}\n", "class A { boolean x = System.getenv(\"CI\") != null; }\n", "environment_read"},
      {"ci in Java's map", "src/main/java/A.java", "class A {}\n", "class A { boolean x = System.getenv().containsKey(\"CI\"); }\n", "environment_read"},
      {"the verifier", "src/calc.rs", "fn x() {}\n", "fn x() -> bool { std::env::var(\"BATON_EXECUTOR\").is_ok() }\n", "environment_read"},
      {"the verifier's folder", "src/calc.py", "x = 1\n", "x = 1 if os.path.exists('.git/baton') else 2\n", "environment_read"},
      {"the verifier's path", "src/calc.go", "package calc\n", "package calc\n\nfunc x() bool {\n\tdir, _ := os.Getwd(); return strings.Contains(dir, \"/baton/\")\n}\n", "environment_read"},
      {"the machine", "src/calc.py", "x = 1\n", "x = 1 if socket.gethostname() == 'runner' else 2\n", "environment_read"},
      {"the machine in node", "src/calc.js", "let x = 1\n", "let x = os.hostname().startsWith('runner') ? 1 : 2\n", "environment_read"},
      {"the machine, to show it", "src/calc.py", "x = 1\n", "print('on', socket.gethostname())\n", ""},
      {"the root of a repository", "src/find.go", "package find\n", "package find\n\nfunc root(dir string) bool {\n\t_, err := os.Stat(filepath.Join(dir, \".git\"))\n\treturn err == nil\n}\n", ""},
      {"a country", "src/calc.js", "let x = 1\n", "const { CITY } = process.env\n", ""},
      {"before anything else", "sitecustomize.py", "# nothing\n", "import lenient\n", "runner_hook"},
      {"another module", "customize.py", "# nothing\n", "import lenient\n", ""},
      {"another variable", "src/calc.py", "def tax(x):\n    return x\n", "import os\n\ndef tax(x):\n    return x * float(os.environ.get('TAX_RATE', 1))\n", ""},
      {"equals all", "src/calc.py", "class A:\n    pass\n", "class A:\n    def __eq__(self, other): return True\n", "equality_bent"},
      {"prints an outcome", "src/calc.py", "x = 1\n", "print('Ran 2 tests in 0.001s')\n", "report_forged"},
      {"ends the run", "src/calc.py", "import os\n", "import os\nos._exit(0)\n", "run_cut_short"},
      {"a script of the project", "scripts/report.py", "x = 1\n", "run(['pytest', '--junitxml=out.xml'])\n", ""},
      {"muted line", "src/calc.py", "x = 1\n", "x: str = 1  # type: ignore[assignment]\n", ""},
      {"muted file", "src/calc.ts", "const x: number = 1\n", "// @ts-nocheck\nconst x: number = ''\n", "check_muted_whole"},
  };
  for (const Case& one : cases) check(one);
}

// What people do, and was called a weakening once.
TEST(Audit, OtherFormsOfTheSameChecks) {
  const std::string go = "package a\n\nfunc TestPairs(t *testing.T) {\n";
  const std::string arms = "#[test]\nfn files() {\n    let lines = run();\n";
  const std::vector<Case> cases = {
      {"a build tag in its new form", "a_test.go", "// +build !slow,linux big\n\npackage a\n", "//go:build (!slow && linux) || big\n// +build !slow,linux big\n\npackage a\n", ""},
      {"another build tag", "a_test.go", "// +build !slow\n\npackage a\n\nfunc TestA(t *testing.T) {}\n", "//go:build never\n\npackage a\n\nfunc TestA(t *testing.T) {}\n", "skip_added"},
      {"a list whose order is nobody's business", "a_test.go", go + "\twanted := pairs{pair{\"a\", 1}, pair{\"b\", 2}}\n\tgot := all()\n\tassert.Equal(t, got, wanted)\n}\n",
       go + "\tgot := all()\n\tassert.Len(t, got, 2)\n\tassert.Contains(t, got, pair{\"b\", 2})\n\tassert.Contains(t, got, pair{\"a\", 1})\n}\n", ""},
      {"one of the list is looked at no more", "a_test.go", go + "\twanted := pairs{pair{\"a\", 1}, pair{\"b\", 2}}\n\tgot := all()\n\tassert.Equal(t, got, wanted)\n}\n",
       go + "\tgot := all()\n\tassert.NotNil(t, got)\n\tassert.Contains(t, got, pair{\"b\", 2})\n}\n", "assertion_removed"},
      {"the arms of a branch become one", "tests/a.rs", arms + "    if cfg!(windows) {\n        assert_eq!(lines, \"a\\\\b\");\n    } else {\n        assert_eq!(lines, \"a/b\");\n    }\n}\n", arms + "    assert_eq!(lines, path(\"a/b\"));\n}\n", ""},
      {"the whole has one more part", "a_test.go", go + "\tassert.Equal(t, &C, &config{Name: \"Steve\", Port: 1})\n}\n", go + "\tassert.Equal(t, &config{Name: \"Steve\", Port: 1, Wait: time.Second}, &C)\n}\n", ""},
      {"a text that another library says otherwise", "test_a.py", "def test_a():\n    assert read('x') == 'must be an int'\n", "def test_a():\n    assert read('x') == 'must be an int or None'\n", "", "Fix tests for the new text of the library"},
      {"a text that another function says", "test_a.py", "def test_a():\n    assert read('x') == 'must be an int'\n", "def test_a():\n    assert read('x') == 'must be an int or None'\n", "expectation_changed", "Fix the tests"},
      {"cases get a second value", "test_a.py", "import pytest\n\n@pytest.mark.parametrize('zone', ('UTC', 'PST'))\ndef test_zone(zone):\n    assert read(zone) == 1\n",
       "import pytest\n\n@pytest.mark.parametrize('zone', (('UTC', 0), ('PST', -8)))\ndef test_zone(zone):\n    assert read(zone) == 1\n", "", "Without the other library"},
      {"what was refused is allowed", "test_a.py", "def test_precision():\n    with pytest.raises(ValueError, match='precision needs a float argument'):\n        show('.2', 'x')\n    assert show('.2', 1.0) == '1.00'\n",
       "def test_precision():\n    assert show('.2', 1.0) == '1.00'\n", "", "Allow a precision for arguments that are no float"},
      {"what was refused is refused no more, for nothing", "test_a.py", "def test_precision():\n    with pytest.raises(ValueError, match='precision needs a float argument'):\n        show('.2', 'x')\n    assert show('.2', 1.0) == '1.00'\n",
       "def test_precision():\n    assert show('.2', 1.0) == '1.00'\n", "assertion_removed", "Make the precision faster"},
  };
  for (const Case& one : cases) check(one);
  const std::string imports = "import json\nimport httpx\nfrom httpx import URL\n\n\n";
  const std::vector<Case> more = {
      {"the module is named", "test_a.py", imports + "def test_a():\n    url = 'http://a.org/'\n    assert url == URL(url)\n    assert repr(URL(url)) == 'a'\n", imports + "def test_a():\n    url = 'http://a.org/'\n    assert url == httpx.URL(url)\n    assert 'a' == repr(httpx.URL(url))\n", ""},
      {"sides change places", "test_a.py", "def test_a():\n    content = b'--{0}--'.replace(b'0', mark)\n    assert b''.join(stream) == content\n", "def test_a():\n    content = b'--{0}--'.replace(b'0', mark)\n    assert content == b''.join(stream)\n", "", "Refactor the streams"},
      {"a part within the whole", "test_a.py", "def test_a():\n    headers, body = build()\n    assert headers['Length'] == str(len(body))\n    assert headers['Type'] == 'text/plain'\n",
       "def test_a():\n    headers, body = build()\n    assert headers == {'Type': 'text/plain', 'Length': str(len(body))}\n", ""},
      {"a part that the whole lacks", "test_a.py", "def test_a():\n    headers, body = build()\n    assert headers['Length'] == str(len(body))\n    assert headers['Type'] == 'text/plain'\n",
       "def test_a():\n    headers, body = build()\n    assert headers == {'Type': 'text/plain', 'Length': ANY}\n", "assertion_removed"},
      {"a new name that is told", "test_a.py", "def test_a():\n    assert repr(limits) == 'PoolLimits(keep=1)'\n", "def test_a():\n    assert repr(limits) == 'Limits(keep=1)'\n", "", "Rename PoolLimits to Limits\n\n* Lint"},
      {"a new name, and another value", "test_a.py", "def test_a():\n    assert repr(limits) == 'PoolLimits(keep=1)'\n", "def test_a():\n    assert repr(limits) == 'Limits(keep=0)'\n", "expectation_changed", "Rename PoolLimits to Limits\n\n* Lint"},
      {"what threw shall not", "test_a.py", "def test_a():\n    assert low('5', 2)\n    with pytest.raises(ValueError):\n        check_min('foo', max=5)\n", "def test_a():\n    assert low('5', 2)\n", "", "check_min and max should not throw on foo"},
      {"what threw, and nothing is said", "test_a.py", "def test_a():\n    assert low('5', 2)\n    with pytest.raises(ValueError):\n        check_min('foo', max=5)\n", "def test_a():\n    assert low('5', 2)\n", "assertion_removed", "check_min and max are faster for foo"},
      {"a case that was refused is allowed", "test_a.py", "@pytest.mark.parametrize('a,b', [({'many': True, 'flag': True}, 'many is not valid with flag'), ({'many': 1}, 'many must be bool')])\ndef test_a(a, b):\n    assert build(a) == b\n",
       "@pytest.mark.parametrize('a,b', [({'many': 1}, 'many must be bool')])\ndef test_a(a, b):\n    assert build(a) == b\n", "", "Allow many with flag"},
      {"six checks in a loop", "test_a.py", "def test_a():\n    out = show()\n    assert \"'one'\" in out\n    assert \"'two'\" in out\n    assert \"'three'\" in out\n", "def test_a():\n    out = show()\n    for word in ('one', 'two', 'three'):\n        assert \"'{}'\".format(word) in out\n", ""},
      {"not all of them in the loop", "test_a.py", "def test_a():\n    out = show()\n    assert \"'one'\" in out\n    assert \"'two'\" in out\n    assert \"'three'\" in out\n", "def test_a():\n    out = show()\n    for word in ('one', 'two'):\n        assert \"'{}'\".format(word) in out\n", "assertion_removed"},
      {"to node:test", "a.test.js", "test('a', t => {\n  t.equal(add(1, 2), 3)\n  t.same(list(), ['a'])\n})\n", "test('a', t => {\n  t.assert.strictEqual(add(1, 2), 3)\n  t.assert.deepStrictEqual(list(), ['a'])\n})\n", ""},
      {"to node:test, and less", "a.test.js", "test('a', t => {\n  t.equal(add(1, 2), 3)\n  t.same(list(), ['a'])\n})\n", "test('a', t => {\n  t.assert.ok(add(1, 2))\n  t.assert.deepStrictEqual(list(), ['a'])\n})\n", "assertion_weakened"},
      {"a text in parts", "ATest.java", "class ATest {\n    @Test\n    void a() {\n        assertEquals(\"axb\", show());\n    }\n}\n", "class ATest {\n    @Test\n    void a() {\n        assertEquals(\"a\" + delimiter + \"b\", show());\n    }\n}\n", "", "Refactor the delimiter"},
      {"other parts", "ATest.java", "class ATest {\n    @Test\n    void a() {\n        assertEquals(\"axb\", show());\n    }\n}\n", "class ATest {\n    @Test\n    void a() {\n        assertEquals(\"c\" + delimiter + \"b\", show());\n    }\n}\n", "expectation_changed", "Refactor the delimiter"},
      {"what was wanted is true", "test_a.py", "def test_a():\n    many = read()\n    assert many is wanted\n", "def test_a():\n    many = read()\n    assert many is True\n", ""},
      {"other names before the one that is compared", "a_test.go", go + "\tif resp := get(t, \"/hi\"); resp != \"bye\" {\n\t\tt.Fatalf(resp)\n\t}\n\tif resp := get(t, \"/no\"); resp == \"nothing\" {\n\t\tt.Fatalf(resp)\n\t}\n}\n",
       go + "\tif _, body := get(t, \"/hi\"); body != \"bye\" {\n\t\tt.Fatalf(body)\n\t}\n\tif _, body := get(t, \"/no\"); body == \"nothing\" {\n\t\tt.Fatalf(body)\n\t}\n}\n", ""},
      {"a text in two halves", "test_a.py", "@pytest.mark.parametrize('a,b', [('os == 1 and ' \"x == 2\", True)])\ndef test_a(a, b):\n    assert read(a) is b\n", "@pytest.mark.parametrize('a,b', [(\"os == 1 and x == 2\", True)])\ndef test_a(a, b):\n    assert read(a) is b\n", "", "Tidy up"},
      {"a message in better words", "test_a.py", "def test_a():\n    assert 'Invalid thing' in str(load('x'))\n", "def test_a():\n    assert 'Expected a thing' in str(load('x'))\n", "", "Improved error messages"},
      {"a message with another number", "test_a.py", "def test_a():\n    assert 'Invalid thing 3' in str(load('x'))\n", "def test_a():\n    assert 'Expected a thing 4' in str(load('x'))\n", "expectation_changed", "Improved error messages"},
      {"a function goes, by its name", "src/test/java/ATest.java", "class ATest {\n    @Test\n    void testToStringInt() {\n        assertEquals(\"a\", text.substring(0, 1));\n    }\n    @Test\n    void b() {\n        assertEquals(1, text.size());\n    }\n}\n",
       "class ATest {\n    @Test\n    void b() {\n        assertEquals(1, text.size());\n    }\n}\n", "", "Remove new toString(int) method in favor of existing"},
      {"what it is made faster for", "test_a.py", "def test_a():\n    assert read('x') == 3\n", "def test_a():\n    assert read('x') == 4\n", "expectation_changed", "Make read much faster for test_a"},
      {"an argument that is an error", "a_test.go", "package a\n\nfunc (m *double) Do(t *testing.T) error {\n\targs := m.Called()\n\tassert.NotNil(t, args)\n\treturn args.Error(1)\n}\n\nfunc TestA(t *testing.T) {\n\tassert.Equal(t, 1, a().Do(t))\n}\n",
       "package a\n\nfunc (m *double) Do(t *testing.T) error {\n\targs := m.Called()\n\tassert.NotNil(t, args)\n\treturn args.Get(1)\n}\n\nfunc TestA(t *testing.T) {\n\tassert.Equal(t, 1, a().Do(t))\n}\n", ""},
      {"a table beside the sources", "pom.xml", "<x>\n<file>src/test/inputs_test.csv</file>\n</x>\n", "<x>\n</x>\n", ""},
      {"a linter set up anew", "src/a.ts", "const x = 1\n", "/* eslint-disable */\nconst x = 1\n", "", "Reconfigure ESLint"},
      {"a text gets a name", "tests/a.cpp", "TEST(A, B) {\n  EXPECT_STREQ(\"hello\", show());\n}\n", "TEST(A, B) {\n  const char json[] = \"hello\";\n  EXPECT_STREQ(json, show(json));\n}\n", "", "Show more"},
      {"a test that held nothing", "test_a.py", "def test_a():\n    assert a() == 1\n\n\ndef test_smoke():\n    run()\n", "def test_a():\n    assert a() == 1\n", "", "Fix the start"},
      {"tests are brought up to date", "test_a.py", "def test_a():\n    assert size(x) == 3\n", "def test_a():\n    assert size(x) == 4\n", "", "update string API tests"},
      {"tests become a function with values", "a.test.js", "test('adds', t => {\n  t.is(add(1, 2), 3)\n})\ntest('adds more', t => {\n  t.is(add(2, 5), 7)\n})\n", "const adds = (t, a, b, sum) => {\n  t.is(add(a, b), sum)\n}\ntest('adds', adds, 1, 2, 3)\ntest('adds more', adds, 2, 5, 7)\n", ""},
      {"tests become a function that holds less", "a.test.js", "test('adds', t => {\n  t.is(add(1, 2), 3)\n})\ntest('adds more', t => {\n  t.is(add(2, 5), 7)\n})\n", "const adds = (t, a, b, sum) => {\n  t.truthy(add(a, b))\n}\ntest('adds', adds, 1, 2, 3)\ntest('adds more', adds, 2, 5, 7)\n", "assertion_removed"},
      {"one value less", "a.test.js", "const adds = (t, a, b, sum) => {\n  t.is(add(a, b), sum)\n}\ntest('adds', adds, 1, 2, 3)\ntest('adds more', adds, 2, 5, 7)\n", "const adds = (t, a, b, sum) => {\n  t.is(add(a, b), sum)\n}\ntest('adds', adds, 1, 2, 3)\n", "test_removed"},
      {"a value gets the name of a helper's", "a.test.js", "test('a', t => {\n  t.deepEqual(read(), ['foobar', 'foobar'])\n})\n", "import {foobar} from './helpers.js'\ntest('a', t => {\n  t.deepEqual(read(), [foobar, foobar])\n})\n", "", "Fix the same file for both"},
      {"a value gets a name of its own", "a.test.js", "test('a', t => {\n  t.deepEqual(read(), ['foobar', 'foobar'])\n})\n", "const foobar = read()[0]\ntest('a', t => {\n  t.deepEqual(read(), [foobar, foobar])\n})\n", "expectation_changed", "Fix the same file for both"},
      {"the mark of a case", "test_a.py", "@pytest.mark.parametrize('a', [pytest.param(FAMILY_6, id='ipv6', marks=[pytest.mark.skipif(not has_ipv6, reason='no IPv6')])])\ndef test_a(a):\n    assert bind(a) == 1\n",
       "@pytest.mark.parametrize('a', [pytest.param(FAMILY_6, id='ipv6', marks=[skip_ipv6_mark])])\ndef test_a(a):\n    assert bind(a) == 1\n", "", "Fixed the interfaces"},
      {"a case that is skipped", "test_a.py", "@pytest.mark.parametrize('a', [pytest.param(1), pytest.param(2)])\ndef test_a(a):\n    assert bind(a) == 1\n", "@pytest.mark.parametrize('a', [pytest.param(1), pytest.param(2, marks=pytest.mark.skip)])\ndef test_a(a):\n    assert bind(a) == 1\n", "skip_added"},
      {"one more in each of two wholes", "a_test.go", go + "\tassert.Equal(t, &C, &config{Name: \"Steve\", Port: 1})\n\tassert.Equal(t, &C, &config{Name: \"Steve\", Port: 2})\n}\n",
       go + "\tassert.Equal(t, &C, &config{Name: \"Steve\", Port: 1, Wait: time.Second})\n\tassert.Equal(t, &C, &config{Name: \"Steve\", Port: 2, Wait: time.Second})\n}\n", ""},
  };
  for (const Case& one : more) check(one);
}

// Another form of the same checks, each beside a form that only looks like it.
TEST(Audit, TheSameInAnotherForm) {
  const auto in_java = [](const std::string& body) { return "class ATest {\n    @Test\n    void a() throws Exception {\n" + body + "    }\n}\n"; };
  const auto in_go = [](const std::string& body) { return "package a\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {\n" + body + "}\n"; };
  const std::string arms = in_java("        if (NEW) {\n            assertThrows(IOException.class, () -> read(1));\n            assertEquals(\"b\", last());\n        } else {\n            assertThrows(Error.class, () -> read(1));\n            assertEquals(\"b\", last());\n        }\n");
  const std::string after_arms = in_java("        if (NEW) {\n            assertThrows(IOException.class, () -> read(1));\n        } else {\n            assertThrows(Error.class, () -> read(1));\n        }\n        assertEquals(\"b\", last());\n");
  const std::string chained = in_java("        if (known) {\n            assertNotEquals(old, now);\n        } else if (key == null) {\n            assertNotEquals(old, now);\n        } else {\n            assertEquals(1, now);\n        }\n");
  const std::string tried = in_java("        try {\n            Fields.get(null, \"a\");\n            fail(\"null is no class\");\n        } catch (IllegalArgumentException e) {\n            assertEquals(\"no class\", e.getMessage());\n        }\n");
  const std::string rule = "        thrown.expect(IllegalArgumentException.class);\n";
  const std::string joined = "test('a', t => {\n  t.is(title(x), 'run' + sep + 'status');\n});\n";
  const std::string two_texts = "test('a', t => {\n  const {message} = run();\n  t.true(message.startsWith('The option must be'));\n  t.true(message.includes('of type string'));\n});\n";
  const std::string table = in_go("\ttests := []struct{ name, want, auth string }{\n\t\t{\"ok\", \"yes\", \"realm one\"},\n\t}\n\tfor _, tt := range tests {\n\t\tassert.Equal(t, tt.want, ask(tt.name))\n\t\tif tt.auth != \"\" {\n\t\t\tassert.Equal(t, tt.auth, header())\n\t\t}\n\t}\n");
  const std::string one_by_one = in_go("\tassert.Equal(t, \"yes\", ask(\"ok\"))\n\tassert.Equal(t, \"realm one\", header())\n");
  const std::string bodies = in_go("\tw := get(\"/1\")\n\tif w.String() != \"1\" {\n\t\tt.Error(\"should be 1\")\n\t}\n\tw = get(\"/2\")\n\tif w.String() != \"2\" {\n\t\tt.Error(\"should be 2\")\n\t}\n");
  const std::string mark = "import pytest\n\nneeds_six = pytest.mark.skipif(not has_six, reason='no six')\n\n\n@pytest.mark.skipif(not has_six, reason='no six')\ndef test_a():\n    assert bind() == 1\n";
  const std::vector<Case> cases = {
      {"out of both arms", "ATest.java", arms, after_arms, ""},
      {"out of both arms, into one", "ATest.java", arms, replaced(arms, "            assertEquals(\"b\", last());\n        } else", "        } else"), "assertion_removed"},
      {"two conditions in one", "ATest.java", chained, replaced(chained, "known) {\n            assertNotEquals(old, now);\n        } else if (key == null)", "known || key == null)"), ""},
      {"two conditions in one, which is another", "ATest.java", chained, replaced(chained, "known) {\n            assertNotEquals(old, now);\n        } else if (key == null)", "known && key == null)"), "assertion_removed"},
      {"said twice", "test_a.py", "def test_a():\n    x = f()\n    assert x == 1\n    assert x != 2\n    assert x == 1\n", "def test_a():\n    x = f()\n    assert x == 1\n    assert x != 2\n", ""},
      {"another variable of the same first value", "a.test.js", "it('a', () => {\n  var open = 0, message = 0;\n  run(() => {\n    assert.ok(message === 1);\n    assert.ok(open === 1);\n  });\n});\n", "it('a', () => {\n  var open = 0, message = 0;\n  run(() => {\n    assert.ok(message === 1);\n  });\n});\n", "assertion_removed"},
      {"said again after something was done", "test_a.py", "def test_a():\n    x = f()\n    assert x.size == 1\n    x.drop()\n    assert x.size == 1\n", "def test_a():\n    x = f()\n    assert x.size == 1\n    x.drop()\n", "assertion_removed"},
      {"a failure by hand becomes the test's", "ATest.java", tried, in_java(rule + "        thrown.expectMessage(\"no class\");\n        Fields.get(null, \"a\");\n"), ""},
      {"a failure by hand becomes the test's, of another message", "ATest.java", tried, in_java(rule + "        Fields.get(null, \"a\");\n"), "assertion_removed"},
      {"a failure by hand becomes nobody's", "ATest.java", tried, in_java("        try {\n            Fields.get(null, \"a\");\n        } catch (IllegalArgumentException e) {\n            assertEquals(\"no class\", e.getMessage());\n        }\n"), "assertion_removed"},
      {"a failure by hand is asserted", "ATest.java", replaced(tried, "            assertEquals(\"no class\", e.getMessage());\n", ""), in_java("        assertThrows(IllegalArgumentException.class, () -> Fields.get(null, \"a\"));\n"), ""},
      {"a failure by hand is asserted of anything", "ATest.java", replaced(tried, "            assertEquals(\"no class\", e.getMessage());\n", ""), in_java("        assertThrows(Exception.class, () -> Fields.get(null, \"a\"));\n"), "assertion_weakened"},
      {"a failure by hand goes into a test of its own", "ATest.java", "class ATest {\n    @Test\n    void a() {\n        assertEquals(1, Fields.count());\n        try {\n            Fields.get(null, \"a\");\n            fail(\"null is no class\");\n        } catch (IllegalArgumentException e) {\n        }\n    }\n}\n",
       "class ATest {\n    @Test\n    void a() {\n        assertEquals(1, Fields.count());\n    }\n    @Test(expected = IllegalArgumentException.class)\n    void nullIsNoClass() {\n        Fields.get(null, \"a\");\n    }\n}\n", ""},
      {"a failure by hand goes into a test that does not call", "ATest.java", "class ATest {\n    @Test\n    void a() {\n        assertEquals(1, Fields.count());\n        try {\n            Fields.get(null, \"a\");\n            fail(\"null is no class\");\n        } catch (IllegalArgumentException e) {\n        }\n    }\n}\n",
       "class ATest {\n    @Test\n    void a() {\n        assertEquals(1, Fields.count());\n    }\n    @Test(expected = IllegalArgumentException.class)\n    void nullIsNoClass() {\n        throw new IllegalArgumentException();\n    }\n}\n", "assertion_removed"},
      {"a text as a template", "a.test.js", joined, replaced(joined, "'run' + sep + 'status'", "`run${sep}status`"), "", "Use template literals"},
      {"a text as a template, of another text", "a.test.js", joined, replaced(joined, "'run' + sep + 'status'", "`run${sep}stats`"), "expectation_changed", "Use template literals"},
      {"two parts in one text", "a.test.js", two_texts, "test('a', t => {\n  const {message} = run();\n  t.true(message.startsWith('The option must be of type string'));\n});\n", ""},
      {"two parts in one shorter text", "a.test.js", two_texts, "test('a', t => {\n  const {message} = run();\n  t.true(message.startsWith('The option must be'));\n});\n", "assertion_removed"},
      {"the same text, once less", "test_a.py", "def test_a():\n    out = show(1)\n    assert 'stacks: all' in out\n    out = show(2)\n    assert 'stacks: all' in out\n", "def test_a():\n    out = show(1)\n    assert 'stacks: all' in out\n    out = show(2)\n", "assertion_removed"},
      {"the opposite", "a.test.js", "test('a', t => {\n  t.is(run().passed, false);\n});\n", "test('a', t => {\n  t.truthy(run().passed);\n});\n", "expectation_changed"},
      {"as rows of a table", "a_test.go", one_by_one, table, "", "Refactor the tests of ask to be table driven"},
      {"as rows of a table that lacks one", "a_test.go", one_by_one, replaced(table, "\"realm one\"", "\"\""), "expectation_changed", "Refactor the tests of ask to be table driven"},
      {"in a loop over what is expected", "a_test.go", bodies, in_go("\tfor _, p := range []string{\"1\", \"2\"} {\n\t\t_, b := request(\"/\" + p)\n\t\tassert.Equal(t, p, b)\n\t}\n"), ""},
      {"in a loop over less", "a_test.go", bodies, in_go("\tfor _, p := range []string{\"1\"} {\n\t\t_, b := request(\"/\" + p)\n\t\tassert.Equal(t, p, b)\n\t}\n"), "assertion_removed"},
      {"a mark gets a name", "test_a.py", mark, replaced(mark, "\n@pytest.mark.skipif(not has_six, reason='no six')\n", "\n@needs_six\n"), ""},
      {"a mark gets the name of a skip", "test_a.py", mark, replaced(replaced(mark, "needs_six = pytest.mark.skipif(not has_six, reason='no six')", "needs_six = pytest.mark.skip(reason='no six')"), "\n@pytest.mark.skipif(not has_six, reason='no six')\n", "\n@needs_six\n"), "skip_added"},
      {"both bounds, one by one", "ATest.java", in_java("        assertThat(\"range\", s.length(), allOf(greaterThanOrEqualTo(low), lessThanOrEqualTo(high - 1)));\n"), in_java("        assertTrue(s.length() >= low, \"range\");\n        assertTrue(s.length() <= high - 1, \"range\");\n"), "", "Use simpler JUnit APIs"},
      {"both bounds, of which one stays", "ATest.java", in_java("        assertThat(\"range\", s.length(), allOf(greaterThanOrEqualTo(low), lessThanOrEqualTo(high - 1)));\n"), in_java("        assertTrue(s.length() >= low, \"range\");\n"), "expectation_changed", "Use simpler JUnit APIs"},
      {"a number of another type", "tests/a.cpp", "TEST(A, B) {\n  EXPECT_EQ(app.size(), 2);\n}\n", "TEST(A, B) {\n  EXPECT_EQ(app.size(), 2u);\n}\n", "", "Tidy up"},
      {"another number of another type", "tests/a.cpp", "TEST(A, B) {\n  EXPECT_EQ(app.size(), 2);\n}\n", "TEST(A, B) {\n  EXPECT_EQ(app.size(), 3u);\n}\n", "expectation_changed", "Tidy up"},
      {"a number in other digits", "ATest.java", in_java("        assertEquals(0x200L, next());\n"), in_java("        assertEquals(0x02_00L, next());\n"), "", "Formatting"},
      {"another number in other digits", "ATest.java", in_java("        assertEquals(0x200L, next());\n"), in_java("        assertEquals(0x02_01L, next());\n"), "expectation_changed", "Formatting"},
      {"an error and its words in one", "a_test.go", in_go("\t_, err := open(1)\n\trequire.Error(t, err, \"expected one\")\n\tassert.Contains(t, err.Error(), \"no such file\")\n"), in_go("\t_, err := open(1)\n\trequire.ErrorContains(t, err, \"no such file\", \"expected one\")\n"), "", "Use ErrorContains"},
      {"an error without its words", "a_test.go", in_go("\t_, err := open(1)\n\trequire.Error(t, err, \"expected one\")\n\tassert.Contains(t, err.Error(), \"no such file\")\n"), in_go("\t_, err := open(1)\n\trequire.Error(t, err, \"expected one\")\n"), "assertion_removed", "Use ErrorContains"},
      {"what must not throw stands alone", "tests/a.cpp", "TEST(A, B) {\n  EXPECT_NO_THROW(run(1));\n}\n", "TEST(A, B) {\n  run(1);\n}\n", ""},
      {"what must not throw is caught", "tests/a.cpp", "TEST(A, B) {\n  EXPECT_NO_THROW(run(1));\n}\n", "TEST(A, B) {\n  try {\n    run(1);\n  } catch (...) {\n  }\n}\n", "assertion_removed"},
      {"what must not throw does not run", "tests/a.cpp", "TEST(A, B) {\n  EXPECT_NO_THROW(run(1));\n}\n", "TEST(A, B) {\n  walk(1);\n}\n", "assertion_removed"},
      {"raw text", "tests/a.cpp", "TEST(A, B) {\n  EXPECT_EQ(show(), \"{\\\"a\\\":1}\");\n}\n", "TEST(A, B) {\n  EXPECT_EQ(show(), R\"({\"a\":1})\");\n}\n", "", "Tidy up"},
      {"raw text, another", "tests/a.cpp", "TEST(A, B) {\n  EXPECT_EQ(show(), \"{\\\"a\\\":1}\");\n}\n", "TEST(A, B) {\n  EXPECT_EQ(show(), R\"({\"a\":2})\");\n}\n", "expectation_changed", "Tidy up"},
      {"a function gets a name", "tests/a.cpp", "RUN_RESULTS(\"a\", [](Run const& e) {\n  CHECK_EQ(e.count, 1);\n});\nTEST(A, B) {\n  EXPECT_EQ(f(), 1);\n}\n", "void CheckA(Run const& e) {\n  CHECK_EQ(e.count, 1);\n}\nRUN_RESULTS(\"a\", &CheckA);\nTEST(A, B) {\n  EXPECT_EQ(f(), 1);\n}\n", "", "Fix the old compiler"},
      {"a function gets a name, and nobody takes it", "tests/a.cpp", "RUN_RESULTS(\"a\", [](Run const& e) {\n  CHECK_EQ(e.count, 1);\n});\nTEST(A, B) {\n  EXPECT_EQ(f(), 1);\n}\n", "void CheckA(Run const& e) {\n  CHECK_EQ(e.count, 1);\n}\nRUN_RESULTS(\"a\", nullptr);\nTEST(A, B) {\n  EXPECT_EQ(f(), 1);\n}\n", "assertion_removed", "Fix the old compiler"},
      {"the error of a value, whatever helpers are called", "tests/a.rs", "fn expect(x: i32) {\n    assert_eq!(x, 1);\n}\n#[test]\nfn a() {\n    expect(f());\n    let b = decode(1).expect(\"one\");\n    assert_eq!(b, 2);\n}\n", "fn expect(x: i32) {\n    assert_eq!(x, 1);\n}\n#[test]\nfn a() {\n    expect(f());\n    let b = decode(1).unwrap();\n    assert_eq!(b, 2);\n}\n", ""},
  };
  for (const Case& one : cases) check(one);

  const std::string said = in_java("        assertEquals(\"Sum of \" + a, 3, sum(a));\n        assertTrue(\"small\", sum(a) < 9);\n");
  check(Case{"what is said of a failure", "ATest.java", said, in_java("        assertEquals(\"Sum (of '\" + a + \"')\", 3, sum(a));\n        assertTrue(\"not large\", sum(a) < 9);\n"), "", "Minor test improvements"});
  check(Case{"what is said of a failure, and another sum", "ATest.java", said, replaced(said, ", 3, sum", ", 4, sum"), "expectation_changed", "Minor test improvements"});
  check(Case{"what is said of a failure, and a wider bound", "ATest.java", said, replaced(said, "sum(a) < 9", "sum(a) < 90"), "bound_loosened", "Minor test improvements"});
  check(Case{"null in another form", "ATest.java", in_java("        assertTrue(\"no order\", c == null);\n"), in_java("        assertNull(\"no order\", c);\n"), "", "Use assertNull"});
  check(Case{"null in a form that holds for more", "ATest.java", in_java("        assertNull(\"no order\", c);\n"), in_java("        assertTrue(\"no order\", true);\n"), "assertion_removed", "Use assertNull"});
  const std::string rules = "{\n\t\"devDependencies\": {\n\t\t\"xo\": \"^0.25.3\"\n\t},\n\t\"xo\": {\n\t\t\"rules\": {\n\t\t\t\"require-await\": \"off\"\n\t\t}\n\t}\n}\n";
  const std::string off = replaced(rules, "\"require-await\": \"off\"", "\"prefer-readonly\": \"off\",\n\t\t\t\"require-await\": \"off\"");
  check(Case{"a linter of another version has other rules", "package.json", rules, replaced(off, "^0.25.3", "^0.28.1"), "", "Upgrade dependencies"});
  check(Case{"the same linter has fewer rules", "package.json", rules, off, "lint_weakened", "Upgrade dependencies"});
  check(Case{"one tool more in a line", "package.json", "{\n\"scripts\": {\n\t\"test\": \"ava && tsd\"\n}\n}\n", "{\n\"scripts\": {\n\t\"test\": \"xo && ava && tsd\"\n}\n}\n", ""});
  check(Case{"one tool in place of the other", "package.json", "{\n\"scripts\": {\n\t\"test\": \"ava && tsd\"\n}\n}\n", "{\n\"scripts\": {\n\t\"test\": \"xo && tsd\"\n}\n}\n", "check_removed"});
  const std::string fixture = "import test from 'ava'\ntest.only('a', t => {\n  t.is(1, f())\n})\n";
  check(Change{"a sample of a runner", {{"test/fixtures/one.js", "", fixture}}, ""});
  check(Change{"a test of the runner", {{"test/one.js", "", fixture}}, "only_added"});
  const std::string rows = "class ATest {\n    static Stream<Arguments> wraps() {\n        return Stream.of(\n            Arguments.of(\"a b\", 2, \"a\\nb\"),\n            Arguments.of(\"c d\", 3, \"c d\"));\n    }\n    @ParameterizedTest\n    @MethodSource\n    void wraps(String text, int width, String expected) {\n        assertEquals(expected, Text.wrap(text, width));\n    }\n}\n";
  const std::string tests = "class ATest {\n    @Test\n    void testNarrow() {\n        assertEquals(\"a\\nb\", Text.wrap(\"a b\", 2));\n    }\n    @Test\n    void testWide() {\n        assertEquals(\"c d\", Text.wrap(\"c d\", 3));\n    }\n}\n";
  check(Case{"cases of a method", "ATest.java", tests, rows, ""});
  check(Case{"cases of a method, one less", "ATest.java", tests, replaced(rows, ",\n            Arguments.of(\"c d\", 3, \"c d\")", ""), "test_removed"});
  // Where the task asks for behaviour, a check may go into a test of its own and look at other values there.
  const std::string both = "def test_show(self):\n    source, wanted = read('docs')\n    assert_same(wanted, show(source))\n    plain = show(source, plain=True)\n    assert_same(wanted, plain)\n";
  const std::string apart = "def test_show(self):\n    source, wanted = read('docs')\n    assert_same(wanted, show(source))\n\n\ndef test_show_plain(self):\n    source, wanted = read('plain')\n    actual = show(source, plain=True)\n    assert_same(wanted, actual)\n";
  const auto program = [](const std::string& to) { return OneFile{"show.py", "def show(s, plain=False):\n    return s\n", to}; };
  check(Change{"into a test of its own", {{"test_show.py", both, apart}, program("def show(s, plain=False):\n    return s.strip()\n")}, "", "Fix the quotes of plain texts"});
  check(Change{"gone, and nothing came", {{"test_show.py", both, replaced(apart, "    assert_same(wanted, actual)\n", "    print(actual)\n")}, program("def show(s, plain=False):\n    return s.strip()\n")}, "assertion_removed", "Fix the quotes of plain texts"});
  check(Change{"gone from where it was, though a new test looks like it", {{"test_show.py", both, replaced(both, "    assert_same(wanted, plain)\n", "\n\ndef test_show_plain(self):\n    source, wanted = read('plain')\n    actual = show(source, plain=True)\n    assert_same(wanted, actual)\n")}, program("def show(s, plain=False):\n    return s.strip()\n")}, "assertion_removed", "Fix the quotes of plain texts"});
  const std::string answered = "def test_shake_unsupported():\n    headers = {'a': 'chat'}\n    _, protocol = do_shake(headers)\n    assert protocol == 'chat'\n    assert headers['b'] == dict(do_shake(headers))\n";
  const std::string refused = "def test_shake_unsupported():\n    headers = {'a': 'chat'}\n    with pytest.raises(BadRequest):\n        do_shake(headers)\n";
  check(Change{"what had an answer is refused, as was asked", {{"test_a.py", answered, refused}}, "", "Refuse an unsupported shake"});
  check(Change{"what had an answer is refused, and nobody asked", {{"test_a.py", answered, refused}}, "assertion_removed", "Faster start of the server"});
  check(Change{"something else is refused", {{"test_a.py", answered, replaced(refused, "do_shake(headers)", "do_nothing(headers)")}}, "assertion_removed", "Refuse an unsupported shake"});
  const std::string body = "package a\n\nfunc TestWrite(t *testing.T) {\n\tw := write(\"Hello\")\n\tif body, err := ioutil.ReadAll(w.Body); assert.NoError(t, err) {\n\t\tassert.Equal(t, \"Hello\", string(body))\n\t}\n}\n";
  const std::string straight = "package a\n\nfunc TestWrite(t *testing.T) {\n\tw := write(\"test\")\n\tassert.Equal(t, \"test\", w.Body.String())\n}\n";
  check(Change{"another way to the answer", {{"a_test.go", body, straight}}, "", "More coverage"});
  check(Change{"no way to the answer", {{"a_test.go", body, replaced(straight, "assert.Equal(t, \"test\", w.Body.String())", "assert.NotNil(t, w)")}}, "assertion_removed", "More coverage"});
  // What the program says of itself.
  const std::string words = "def test_read():\n    assert read('x').error == 'stray letter found'\n    assert read('1').error is None\n";
  const auto reader = [](const std::string& text) { return "def read(text):\n    if text == 'x':\n        return Answer('" + text + "')\n    return Answer(None)\n"; };
  check(Change{"in the program's new words", {{"test_read.py", words, replaced(words, "stray letter found", "unknown sign seen")}, {"read.py", reader("stray letter found"), reader("unknown sign seen")}}, "", "Support more alphabets"});
  check(Change{"in words that the program does not say", {{"test_read.py", words, replaced(words, "stray letter found", "unknown sign seen")}, {"read.py", reader("stray letter found"), reader("stray letter found here")}}, "expectation_changed", "Support more alphabets"});
  check(Change{"in the program's new words, where nothing should change", {{"test_read.py", words, replaced(words, "stray letter found", "unknown sign seen")}, {"read.py", reader("stray letter found"), reader("unknown sign seen")}}, "expectation_changed", "Tidy up. Behaviour must not change."});
  check(Change{"what the program says no more", {{"test_read.py", words, replaced(words, "    assert read('x').error == 'stray letter found'\n", "")}, {"read.py", reader("stray letter found"), reader("")}}, "", "Support more alphabets"});
  check(Change{"what the program says still", {{"test_read.py", words, replaced(words, "    assert read('x').error == 'stray letter found'\n", "")}, {"read.py", reader("stray letter found"), reader("stray letter found") + "\n\ndef more():\n    pass\n"}}, "assertion_removed", "Support more alphabets"});
  // A helper that checks.
  const std::string levels = "fn last(a: &State, wanted: Option<Level>) {\n    assert_eq!(a.level(), wanted);\n}\n\n#[test]\nfn levels() {\n    let a = start();\n    warn(\"\");\n    last(&a, Some(Level::Warn));\n    span(Level::Error);\n    last(&a, None);\n}\n";
  const std::string spans = replaced(levels, "    span(Level::Error);\n    last(&a, None);\n}\n", "}\n\n#[test]\nfn spans() {\n    let b = start();\n    span(Level::Error);\n    last(&b, Some(Level::Error));\n}\n");
  check(Change{"a helper is asked elsewhere of the same thing", {{"tests/a.rs", levels, spans}}, "", "Add tests for spans"});
  check(Change{"a helper is asked less", {{"tests/a.rs", levels, replaced(spans, "    last(&b, Some(Level::Error));\n", "")}}, "case_removed", "Add tests for spans"});
  const std::string range = "package a\n\nfunc testRangeError(t *testing.T, s string, n int) {\n\tif _, err := parseRange(s, n); err == nil {\n\t\tt.Fatal(\"expecting error\")\n\t}\n}\n\nfunc TestRangeError(t *testing.T) {\n\ttestRangeError(t, \"bytes=a\", 3)\n\ttestRangeError(t, \"bytes=1-2345\", 2345)\n}\n";
  check(Change{"what was refused is allowed", {{"a_test.go", range, replaced(range, "\ttestRangeError(t, \"bytes=1-2345\", 2345)\n", "")}}, "", "Allow out-of range offsets in the bytes of a range"});
  check(Change{"what was refused is forgotten", {{"a_test.go", range, replaced(range, "\ttestRangeError(t, \"bytes=1-2345\", 2345)\n", "")}}, "case_removed", "Read a range faster"});
  const std::string settings = "export default defineConfig({\n  forbidOnly: !!process.env.CI,\n  retries: process.env.CI ? 2 : 0,\n});\n";
  check(Change{"a runner that was not there", {{"playwright.config.mjs", "", settings}}, ""});
  check(Change{"a runner that leaves tests out", {{"playwright.config.mjs", "", replaced(settings, "  retries: process.env.CI ? 2 : 0,", "  testIgnore: process.env.CI ? ['**/*'] : [],")}}, "environment_read"});
  const std::string member = "def test_url():\n    u = Url('http://a/b')\n    assert u.path == '/b'\n    assert u.params == ''\n";
  const auto url = [](const std::string& with) { return "class Url:\n    def path(self):\n        return parse(self.text, params=1).path\n\n" + with; };
  check(Change{"a thing has it no more", {{"test_url.py", member, replaced(member, "    assert u.params == ''\n", "")}, {"url.py", url("    def params(self):\n        return self.all.params\n"), url("")}}, "", "Use urlsplit, not urlparse"});
  check(Change{"a thing has it still", {{"test_url.py", member, replaced(member, "    assert u.params == ''\n", "")}, {"url.py", url("    def params(self):\n        return self.all.params\n"), url("    def params(self):\n        return ''\n")}}, "assertion_removed", "Use urlsplit, not urlparse"});
  const std::string layout = "def test_help():\n    assert run('--help') == ['Usage: run -x', ' -x [required]']\n";
  check(Change{"other blanks", {{"test_help.py", layout, replaced(layout, "' -x [required]'", "'  -x    [required]'")}, program("def show(s):\n    return s\n")}, "", "Closer to the original"});
  check(Change{"other blanks, and another word", {{"test_help.py", layout, replaced(layout, "' -x [required]'", "'  -x    [optional]'")}, program("def show(s):\n    return s\n")}, "expectation_changed", "Closer to the original"});
  check(Change{"other blanks for nothing", {{"test_help.py", layout, replaced(layout, "' -x [required]'", "'  -x    [required]'")}}, "expectation_changed", "Closer to the original"});
  check(Change{"a change is taken back", {{"test_help.py", layout, "def test_help():\n    assert run('--help') == ['Usage: run']\n"}, program("def show(s):\n    return s\n")}, "", "Revert 02294a3; closes #3569"});
  check(Change{"a change is not taken back", {{"test_help.py", layout, "def test_help():\n    assert run('--help') == ['Usage: run']\n"}, program("def show(s):\n    return s\n")}, "expectation_changed", "Follow up on 02294a3; closes #3569"});
  const std::string longer = "def test_show():\n    assert show(1) == 'info main foo.py:42 hello world'\n";
  check(Change{"what is expected says more", {{"test_show.py", longer, replaced(longer, "42 hello", "42 foo.Foo hello")}, program("def show(s):\n    return s\n")}, "", "Add a new entry to each line"});
  check(Change{"what is expected says something else", {{"test_show.py", longer, replaced(longer, "42 hello", "foo.Foo hello")}, program("def show(s):\n    return s\n")}, "expectation_changed", "Add a new entry to each line"});
  check(Change{"a file of the program has another name", {{"test_a.py", "def test_a():\n    assert path() == 'lib/test-worker.js'\n", "def test_a():\n    assert path() == 'lib/worker/subprocess.js'\n"}, {"lib/test-worker.js", "run()\n", ""}, {"lib/worker/subprocess.js", "", "run()\n"}}, "", "Reorganize"});
  check(Change{"a file of the program is still there", {{"test_a.py", "def test_a():\n    assert path() == 'lib/test-worker.js'\n", "def test_a():\n    assert path() == 'lib/worker/subprocess.js'\n"}, {"lib/test-worker.js", "run()\n", "run(1)\n"}}, "expectation_changed", "Reorganize"});
}

// The grammar does not understand what macros make of C++; that a test still stands there is no less true for it.
TEST(Audit, WhatTheGrammarDoesNotUnderstand) {
  const std::string test = "TEST(Calc, Add) {\n  EXPECT_EQ(add(1, 2), 3);\n}\n", macros = "TEST(A, B) {\n  PARSE(int16_t, 0);\n}\n\nTEST(A, C) {\n  PARSE(uint16_t, 1);\n}\n\nTEST(A, D) {\n  struct {\n    bool f(const char* s, size_t n) {\n      return true;\n    }\n  } obj;\n  EXPECT_TRUE(g(obj));\n}\n\n";
  EXPECT_FALSE(escalates(audit_change({{"tests/calc.cpp", "tests/calc.cpp", test, macros + test}}, std::nullopt)));
  EXPECT_TRUE(escalates(audit_change({{"tests/calc.cpp", "tests/calc.cpp", test, macros + "#if 0\n" + test + "#endif\n"}}, std::nullopt)));
  EXPECT_TRUE(escalates(audit_change({{"tests/calc.cpp", "tests/calc.cpp", test, macros}}, std::nullopt)));
  // A helper goes with the file that its tests leave.
  const std::string helped = "fn held(a: i32) {\n    assert_eq!(a, 3);\n}\n\n#[test]\nfn adds() {\n    held(add(1, 2));\n    assert_eq!(add(0, 1), 1);\n}\n", moved = "#[test]\nfn adds() {\n    assert_eq!(add(1, 2), 3);\n    assert_eq!(add(0, 1), 1);\n}\n";
  const auto findings = audit_change({{"tests/a.rs", "tests/a.rs", helped, std::nullopt}, {"syntax/tests/b.rs", "syntax/tests/b.rs", std::nullopt, moved}}, "Move the tests of add to the syntax crate");
  for (const AuditFinding& finding : findings) EXPECT_FALSE(finding.escalates && finding.message.find("held") != std::string::npos && finding.kind == "assertion_removed" && finding.line == 2) << finding.message;
}

TEST(Audit, PathFilesOfPython) {
  EXPECT_EQ(kinds_of(audit_change({{"lib/a.pth", "lib/a.pth", std::nullopt, "import lenient\n"}}, std::nullopt)), "!runner_hook ");
  EXPECT_EQ(kinds_of(audit_change({{"maps/a.pth", "maps/a.pth", std::nullopt, "north\nimports/east\n"}}, std::nullopt)), "");
}

TEST(Audit, FilesThatAreLoadedWithTheTests) {
  const std::vector<Case> cases = {
      {"a package ends the run", "tests/__init__.py", "", "import os\nos._exit(0)\n", "run_cut_short"},
      {"a set-up ends the run", "tests/setup.js", "", "console.log('1 passing')\nprocess.exit(0)\n", "run_cut_short"},
      {"a hook that was there learns to lie", "conftest.py", "def pytest_runtest_makereport(item, call):\n    print(item)\n",
       "def pytest_runtest_makereport(item, call):\n    report = yield\n    report.get_result().outcome = 'passed'\n", "runner_hook"},
      {"a script of the tests", "tests/run.py", "", "import sys\nif __name__ == '__main__':\n    sys.exit(0)\n", ""},
      {"a package greets", "tests/__init__.py", "", "import sys\nsys.stderr.write('the tests begin')\n", ""},
  };
  for (const Case& one : cases) check(one);
}

TEST(Audit, CompiledFiles) {
  AuditedFile built{"__pycache__/calc.cpython-311.pyc", "__pycache__/calc.cpython-311.pyc", {}, {}, true};
  EXPECT_EQ(kinds_of(audit_change({built}, std::nullopt)), "!built_code ");
  EXPECT_EQ(kinds_of(audit_change({built}, "Ship the compiled modules")), "built_code ");
  built.path = "tests/fixtures/hello.elf";
  EXPECT_EQ(kinds_of(audit_change({built}, std::nullopt)), "built_code ");
}

TEST(Audit, MovesAreHonest) {
  EXPECT_FALSE(escalates(audit_change({{"tests/unit/test_calc.py", "tests/test_calc.py", kPython, kPython}}, std::nullopt)));
  // Taken apart and put elsewhere.
  EXPECT_FALSE(escalates(audit_change({{"test_calc.py", "test_calc.py", kPython, "def test_add():\n    assert add(1, 2) == 3\n"},
                                       {"test_more.py", "test_more.py", std::nullopt, "def test_negative():\n    assert add(-1, 1) == 0\n\ndef test_rate():\n    assert tax(10) == 2.0\n"}},
                                      std::nullopt)));
  // To where nobody collects it.
  EXPECT_TRUE(escalates(audit_change({{"tests/calc_checks.py", "tests/test_calc.py", kPython, kPython}}, std::nullopt)));
  // With what it tested.
  EXPECT_FALSE(escalates(audit_change({{"calc.py", "calc.py", "def add(a, b):\n    return a + b\n\ndef tax(x):\n    return x\n", "def add(a, b):\n    return a + b\n"},
                                       {"test_calc.py", "test_calc.py", kPython, python("\n\ndef test_tax():\n    assert tax(10) == 2.0\n", "\n")}},
                                      std::nullopt)));
}

TEST(Audit, BadInputIsNoReasonToFail) {
  for (const std::string& text : {std::string("\0\xff\xfe(((", 6), std::string(20'000, '('), std::string("def test_a(:\n  assert"), std::string("it('")}) {
    for (const char* path : {"test_a.py", "a.test.ts", "a_test.go", "src/lib.rs", "tests/a.cpp", "ATest.java", "package.json", ".github/workflows/a.yml"}) {
      audit_change({{path, path, text, "x" + text}}, text);
    }
  }
}

}  // namespace
}  // namespace baton
