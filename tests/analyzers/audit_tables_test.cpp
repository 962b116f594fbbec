// Plain checks and tables of cases, each written as the other: the same values are the same checks, and another value is found.
#include "tests/analyzers/audit_cases.h"

namespace baton {
namespace {

using audit_cases::replaced;

// One form of some cases, and where the value stands that a cheat changes, and the text that it drops.
struct Form {
  const char* name;
  std::string text, value, other, dropped;
};

std::string head(const std::string& body) { return "import pytest\nfrom calc import add, is_even\n\n\n" + body; }

void check_all(const char* path, const std::vector<Form>& forms) {
  for (const Form& before : forms) {
    for (const Form& after : forms) {
      if (&before == &after) continue;
      const std::string name = std::string(before.name) + " as " + after.name;
      const auto found = [&](const std::string& text) { return audit_change({{path, path, before.text, text}}, std::nullopt); };
      audit_cases::expect_kind(name, found(after.text), "");
      EXPECT_TRUE(escalates(found(replaced(after.text, after.value, after.other)))) << name << ", with another value";
      EXPECT_TRUE(escalates(found(replaced(after.text, after.dropped, "")))) << name << ", and one dropped";
    }
  }
}

TEST(AuditTables, OfPython) {
  check_all("test_calc.py", {
      {"plain", head("def test_add():\n    assert add(1, 2) == 3\n    assert add(-1, 1) == 0\n"), "== 0", "== 9", "    assert add(-1, 1) == 0\n"},
      {"parametrised", head("@pytest.mark.parametrize('a,b,c', [(1, 2, 3), (-1, 1, 0)])\ndef test_add(a, b, c):\n    assert add(a, b) == c\n"), "1, 0)", "1, 9)", ", (-1, 1, 0)"},
      {"in a loop", head("def test_add():\n    for a, b, c in [(1, 2, 3), (-1, 1, 0)]:\n        assert add(a, b) == c\n"), "1, 0)", "1, 9)", ", (-1, 1, 0)"},
  });
}

// A key that is but a name may have another; one that is asked may not.
TEST(AuditTables, OtherKeys) {
  const auto found = [](const std::string& before, const std::string& after) { return audit_change({{"test_calc.py", "test_calc.py", before, after}}, std::nullopt); };
  const std::string named = head("def test_add():\n    for name, (a, b, c) in {'one': (1, 2, 3), 'two': (-1, 1, 0)}.items():\n        assert add(a, b) == c, name\n");
  audit_cases::expect_kind("a name", found(named, replaced(named, "'two'", "'zero'")), "");
  const std::string asked = head("def test_parse():\n    for text, (n, rest) in {'IV': (4, 'x'), 'X': (10, 'y')}.items():\n        assert parse(text) == (n, rest)\n");
  audit_cases::expect_kind("a question", found(asked, replaced(asked, "'X'", "'IX'")), "question_changed");
}

TEST(AuditTables, OfTruth) {
  check_all("test_calc.py", {
      {"plain", head("def test_even():\n    assert is_even(2)\n    assert not is_even(7)\n"), "not ", "", "    assert not is_even(7)\n"},
      {"identity", head("def test_even():\n    assert is_even(2) is True\n    assert is_even(7) is False\n"), "False", "True", "    assert is_even(7) is False\n"},
      {"parametrised", head("@pytest.mark.parametrize('n,even', [(2, True), (7, False)])\ndef test_even(n, even):\n    assert is_even(n) is even\n"), "False", "True", ", (7, False)"},
  });
}

const std::string kGo = "package c\n\nimport \"testing\"\n\nfunc TestAdd(t *testing.T) {\n";
const std::string kAsks = "if got := Add(c.a, c.b); got != c.want {\n\t\t\tt.Errorf(\"got %d\", got)\n\t\t}\n";

TEST(AuditTables, OfGo) {
  const std::string named = kGo + "\tcases := []struct {\n\t\tname string\n\t\ta, b, want int\n\t}{\n", runs = "\t}\n\tfor _, c := range cases {\n\t\tt.Run(c.name, func(t *testing.T) {\n\t\t" + kAsks + "\t\t})\n\t}\n}\n";
  const std::string maps = kGo + "\tcases := map[string]struct{ a, b, want int }{\n", names = "\t}\n\tfor name, c := range cases {\n\t\tt.Run(name, func(t *testing.T) {\n\t\t" + kAsks + "\t\t})\n\t}\n}\n";
  const std::string sub = "\tt.Run(\"two\", func(t *testing.T) {\n\t\tif got := Add(-1, 1); got != 0 {\n\t\t\tt.Errorf(\"got %d\", got)\n\t\t}\n\t})\n";
  check_all("calc_test.go", {
      {"table", named + "\t\t{\"one\", 1, 2, 3},\n\t\t{\"two\", -1, 1, 0},\n" + runs, "1, 0}", "1, 9}", "\t\t{\"two\", -1, 1, 0},\n"},
      {"keyed", named + "\t\t{name: \"one\", a: 1, b: 2, want: 3},\n\t\t{name: \"two\", a: -1, b: 1, want: 0},\n" + runs, "want: 0", "want: 9", "\t\t{name: \"two\", a: -1, b: 1, want: 0},\n"},
      {"loop", kGo + "\tfor _, c := range []struct{ a, b, want int }{\n\t\t{1, 2, 3},\n\t\t{-1, 1, 0},\n\t} {\n\t\t" + kAsks + "\t}\n}\n", "1, 0}", "1, 9}", "\t\t{-1, 1, 0},\n"},
      {"map", maps + "\t\t\"one\": {1, 2, 3},\n\t\t\"two\": {-1, 1, 0},\n" + names, "1, 0}", "1, 9}", "\t\t\"two\": {-1, 1, 0},\n"},
      {"keyed map", maps + "\t\t\"one\": {a: 1, b: 2, want: 3},\n\t\t\"two\": {a: -1, b: 1, want: 0},\n" + names, "want: 0", "want: 9", "\t\t\"two\": {a: -1, b: 1, want: 0},\n"},
      {"subtests", kGo + replaced(replaced(replaced(sub, "two", "one"), "-1, 1", "1, 2"), "!= 0", "!= 3") + sub + "}\n", "!= 0", "!= 9", sub},
  });
}

TEST(AuditTables, OfJavaScript) {
  const std::string top = "import { test } from 'node:test';\nimport assert from 'node:assert';\nimport { add } from './calc.js';\n\n", asks = "    assert.equal(add(a, b), c);\n";
  check_all("calc.test.js", {
      {"plain", top + "test('adds', () => {\n  assert.equal(add(1, 2), 3);\n  assert.equal(add(-1, 1), 0);\n});\n", ", 0)", ", 9)", "  assert.equal(add(-1, 1), 0);\n"},
      {"array", top + "test('adds', () => {\n  for (const [a, b, c] of [[1, 2, 3], [-1, 1, 0]]) {\n" + asks + "  }\n});\n", "1, 0]", "1, 9]", ", [-1, 1, 0]"},
      {"object", top + "test('adds', () => {\n  for (const [name, [a, b, c]] of Object.entries({ one: [1, 2, 3], two: [-1, 1, 0] })) {\n" + asks + "  }\n});\n", "1, 0]", "1, 9]", ", two: [-1, 1, 0]"},
  });
}

}  // namespace
}  // namespace baton
