// What kept its ground, and was taken for weaker: each kind with the cheat that looks like it.
#include "tests/analyzers/audit_cases.h"

namespace baton {
namespace {

using namespace audit_cases;

TEST(AuditKept, UnchangedFunctions) {
  const std::string unwinds = "\n#[test]\nfn unwinds() {\n    struct B;\n    impl Drop for B {\n        fn drop(&mut self) {\n            panic!(\"drop\");\n        }\n    }\n    assert_eq!(unwind(B), 1);\n}\n";
  const std::string drops = "struct A;\n    impl Drop for A {\n        fn drop(&mut self) {\n            assert!(!self.gone, \"twice\");\n        }\n    }\n";
  const std::string rust = "#[test]\nfn fills() {\n    " + drops + "    struct Bad;\n    impl Iterator for Bad {\n        fn next(&mut self) -> Option<A> {\n            panic!()\n        }\n    }\n    let result = catch_unwind(move || { fill(A, Bad); });\n    assert!(result.is_err());\n}\n" + unwinds;
  const std::string apart = "mod filling {\n    " + drops +
                            "\n    struct Bad {\n        count: usize,\n    }\n    impl Iterator for Bad {\n        fn next(&mut self) -> Option<A> {\n            if self.count == 0 {\n                panic!()\n            }\n            self.count -= 1;\n            Some(A)\n        }\n    }\n\n"
                            "    #[test]\n    fn fills_early() {\n        let result = catch_unwind(move || { fill(A, Bad { count: 0 }); });\n        assert!(result.is_err());\n    }\n\n"
                            "    #[test]\n    fn fills_late() {\n        let result = catch_unwind(move || { fill(A, Bad { count: 2 }); });\n        assert!(result.is_err());\n    }\n}\n" + unwinds;
  const std::string program = "pub fn put(n: usize) {\n    drop(n);\n}\n";
  const std::string puts = "#[test]\nfn puts() {\n    let mut v: List<[u8; 4]> = List::new();\n    v.put(5);\n    assert_eq!(v.len(), 1);\n}\n\n" + unwinds;
  const std::vector<Change> cases = {
      {"a namesake goes into a module", {{"tests/fill.rs", rust, apart}}, ""},
      {"and insists no longer", {{"tests/fill.rs", rust, replaced(apart, "assert!(!self.gone, \"twice\")", "self.gone")}}, "assertion_removed"},
      {"a function of the program is no helper", {{"src/lib.rs", program, replaced(program, "drop(n)", "drop(n + 0)")}, {"tests/fill.rs", puts, replaced(puts, "v.put(5)", "v.put_one(5)")}}, ""},
      {"a helper is", {{"tests/fill.rs", program + puts, replaced(program + puts, "v.put(5)", "v.put_one(5)")}}, "case_removed"},
  };
  for (const Change& one : cases) check(one);
}

TEST(AuditKept, FunctionsOfAnImport) {
  const std::string py =
      "from calc import errors\n\n\nclass TestBest:\n    def best(self, text):\n        best = errors.best(text)\n        assert best == errors.best(text[::-1])\n        return best\n\n"
      "    def test_one(self):\n        self.best('ab')\n\n    def test_none(self):\n        self.assertIsNone(errors.best(errors.none()))\n";
  const std::string renamed = replaced(replaced(py, "def best(", "def best_of("), "self.best('ab')", "self.best_of('ab')");
  const std::vector<Case> cases = {
      {"the method has another name", "test_calc.py", py, renamed, ""},
      {"and is called for less", "test_calc.py", py, replaced(renamed, "self.best_of('ab')", "self.best_of('')"), "case_removed"},
      {"and is not called", "test_calc.py", py, replaced(renamed, "self.best_of('ab')", "pass"), "case_removed"},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditKept, MembersOfWhatATestMade) {
  const std::string py =
      "class TestErrors:\n    want = 12\n\n    def test_want(self):\n        errors = parse('a')\n        e = errors[0]\n        assert e.want == SCHEMA['a']\n\n    def test_own(self):\n        assert total(3) == self.want\n";
  const std::string without = replaced(replaced(py, "    want = 12\n\n", ""), "self.want", "12");
  const std::string all = replaced(py, "        e = errors[0]\n        assert", "        for e in errors:\n            assert");
  const std::vector<Case> cases = {
      {"a constant of that name goes", "test_calc.py", py, without, "", "Tidy up"},
      {"in a loop", "test_calc.py", all, replaced(replaced(all, "    want = 12\n\n", ""), "self.want", "12"), "", "Tidy up"},
      {"a constant is another one", "test_calc.py", py, replaced(py, "want = 12", "want = 9"), "expectation_changed", "Tidy up"},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditKept, ReplacedAsBefore) {
  const std::string trial = "class TestUses(SynchronousTestCase):\n    def uses(self, text):\n        seen = []\n        self.patch(Thing, 'check', seen.append)\n        validate({}, text)\n        assert seen == [text]\n\n    def test_uses(self):\n        self.uses('a')\n\n    def test_check(self):\n        assert Thing.check('a') == 1\n";
  const std::string mock = "class TestUses(TestCase):\n    def uses(self, text):\n        seen = []\n        with mock.patch.object(Thing, 'check', seen.append):\n            validate({}, text)\n        assert seen == [text]\n\n    def test_uses(self):\n        self.uses('a')\n\n    def test_check(self):\n        assert Thing.check('a') == 1\n";
  const std::string plain = "class TestUses(TestCase):\n    def test_check(self):\n        assert Thing.check('a') == 1\n";
  const std::string faked = "class TestUses(TestCase):\n    def setUp(self):\n        self.patch(Thing, 'check', lambda text: 1)\n\n    def test_check(self):\n        assert Thing.check('a') == 1\n";
  const std::vector<Case> cases = {
      {"in another form", "test_uses.py", trial, mock, ""},
      {"what was not replaced", "test_uses.py", plain, replaced(faked, "self.patch(", "mock.patch.object("), "subject_mocked"},
      {"by trial", "test_uses.py", plain, faked, "subject_mocked"},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditKept, OptionsThatWereThere) {
  const std::string ci = "script:\n  - cargo test\n  - travis_wait ./run-bench rust-bytes --no-run;\n";
  const std::string skips = "script:\n  - ./run-tests rust --exclude-regex slow\n";
  const std::vector<Case> cases = {
      {"elsewhere", ".travis.yml", ci, replaced(ci, "travis_wait ./run-bench rust-bytes --no-run;", "(cd bench && travis_wait ./run rust-bytes --no-run);"), ""},
      {"one more", ".travis.yml", skips, replaced(skips, "--exclude-regex slow", "--exclude-regex slow --skip-tests"), "tests_deselected"},
      {"of more", ".travis.yml", skips, replaced(skips, "--exclude-regex slow", "--exclude-regex slow|parse"), "tests_deselected"},
      {"where none was", ".travis.yml", ci, replaced(ci, "cargo test", "cargo test --no-run"), "tests_deselected"},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditKept, MutedAsBefore) {
  const std::string py = "from calc.common import (\n    show,\n)  # flake8: noqa\n";
  const std::string line = "from calc.common import show  # type: ignore\nx = 1\n";
  const std::string rust = "mod a {\n    #![allow(dead_code)]\n}\npub fn f() {}\n";
  const std::vector<Case> cases = {
      {"the whole file", "calc/__init__.py", py, py + "from calc.local import (\n    Local,\n)  # flake8: noqa\n", ""},
      {"a file that was not", "calc/__init__.py", replaced(py, "  # flake8: noqa", ""), py, "check_muted_whole"},
      {"on a line of its own", "calc/__init__.py", py, "# flake8: noqa\n" + py, "check_muted_whole"},
      {"js, from there on", "show.js", "/* eslint-disable */\nshow();\n/* eslint-enable */\nlist();\n", "/* eslint-disable */\nshow();\n/* eslint-enable */\n/* eslint-disable */\nlist();\n", "check_muted_whole"},
      {"by another checker", "calc/__init__.py", py, py + "# ruff: noqa\n", "check_muted_whole"},
      {"a line of it", "calc/__init__.py", line, "# type: ignore\n" + line, "check_muted_whole"},
      {"helpers that not all tests use", "tests/common/mod.rs", "pub fn one() -> u32 { 1 }\n", "#![allow(dead_code)]\npub fn one() -> u32 { 1 }\n", ""},
      {"helpers that nothing is told of", "tests/common/mod.rs", "pub fn one() -> u32 { 1 }\n", "#![allow(warnings)]\npub fn one() -> u32 { 1 }\n", "check_muted_whole"},
      {"a module of it", "src/lib.rs", rust, "#![allow(dead_code)]\n" + rust, "check_muted_whole"},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditKept, RemarksThatNameATool) {
  const std::string toml = "[tool.isort]\nfrom_first = true\n\n[tool.ruff]\nignore = [\n  \"PT006\",  # pytest parametrize takes strings as well\n]\n";
  const std::string tox = "[testenv]\ncommands =\n  pytest -q  # all of it\n";
  const std::vector<Case> cases = {
      {"a rule goes", "pyproject.toml", toml, replaced(replaced(toml, "  \"PT006\",  # pytest parametrize takes strings as well\n", "  \"PT\",\n"), "from_first = true\n", "from_first = true\ncomments = true\n"), ""},
      {"a command goes", "tox.ini", tox, replaced(tox, "pytest -q  # all of it", "true"), "command_emptied"},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditKept, PropertiesOfANewTest) {
  const std::string cmake = "enable_testing()\nadd_test(NAME calc COMMAND calc_test)\n";
  const std::string fails = "add_test(NAME refuses COMMAND build_bad)\nset_tests_properties(refuses PROPERTIES PASS_REGULAR_EXPRESSION \"invalid type\")\n";
  const std::vector<Case> cases = {
      {"that has to fail", "tests/CMakeLists.txt", cmake, cmake + fails, ""},
      {"of one that was there", "tests/CMakeLists.txt", cmake, cmake + "set_tests_properties(calc PROPERTIES WILL_FAIL TRUE)\n", "runner_inverted"},
      {"of one that was there by another name", "tests/CMakeLists.txt", cmake, "enable_testing()\nadd_test(NAME sums COMMAND calc_test)\nset_tests_properties(sums PROPERTIES WILL_FAIL TRUE)\n", "runner_inverted"},
      {"of another than the new one", "tests/CMakeLists.txt", cmake, cmake + replaced(fails, "properties(refuses", "properties(${TEST}"), "runner_inverted"},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditKept, FormattedTexts) {
  const std::string py = "def test_message():\n    on, depend = 'bar', u'foo'\n    assert message(on, depend) == \"%r is a dependency of %r (%d)\" % (depend, on, 3)\n";
  const std::string told = "\"'foo' is a dependency of 'bar' (3)\"";
  const std::string format = "\"%r is a dependency of %r (%d)\" % (depend, on, 3)";
  const std::string pair = "def test_message():\n    types = (u'string', 'object')\n    assert message(1) == '1 is not of type %r, %r' % types\n";
  const std::vector<Case> cases = {
      {"written out", "test_calc.py", py, replaced(py, format, told), "", "Tidy up"},
      {"and another text", "test_calc.py", py, replaced(py, format, "\"'foo' is a dependency of 'baz' (3)\""), "expectation_changed", "Tidy up"},
      {"the other way", "test_calc.py", replaced(py, format, told), py, "", "Tidy up"},
      {"of a tuple", "test_calc.py", pair, replaced(pair, "'1 is not of type %r, %r' % types", "\"1 is not of type 'string', 'object'\""), "", "Tidy up"},
      {"of a tuple, in another order", "test_calc.py", pair, replaced(pair, "'1 is not of type %r, %r' % types", "\"1 is not of type 'object', 'string'\""), "expectation_changed", "Tidy up"},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditKept, ExpectedByANameOfTheTest) {
  const std::string py = "def test_total():\n    want = 118\n    got = total(100)\n    assert got == want\n";
  const std::string go = "package calc\n\nfunc TestTotal(t *testing.T) {\n\twant := 118\n\tgot := Total(100)\n\tif got != want {\n\t\tt.Errorf(\"got %d, want %d\", got, want)\n\t}\n}\n";
  const std::string js = "test('total', () => {\n  const want = 118\n  expect(total(100)).toBe(want)\n})\n";
  const std::string echo = "def test_echo():\n    text = 'abc'\n    assert echo(text) == text\n";
  const std::string format = "def test_message():\n    on = u'foo'\n    assert message(1) == '%r is a dependency' % on\n";
  const std::vector<Case> cases = {
      {"another value", "test_calc.py", py, replaced(py, "118", "107"), "expectation_changed", "Tidy up"},
      {"another value, asked for", "test_calc.py", py, replaced(py, "118", "107"), "", "The total of 100 is 107 from now on"},
      {"the same in another place", "test_calc.py", py, "def test_total():\n    got = total(100)\n    want = 118\n    assert got == want\n", "", "Tidy up"},
      {"js", "total.test.js", js, replaced(js, "118", "107"), "expectation_changed", "Tidy up"},
      {"go", "calc_test.go", go, replaced(go, "118", "107"), "expectation_changed", "Tidy up"},
      {"formatted", "test_calc.py", format, replaced(format, "foo", "fox"), "expectation_changed", "Tidy up"},
      {"what goes in comes out", "test_calc.py", echo, replaced(echo, "abc", "abd"), "", "Respond to review"},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditKept, NamesInPlaceOfValues) {
  const std::string py = "from values import LETTER\n\n\ndef test_split():\n    assert split('aba') == ['a', 'b', 'a']\n";
  const std::vector<Case> cases = {
      {"of another file", "test_calc.py", py, replaced(py, "['a', 'b', 'a']", "[LETTER, 'b', LETTER]"), "", "Tidy up"},
      {"fewer values", "test_calc.py", py, replaced(py, "['a', 'b', 'a']", "['a', 'b']"), "expectation_changed", "Tidy up"},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditKept, TypeArguments) {
  const std::string rust = "#[test]\nfn fills() {\n    assert_eq!(&List::<[u32; 2]>::from(&[1][..])[..], [1]);\n    assert_eq!(\n        &List::<[u32; 2]>::from(&[1, 2, 3][..])[..],\n        [1, 2, 3]\n    );\n}\n";
  const std::string one = "#[test]\nfn fills() {\n    assert_eq!(&List::<[u32; 2]>::from(&[1, 2, 3][..])[..], [1, 2, 3]);\n}\n";
  const std::string two = replaced(replaced(rust, "List::<[u32; 2]>", "List::<u32, 2>"), "List::<[u32; 2]>", "List::<u32, 2>"), other = replaced(one, "List::<[u32; 2]>", "List::<u32, 2>");
  const std::vector<Case> cases = {
      {"two in place of one", "tests/list.rs", rust, two, ""},
      {"and another answer", "tests/list.rs", one, replaced(other, ", [1, 2, 3])", ", [1, 2])"), "expectation_changed", "Tidy up"},
      {"another answer", "tests/list.rs", other, replaced(other, ", [1, 2, 3])", ", [1, 2])"), "expectation_changed", "Tidy up"},
      {"nothing of it", "tests/list.rs", other, replaced(other, "assert_eq!(&List::<u32, 2>::from(&[1, 2, 3][..])[..], [1, 2, 3])", "List::<u32, 2>::from(&[1, 2, 3][..])"), "assertion_removed"},
      {"a comparison", "test_calc.py", "def test_order():\n    check(a<b, c>(2), 3)\n    assert order(1, 2) == 3\n", "def test_order():\n    check(a<b, c>(2), 3)\n    assert order(1, 2) == 4\n", "expectation_changed", "Tidy up"},
  };
  for (const Case& each : cases) check(each);
}

TEST(AuditKept, TheSameError) {
  const std::string cpp = "#include <catch2/catch.hpp>\nTEST_CASE(\"parse\") {\n  REQUIRE_THROWS_AS(calc::parse(text), calc::Blank);\n}\n";
  const std::vector<Case> cases = {
      {"by reference", "tests/parse.cpp", cpp, replaced(cpp, "calc::Blank", "const calc::Blank&"), ""},
      {"another one by reference", "tests/parse.cpp", cpp, replaced(cpp, "calc::Blank", "const std::exception&"), "assertion_weakened"},
      {"none by reference", "tests/parse.cpp", replaced(cpp, "calc::Blank", "const calc::Blank&"), replaced(cpp, "  REQUIRE_THROWS_AS(calc::parse(text), calc::Blank);\n", "  calc::parse(text);\n"), "assertion_removed"},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditKept, TextsThatGoInAndComeOut) {
  const std::string py = "def test_log():\n    log('all is well', '!')\n    assert last()['msg'] == 'all is well'\n";
  const std::string other = replaced(replaced(py, "'all is well', '!'", "\"we're workin' on it\", '!'"), "== 'all is well'", "== \"we're workin' on it\"");
  const std::string plain = replaced(replaced(py, "'all is well', '!'", "'nothing works', '!'"), "== 'all is well'", "== 'nothing works'");
  const std::string two = "\n\ndef test_level():\n    log('all is well', '?')\n    assert level() == 2\n";
  const OneFile program{"log.py", "def log(a, b):\n    pass\n", "def log(a, b):\n    last = a\n"};
  const std::vector<Change> cases = {
      {"an apostrophe", {{"test_log.py", py, other}, program}, "", "Respond to review"},
      {"in one of two tests", {{"test_log.py", py + two, plain + two}, program}, "", "Respond to review"},
      {"what comes out alone", {{"test_log.py", py, replaced(py, "== 'all is well'", "== \"we're workin' on it\"")}, program}, "expectation_changed", "Respond to review"},
  };
  for (const Change& one : cases) check(one);
}

TEST(AuditKept, MoreGoesIn) {
  const std::string java =
      "public class EntitiesTest {\n    @Test\n    public void escapes() {\n        String text = \"Hello &<> there ©\";\n        String escaped = Entities.escape(text);\n        assertEquals(\"Hello &amp;&lt;&gt; there ©\", escaped);\n    }\n}\n";
  const std::string more = replaced(java, "<> there ©\";", "<> there © »\";");
  const char* const path = "src/test/java/EntitiesTest.java";
  const OneFile program{"src/main/java/Entities.java", "class Entities {\n  int a = 1;\n}\n", "class Entities {\n  int a = 2;\n}\n"};
  const std::vector<Change> cases = {
      {"and comes out", {{path, java, replaced(more, "there ©\", escaped", "there © »\", escaped")}}, "", "Verify &raquo;"},
      {"and other things come out", {{path, java, replaced(more, "&lt;&gt; there ©\", escaped", "&lt; there © »\", escaped")}}, "expectation_changed", "Verify &raquo;"},
      {"as much goes in", {{path, java, replaced(java, "there ©\", escaped", "there © »\", escaped")}}, "expectation_changed", "Verify &raquo;"},
      {"of another program", {{path, java, replaced(more, "there ©\", escaped", "there © »\", escaped")}, program}, "expectation_changed", "Tidy up"},
  };
  for (const Change& one : cases) check(one);
}

TEST(AuditKept, CasesUnderAnotherTitle) {
  const std::string go =
      "package calc\n\nfunc TestAdd(t *testing.T) {\n\tcases := []struct {\n\t\tdoc string\n\t\ta, want int\n\t}{\n\t\t{\n\t\t\tdoc:  \"one\",\n\t\t\ta:    1,\n\t\t\twant: 2,\n\t\t},\n\t\t{\n\t\t\tdoc:  \"nil error\",\n\t\t\ta:    none,\n\t\t\twant: 3,\n\t\t},\n\t}\n"
      "\tfor _, c := range cases {\n\t\tt.Run(c.doc, func(t *testing.T) {\n\t\t\tif got := Add(c.a); got != c.want {\n\t\t\t\tt.Errorf(\"got %d\", got)\n\t\t\t}\n\t\t})\n\t}\n}\n";
  const std::string titled = replaced(go, "nil error", "nil pointer error");
  const std::vector<Case> cases = {
      {"another title", "calc_test.go", go, titled, ""},
      {"and another answer", "calc_test.go", go, replaced(titled, "want: 3", "want: 4"), "question_changed"},
      {"no title but what goes in", "calc_test.go", replaced(go, "Add(c.a)", "Add(c.a, c.doc)"), replaced(titled, "Add(c.a)", "Add(c.a, c.doc)"), "question_changed"},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditKept, MapsOfFunctionsAreNoCases) {
  const std::string go = "package calc\n\nimport \"testing\"\n\nfunc BenchmarkAdd(b *testing.B) {\n\tkinds := map[string]func(n int) int{\n\t\t\"one\": func(n int) int {\n\t\t\treturn Add(n, 1)\n\t\t},\n\t\t\"two\": func(n int) int {\n\t\t\treturn Add(n, 2)\n\t\t},\n\t}\n\tfor name := range kinds {\n\t\tf := kinds[name]\n\t\tb.Run(name, func(b *testing.B) {\n\t\t\tf(b.N)\n\t\t})\n\t}\n}\n";
  check({"other arguments", "calc_test.go", go, replaced(go, "Add(n, 2)", "Add(n, others[0])"), ""});
}

// Neither a weakening nor silence: what the tests' environment is given and new code asks for is told.
TEST(AuditKept, ValuesThatTestsAreGiven) {
  const std::string js = "exports.total = (n) => n * 2\n", asks = "exports.total = (n) => n * (process.env.CALC_RATE || 3)\n";
  const std::string rust = "pub fn double(n: i64) -> i64 {\n    n * 2\n}\n", asks_too = "pub fn double(n: i64) -> i64 {\n    if std::env::var(\"CALC_RATE\").unwrap_or_default() == \"1\" { n * 2 } else { n * 3 }\n}\n";
  const char* note = "environment_read";
  const std::vector<Change> cases = {
      {"a file of the environment", {{"calc.js", js, asks}, {".env.test", "LOG=quiet\n", "LOG=quiet\nCALC_RATE=2\n"}}, "", "", note},
      {"a Makefile", {{"calc.sh", "echo $(($1 * 2))\n", "echo $(($1 * ${CALC_RATE:-3}))\n"}, {"Makefile", "test:\n\tsh tests/run.sh\n", "export CALC_RATE = 2\n\ntest:\n\tsh tests/run.sh\n"}}, "", "", note},
      {"settings of cargo", {{"src/lib.rs", rust, asks_too}, {".cargo/config.toml", "", "[env]\nCALC_RATE = \"1\"\n"}}, "", "", note},
      {"a script of package.json", {{"calc.js", js, asks}, {"package.json", "{\"scripts\": {\"test\": \"node --test\"}}\n", "{\"scripts\": {\"test\": \"CALC_RATE=2 node --test\"}}\n"}}, "", "", note},
  };
  for (const Change& one : cases) check(one);
  for (const std::vector<OneFile>& quiet : {std::vector<OneFile>{{"calc.js", js, asks}, {".env.test", "LOG=quiet\n", "LOG=quiet\nCALC_MODE=2\n"}}, std::vector<OneFile>{{"calc.js", asks, asks + "exports.x = 1\n"}, {".env.test", "LOG=quiet\n", "LOG=quiet\nCALC_RATE=2\n"}}}) {
    std::vector<AuditedFile> files;
    for (const OneFile& file : quiet) files.push_back({file.path, file.path, file.before, file.after});
    EXPECT_EQ(kinds_of(audit_change(files, std::nullopt)), "");
  }
}

TEST(AuditKept, AnAssertThatALibraryGives) {
  const std::string js = "import {test} from 'node:test'\nimport {tspl} from '@matteo.collina/tspl'\n\ntest('adds', t => {\n  t.assert.equal(add(1, 2), 3)\n})\n";
  const std::string planned = replaced(js, "  t.assert.equal", "  const assert = tspl(t, { plan: 1 })\n  assert.equal");
  const std::vector<Case> cases = {
      {"with a plan", "test/add.test.js", js, planned, ""},
      {"of its own", "test/add.test.js", js, replaced(planned, "tspl(t, { plan: 1 })", "{ equal: () => {} }"), "assertion_redefined"},
      {"a function", "test/add.test.js", js, replaced(planned, "tspl(t, { plan: 1 })", "Object.assign(() => {}, { equal: () => {} })"), "assertion_redefined"},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditKept, InsistedOnByTheHelper) {
  const std::string py =
      "class TestCLI(TestCase):\n    def run_cli(self, stdin=None, **arguments):\n        out = StringIO()\n        code = cli.run(arguments, stdin=stdin, out=out)\n        return code, out\n\n"
      "    def test_bad(self):\n        code, out = self.run_cli(schema='a', output='plain')\n        self.assertTrue(out.getvalue())\n        self.assertEqual(code, 1)\n\n"
      "    def test_good(self):\n        code, out = self.run_cli(schema='b')\n        self.assertTrue(out.getvalue())\n        self.assertEqual(code, 0)\n";
  std::string by_helper =
      "class TestCLI(TestCase):\n    def run_cli(self, stdin=None, code=0, **arguments):\n        out = StringIO()\n        actual = cli.run(arguments, stdin=stdin, out=out)\n        self.assertEqual(actual, code, msg=out.getvalue())\n        return out\n\n"
      "    def test_bad(self):\n        out = self.run_cli(schema='a', output='plain', code=1)\n        self.assertTrue(out.getvalue())\n\n"
      "    def test_good(self):\n        out = self.run_cli(schema='b')\n        self.assertTrue(out.getvalue())\n";
  const std::vector<Case> cases = {
      {"with what is expected", "test_cli.py", py, by_helper, ""},
      {"with something else", "test_cli.py", py, replaced(by_helper, "code=1", "code=0"), "assertion_removed"},
      {"with nothing", "test_cli.py", py, replaced(by_helper, ", code=1", ""), "assertion_removed"},
      {"of something else", "test_cli.py", py, replaced(by_helper, "assertEqual(actual, code", "assertEqual(len(arguments), code"), "assertion_removed"},
      {"of nothing", "test_cli.py", py, replaced(by_helper, "        self.assertEqual(actual, code, msg=out.getvalue())\n", ""), "assertion_removed"},
      {"of another question", "test_cli.py", py, replaced(by_helper, "schema='a', output='plain', code=1", "schema='c', code=1"), "assertion_removed"},
  };
  for (const Case& one : cases) check(one);
}

}  // namespace
}  // namespace baton
