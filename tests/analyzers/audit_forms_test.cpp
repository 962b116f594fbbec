// One check in two forms, and beside each the form that asks less.
#include "tests/analyzers/audit_cases.h"

namespace baton {
namespace {

using namespace audit_cases;

struct Form {
  std::string was, is;
  const char* escalates = "";
  const char* task = "";
};

// Each is the body of a test; the test around it is the same on both sides.
void check_forms(const char* path, const std::string& head, const std::string& foot, const std::vector<Form>& forms) {
  for (const Form& one : forms) {
    const std::string name = one.was + "=> " + one.is;
    check(Case{name.c_str(), path, head + one.was + foot, head + one.is + foot, one.escalates, one.task});
  }
}

TEST(AuditForms, OutcomesInRust) {
  const std::string is_err = "    assert!(client.send(\"a b\").is_err());\n", is_ok = "    assert!(client.send(\"a b\").is_ok());\n";
  check_forms("tests/client.rs", "#[test]\nfn sends() {\n    let client = connect();\n", "}\n", {
      {is_err, "    client.send(\"a b\").expect_err(\"sent\");\n"},
      {is_err, "    let _ = client.send(\"a b\").unwrap_err();\n"},
      {is_err, "    let error = client.send(\"a b\").unwrap_err();\n    assert_eq!(error.kind(), Kind::Blank);\n"},
      {"    let sent = client.send(\"a b\");\n    assert!(sent.is_err());\n", "    let error = client.send(\"a b\").unwrap_err();\n    drop(error);\n"},
      {"    assert_eq!(client.send(\"a b\").is_err(), true);\n", "    client.send(\"a b\").unwrap_err();\n"},
      {is_ok, "    client.send(\"a b\").unwrap();\n"},
      {is_ok, "    client.send(\"a b\").expect(\"refused\");\n"},
      {is_ok, "    client.send(\"a b\")?;\n"},
      {"    assert!(client.get(\"a b\").is_some());\n", "    client.get(\"a b\").unwrap();\n"},
      {is_err, "    client.send(\"a b\").ok();\n", "assertion_removed"},
      {is_err, "    client.send(\"a b\").unwrap_or_default();\n", "assertion_removed"},
      {is_err, "    client.send(\"a b\").expect(\"sent\");\n", "assertion_removed"},
      {is_err, "    client.send(\"\").expect_err(\"sent\");\n", "question_changed", "Tidy up"},
      {is_ok, "    let _ = client.send(\"a b\");\n", "assertion_removed"},
      {is_ok, "    client.send(\"a b\").ok();\n", "assertion_removed"},
      {is_ok, "    if ready() {\n        client.send(\"a b\").unwrap();\n    }\n", "assertion_removed"},
      {"    client.send(\"a b\").unwrap_err();\n", is_err},
      {"    client.send(\"a b\").unwrap_err();\n", "    let _ = client.send(\"a b\");\n", "assertion_removed"},
      {"    client.send(\"a b\").expect_err(\"sent\");\n", "    let _ = client.send(\"a b\");\n", "assertion_removed"},
  });
}

TEST(AuditForms, PatternsInRust) {
  const std::string arms = "    match client.send(\"a b\") {\n        Err(Error::Blank) => {}\n        other => panic!(\"{:?}\", other),\n    }\n";
  const std::string matching = "    assert!(matches!(client.send(\"a b\"), Err(Error::Blank)));\n";
  check_forms("tests/client.rs", "#[test]\nfn sends() {\n    let client = connect();\n", "}\n", {
      {arms, matching},
      {matching, arms},
      {arms, "    assert_matches!(client.send(\"a b\"), Err(Error::Blank));\n"},
      {arms, "    assert_eq!(client.send(\"a b\"), Err(Error::Blank));\n"},
      {"    assert_eq!(client.send(\"a b\"), Err(Error::Blank));\n", matching},
      {"    if let Err(Error::Blank) = client.send(\"a b\") {\n    } else {\n        panic!(\"sent\");\n    }\n", matching},
      {matching, "    let Err(Error::Blank) = client.send(\"a b\") else { panic!(\"sent\") };\n"},
      {arms, "    assert!(client.send(\"a b\").is_err());\n", "assertion_removed"},
      {arms, "    assert!(matches!(client.send(\"a b\"), Err(_)));\n", "assertion_removed"},
      {arms, "    assert!(matches!(client.send(\"a b\"), _));\n", "assertion_weakened"},
      {arms, replaced(arms, "Err(Error::Blank)", "Err(_)"), "assertion_removed", "Tidy up"},
      {arms, replaced(arms, "Err(Error::Blank)", "Err(error)"), "assertion_removed", "Tidy up"},
      {arms, "    let _ = client.send(\"a b\");\n", "assertion_removed"},
      {"    assert_eq!(client.get(\"a b\"), Some(3));\n", "    assert!(matches!(client.get(\"a b\"), Some(_)));\n", "assertion_removed"},
  });
}

TEST(AuditForms, ErrorsInGo) {
  const std::string unequal = "\tif err != ErrBlank {\n\t\tt.Fatalf(\"got %v\", err)\n\t}\n", is_not = replaced(unequal, "err != ErrBlank", "!errors.Is(err, ErrBlank)");
  check_forms("calc_test.go", "package calc\n\nfunc TestSend(t *testing.T) {\n\terr := Send(\"a b\")\n", "}\n", {
      {unequal, is_not},
      {is_not, unequal},
      {unequal, "\tassert.ErrorIs(t, err, ErrBlank)\n"},
      {"\tassert.ErrorIs(t, err, ErrBlank)\n", is_not},
      {unequal, replaced(is_not, "ErrBlank", "ErrClosed"), "expectation_changed", "Tidy up"},
      {unequal, replaced(is_not, "!errors", "errors"), "assertion_weakened"},
      {unequal, replaced(unequal, "!= ErrBlank", "== nil"), "assertion_weakened"},
      {is_not, replaced(unequal, "!= ErrBlank", "== nil"), "assertion_weakened"},
      {replaced(unequal, "err != ErrBlank", "err.Error() != \"blank\""), is_not, "expectation_changed", "Tidy up"},
  });
}

// A test that is skipped where a module is missing, and one that is skipped for something else.
TEST(AuditForms, ModulesThatMayBeMissing) {
  const std::string tests = "\n\ndef test_open():\n    assert open_ws('a') == 1\n";
  const std::string mark = "pytestmark = pytest.mark.skip(reason='needs websockets')\n", none = "try:\n    import websockets\nexcept ImportError:\n    websockets = None\n";
  const std::string handled = "try:\n    import websockets\nexcept ImportError:\n    " + mark;
  const std::string by_condition = none + "pytestmark = pytest.mark.skipif(websockets is None, reason='needs websockets')\n", or_skip = "websockets = pytest.importorskip('websockets')\n";
  check_forms("tests/test_ws.py", "import pytest\n\nfrom app import open_ws\n\n", tests, {
      {by_condition, handled},
      {by_condition, replaced(handled, "ImportError", "ModuleNotFoundError as error")},
      {handled, by_condition},
      {or_skip, handled},
      {handled, or_skip},
      {"try:\n    import websockets\n    HAS = True\nexcept ImportError:\n    HAS = False\npytestmark = pytest.mark.skipif(not HAS, reason='a')\n", handled},
      {by_condition, "import websockets\n" + mark, "skip_added"},
      {by_condition, replaced(handled, "import websockets", "import no_such_module"), "skip_added"},
      {by_condition, replaced(handled, "import websockets", "import websockets\n    import no_such_module"), "skip_added"},
      {by_condition, replaced(handled, "import websockets", "raise ImportError"), "skip_added"},
      {by_condition, replaced(handled, "import websockets", "import websockets\n    open_ws('b')"), "skip_added"},
      {by_condition, replaced(handled, "except ImportError", "finally"), "skip_added"},
      {by_condition, "try:\n    import websockets\nexcept ImportError:\n    pass\nelse:\n    " + mark, "skip_added"},
      {by_condition, "try:\n    import websockets\n    " + mark + "except ImportError:\n    pass\n", "skip_added"},
      {or_skip, replaced(handled, "import websockets", "import no_such_module"), "skip_added"},
      {"import websockets\n", handled, "skip_added"},
  });
}

// Answers one by one and as a whole; and a whole without one of them, or with another.
TEST(AuditForms, WholesInJavaScript) {
  const std::string one_by_one = "\tconst a = await parse('x');\n\tt.is(a, 'red');\n\tconst b = await parse('y');\n\tt.is(b, 'blue');\n";
  const std::string named = "\tconst a = await parse('x');\n\tconst b = await parse('y');\n\tt.deepEqual({a, b}, {a: 'red', b: 'blue'});\n", listed = "\tconst all = await Promise.all([parse('x'), parse('y')]);\n\tt.deepEqual(all, ['red', 'blue']);\n";
  const std::string numbers = "\tt.is(parse('x'), 1);\n\tt.is(parse('y'), 2);\n", list = "\tt.deepEqual([parse('x'), parse('y')], [1, 2]);\n";
  const std::string within = "\tconst got = await page.evaluate(url => Promise.all([ky(url).text(), ky('b', {url}).text()]), server.url);\n\tt.deepEqual(got, ['red', 'blue']);\n";
  const std::string apart = "\tconst a = await page.evaluate(url => ky(url).text(), server.url);\n\tt.is(a, 'red');\n\tconst b = await page.evaluate(url => ky('b', {url}).text(), server.url);\n\tt.is(b, 'blue');\n";
  const std::string fields = "\tconst got = parse('x');\n\tt.is(got.a, 1);\n\tt.is(got.b, 2);\n", object = "\tconst got = parse('x');\n\tt.deepEqual(got, {a: 1, b: 2});\n";
  check_forms("test/parse.js", "import test from 'ava'\n\ntest('parses', async t => {\n", "})\n", {
      {one_by_one, named}, {named, one_by_one}, {one_by_one, listed}, {listed, one_by_one}, {numbers, list}, {list, numbers}, {apart, within}, {fields, object}, {object, fields},
      {numbers, "\tt.deepEqual(['x', 'y'].map(parse), [1, 2]);\n"},
      {numbers, "\tt.deepEqual(['x', 'y'].map(one => parse(one)), [1, 2]);\n"},
      {numbers, replaced(list, "[1, 2]", "[2, 1]"), "expectation_changed", "Tidy up"},
      {numbers, replaced(list, "[1, 2]", "[1, 3]"), "expectation_changed", "Tidy up"},
      {numbers, "\tt.deepEqual([parse('x')], [1]);\n", "assertion_removed"},
      {one_by_one, "\tconst a = await parse('x');\n\tt.deepEqual({a}, {a: 'red'});\n", "assertion_removed"},
      {apart, replaced(within, "['red', 'blue']", "['blue']"), "assertion_removed"},
      {apart, "\tconst got = ['red', 'blue'];\n\tt.deepEqual(got, ['red', 'blue']);\n", "assertion_removed"},
      {list, "\tt.is(parse('x'), 1);\n", "assertion_removed"},
      {fields, replaced(object, ", b: 2", ""), "assertion_removed"},
      {object, replaced(fields, "\tt.is(got.b, 2);\n", ""), "assertion_weakened"},
      {object, replaced(fields, "got.b, 2", "got.b, 3"), "assertion_weakened", "Tidy up"},
  });
}

TEST(AuditForms, WholesInPython) {
  const std::string one_by_one = "    a = parse('x')\n    b = parse('y')\n    assert a == 1\n    assert b == 2\n", pair = "    a = parse('x')\n    b = parse('y')\n    assert (a, b) == (1, 2)\n";
  const std::string places = "    got = parse('x')\n    assert len(got) == 2\n    assert got[0] == 1\n    assert got[1] == 2\n", list = "    assert parse('x') == [1, 2]\n";
  const std::string fields = "    got = parse('x')\n    assert got.a == 1\n    assert got.b == 2\n", object = "    got = parse('x')\n    assert got == Point(a=1, b=2)\n";
  check_forms("tests/test_parse.py", "from app import parse\n\n\ndef test_parse():\n", "", {
      {one_by_one, pair}, {pair, one_by_one}, {places, list}, {list, places}, {fields, object},
      {one_by_one, "    assert [parse('x'), parse('y')] == [1, 2]\n"},
      {one_by_one, "    assert [parse(one) for one in ('x', 'y')] == [1, 2]\n"},
      {fields, replaced(object, "a=1, b=2", "1, 2")},
      {"    got = parse('x')\n    assert got['a'] == 1\n    assert got['b'] == 2\n", "    got = parse('x')\n    assert got == {'a': 1, 'b': 2}\n"},
      {one_by_one, replaced(pair, "(1, 2)", "(2, 1)"), "expectation_changed", "Tidy up"},
      {one_by_one, replaced(pair, "(a, b) == (1, 2)", "(a,) == (1,)"), "assertion_removed"},
      {one_by_one, replaced(pair, "== (1, 2)", "in [(1, 2), (3, 4)]"), "assertion_removed"},
      {one_by_one, "    assert {parse('x'), parse('y')} == {1, 2}\n", "assertion_removed"},
      {pair, replaced(one_by_one, "    assert b == 2\n", ""), "assertion_removed"},
      {places, replaced(list, "[1, 2]", "[1]"), "assertion_removed"},
      {list, "    got = parse('x')\n    assert got[0] == 1\n", "assertion_weakened"},
      {fields, replaced(object, "b=2", "b=ANY"), "assertion_removed"},
  });
}

TEST(AuditForms, WholesInOtherLanguages) {
  const std::string java = "        assertEquals(1, parse(\"x\"));\n        assertEquals(2, parse(\"y\"));\n", of = "        assertEquals(List.of(1, 2), List.of(parse(\"x\"), parse(\"y\")));\n";
  check_forms("src/test/java/ParseTest.java", "class ParseTest {\n    @Test\n    void parses() {\n", "    }\n}\n", {
      {java, of}, {of, java},
      {java, "        assertArrayEquals(new int[] {1, 2}, new int[] {parse(\"x\"), parse(\"y\")});\n"},
      {java, "        assertThat(List.of(parse(\"x\"), parse(\"y\"))).containsExactly(1, 2);\n"},
      {"        List<Integer> got = parse(\"x\");\n        assertEquals(2, got.size());\n        assertEquals(1, got.get(0));\n        assertEquals(7, got.get(1));\n", "        assertEquals(List.of(1, 7), parse(\"x\"));\n"},
      {java, replaced(of, "(1, 2)", "(1, 3)"), "expectation_changed", "Tidy up"},
      {java, "        assertThat(List.of(parse(\"x\"), parse(\"y\"))).contains(1);\n", "assertion_removed"},
      {of, "        assertEquals(1, parse(\"x\"));\n", "assertion_removed"},
  });
  const std::string go = "\tif got := Parse(\"x\"); got != 1 {\n\t\tt.Errorf(\"got %d\", got)\n\t}\n\tif got := Parse(\"y\"); got != 2 {\n\t\tt.Errorf(\"got %d\", got)\n\t}\n";
  const std::string slice = "\tgot := []int{Parse(\"x\"), Parse(\"y\")}\n\tif want := []int{1, 2}; !reflect.DeepEqual(got, want) {\n\t\tt.Errorf(\"got %v\", got)\n\t}\n";
  const std::string fields = "\tgot := Parse(\"x\")\n\tif got.A != 1 {\n\t\tt.Error(got)\n\t}\n\tif got.B != 2 {\n\t\tt.Error(got)\n\t}\n", whole = "\tgot := Parse(\"x\")\n\tif want := (Point{A: 1, B: 2}); got != want {\n\t\tt.Error(got)\n\t}\n";
  const std::string diff = "\tgot := Parse(\"x\")\n\tif diff := cmp.Diff(Point{A: 1, B: 2}, got); diff != \"\" {\n\t\tt.Error(diff)\n\t}\n";
  check_forms("parse_test.go", "package calc\n\nfunc TestParse(t *testing.T) {\n", "}\n", {
      {go, slice}, {slice, go}, {fields, whole}, {whole, fields}, {fields, diff},
      {go, "\tassert.Equal(t, []int{1, 2}, []int{Parse(\"x\"), Parse(\"y\")})\n"},
      {go, replaced(slice, "1, 2", "1, 3"), "expectation_changed", "Tidy up"},
      {go, replaced(replaced(slice, ", Parse(\"y\")", ""), "1, 2", "1"), "assertion_removed"},
      {fields, replaced(whole, ", B: 2", ""), "assertion_removed"},
      {fields, replaced(diff, ", got)", ", got, cmpopts.IgnoreFields(Point{}, \"B\"))"), "assertion_removed"},
  });
  const std::string cpp = "  EXPECT_EQ(parse(\"x\"), 1);\n  EXPECT_EQ(parse(\"y\"), 2);\n", vector = "  EXPECT_EQ((std::vector<int>{parse(\"x\"), parse(\"y\")}), (std::vector<int>{1, 2}));\n";
  const std::string places = "  const auto got = parse(\"x\");\n  ASSERT_EQ(got.size(), 2u);\n  EXPECT_EQ(got[0], 1);\n  EXPECT_EQ(got[1], 2);\n", elements = "  EXPECT_THAT(parse(\"x\"), ElementsAre(1, 2));\n";
  check_forms("tests/parse_test.cpp", "#include <gtest/gtest.h>\nTEST(Parse, All) {\n", "}\n", {
      {cpp, vector}, {vector, cpp}, {places, elements}, {elements, places},
      {cpp, "  EXPECT_EQ(std::make_pair(parse(\"x\"), parse(\"y\")), std::make_pair(1, 2));\n"},
      {cpp, "  EXPECT_THAT((std::vector<int>{parse(\"x\"), parse(\"y\")}), ElementsAre(1, 2));\n"},
      {"  const auto got = parse(\"x\");\n  EXPECT_EQ(got.a, 1);\n  EXPECT_EQ(got.b, 2);\n", "  EXPECT_THAT(parse(\"x\"), FieldsAre(1, 2));\n"},
      {cpp, replaced(vector, "{1, 2}", "{1, 3}"), "expectation_changed", "Tidy up"},
      {places, replaced(elements, "1, 2", "1, _"), "assertion_removed"},
      {elements, "  EXPECT_THAT(parse(\"x\"), Contains(1));\n", "assertion_weakened"},
      {vector, "  EXPECT_EQ(parse(\"x\"), 1);\n", "assertion_removed"},
  });
  const std::string rust = "    assert_eq!(parse(\"x\"), 1);\n    assert_eq!(parse(\"y\"), 2);\n", tuple = "    assert_eq!((parse(\"x\"), parse(\"y\")), (1, 2));\n";
  check_forms("tests/parse.rs", "#[test]\nfn parses() {\n", "}\n", {
      {rust, tuple}, {tuple, rust},
      {rust, "    assert_eq!(vec![parse(\"x\"), parse(\"y\")], vec![1, 2]);\n"},
      {rust, replaced(tuple, "(1, 2)", "(1, 3)"), "expectation_changed", "Tidy up"},
      {tuple, "    assert_eq!(parse(\"x\"), 1);\n", "assertion_removed"},
  });
}

}  // namespace
}  // namespace baton
