// What became of each test of the base: held by tests of the result, removed by the task, or lost.
#include <gtest/gtest.h>

#include <algorithm>

#include "analyzers/audit/audit.h"
#include "analyzers/audit/removal_words.h"
#include "tests/analyzers/audit_cases.h"

namespace baton {
namespace {

using audit_cases::OneFile;

struct Change {
  const char* name;
  std::vector<OneFile> files;
  const char* test;  // of the base
  const char* fate;  // "lost", "removed", or names of the tests that hold it
  const char* task = "";
};

std::string fate_of(const Change& change) {
  std::vector<AuditedFile> files;
  for (const OneFile& file : change.files) {
    files.push_back({file.path, file.path, {}, {}});
    if (!file.before.empty()) files.back().before = file.before;
    if (!file.after.empty()) files.back().after = file.after;
  }
  const Audit audit = audit_of(files, *change.task ? std::optional<std::string>(change.task) : std::nullopt);
  for (const AuditedTest& test : audit.tests) {
    if (test.was.name != change.test) continue;
    if (test.fate == TestFate::lost) return "lost";
    if (test.fate == TestFate::removed_by_task) return "removed";
    std::string names;
    for (const PlacedTest& by : test.held_by) names += (names.empty() ? "" : " ") + by.name;
    return names;
  }
  return "not there";
}

void check(const std::vector<Change>& changes) {
  for (const Change& change : changes) EXPECT_EQ(fate_of(change), change.fate) << change.name;
}

const std::string kTests = "from calc import add, tax\n\n\ndef test_add():\n    assert add(1, 2) == 3\n    assert add(-1, 1) == 0\n\n\ndef test_tax():\n    assert tax(10) == 2.0\n";
const std::string kHead = "import pytest\nfrom calc import add, tax\n\n\n";
const std::string kTax = "\n\ndef test_tax():\n    assert tax(10) == 2.0\n";
const std::string kRows = kHead + "@pytest.mark.parametrize('a,b,c', [(1, 2, 3), (-1, 1, 0)])\ndef test_add(a, b, c):\n    assert add(a, b) == c\n";

const std::string kNamed = kHead + "CASES = [(1, 2, 3), (-1, 1, 0)]\n\n\n@pytest.mark.parametrize('a,b,c', CASES)\ndef test_add(a, b, c):\n    assert add(a, b) == c\n";

// How many of a test's cases stand in what holds it, and which of them the task takes away.
AuditedTest fate_of_add(const std::string& before, const std::string& after, const std::string& task = "") {
  const Audit audit = audit_of({{"test_calc.py", "test_calc.py", before, after}, {"calc.py", "calc.py", "A = 1\n", "A = 2\n"}}, task.empty() ? std::nullopt : std::optional<std::string>(task));
  for (const AuditedTest& test : audit.tests) {
    if (test.was.name == "test_add") return test;
  }
  return {};
}

TEST(AuditFates, CasesInOneTest) {
  const std::string loop = kHead + "def test_add():\n    for a, b, c in [(1, 2, 3), (-1, 1, 0)]:\n        assert add(a, b) == c\n";
  const std::string named = audit_cases::replaced(kNamed, "@pytest.mark.parametrize('a,b,c', CASES)\ndef test_add(a, b, c):\n    assert", "def test_add():\n    for a, b, c in CASES:\n        assert");
  struct {
    std::string before, after;
    std::size_t cases;
  } const rows[] = {
      {kRows, loop, 2},
      {kNamed, named, 2},
      {kRows, kTests, 2},
      {kRows, audit_cases::replaced(loop, "        assert", "        if a < 0:\n            continue\n        assert"), 0},
      {kRows, audit_cases::replaced(loop, ", (-1, 1, 0)]", ", (-1, 1, 0)][:1]"), 0},
      {kRows, audit_cases::replaced(loop, ", (-1, 1, 0)", ""), 0},
      {kNamed, audit_cases::replaced(named, "in CASES", "in CASES[:1]"), 0},
      {kNamed, audit_cases::replaced(named, "in CASES", "in OTHERS"), 0},
  };
  for (const auto& row : rows) EXPECT_EQ(fate_of_add(row.before, row.after).cases, row.cases) << row.after;
}

TEST(AuditFates, CasesThatTheTaskRemoves) {
  const std::string roman = audit_cases::replaced(kRows, "(-1, 1, 0)", "(-1, 1, 0), pytest.param('I', 'II', 3, id='roman')"), table = audit_cases::replaced(kNamed, "(-1, 1, 0)", "(-1, 1, 0), ('roman', 'II', 3)");
  const std::string task = "Drop support of Roman numerals.";
  const auto removed = [](const std::string& before, const std::string& after, const std::string& task) { return fate_of_add(before, after, task).removed_cases.size(); };
  EXPECT_EQ(removed(roman, kRows, task), 1U);
  EXPECT_EQ(removed(table, kNamed, task), 1U);
  EXPECT_EQ(removed(roman, audit_cases::replaced(kRows, ", (-1, 1, 0)", ""), task), 0U);  // and one more
  EXPECT_EQ(removed(roman, audit_cases::replaced(roman, "(-1, 1, 0), ", ""), task), 0U);  // another one
  EXPECT_EQ(removed(roman, audit_cases::replaced(kRows, "== c", ">= c"), task), 0U);
  for (const char* other : {"", "Speed up Roman numerals.", "Do not drop Roman numerals.", "Drop the Roman column of the table.", "Drop the numerals."}) EXPECT_EQ(removed(roman, kRows, other), 0U) << other;
}

TEST(AuditFates, HeldByOtherTests) {
  const std::string split = kHead + "def test_adds():\n    assert add(1, 2) == 3\n\n\ndef test_adds_negatives():\n    assert add(-1, 1) == 0\n" + kTax;
  const std::string merged = kHead + "def test_all():\n    assert add(1, 2) == 3\n    assert add(-1, 1) == 0\n    assert tax(10) == 2.0\n";
  check({
      {"split in two", {{"test_calc.py", kTests, split}}, "test_add", "test_adds test_adds_negatives"},
      {"split, and half of it weaker", {{"test_calc.py", kTests, audit_cases::replaced(split, "add(-1, 1) == 0", "add(-1, 1) is not None")}}, "test_add", "lost"},
      {"split, and half of it skipped", {{"test_calc.py", kTests, audit_cases::replaced(split, "def test_adds_neg", "@pytest.mark.skip\ndef test_adds_neg")}}, "test_add", "lost"},
      {"split, and half of it is no test", {{"test_calc.py", kTests, audit_cases::replaced(split, "def test_adds_neg", "def adds_neg")}}, "test_add", "lost"},
      {"merged", {{"test_calc.py", kTests, merged}}, "test_tax", "test_all"},
      {"into a table", {{"test_calc.py", kTests, kRows + kTax}}, "test_add", "test_add"},
      {"into a table that holds for more", {{"test_calc.py", kTests, audit_cases::replaced(kRows, "== c", ">= c") + kTax}}, "test_add", "lost"},
      {"into a table with a name", {{"test_calc.py", kTests, kNamed + kTax}}, "test_add", "test_add"},
      {"into a table of which a part runs", {{"test_calc.py", kTests, audit_cases::replaced(kNamed, ", CASES)", ", CASES[:1])") + kTax}}, "test_add", "lost"},
      {"a parameter more", {{"test_calc.py", kRows, audit_cases::replaced(audit_cases::replaced(kRows, "3), (-1, 1, 0)", "3, None), (-1, 1, 0, None)"), "'a,b,c'", "'a,b,c,d'")}}, "test_add", "test_add"},
      {"ids of one's own", {{"test_calc.py", kRows, audit_cases::replaced(kRows, "(-1, 1, 0)]", "(-1, 1, 0)], ids=['one', 'two']")}}, "test_add", "test_add"},
      {"another case in its place", {{"test_calc.py", kRows, audit_cases::replaced(kRows, "(-1, 1, 0)", "(1, 1, 2)")}, {"calc.py", "def add(a, b): return a + b\n", "def add(a, b): return abs(a) + b\n"}}, "test_add", "lost"},
      {"another answer, as the task asks", {{"test_calc.py", kRows, audit_cases::replaced(kRows, "(-1, 1, 0)", "(-1, 1, 7)")}, {"calc.py", "A = 1\n", "A = 2\n"}}, "test_add", "test_add", "add of -1 and 1 is 7"},
      {"another answer", {{"test_calc.py", kRows, audit_cases::replaced(kRows, "(-1, 1, 0)", "(-1, 1, 7)")}, {"calc.py", "A = 1\n", "A = 2\n"}}, "test_add", "lost"},
      {"renamed, and weaker", {{"test_calc.py", kTests, audit_cases::replaced(audit_cases::replaced(kTests, "test_tax", "test_the_tax"), "tax(10) == 2.0", "tax(10) > 0")}}, "test_tax", "lost"},
      {"moved, and written otherwise",
       {{"test_calc.py", kTests, audit_cases::replaced(kTests, kTax, "")}, {"test_tax.py", "", "from calc import tax\n\n\nclass TestTax:\n    def test_of_ten(self):\n        result = tax(10)\n        assert result == 2.0\n"}},
       "test_tax", "test_of_ten"},
      {"gone", {{"test_calc.py", kTests, audit_cases::replaced(kTests, kTax, "")}}, "test_tax", "lost"},
      {"a runner's settings deselect", {{"test_calc.py", kTests, split}, {"pytest.ini", "[pytest]\n", "[pytest]\naddopts = --deselect test_calc.py::test_tax\n"}}, "test_add", "lost"},
      {"weakened in another test", {{"test_calc.py", kTests, audit_cases::replaced(split, "tax(10) == 2.0", "tax(10)")}}, "test_add", "test_adds test_adds_negatives"},
  });
}

TEST(AuditFates, InOtherLanguages) {
  const std::string js = "import test from 'node:test';\nimport assert from 'node:assert';\nimport { add } from './calc.js';\n\n";
  const std::string adds = js + "test('adds', () => {\n  assert.strictEqual(add(1, 2), 3);\n  assert.strictEqual(add(-1, 1), 0);\n});\n";
  const std::string loop = js + "for (const [a, b, c] of [[1, 2, 3], [-1, 1, 0]]) {\n  test(`sum of ${a} and ${b}`, () => {\n    assert.strictEqual(add(a, b), c);\n  });\n}\n";
  const auto go = [](const std::string& rows, const std::string& name, const std::string& asks) {
    return "package m\n\nimport \"testing\"\n\nfunc TestAdd(t *testing.T) {\n\tcases := []struct {\n\t\tname string\n\t\ta, b, want int\n\t}{\n" + rows + "\t}\n\tfor _, c := range cases {\n\t\tt.Run(" + name +
           ", func(t *testing.T) {\n\t\t\tif got := " + asks + "; got != c.want {\n\t\t\t\tt.Errorf(\"got %d\", got)\n\t\t\t}\n\t\t})\n\t}\n}\n";
  };
  const std::string small = "\t\t{\"small\", 1, 2, 3},\n", other = "\t\t{\"small ones\", 1, 2, 3},\n";
  const std::string cpp = "#include <gtest/gtest.h>\nTEST(Calc, Adds) {\n  EXPECT_EQ(add(1, 2), 3);\n  EXPECT_EQ(add(-1, 1), 0);\n}\n";
  const auto params = [](const std::string& rows) {
    return "#include <gtest/gtest.h>\nclass Sums : public testing::TestWithParam<std::tuple<int, int, int>> {};\nTEST_P(Sums, Work) {\n  const auto [a, b, c] = GetParam();\n  EXPECT_EQ(add(a, b), c);\n}\n"
           "INSTANTIATE_TEST_SUITE_P(All, Sums, testing::Values(" + rows + "));\n";
  };
  check({
      {"into a loop around tests", {{"calc.test.js", adds, loop}}, "adds", "sum of ${a} and ${b}"},
      {"into a loop with a case less", {{"calc.test.js", adds, audit_cases::replaced(loop, ", [-1, 1, 0]", "")}}, "adds", "lost"},
      {"a subtest is called otherwise", {{"calc_test.go", go(small, "c.name", "Add(c.a, c.b)"), go(other, "c.name", "Add(c.a, c.b)")}}, "TestAdd", "TestAdd"},
      {"its name is what is asked", {{"calc_test.go", go(small, "c.name", "Add(c.name, c.b)"), go(other, "c.name", "Add(c.name, c.b)")}}, "TestAdd", "lost"},
      {"into values of a suite", {{"calc_test.cc", cpp, params("std::make_tuple(1, 2, 3), std::make_tuple(-1, 1, 0)")}}, "Calc.Adds", "Sums.Work"},
      {"into fewer of them", {{"calc_test.cc", cpp, params("std::make_tuple(1, 2, 3)")}}, "Calc.Adds", "lost"},
  });
}

TEST(AuditFates, RemovedByTheTask) {
  const std::string both = "def add(a, b):\n    return a + b\n\n\ndef old_add(a, b):\n    return add(a, b)\n", one = "def add(a, b):\n    return a + b\n";
  const std::string kept = "from calc import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n";
  const std::string with_old = "from calc import add, old_add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n\n\ndef test_old():\n    got = old_add(1, 2)\n    assert got == 3\n";
  const std::string mixed = "from calc import add, old_add\n\n\ndef test_old():\n    assert add(old_add(1, 2), 0) == 3\n";
  const char* asked = "Remove the deprecated function old_add and its test.";
  check({
      {"as asked", {{"test_calc.py", with_old, kept}, {"calc.py", both, one}}, "test_old", "removed", asked},
      {"nobody asked", {{"test_calc.py", with_old, kept}, {"calc.py", both, one}}, "test_old", "lost"},
      {"another was to go", {{"test_calc.py", with_old, kept}, {"calc.py", both, one}}, "test_old", "lost", "Remove the deprecated function old_sum and its test. add stays."},
      {"it is to stay", {{"test_calc.py", with_old, kept}, {"calc.py", both, one}}, "test_old", "lost", "Do not remove old_add: people use it."},
      {"it is still there", {{"test_calc.py", with_old, kept}, {"calc.py", both, both + "\n"}}, "test_old", "lost", asked},
      {"another test goes, too", {{"test_calc.py", with_old, "\n"}, {"calc.py", both, one}}, "test_add", "lost", asked},
      {"it asked what stays", {{"test_calc.py", mixed, "\n"}, {"calc.py", both, one}}, "test_old", "lost", asked},
      {"the test by its name", {{"test_calc.py", with_old, kept}}, "test_old", "removed", "Delete test_old, it says what test_add says."},
      {"a whole module", {{"test_old.py", "from legacy import turn\n\n\ndef test_turn():\n    assert turn(1) == 2\n", ""}, {"legacy.py", "def turn(a):\n    return a + 1\n", ""}}, "test_turn", "removed", "Drop the module `legacy` with its tests."},
      {"a client that a fixture gives",
       {{"test_a.py", "import pytest\nfrom net import OldClient\n\n\n@pytest.fixture\ndef client():\n    return OldClient()\n\n\ndef test_get(client):\n    assert client.get('a') == 1\n", "import net\n"},
        {"net.py", "class OldClient:\n    def get(self, a):\n        return 1\n\n\nclass Client:\n    def get(self, a):\n        return 1\n", "class Client:\n    def get(self, a):\n        return 1\n"}},
       "test_get", "removed", "`OldClient` is deprecated and should be removed."},
  });
}

TEST(RemovalWords, OfANameOfCode) {
  struct Row {
    const char* task;
    const char* name;
    bool away;
  };
  const Row rows[] = {
      {"Remove legacy_round.", "legacy_round", true},
      {"Remove the deprecated functions `a1`, `b1` and `c1`, with their tests.", "b1", true},
      {"Please delete calc.old() and its test", "old", true},
      {"Drop support for `OldClient`", "OldClient", true},
      {"Get rid of legacy_round", "legacy_round", true},
      {"legacy_round has been deprecated since 2.0 and should be removed now.", "legacy_round", true},
      {"`turn` is no longer used. Remove it and its test.", "turn", true},
      {"The function turn is not used any more: it goes.", "turn", false},
      {"Delete tests/test_old.py", "tests/test_old.py", true},
      {"Remove the strict flag of `parse`.", "parse", false},
      {"Remove duplicates from `total()`.", "total", false},
      {"Remove the `total` parameter", "total", false},
      {"Remove a1, but keep `b1`.", "b1", false},
      {"Do not remove legacy_round.", "legacy_round", false},
      {"Never delete or rename legacy_round", "legacy_round", false},
      {"Fix legacy_round. Remove the old comments.", "legacy_round", false},
      {"Remove old values in total", "total", false},
      {"In `total`, duplicates are removed.", "total", false},
      {"`total` is slow when duplicates are removed", "total", false},
      {"Remove legacy_rounding", "legacy_round", false},
      {"Make legacy_round faster, delete nothing", "legacy_round", false},
      {"Remove the code that legacy_round calls", "legacy_round", false},
  };
  for (const Row& row : rows) EXPECT_EQ(audit::takes_away(row.task, row.name), row.away) << row.task << " / " << row.name;
}

}  // namespace
}  // namespace baton
