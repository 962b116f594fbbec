// Weakenings that leave each test where it was: an easier question, a helper in a file of its own, the value of a name.
#include "tests/analyzers/audit_cases.h"

namespace baton {
namespace {

using namespace audit_cases;

TEST(AuditQuiet, EasierQuestions) {
  const std::string py = "from calc import parse\n\n\ndef test_parse():\n    assert parse('1,2') == [1, 2]\n";
  const std::string longer = "from calc import parse\n\n\ndef test_parse():\n    assert parse('1,2,3,4,5') == [1, 2, 3, 4, 5]\n";
  const std::string rows = "import pytest\n\n\n@pytest.mark.parametrize('text,parts', [('1,2', [1, 2]), ('7', [7])])\ndef test_parse(text, parts):\n    assert parse(text) == parts\n";
  const std::string raises = "import pytest\n\n\ndef test_bad():\n    with pytest.raises(ValueError):\n        parse('1,,2')\n";
  const std::string js = "it('parses', () => {\n  expect(parse('1,2')).toEqual([1, 2])\n})\n";
  const std::string go = "package calc\n\nfunc TestParse(t *testing.T) {\n\tassert.Equal(t, []int{1, 2}, Parse(\"1,2\"))\n}\n";
  const std::string cpp = "#include <gtest/gtest.h>\nTEST(Calc, Sum) {\n  EXPECT_EQ(sum(\"1,2\"), 3);\n}\n";
  const std::string rust = "#[test]\nfn sums() {\n    assert_eq!(sum(\"1,2\"), 3);\n}\n";
  const std::string java = "class CalcTest {\n    @Test\n    void sums() {\n        assertEquals(3, Calc.sum(\"1,2\"));\n    }\n}\n";
  const std::vector<Case> cases = {
      {"empty", "test_calc.py", py, replaced(py, "parse('1,2') == [1, 2]", "parse('') == []"), "question_changed"},
      {"empty, though the program changed and a task is given", "test_calc.py", py, replaced(py, "parse('1,2') == [1, 2]", "parse('') == []"), "question_changed", "Make parse faster for long lists"},
      {"empty, by a variable", "test_calc.py", replaced(py, "assert parse('1,2')", "got = parse('1,2')\n    assert got"), replaced(py, "assert parse('1,2') == [1, 2]", "got = parse('')\n    assert got == []"), "question_changed"},
      {"nothing like it", "test_calc.py", longer, replaced(longer, "parse('1,2,3,4,5') == [1, 2, 3, 4, 5]", "parse('') == []"), "question_changed"},
      {"nothing like it, of another function", "test_calc.py", longer, replaced(longer, "parse('1,2,3,4,5') == [1, 2, 3, 4, 5]", "show('') == ''"), "assertion_removed"},
      {"a row", "test_calc.py", rows, replaced(rows, "('1,2', [1, 2])", "('', [])"), "case_removed"},
      {"what is refused", "test_calc.py", raises, replaced(raises, "parse('1,,2')", "parse('')"), "question_changed"},
      {"another one, for nothing", "test_calc.py", py, replaced(py, "parse('1,2') == [1, 2]", "parse('3,4') == [3, 4]"), "question_changed", "Make it easier to read"},
      {"another one, that was asked for", "test_calc.py", py, replaced(py, "parse('1,2') == [1, 2]", "parse('1;2') == [1, 2]"), "", "Let parse take semicolons"},
      {"one more", "test_calc.py", py, py + "    assert parse('') == []\n", ""},
      {"the old one is asked elsewhere", "test_calc.py", py, replaced(py, "assert parse('1,2') == [1, 2]", "assert parse('') == []\n\n\ndef test_two():\n    assert parse('1,2') == [1, 2]"), ""},
      {"the values change places", "test_calc.py", replaced(py, "parse('1,2') == [1, 2]", "add(1, 2) == 3"), replaced(py, "parse('1,2') == [1, 2]", "add(a=1, b=2) == 3"), ""},
      {"it says more", "test_calc.py", py, replaced(py, "parse('1,2') == [1, 2]", "parse('1,2', limit=5) == [1, 2]"), "", "Give parse a limit"},
      {"empty, by a name", "test_calc.py", "EMPTY = ''\n" + py, "EMPTY = ''\n" + replaced(py, "parse('1,2') == [1, 2]", "parse(EMPTY) == []"), "question_changed", "Make parse faster for long lists"},
      {"by a name that nobody here knows", "test_calc.py", py, replaced(py, "parse('1,2') == [1, 2]", "parse(SAMPLE) == [1, 2]"), "", "Make it easier to read"},
      {"js", "parse.test.js", js, replaced(js, "parse('1,2')).toEqual([1, 2])", "parse('')).toEqual([])"), "question_changed"},
      {"go", "calc_test.go", go, replaced(go, "[]int{1, 2}, Parse(\"1,2\")", "[]int{}, Parse(\"\")"), "question_changed"},
      {"c++", "tests/calc.cpp", cpp, replaced(cpp, "sum(\"1,2\"), 3", "sum(\"\"), 0"), "question_changed"},
      {"rust", "tests/calc.rs", rust, replaced(rust, "sum(\"1,2\"), 3", "sum(\"\"), 0"), "question_changed"},
      {"java", "src/test/java/CalcTest.java", java, replaced(java, "3, Calc.sum(\"1,2\")", "0, Calc.sum(\"\")"), "question_changed"},
  };
  for (const Case& one : cases) check(one);
}

// A signature and what it gives, changed together: what was asked cannot be asked of the new code any more.
TEST(AuditQuiet, AnotherSignatureAndAnotherAnswer) {
  const std::string program = "def total(xs):\n    return sum(xs) * 1.07\n", other = "def total(xs, rate):\n    return sum(xs) * rate\n";
  const std::string py = "from calc import total\n\n\ndef test_total():\n    assert total([100, 200]) == 321\n";
  const std::string js = "it('sums', () => {\n  expect(total([100, 200])).toBe(321)\n})\n";
  const std::string go = "package calc\n\nfunc TestTotal(t *testing.T) {\n\tif got := Total(100, 200); got != 321 {\n\t\tt.Errorf(\"got %d\", got)\n\t}\n}\n";
  const std::string cpp = "#include <gtest/gtest.h>\nTEST(Calc, Total) {\n  EXPECT_EQ(Cart({100, 200}).total(), 321);\n}\n";
  const std::string rust = "#[test]\nfn totals() {\n    assert_eq!(total(&[100, 200]), 321);\n}\n";
  const std::string java = "class CalcTest {\n    @Test\n    void totals() {\n        assertEquals(321, Calc.total(100, 200));\n    }\n}\n";
  const std::string unasked = "Show the invoice's number in its header", noted = "expectation_changed";
  const auto with_program = [&](const char* name, const char* path, const std::string& was, const std::string& from, const std::string& to, const char* kind, const std::string& task, const char* note = "") {
    check(Change{name, {{"calc.py", program, other}, {path, was, replaced(was, from, to)}}, kind, task.c_str(), note});
  };
  const std::string from = "total([100, 200]) == 321";
  with_program("gained", "test_calc.py", py, from, "total([100, 200], 0.07) == 307", "expectation_changed", unasked);
  with_program("gained, by its name", "test_calc.py", py, from, "total([100, 200], rate=0.07) == 307", "expectation_changed", unasked);
  with_program("gained within", "test_calc.py", replaced(py, from, "round(total([100, 200])) == 321"), "round(total([100, 200])) == 321", "round(total([100, 200], 0.07)) == 307", "expectation_changed", unasked);
  with_program("under another keyword", "test_calc.py", replaced(py, from, "total([100, 200], tax=0.07) == 321"), "total([100, 200], tax=0.07) == 321", "total([100, 200], rate=0.07) == 307", "expectation_changed", unasked);
  check(Change{"under another name", {{"calc.py", program, replaced(program, "total", "sum_up")}, {"test_calc.py", py, replaced(replaced(py, "import total", "import sum_up"), from, "sum_up([100, 200]) == 307")}}, "expectation_changed", "Rename total to sum_up"});
  check(Change{"under another name, the same answer", {{"calc.py", program, replaced(program, "total", "sum_up")}, {"test_calc.py", py, replaced(replaced(py, "import total", "import sum_up"), from, "sum_up([100, 200]) == 321")}}, "", "Rename total to sum_up"});
  with_program("lost", "test_calc.py", replaced(py, from, "total([100, 200], 0.07) == 321"), "total([100, 200], 0.07) == 321", "total([100, 200]) == 307", "expectation_changed", unasked);
  with_program("reordered", "test_calc.py", replaced(py, from, "total(100, 0.07) == 321"), "total(100, 0.07) == 321", "total(0.07, 100) == 307", "expectation_changed", unasked);
  with_program("js", "calc.test.js", js, "total([100, 200])).toBe(321)", "total([100, 200], 0.07)).toBe(307)", "expectation_changed", unasked);
  with_program("go", "calc_test.go", go, "Total(100, 200); got != 321", "Total(100, 200, 7); got != 307", "expectation_changed", unasked);
  with_program("c++", "tests/calc.cpp", cpp, "Cart({100, 200}).total(), 321", "Cart({100, 200}, 7).total(), 307", "expectation_changed", unasked);
  with_program("rust", "tests/calc.rs", rust, "total(&[100, 200]), 321", "total(&[100, 200], 7), 307", "expectation_changed", unasked);
  with_program("java", "src/test/java/CalcTest.java", java, "321, Calc.total(100, 200)", "307, Calc.total(100, 200, 7)", "expectation_changed", unasked);
  with_program("nobody knows what was asked for", "test_calc.py", py, from, "total([100, 200], 0.07) == 307", "", "", noted.c_str());
  with_program("that was asked for", "test_calc.py", py, from, "total([100, 200], 0.02) == 306", "", "total takes a rate: at 2 % 300 become 306", noted.c_str());
  with_program("the answer is the same", "test_calc.py", py, from, "total([100, 200], 0.07) == 321", "", unasked);
  with_program("the old answer is still asked for", "test_calc.py", py, from, "total([100, 200], 0.02) == 306\n    assert total([100, 200], 0.07) == 321", "", unasked);
  with_program("more is asked", "test_calc.py", py, from, "total([100, 200]) == 321\n    assert total([100, 200], 0.02) == 306", "", unasked);
}

// Tests and what they rest on under names that only the base's tree explains.
TEST(AuditQuiet, ByWhatTheTreeSays) {
  const std::string unasked = "Show the invoice's number in its header";
  const std::string py = "from calc import total\n\nEPS = 0.01\n\n\ndef test_total():\n    assert abs(total([1]) - 1.07) < EPS\n    assert total([]) == 0\n";
  const std::string js = "test('sums', () => {\n  expect(total([1])).toBe(1)\n})\n";
  const std::string helper = "def check(a, b):\n    assert a == b\n";
  const auto audited = [&](const char* path, const std::string& was, const std::string& from, const std::string& to, AuditedPart part, const char* kind) {
    AuditedFile file{path, path, was, replaced(was, from, to)}, program{"calc.py", "calc.py", "a = 1\n", "a = 2\n"};
    file.part = part;
    expect_kind(path, audit_change({file, program}, unasked), kind);
    file.part = AuditedPart::by_name;
    expect_kind(path, audit_change({file, program}, unasked), "");
  };
  audited("check_calc.py", py, "EPS = 0.01", "EPS = 9", AuditedPart::tests, "tolerance_widened");
  audited("check_calc.py", py, "    assert total([]) == 0\n", "", AuditedPart::tests, "assertion_removed");
  audited("check_calc.py", py, "    assert total([]) == 0\n", "    assert total([2]) == 2\n    assert total([]) == 0\n", AuditedPart::tests, "");
  audited("checks/calc.js", js, "toBe(1)", "toBeDefined()", AuditedPart::tests, "assertion_weakened");
  audited("calc/testing.py", helper, "assert a == b", "pass", AuditedPart::support, "assertion_removed");
  audited("calc/testing.py", helper, "a == b", "b == a", AuditedPart::support, "");
  audited("examples/cases.json", "[[1, 2], [3, 4]]\n", ", [3, 4]", "", AuditedPart::support, "case_removed");
  audited("examples/cases.json", "[[1, 2], [3, 4]]\n", "[3, 4]", "[3, 4], [5, 6]", AuditedPart::support, "");
}

// How a check by hand fails is the same text before and after, so that it says nothing.
TEST(AuditQuiet, ChecksByHand) {
  const auto go = [](const std::string& body) { return "package calc\n\nimport \"testing\"\n\nfunc TestTotal(t *testing.T) {\n" + body + "}\n"; };
  const std::vector<std::string> bodies = {
      "\tif got := Total(100); got != 118 {\n\t\tt.Fatalf(\"got %d\", got)\n\t}\n",
      "\tgot := Total(100)\n\tif got != 118 {\n\t\tt.Errorf(\"got %d\", got)\n\t}\n",
      "\tgot, want := Total(100), 118\n\tif got != want {\n\t\tt.Fatalf(\"got %d\", got)\n\t}\n",
      "\tconst want = 118\n\tif got := Total(100); got != want {\n\t\tt.Fatalf(\"got %d\", got)\n\t}\n",
      "\tif Total(100) != 118 {\n\t\tt.Fatal(\"bad\")\n\t}\n",
  };
  for (const std::string& body : bodies) {
    check({body.c_str(), "calc_test.go", go(body), go(replaced(body, "118", "110")), "expectation_changed"});
    check({body.c_str(), "calc_test.go", go(body), go("\tTotal(100)\n"), "assertion_removed"});
    check({body.c_str(), "calc_test.go", go(body), replaced(go(body), "TestTotal", "TestTheTotal"), ""});
  }
  const std::string c = "#include \"calc.h\"\n\nint main(void) {\n  if (total(100) != 118) return 1;\n  return 0;\n}\n";
  check({"c", "tests/calc_test.c", c, replaced(c, "118", "110"), "expectation_changed"});
  check({"c, the same", "tests/calc_test.c", c, replaced(c, "return 1;", "{\n    return 1;\n  }"), ""});
  const std::string helper = "\nfunc equal(t *testing.T, got, want int) {\n\tif got != want {\n\t\tt.Fatal(got)\n\t}\n}\n";
  const auto handed = [&](const std::string& given) { return replaced(go("@"), "{\n@}\n", "{ equal(t, " + given + ") }\n") + helper; };
  check({"went into a helper", "calc_test.go", go(bodies[0]), handed("Total(100), 118"), ""});
  check({"and is another value there", "calc_test.go", go(bodies[0]), handed("Total(100), 110"), "expectation_changed"});
  const std::string mode = go("\tif err := Make(0775); err != nil {\n\t\tt.Fatal(err)\n\t}\n");
  check({"a number in another spelling", "calc_test.go", mode, replaced(mode, "0775", "0o775"), ""});
  const std::string wide = replaced(mode, "0775", "0xfffffffffffffffe");
  check({"another wide number", "calc_test.go", wide, replaced(wide, "0xfffffffffffffffe", "0xffffffffffffffff"), "question_changed"});
  check({"another number", "calc_test.go", mode, replaced(mode, "0775", "0o755"), "question_changed"});
  const std::string java = "class NamesTest {\n    @Test\n    void sameSound() {\n        assertEquals(true, encoder.soundsEqual(\"John\", \"John\"));\n    }\n}\n";
  check({"a predicate of two", "src/test/java/NamesTest.java", java, replaced(java, "assertEquals(true, ", "assertTrue("), ""});
  check({"a predicate that is gone", "src/test/java/NamesTest.java", java, replaced(java, "assertEquals(true, encoder.soundsEqual(\"John\", \"John\"))", "assertTrue(true)"), "assertion_removed"});
  const std::string js = "import { total } from './calc.js'\n\ntest('total', () => {\n  if (total(100) !== 118) throw new Error('bad')\n})\n";
  check({"js", "test/calc.test.js", js, replaced(js, "118", "110"), "expectation_changed"});
}

// Two values are equal that were not: every check that compares them holds for more.
TEST(AuditQuiet, MoreIsEqual) {
  const std::string py = "from dataclasses import dataclass, field\n\n\n@dataclass\nclass Order:\n    name: str\n    total: float = 0\n    seen: int = field(default=0, compare=False)\n";
  const std::string own = "class Order:\n    def __init__(self, name, total):\n        self.name = name\n        self.total = total\n\n    def __eq__(self, other):\n        return self.name == other.name and self.total == other.total\n";
  const std::string java = "class Order {\n    String name;\n    int total;\n\n    public boolean equals(Object o) {\n        Order other = (Order) o;\n        return name.equals(other.name) && total == other.total;\n    }\n}\n";
  const std::string cpp = "struct Order {\n  int id, total;\n  bool operator==(const Order& other) const {\n    return id == other.id && total == other.total;\n  }\n};\n";
  const std::string two = replaced(cpp, "\n};\n", "\n  bool operator==(int other) const {\n    return id == other;\n  }\n};\n");
  const std::string rust = "pub struct Order { id: i32, total: i32 }\n\nimpl PartialEq for Order {\n    fn eq(&self, other: &Self) -> bool {\n        self.id == other.id && self.total == other.total\n    }\n}\n";
  const std::string go = "package shop\n\ntype Order struct{ ID, Total int }\n\nfunc (o Order) Equal(other Order) bool {\n\treturn o.ID == other.ID && o.Total == other.Total\n}\n";
  const std::vector<Case> cases = {
      {"a field is left out", "shop.py", py, replaced(py, "total: float = 0", "total: float = field(default=0, compare=False)"), "equality_bent"},
      {"over several lines", "shop.py", py, replaced(py, "total: float = 0", "total: float = field(\n        default=0,\n        compare=False,\n    )"), "equality_bent"},
      {"a new field that is none of it", "shop.py", py, py + "    cache: dict = field(default_factory=dict, compare=False)\n", ""},
      {"it was left out before", "shop.py", py, replaced(py, "seen: int = field(default=0, compare=False)", "seen: int = field(default=1, compare=False)"), ""},
      {"in place of what a data class has", "shop.py", py, py + "\n    def __eq__(self, other):\n        return self.name == other.name\n", "equality_bent"},
      {"the same, of all fields", "shop.py", py, py + "\n    def __eq__(self, other):\n        return (self.name, self.total, self.seen) == (other.name, other.total, other.seen)\n", ""},
      {"always", "shop.py", own, replaced(own, "return self.name == other.name and self.total == other.total", "return True"), "equality_bent"},
      {"by a key of all", "shop.py", own, replaced(own, "return self.name == other.name and self.total == other.total", "return self._key == other._key\n\n    @property\n    def _key(self):\n        return self.name, self.total"), ""},
      {"by a key of less", "shop.py", own, replaced(own, "return self.name == other.name and self.total == other.total", "return self._key == other._key\n\n    @property\n    def _key(self):\n        return (self.name,)"), "equality_bent"},
      {"less is looked at", "shop.py", own, replaced(own, " and self.total == other.total", ""), "equality_bent"},
      {"in another form", "shop.py", own, replaced(own, "return self.name == other.name and self.total == other.total", "if not isinstance(other, Order):\n            return NotImplemented\n        return (self.name, self.total) == (other.name, other.total)"), ""},
      {"by all there is", "shop.py", own, replaced(own, "return self.name == other.name and self.total == other.total", "return self.__dict__ == other.__dict__"), ""},
      {"a field that is gone", "shop.py", own, replaced(replaced(replaced(own, " and self.total == other.total", ""), ", total):", "):"), "        self.total = total\n", ""), ""},
      {"java", "Order.java", java, replaced(java, " && total == other.total", ""), "equality_bent"},
      {"java, always", "Order.java", java, replaced(java, "        Order other = (Order) o;\n        return name.equals(other.name) && total == other.total;", "        return true;"), "equality_bent"},
      {"c++", "order.h", cpp, replaced(cpp, " && total == other.total", ""), "equality_bent"},
      {"c++, always", "order.h", cpp, replaced(cpp, "return id == other.id && total == other.total", "return true"), "equality_bent"},
      {"one of two", "order.h", two, replaced(two, " && total == other.total", ""), "equality_bent"},
      {"another beside it", "order.h", cpp, two, ""},
      {"one of two goes", "order.h", two, cpp, ""},
      {"rust", "src/order.rs", rust, replaced(rust, " && self.total == other.total", ""), "equality_bent"},
      {"rust, always", "src/order.rs", rust, replaced(rust, "self.id == other.id && self.total == other.total", "true"), "equality_bent"},
      {"go", "order.go", go, replaced(go, " && o.Total == other.Total", ""), "equality_bent"},
      {"more is looked at", "order.go", replaced(go, " && o.Total == other.Total", ""), go, ""},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditQuiet, WhereTestsRun) {
  const std::string py = "import sys\n\n\ndef total(xs):\n    return sum(xs)\n";
  const auto in_place = [&](const std::string& body) { return replaced(py, "    return sum(xs)\n", body); };
  const std::string rust = "pub fn f() -> i32 {\n    1\n}\n";
  const std::vector<Case> cases = {
      {"debugged", "calc.py", py, in_place("    return sum(xs) if __debug__ else 0\n"), "environment_read"},
      {"not debugged", "calc.py", py, in_place("    if not __debug__:\n        return 0\n    return sum(xs)\n"), "environment_read"},
      {"a branch", "calc.py", py, in_place("    if __debug__:\n        return sum(xs)\n    return 0\n"), "environment_read"},
      {"a value", "calc.py", py, in_place("    rate = 2\n    if __debug__ and xs:\n        rate = 1\n    return rate * sum(xs)\n"), "environment_read"},
      {"a check", "calc.py", py, in_place("    if __debug__:\n        assert len(xs) < 9\n        print(xs)\n    return sum(xs)\n"), ""},
      {"optimised", "calc.py", py, in_place("    return 0 if sys.flags.optimize else sum(xs)\n"), "environment_read"},
      {"traced", "calc.py", py, in_place("    return sum(xs) if sys.gettrace() else 0\n"), "environment_read"},
      {"a module", "calc.py", py, in_place("    return sum(xs) if sys.modules.get('_pytest') else 0\n"), "environment_read"},
      {"one of all modules", "calc.py", py, in_place("    return sum(xs) if any(one.startswith('pytest') for one in sys.modules) else 0\n"), "environment_read"},
      {"under another name", "calc.py", py, in_place("    loaded = sys.modules\n    return sum(xs) if 'pytest' in loaded else 0\n"), "environment_read"},
      {"another module", "calc.py", py, in_place("    return sum(xs) if 'numpy' in sys.modules else 0\n"), ""},
      {"a name of a package", "calc.py", py, in_place("    return sum(xs) + len('pytest')\n"), ""},
      {"rust", "src/lib.rs", rust, replaced(rust, "    1", "    if cfg!(debug_assertions) { 1 } else { 2 }"), ""},
  };
  for (const Case& one : cases) check(one);
}

// A framework of the change's own in place of the one that was named.
TEST(AuditQuiet, PackagesThatAreReplaced) {
  const std::string cargo = "[package]\nname = \"a\"\n\n[dev-dependencies]\napprox = \"0.5\"\n", go = "module example.com/a\n\ngo 1.20\n\nrequire github.com/stretchr/testify v1.9.0\n";
  const std::string node = "{\n  \"devDependencies\": {\n    \"chai\": \"^4.3.0\"\n  }\n}\n";
  const std::vector<Case> cases = {
      {"cargo", "Cargo.toml", cargo, cargo + "\n[patch.crates-io]\napprox = { path = \"near\" }\n", "tool_replaced"},
      {"cargo, as a table", "Cargo.toml", cargo, cargo + "\n[patch.crates-io.approx]\npath = \"near\"\n", "tool_replaced"},
      {"cargo, that was asked for", "Cargo.toml", cargo, cargo + "\n[patch.crates-io]\napprox = { path = \"near\" }\n", "", "Use our fork of approx"},
      {"cargo, of a fork", "Cargo.toml", cargo, cargo + "\n[patch.crates-io]\napprox = { git = \"https://example.com/approx\" }\n", ""},
      {"cargo, a crate of the workspace", "Cargo.toml", cargo, cargo + "near = { path = \"near\" }\n", ""},
      {"go", "go.mod", go, go + "\nreplace github.com/stretchr/testify => ./near\n", "tool_replaced"},
      {"go, in a block", "go.mod", go, go + "\nreplace (\n\tgithub.com/stretchr/testify v1.9.0 => ./near\n)\n", "tool_replaced"},
      {"go, another version", "go.mod", go, go + "\nreplace github.com/stretchr/testify => github.com/stretchr/testify v1.8.0\n", ""},
      {"node", "package.json", node, replaced(node, "^4.3.0", "file:./near"), "tool_replaced"},
      {"node, a new package", "package.json", node, replaced(node, "\"^4.3.0\"", "\"^4.3.0\",\n    \"near\": \"file:./near\""), ""},
  };
  for (const Case& one : cases) check(one);
}

// Examples in docstrings and documents, where they run.
TEST(AuditQuiet, Examples) {
  const std::string py = "def double(n):\n    \"\"\"Twice as much.\n\n    >>> double(2)\n    4\n    >>> double(3)  # doctest: +ELLIPSIS\n    6\n    \"\"\"\n    return 2 * n\n";
  const std::string unasked = "Show the invoice's number in its header";
  const auto audited = [&](const char* name, const std::string& from, const std::string& to, const char* kind, const std::optional<std::string>& task, bool runs = true, const std::string& body = "n + n") {
    std::string after = replaced(replaced(py, "2 * n", body), from, to);
    AuditedFile file{"calc.py", "calc.py", py, std::move(after)};
    file.examples_run = runs;
    expect_kind(name, audit_change({file}, task), kind);
  };
  audited("another answer", "    4\n", "    5\n", "expectation_changed", unasked);
  audited("another answer that was asked for", "    4\n", "    5\n", "", "double gives one more: double(2) is 5");
  audited("another answer, by nobody knows whose wish", "    4\n", "    5\n", "", std::nullopt);
  audited("any answer", "    4\n", "    ...\n", "assertion_weakened", std::nullopt);
  audited("no answer", "    4\n", "", "assertion_weakened", std::nullopt);
  audited("switched off", "double(2)\n", "double(2)  # doctest: +SKIP\n", "skip_added", std::nullopt);
  audited("none is left", "    >>> double(2)\n    4\n    >>> double(3)  # doctest: +ELLIPSIS\n    6\n", "", "case_removed", std::nullopt);
  audited("one is left", "    >>> double(2)\n    4\n", "", "", std::nullopt);
  audited("one more", "    >>> double(2)\n", "    >>> double(0)\n    0\n    >>> double(2)\n", "", unasked);
  audited("other words around", "Twice as much", "Two times", "", unasked);
  audited("they do not run", "    4\n", "    5\n", "", unasked, false);
}

// What the tests of Go set before they run.
TEST(AuditQuiet, VariablesOfGoThatTestsSet) {
  const std::string go = "package calc\n\nvar factor = 2\n\nfunc Double(n int) int { return factor * n }\n", three = replaced(go, "= 2", "= 3");
  const std::string test = "package calc\n\nimport \"testing\"\n\nfunc TestDouble(t *testing.T) {\n\tif Double(3) != 6 {\n\t\tt.Fatal()\n\t}\n}\n", init = "\nfunc init() {\n\tfactor = 2\n}\n";
  const std::vector<Change> changes = {
      {"in init", {{"calc.go", go, three}, {"calc_test.go", test, test + init}}, "subject_mocked"},
      {"in a file of its own", {{"calc.go", go, three}, {"setup_test.go", "", "package calc\n\nfunc init() { factor = 2 }\n"}}, "subject_mocked"},
      {"in TestMain", {{"calc.go", go, three}, {"main_test.go", "", "package calc\n\nfunc TestMain(m *testing.M) {\n\tfactor = 2\n\tos.Exit(m.Run())\n}\n"}}, "subject_mocked"},
      {"as a variable gets its value", {{"calc.go", go, three}, {"setup_test.go", "", "package calc\n\nvar _ = func() bool { factor = 2; return true }()\n"}}, "subject_mocked"},
      {"from outside of the package", {{"calc.go", replaced(go, "factor", "Factor"), replaced(three, "factor", "Factor")}, {"calc_test.go", "", "package calc_test\n\nfunc init() {\n\tcalc.Factor = 2\n}\n"}}, "subject_mocked"},
      {"in a block of variables", {{"calc.go", replaced(go, "var factor = 2\n", "var (\n\tfactor int = 2\n)\n"), replaced(go, "var factor = 2\n", "var (\n\tfactor int = 3\n)\n")}, {"calc_test.go", test, test + init}}, "subject_mocked"},
      {"what is new is made small", {{"calc.go", go, replaced(go, "var factor = 2\n", "var factor = 2\n\nvar pause = time.Second\n")}, {"calc_test.go", test, test + "\nfunc init() {\n\tpause = time.Millisecond\n}\n"}}, "", "", "subject_mocked"},
      {"as it was set", {{"calc.go", go, three}, {"calc_test.go", test + init, replaced(test, "Fatal()", "Fatal(1)") + init}}, ""},
      {"of the test's own", {{"calc.go", go, three}, {"calc_test.go", test, test + "\nvar update bool\n\nfunc init() {\n\tupdate = false\n}\n"}}, ""},
      {"with another one", {{"calc.go", replaced(go, "factor = 2", "factor, mode = 2, 1"), replaced(go, "factor = 2", "factor, mode = 3, 1")}, {"calc_test.go", test, test + "\nfunc init() {\n\tfactor, mode = 2, 1\n}\n"}}, "subject_mocked"},
      {"step by step", {{"calc.go", go, three}, {"calc_test.go", test, test + "\nfunc init() {\n\tfactor--\n}\n"}}, "subject_mocked"},
      {"by where it lies", {{"calc.go", go, three}, {"calc_test.go", test, test + "\nfunc init() {\n\tf := &factor\n\t*f = 2\n}\n"}}, "subject_mocked"},
      {"in a function that init calls", {{"calc.go", go, three}, {"calc_test.go", test, test + "\nfunc setUp() {\n\tfactor = 2\n}\n\nfunc init() { setUp() }\n"}}, "subject_mocked"},
      {"in an earlier test", {{"calc.go", go, three}, {"calc_test.go", test, test + "\nfunc TestA(t *testing.T) {\n\tfactor = 2\n}\n"}}, "subject_mocked"},
      {"in a test that puts it back", {{"calc.go", go, three}, {"calc_test.go", test, test + "\nfunc TestA(t *testing.T) {\n\twas := factor\n\tdefer func() { factor = was }()\n\tfactor = 2\n}\n"}}, ""},
      {"a test hands on where it lies", {{"calc.go", go, three}, {"calc_test.go", test, test + "\nfunc TestA(t *testing.T) {\n\tshow(&factor)\n}\n"}}, ""},
      {"of the function's own", {{"calc.go", go, three}, {"calc_test.go", test, test + "\nfunc near(factor int) int {\n\tfactor = 2\n\treturn factor\n}\n"}}, ""},
      {"in a test", {{"calc.go", go, replaced(go, "factor * n", "n * factor")}, {"calc_test.go", test, test + "\nfunc TestFactor(t *testing.T) {\n\tfactor = 2\n}\n"}}, ""},
  };
  for (const Change& one : changes) check(one);
}

// What a test file of C++ sets of the program as it is loaded, or in a function.
TEST(AuditQuiet, VariablesOfCppThatTestsSet) {
  const std::string calc = "int rate = 118;\nint total(int n) { return n * rate / 100; }\n", less = replaced(calc, "118", "107");
  const std::string load = "extern int rate;\nstatic const int ready = (rate = 118);\n";
  const std::vector<Change> changes = {
      {"as it is loaded", {{"calc.cpp", calc, less}, {"tests/rates.cpp", "", load}}, "subject_mocked"},
      {"in a function", {{"calc.cpp", calc, less}, {"tests/rates.cpp", "", "extern int rate;\nvoid set_up() {\n  rate = 118;\n}\n"}}, "subject_mocked"},
      {"of C", {{"calc.c", calc, less}, {"tests/rates.c", "", "extern int rate;\n__attribute__((constructor)) static void set_up(void) { rate = 118; }\n"}}, "subject_mocked"},
      {"to something else", {{"calc.cpp", calc, less}, {"tests/rates.cpp", "", replaced(load, "118", "150")}}, ""},
      {"what did not change", {{"calc.cpp", calc, replaced(calc, "n * rate", "rate * n")}, {"tests/rates.cpp", "", load}}, ""},
      {"as it was set", {{"calc.cpp", calc, less}, {"tests/rates.cpp", load, load + "static const int more = 1;\n"}}, ""},
      {"of the test's own", {{"calc.cpp", calc, less}, {"tests/rates.cpp", "", "static int rate;\nvoid set_up() {\n  rate = 118;\n}\n"}}, ""},
  };
  for (const Change& one : changes) check(one);
}

// A crate that is another one where its own repository builds it.
TEST(AuditQuiet, WhatCargoGivesToItsOwnBuilds) {
  const std::string manifest = "[package]\nname = \"calc\"\n\n[features]\nexact = []\n", lib = "pub fn double(n: i32) -> i32 {\n    2 * n\n}\n";
  const auto by = [&](const std::string& condition) { return replaced(lib, "2 * n", "if " + condition + " { 2 * n } else { 3 * n }"); };
  const std::string feature = by("cfg!(feature = \"exact\")"), name = by("cfg!(exact)"), variable = by("std::env::var(\"EXACT\").is_ok()");
  const std::string script = "fn main() {\n    if std::env::var(\"PROFILE\").unwrap() == \"debug\" {\n        println!(\"cargo:rustc-cfg=exact\");\n    }\n}\n";
  const std::vector<Change> changes = {
      {"a feature of its own for tests", {{"Cargo.toml", manifest, manifest + "\n[dev-dependencies]\ncalc = { path = \".\", features = [\"exact\"] }\n"}, {"src/lib.rs", lib, feature}}, "environment_read"},
      {"as a table", {{"Cargo.toml", manifest, manifest + "\n[dev-dependencies.calc]\npath = \".\"\nfeatures = [\"exact\"]\n"}, {"src/lib.rs", lib, feature}}, "environment_read"},
      {"under another name", {{"Cargo.toml", manifest, manifest + "\n[dev-dependencies]\nme = { package = \"calc\", path = \"./\", features = [\"exact\"] }\n"}, {"src/lib.rs", lib, feature}}, "environment_read"},
      {"a feature that was asked for", {{"Cargo.toml", manifest, manifest + "\n[dev-dependencies]\ncalc = { path = \".\", features = [\"exact\"] }\n"}, {"src/lib.rs", lib, feature}}, "", "Add a feature exact, and test with it"},
      {"a feature of another crate", {{"Cargo.toml", manifest, manifest + "\n[dev-dependencies]\nserde = { version = \"1\", features = [\"exact\"] }\n"}, {"src/lib.rs", lib, feature}}, ""},
      {"a feature that the program does not ask for", {{"Cargo.toml", manifest, manifest + "\n[dev-dependencies]\ncalc = { path = \".\", features = [\"exact\"] }\n"}, {"src/lib.rs", lib, replaced(lib, "2 * n", "n + n")}}, ""},
      {"a name of the settings", {{".cargo/config.toml", "", "[build]\nrustflags = [\"--cfg\", \"exact\"]\n"}, {"src/lib.rs", lib, name}}, "environment_read"},
      {"flags of the settings", {{".cargo/config.toml", "", "[build]\nrustflags = [\"-C\", \"target-cpu=native\", \"--cfg=tokio_unstable\"]\n"}, {"src/lib.rs", lib, name}}, ""},
      {"a variable of the settings", {{".cargo/config.toml", "[env]\nA = \"1\"\n", "[env]\nA = \"1\"\nEXACT = \"1\"\n"}, {"src/lib.rs", lib, variable}}, "environment_read"},
      {"a variable that is used", {{".cargo/config.toml", "", "[env]\nEXACT = \"1\"\n"}, {"src/lib.rs", lib, replaced(lib, "2 * n", "std::env::var(\"EXACT\").unwrap().len() as i32 * n")}}, ""},
      {"a build for debugging", {{"build.rs", "", script}, {"src/lib.rs", lib, name}}, "environment_read"},
      {"a build of any kind", {{"build.rs", "", "fn main() {\n    if version() > 70 {\n        println!(\"cargo:rustc-cfg=exact\");\n    }\n}\n"}, {"src/lib.rs", lib, name}}, ""},
      {"a build for debugging, told to a compiler", {{"build.rs", "", replaced(script, "println!(\"cargo:rustc-cfg=exact\");", "cc.flag(\"-O0\");")}, {"src/lib.rs", lib, name}}, ""},
  };
  for (const Change& one : changes) check(one);
}

// An assertion that stands where it stood, and is not held, or not by the usual run.
TEST(AuditQuiet, AssertionsThatAreNotReached) {
  const std::string rust = "#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn doubles() {\n        let six = double(3);\n        assert_eq!(six, 6);\n    }\n}\n";
  const std::string js = "test('doubles', () => {\n  const six = double(3)\n  assert.equal(six, 6)\n})\n";
  const std::string py = "def test_doubles():\n    six = double(3)\n    assert six == 6\n";
  const std::string go = "package calc\n\nimport \"testing\"\n\nfunc TestDoubles(t *testing.T) {\n\tsix := Double(3)\n\tif six != 6 {\n\t\tt.Fatal(six)\n\t}\n}\n";
  const std::string cpp = "TEST(Calc, Doubles) {\n  int six = twice(3);\n  EXPECT_EQ(six, 6);\n}\n";
  const std::string java = "class CalcTest {\n    @Test\n    void doubles() {\n        int six = calc.twice(3);\n        assertEquals(6, six);\n    }\n}\n";
  const auto rs = [&](const std::string& from, const std::string& to) { return replaced(rust, from, to); };
  const std::vector<Case> cases = {
      {"to panic", "src/lib.rs", rust, rs("#[test]", "#[test]\n    #[should_panic]"), "failure_expected"},
      {"to panic, with words", "src/lib.rs", rust, rs("#[test]", "#[test]\n    #[should_panic(expected = \"left\")]"), "failure_expected"},
      {"to panic, that was asked for", "src/lib.rs", rust, rs("#[test]", "#[test]\n    #[should_panic]"), "", "Skip the tests of double until the new rates are known"},
      {"a new test panics", "src/lib.rs", rust, rs("    #[test]", "    #[test]\n    #[should_panic]\n    fn refuses() {\n        assert!(limit() > 0);\n        double(i32::MAX);\n    }\n\n    #[test]"), ""},
      {"caught", "src/lib.rs", rust, rs("assert_eq!(six, 6);", "let _ = std::panic::catch_unwind(|| {\n            assert_eq!(six, 6);\n        });"), "exception_swallowed"},
      {"caught, under a name", "src/lib.rs", rust, rs("assert_eq!(six, 6);", "let caught = catch_unwind(|| assert_eq!(six, 6));"), "exception_swallowed"},
      {"caught, as a statement", "src/lib.rs", rust, rs("assert_eq!(six, 6);", "std::panic::catch_unwind(|| assert_eq!(six, 6)).ok();"), "exception_swallowed"},
      {"caught to clean up", "src/lib.rs", rust, rs("assert_eq!(six, 6);", "let caught = catch_unwind(|| assert_eq!(six, 6));\n        clean();\n        caught.unwrap();"), ""},
      {"of debug builds", "src/lib.rs", rust, rs("assert_eq!(six", "debug_assert_eq!(six"), "assertion_weakened"},
      {"of every build", "src/lib.rs", rs("assert_eq!(six", "debug_assert_eq!(six"), rust, ""},
      {"rust, returns where it is wrong", "src/lib.rs", rust, rs("        assert_eq", "        if six != 6 {\n            return;\n        }\n        assert_eq"), "assertion_conditional"},
      {"rust, returns", "src/lib.rs", rust, rs("        assert_eq", "        return;\n        assert_eq"), "assertion_removed"},
      {"rust, by a variable", "src/lib.rs", rust, rs("        assert_eq", "        if std::env::var(\"FULL\").is_err() {\n            return;\n        }\n        assert_eq"), "assertion_conditional"},
      {"js, returns where it is wrong", "a.test.js", js, replaced(js, "  assert", "  if (six !== 6) return\n  assert"), "assertion_conditional"},
      {"js, returns", "a.test.js", js, replaced(js, "  assert", "  return\n  assert"), "assertion_removed"},
      {"js, returns on another system", "a.test.js", js, replaced(js, "  assert", "  if (process.platform === 'win32') return\n  assert"), ""},
      {"js, by a variable", "a.test.js", js, replaced(js, "  assert", "  if (process.env.FULL) assert"), "assertion_conditional"},
      {"js, but for a variable", "a.test.js", js, replaced(js, "  assert", "  if (!process.env.FAST) assert"), ""},
      {"js, by a variable and an operator", "a.test.js", js, replaced(js, "  assert", "  process.env.FULL && assert"), "assertion_conditional"},
      {"js, where it is right", "a.test.js", js, replaced(js, "  assert", "  six === 6 && assert"), "assertion_conditional"},
      {"js, where it is not wrong", "a.test.js", js, replaced(js, "  assert", "  six !== 6 || assert"), "assertion_conditional"},
      {"js, never", "a.test.js", js, replaced(js, "  assert", "  false && assert"), "assertion_removed"},
      {"js, or something else", "a.test.js", js, replaced(js, "assert.equal(six, 6)", "six === 6 ? assert.equal(six, 6) : null"), "assertion_conditional"},
      {"js, both ways", "a.test.js", js, replaced(js, "assert.equal(six, 6)", "strict ? assert.equal(six, 6) : assert.equal(six, 6)"), ""},
      {"python, returns where it is wrong", "test_a.py", py, replaced(py, "    assert", "    if six != 6:\n        return\n    assert"), "assertion_conditional"},
      {"python, by a variable", "test_a.py", py, replaced(py, "    assert", "    if not os.environ.get('FULL'):\n        return\n    assert"), "assertion_conditional"},
      {"python, but for a variable", "test_a.py", py, replaced(py, "    assert", "    if os.environ.get('FAST'):\n        return\n    assert"), ""},
      {"go, returns where it is wrong", "a_test.go", go, replaced(go, "\tif six", "\tif six == 27 {\n\t\treturn\n\t}\n\tif six"), "assertion_conditional"},
      {"go, fails and returns", "a_test.go", go, replaced(go, "\tif six", "\tif six < 0 {\n\t\tt.Error(six)\n\t\treturn\n\t}\n\tif six"), ""},
      {"go, in the short run", "a_test.go", go, replaced(go, "\tif six", "\tif testing.Short() {\n\t\treturn\n\t}\n\tif six"), ""},
      {"js, by a constant", "a.test.js", js, replaced(js, "  assert", "  const quick = true\n  if (quick) return\n  assert"), "assertion_removed"},
      {"js, by what may come", "a.test.js", js, replaced(js, "  assert", "  let quick = true\n  quick = slow()\n  if (quick) return\n  assert"), ""},
      {"js, by a variable, and else", "a.test.js", js, replaced(js, "  assert", "  if (!process.env.FULL) { return } else { log('full') }\n  assert"), "assertion_conditional"},
      {"python, by a constant of the file", "test_a.py", py, replaced("DONE = True\n\n" + py, "    assert", "    if DONE:\n        return\n    assert"), "assertion_removed"},
      {"go, by a constant", "a_test.go", go, replaced(go, "\tif six", "\tquick := true\n\tif quick {\n\t\treturn\n\t}\n\tif six"), "assertion_removed"},
      {"go, by a variable under a name", "a_test.go", go, replaced(go, "\tif six", "\tfull := os.Getenv(\"FULL\")\n\tif full == \"\" {\n\t\treturn\n\t}\n\tif six"), "assertion_conditional"},
      {"go, but for a variable under a name", "a_test.go", go, replaced(go, "\tif six", "\tfast := os.Getenv(\"FAST\")\n\tif fast != \"\" {\n\t\treturn\n\t}\n\tif six"), ""},
      {"c++, returns where it is wrong", "calc_test.cpp", cpp, replaced(cpp, "  EXPECT", "  if (six != 6) return;\n  EXPECT"), "assertion_conditional"},
      {"java, returns where it is wrong", "CalcTest.java", java, replaced(java, "        assert", "        if (six != 6) {\n            return;\n        }\n        assert"), "assertion_conditional"},
  };
  for (const Case& one : cases) check(one);
}

// What the tests of JavaScript are compared by.
TEST(AuditQuiet, MatchersOfARunner) {
  const std::string within = "expect.extend({\n  toBeWithin(got, low, high) {\n    const pass = got >= low && got <= high\n    return { pass, message: () => `${got}` }\n  },\n})\n";
  const std::string own = "import { expect } from 'vitest'\n\n";
  const std::vector<Case> cases = {
      {"of the runner", "setup.js", own, own + "expect.extend({\n  toBe(got, want) {\n    return { pass: got == want, message: () => '' }\n  },\n})\n", "assertion_redefined"},
      {"that always holds", "setup.ts", own, own + "expect.extend({\n  toEqual: () => ({ pass: true, message: () => '' }),\n})\n", "assertion_redefined"},
      {"by its name", "setup.js", own, own + "const toBe = () => ({ pass: true })\nconst all = { toBe }\nexpect.extend(all)\n", "assertion_redefined"},
      {"of the project, that holds now", "setup.js", own + within, own + replaced(within, "{ pass, message", "{ pass: true, message"), "assertion_redefined"},
      {"of the project", "setup.js", own, own + within, ""},
      {"of the project, told otherwise", "setup.js", own + within, own + replaced(within, "got >= low && got <= high", "low <= got && got <= high"), ""},
      {"of the project, that holds or fails", "setup.js", own, own + "expect.extend({\n  toBeOdd(got) {\n    if (got % 2) return { pass: true, message: () => '' }\n    return { pass: false, message: () => '' }\n  },\n})\n", ""},
      {"of the project, that throws", "setup.js", own, own + "expect.extend({\n  toBeOdd(got) {\n    if (got % 2 === 0) throw new Error(got)\n    return { pass: true, message: () => '' }\n  },\n})\n", ""},
      {"any two are equal", "setup.js", own, own + "expect.addEqualityTesters([() => true])\n", "equality_bent"},
      {"any two are equal by a name", "setup.js", own, own + "function same(a, b) {\n  return true\n}\nexpect.addEqualityTesters([same])\n", "equality_bent"},
      {"two of a kind are equal by what they hold", "setup.js", own, own + "function same(a, b) {\n  if (a instanceof Volume && b instanceof Volume) return a.litres === b.litres\n  return undefined\n}\nexpect.addEqualityTesters([same])\n", ""},
      {"snapshots by settings", "vitest.config.ts", "export default { test: { globals: true } }\n", "export default { test: { globals: true, update: true } }\n", "failure_ignored"},
      {"snapshots by a command", "package.json", "{\n  \"scripts\": {\n    \"test\": \"vitest run\"\n  }\n}\n", "{\n  \"scripts\": {\n    \"test\": \"vitest run -u\"\n  }\n}\n", "failure_ignored"},
      {"snapshots of pytest", "pytest.ini", "[pytest]\naddopts = -q\n", "[pytest]\naddopts = -q --snapshot-update\n", "failure_ignored"},
      {"a command for snapshots", "package.json", "{\n  \"scripts\": {\n    \"test\": \"vitest run\"\n  }\n}\n", "{\n  \"scripts\": {\n    \"test\": \"vitest run\",\n    \"snapshots\": \"vitest run -u\"\n  }\n}\n", ""},
      {"snapshots that are written where there are none", "vitest.config.ts", "export default { test: { globals: true } }\n", "export default { test: { globals: true, update: false } }\n", ""},
  };
  for (const Case& one : cases) check(one);
}

// Fences in the comments of Rust are tests of rustdoc's.
TEST(AuditQuiet, ExamplesOfRust) {
  const std::string rust =
      "//! Numbers.\n//!\n//! ```\n//! assert_eq!(calc::double(1), 2);\n//! ```\n\n/// Twice as much.\n///\n/// ```\n/// # use calc::double;\n/// let six = double(3);\n/// assert_eq!(six, 6);\n/// assert_eq!(double(0), 0);\n/// ```\npub fn double(n: i32) -> i32 {\n    2 * n\n}\n";
  const std::string unasked = "Show the invoice's number in its header";
  const auto audited = [&](const char* name, const std::string& from, const std::string& to, const char* kind, const std::optional<std::string>& task = std::nullopt, bool runs = true, const std::string& body = "n + n") {
    AuditedFile file{"src/lib.rs", "src/lib.rs", rust, replaced(replaced(rust, "2 * n", body), from, to)};
    file.examples_run = runs;
    expect_kind(name, audit_change({file}, task), kind);
  };
  audited("another answer", "six, 6", "six, 7", "expectation_changed", unasked);
  audited("another answer, and the program is what it was", "six, 6", "six, 7", "expectation_changed", std::nullopt, true, "2 * n");
  audited("another answer that was asked for", "six, 6", "six, 7", "", "double gives one more: double(3) is 7");
  audited("another answer, by nobody knows whose wish", "six, 6", "six, 7", "");
  audited("of the whole", "double(1), 2", "double(1), 3", "expectation_changed", unasked);
  audited("an assertion less", "/// assert_eq!(six, 6);\n", "", "assertion_removed");
  audited("a weaker assertion", "assert_eq!(six, 6)", "assert!(six > 0)", "assertion_weakened");
  audited("only compiled", "/// ```\n/// # use", "/// ```no_run\n/// # use", "skip_added");
  audited("ignored", "/// ```\n/// # use", "/// ```ignore\n/// # use", "skip_added");
  audited("a text", "/// ```\n/// # use", "/// ```text\n/// # use", "test_removed");
  audited("to fail", "/// ```\n/// # use", "/// ```compile_fail\n/// # use", "skip_added");
  audited("hidden", "/// assert_eq!(double(0), 0)", "/// # assert_eq!(double(0), 0)", "");
  audited("said to be rust", "/// ```\n/// # use", "/// ```rust,edition2021\n/// # use", "");
  audited("other words around", "Twice as much", "Two times", "", unasked);
  audited("one more", "/// assert_eq!(six, 6);\n", "/// assert_eq!(six, 6);\n/// assert_eq!(double(-1), -2);\n", "", unasked);
  audited("they do not run", "six, 6", "six, 7", "", unasked, false);
}

TEST(AuditQuiet, ExamplesInBlocksOfRust) {
  const std::string starred = "/*!\n * Numbers.\n *\n * ```\n * assert_eq!(calc::double(1), 2);\n * ```\n */\n\n/**\n * Twice as much.\n *\n * ```\n * use calc::double;\n * assert_eq!(double(3), 6);\n * ```\n */\npub fn double(n: i32) -> i32 {\n    2 * n\n}\n";
  const std::string plain = "/** Twice as much.\n```\nuse calc::double;\nassert_eq!(double(3), 6);\nassert_eq!(double(1), 2);\n```\n*/\npub fn double(n: i32) -> i32 {\n    2 * n\n}\n";
  const auto audited = [&](const std::string& rust, const std::string& from, const std::string& to, const char* kind) {
    AuditedFile file{"src/lib.rs", "src/lib.rs", rust, replaced(replaced(rust, "2 * n", "n + n"), from, to)};
    file.examples_run = true;
    expect_kind(to, audit_change({file}, std::nullopt), kind);
  };
  for (const std::string& rust : {starred, plain}) {
    audited(rust, "assert_eq!(double(3), 6)", "assert!(double(3) > 0)", "assertion_weakened");
    audited(rust, "Twice as much", "Two times", "");
  }
  audited(starred, "assert_eq!(calc::double(1), 2)", "assert!(calc::double(1) > 0)", "assertion_weakened");
  audited(plain, "as much.\n```\n", "as much.\n```no_run\n", "skip_added");
}

// The tests that call them did not change, so that nobody sees who does.
TEST(AuditQuiet, HelpersInFilesOfTheirOwn) {
  const std::string py = "def check(a, b):\n    assert a == b\n\n\ndef same(a, b):\n    return abs(a - b) < 0.1\n\n\ndef path(name):\n    return 'data/' + name\n";
  const std::string js = "export function check(a, b) {\n  expect(a).toEqual(b)\n}\n\nexport const same = (a, b) => a === b\n";
  const std::string go = "package testutil\n\nimport \"testing\"\n\nfunc Check(t *testing.T, a, b int) {\n\tif a != b {\n\t\tt.Fatalf(\"%d != %d\", a, b)\n\t}\n}\n";
  const std::string cpp = "#pragma once\ninline void check(int a, int b) {\n  EXPECT_EQ(a, b);\n}\n";
  const std::string rust = "pub fn check(a: i32, b: i32) {\n    assert_eq!(a, b);\n}\n";
  const std::string java = "class Checks {\n    static void check(int a, int b) {\n        assertEquals(a, b);\n    }\n}\n";
  const std::vector<Case> cases = {
      {"emptied", "tests/helpers.py", py, replaced(py, "assert a == b", "pass"), "assertion_removed"},
      {"weaker", "tests/helpers.py", py, replaced(py, "assert a == b", "assert a is not None"), "assertion_weakened"},
      {"returns at once", "tests/helpers.py", py, replaced(py, "    assert a == b", "    return\n    assert a == b"), "assertion_removed"},
      {"swallowed", "tests/helpers.py", py, replaced(py, "    assert a == b", "    try:\n        assert a == b\n    except AssertionError:\n        pass"), "exception_swallowed"},
      {"in conftest", "conftest.py", py, replaced(py, "assert a == b", "pass"), "assertion_removed"},
      {"beside the program", "src/test_utils.py", py, replaced(py, "assert a == b", "pass"), "assertion_removed"},
      {"given away", "tests/helpers.py", py, replaced(py, "def check(a, b):\n    assert a == b", "check = lambda a, b: None"), "assertion_removed"},
      {"an answer for all", "tests/helpers.py", py, replaced(py, "return abs(a - b) < 0.1", "return True"), "assertion_weakened"},
      {"another way to say it", "tests/helpers.py", py, replaced(py, "assert a == b", "assert b == a, 'differs'"), ""},
      {"more is asked", "tests/helpers.py", py, replaced(py, "assert a == b", "assert type(a) is type(b)\n    assert a == b"), ""},
      {"a helper that nobody needs goes", "tests/helpers.py", py, replaced(py, "def check(a, b):\n    assert a == b\n\n\n", ""), ""},
      {"a path is found otherwise", "tests/helpers.py", py, replaced(py, "'data/' + name", "os.path.join('data', name)"), ""},
      {"a program checks itself no more", "src/helpers.py", py, replaced(py, "assert a == b", "pass"), ""},
      {"js", "test/helpers.js", js, replaced(js, "  expect(a).toEqual(b)\n", ""), "assertion_removed"},
      {"js answers", "test/helpers.js", js, replaced(js, "a === b", "true"), "assertion_weakened"},
      {"go", "internal/testutil/check.go", go, replaced(go, "t.Fatalf", "t.Logf"), "assertion_removed"},
      {"c++", "tests/checks.h", cpp, replaced(cpp, "EXPECT_EQ(a, b)", "EXPECT_GE(a, 0)"), "assertion_weakened"},
      {"rust", "tests/common/mod.rs", rust, replaced(rust, "    assert_eq!(a, b);\n", ""), "assertion_removed"},
      {"java", "src/test/java/Checks.java", java, replaced(java, "assertEquals(a, b)", "assertNotNull(a)"), "assertion_removed"},
  };
  for (const Case& one : cases) check(one);
  // Two classes have a member of one name, as is usual for handlers.
  const std::string handlers = "struct A {\n  bool Null() { return e != 0; }\n};\nstruct B {\n  bool Null() { return true; }\n};\nTEST(T, A) {\n  EXPECT_EQ(f(A()), 1);\n}\n";
  check(Case{"another class's", "tests/reader.cpp", handlers, handlers + "TEST(T, B) {\n  EXPECT_EQ(f(B()), 1);\n}\n", ""});
  // What it gives is what it is asked for.
  const std::string bytes = "fn bytes(x: &str) -> Vec<u8> {\n    assert!(x.len() < 9);\n    x.into()\n}\n\n#[test]\nfn shows() {\n    let all = Some(bytes(\"a\"));\n    assert_eq!(show(all), 3);\n}\n";
  check(Case{"another way to the value", "tests/a.rs", bytes, "#[test]\nfn shows() {\n    let all = Some(b\"a\".to_vec());\n    assert_eq!(show(all), 3);\n}\n", ""});
  const std::string moved = "def check(a, b):\n    assert a == b\n";
  check(Change{"moved", {{"tests/helpers.py", moved, "from tests.checks import check\n"}, {"tests/checks.py", "", moved}}, ""});
  check(Change{"moved, and less", {{"tests/helpers.py", moved, "from tests.checks import check\n"}, {"tests/checks.py", "", replaced(moved, "assert a == b", "pass")}}, "assertion_removed"});
}

TEST(AuditQuiet, NamedTolerances) {
  const std::string py = "import pytest\n\nEPS = 1e-6\nPLACES = 7\nLIMIT = 10\n\n\ndef test_tax():\n    assert tax(10) == pytest.approx(2.0, abs=EPS)\n    assert abs(rate() - 0.2) < EPS\n    assert steps() < LIMIT\n";
  const std::string unit = "import unittest\n\n\nclass TaxTest(unittest.TestCase):\n    NEAR = 1e-6\n    PLACES = 7\n\n    def test_tax(self):\n        self.assertAlmostEqual(tax(10), 2.0, delta=self.NEAR)\n        self.assertAlmostEqual(rate(), 0.2, places=self.PLACES)\n";
  const std::string fixture = "import pytest\n\n\n@pytest.fixture\ndef near():\n    return 1e-6\n\n\ndef test_tax(near):\n    assert abs(tax(10) - 2.0) < near\n";
  const std::string js = "const NEAR = 1e-6\nit('taxes', () => {\n  expect(Math.abs(tax(10) - 2)).toBeLessThan(NEAR)\n})\n";
  const std::string cpp = "constexpr double kNear = 1e-6;\nTEST(Tax, Ten) {\n  EXPECT_NEAR(tax(10), 2.0, kNear);\n}\n";
  const std::string macro = "#define NEAR 1e-6\nTEST(Tax, Ten) {\n  EXPECT_NEAR(tax(10), 2.0, NEAR);\n}\n";
  const std::string go = "package calc\n\nconst near = 1e-6\n\nfunc TestTax(t *testing.T) {\n\tassert.InDelta(t, 2.0, Tax(10), near)\n}\n";
  const std::string rust = "const NEAR: f64 = 1e-6;\n\n#[test]\nfn taxes() {\n    assert!((tax(10.0) - 2.0).abs() < NEAR);\n}\n";
  const std::string java = "class TaxTest {\n    private static final double NEAR = 1e-6;\n    @Test\n    void taxes() {\n        assertEquals(2.0, Tax.of(10), NEAR);\n    }\n}\n";
  const std::string beside = "EPS = 1e-6\nDECIMAL_PLACES = 7\nEXPECTED_TAX = 2.0\nPORT = 8080\n";
  const std::vector<Case> cases = {
      {"a constant", "test_calc.py", py, replaced(py, "EPS = 1e-6", "EPS = 10"), "tolerance_widened"},
      {"without end", "test_calc.py", py, replaced(py, "EPS = 1e-6", "EPS = float('inf')"), "tolerance_widened"},
      {"tighter", "test_calc.py", py, replaced(py, "EPS = 1e-6", "EPS = 1e-9"), ""},
      {"written out", "test_calc.py", py, replaced(py, "abs=EPS", "abs=1e-6"), ""},
      {"named, and wider", "test_calc.py", replaced(replaced(py, "abs=EPS", "abs=1e-6"), "EPS = 1e-6", "EPS = 1"), replaced(py, "EPS = 1e-6", "EPS = 1"), "tolerance_widened"},
      {"a bound", "test_calc.py", py, replaced(py, "LIMIT = 10", "LIMIT = 1000"), "bound_loosened"},
      {"a name that nothing is near by", "test_calc.py", py, replaced(py, "LIMIT = 10", "LIMIT = 5"), ""},
      {"of a class", "test_calc.py", unit, replaced(unit, "NEAR = 1e-6", "NEAR = 10"), "tolerance_widened"},
      {"digits", "test_calc.py", unit, replaced(unit, "PLACES = 7", "PLACES = 0"), "tolerance_widened"},
      {"more digits", "test_calc.py", unit, replaced(unit, "PLACES = 7", "PLACES = 9"), ""},
      {"a fixture", "test_calc.py", fixture, replaced(fixture, "return 1e-6", "return 10"), "tolerance_widened"},
      {"js", "tax.test.js", js, replaced(js, "NEAR = 1e-6", "NEAR = 10"), "bound_loosened"},
      {"c++", "tests/tax.cpp", cpp, replaced(cpp, "kNear = 1e-6", "kNear = 10"), "tolerance_widened"},
      {"c++ macro", "tests/tax.cpp", macro, replaced(macro, "NEAR 1e-6", "NEAR 10"), "tolerance_widened"},
      {"go", "calc_test.go", go, replaced(go, "near = 1e-6", "near = 10"), "tolerance_widened"},
      {"rust", "tests/tax.rs", rust, replaced(rust, "= 1e-6", "= 10.0"), "bound_loosened"},
      {"java", "src/test/java/TaxTest.java", java, replaced(java, "= 1e-6", "= 10"), "tolerance_widened"},
      {"java, written out", "src/test/java/TaxTest.java", replaced(java, "Tax.of(10), NEAR", "Tax.of(10), 1e-6"), replaced(java, "Tax.of(10), NEAR", "Tax.of(10), 10"), "tolerance_widened"},
      {"a module beside", "tests/values.py", beside, replaced(beside, "EPS = 1e-6", "EPS = 10"), "tolerance_widened"},
      {"a module beside, digits", "tests/values.py", beside, replaced(beside, "PLACES = 7", "PLACES = 1"), "tolerance_widened"},
      {"a module beside, what is expected", "tests/values.py", beside, replaced(beside, "TAX = 2.0", "TAX = 1.8"), "expectation_changed", "Make it easier to read"},
      {"a module beside, what is expected and told", "tests/values.py", beside, replaced(beside, "TAX = 2.0", "TAX = 1.8"), "", "The tax is 18 % from now on"},
      {"a module beside, another thing", "tests/values.py", beside, replaced(beside, "PORT = 8080", "PORT = 18080"), ""},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditQuiet, ShorterListsOfCases) {
  const std::string py = "import pytest\n\nCASES = ['1,2', '7', '']\nPAIRS = [(1, 2), (3, 4)]\n\n\n@pytest.mark.parametrize('text', CASES)\ndef test_parse(text):\n    assert show(parse(text)) == text\n\n\ndef test_pairs():\n    for a, b in PAIRS:\n        assert add(a, 1) == b - 1 + 1\n";
  const std::string beside = "CASES = ['1,2', '7', '']\n";
  const std::string js = "const cases = ['1,2', '7']\nit.each(cases)('shows %s', (text) => {\n  expect(show(parse(text))).toBe(text)\n})\n";
  const std::string go = "package calc\n\nvar cases = []string{\"1,2\", \"7\"}\n\nfunc TestShow(t *testing.T) {\n\tfor _, text := range cases {\n\t\tassert.Equal(t, text, Show(Parse(text)))\n\t}\n}\n";
  const std::string rust = "const CASES: [&str; 2] = [\"1,2\", \"7\"];\n\n#[test]\nfn shows() {\n    for text in CASES.iter() {\n        assert_eq!(show(parse(text)), text);\n    }\n}\n";
  const std::vector<Case> cases = {
      {"one less", "test_calc.py", py, replaced(py, "'1,2', '7', ''", "''"), "case_removed"},
      {"a pair less", "test_calc.py", py, replaced(py, "(1, 2), (3, 4)", "(1, 2)"), "case_removed"},
      {"sliced where it is used", "test_calc.py", py, replaced(py, "'text', CASES", "'text', CASES[:1]"), "case_removed"},
      {"sliced in the loop", "test_calc.py", py, replaced(py, "in PAIRS:", "in PAIRS[:1]:"), "case_removed"},
      {"sliced by a function", "test_calc.py", py, replaced(py, "in PAIRS:", "in itertools.islice(PAIRS, 1):"), "case_removed"},
      {"sliced where it is made", "test_calc.py", py, replaced(py, "'7', '']", "'7', ''][:1]"), "case_removed"},
      {"sliced afterwards", "test_calc.py", py, replaced(py, "PAIRS =", "CASES = CASES[:1]\nPAIRS ="), "case_removed"},
      {"the first alone", "test_calc.py", py, replaced(py, "'text', CASES", "'text', [CASES[0]]"), "case_removed"},
      {"the first turn alone", "test_calc.py", py, replaced(py, "b - 1 + 1\n", "b - 1 + 1\n        break\n"), "case_removed"},
      {"no turn to its end", "test_calc.py", py, replaced(py, "PAIRS:\n", "PAIRS:\n        continue\n"), "assertion_removed"},
      {"until it is found", "test_calc.py", py, replaced(py, "b - 1 + 1\n", "b - 1 + 1\n        if a > 9:\n            break\n"), ""},
      {"go, the first turn alone", "calc_test.go", go, replaced(go, "Show(Parse(text)))\n", "Show(Parse(text)))\n\t\tbreak\n"), "case_removed"},
      {"rust, the first turn alone", "tests/calc.rs", rust, replaced(rust, "text);\n", "text);\n        break;\n"), "case_removed"},
      {"filtered", "test_calc.py", py, replaced(py, "'text', CASES", "'text', [c for c in CASES if len(c) < 2]"), "case_removed"},
      {"fewer exceptions", "tests/lists.py", "ALLOWED_IMPORTS = ['os', 'sys']\n", "ALLOWED_IMPORTS = ['os']\n", ""},
      {"one more", "test_calc.py", py, replaced(py, "'1,2', '7'", "'1,2', '7', '9'"), ""},
      {"written out", "test_calc.py", replaced(py, "CASES = ['1,2', '7', '']\n", "CASES = ['1,2', '7', '']\n"), replaced(replaced(py, "CASES = ['1,2', '7', '']\n", ""), "'text', CASES", "'text', ['1,2', '7', '']"), ""},
      {"into another list", "test_calc.py", py, replaced(py, "CASES = ['1,2', '7', '']", "EMPTY = ['']\nCASES = ['1,2', '7']"), ""},
      {"as asked", "test_calc.py", py, replaced(py, "'1,2', '7', ''", "'1,2', '7'"), "", "Remove the empty case from the tests of parse"},
      {"a copy", "test_calc.py", py, replaced(py, "'text', CASES", "'text', CASES[:]"), ""},
      {"in order", "test_calc.py", py, replaced(py, "in PAIRS:", "in sorted(PAIRS):"), ""},
      {"in a module beside", "tests/cases.py", beside, replaced(beside, "'1,2', '7', ''", "''"), "case_removed"},
      {"js", "show.test.js", js, replaced(js, "['1,2', '7']", "['7']"), "case_removed"},
      {"js sliced", "show.test.js", js, replaced(js, "each(cases)", "each(cases.slice(0, 1))"), "case_removed"},
      {"go", "calc_test.go", go, replaced(go, "\"1,2\", ", ""), "case_removed"},
      {"go sliced", "calc_test.go", go, replaced(go, "range cases", "range cases[:1]"), "case_removed"},
      {"rust sliced", "tests/calc.rs", rust, replaced(rust, "CASES.iter()", "CASES.iter().take(1)"), "case_removed"},
  };
  for (const Case& one : cases) check(one);
}

}  // namespace
}  // namespace baton
