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
      {"    let r = client.send(\"a b\");\n    assert!(r.is_ok());\n", "    let r = client.send(\"a b\");\n    let _f = || r.unwrap();\n", "assertion_removed"},
      {"    let r = client.send(\"a b\");\n    assert!(r.is_ok());\n", "    let r = client.send(\"a b\");\n    assert!(r.is_err() || r.unwrap() > 0);\n", "assertion_weakened"},
      {"    let r = client.send(\"a b\");\n    assert!(r.is_ok());\n", "    let r = client.send(\"a b\");\n    let number = other();\n    number?;\n", "assertion_removed"},
      {"    let r = client.send(\"a b\");\n    assert!(r.is_ok());\n", "    let r = client.send(\"a b\");\n    assert!(r.unwrap() > 0);\n"},
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
// A failure by hand that a library of assertions gives.
TEST(AuditForms, FailuresInGo) {
  const auto fails = [](const std::string& by) { return "\tif Total(100) != 118 {\n\t\t" + by + "\n\t}\n"; };
  check_forms("calc_test.go", "package calc\n\nfunc TestTotal(t *testing.T) {\n", "}\n", {
      {fails("s.Require().FailNow(\"no\")"), "\tif Total(100) < 0 {\n\t\ts.Require().FailNow(\"no\")\n\t}\n", "assertion_weakened"},
      {fails("assert.New(t).Fail(\"no\")"), "\tTotal(100)\n", "assertion_removed"},
      {fails("s.Require().FailNow(\"no\")"), fails("t.Fatal(\"no\")")},
      {fails("assert.New(t).Fail(\"no\")"), "\tassert.Equal(t, 118, Total(100))\n"},
  });
}

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
      {by_condition, replaced(handled, "import websockets", "import websockets\n    from websockets.typing import Subprotocol") + "URL: Subprotocol = 'a'\n"},
      {by_condition, replaced(handled, "import websockets", "import websockets\n    from websockets import no_such_name"), "skip_added"},
      {by_condition, replaced(handled, "import websockets", "import websockets.no_such_part"), "skip_added"},
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
      {numbers, "\tparse('x');\n\tt.deepEqual(Array.of(1, 2), [1, 2]);\n", "assertion_removed"},
      {numbers, "\tt.deepEqual(['x', 'x'].map(parse), [1, 2]);\n", "question_changed"},
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
      {one_by_one, "    parse('x')\n    want = (1, 2)\n    got = sorted(want)\n    assert got == [1, 2]\n", "assertion_removed"},
      {one_by_one, "    assert [parse(one) for one in range(0)] + [1, 2] == [1, 2]\n", "assertion_removed"},
      {one_by_one, "    want = [2, 1]\n    assert [want.pop() for one in ('x', 'y') if parse(one)] == [1, 2]\n", "assertion_removed"},
      {one_by_one, "    want = [1, 2]\n    assert [want.pop(0) for one in ('x', 'y') if parse(one)] == [1, 2]\n", "assertion_removed"},
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
      {cpp, "  parse(\"x\");\n  std::vector<int> got{1, 2};\n  got.shrink_to_fit();\n  EXPECT_EQ(got, (std::vector<int>{1, 2}));\n", "assertion_removed"},
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

// One of several will do: fewer of them, and more.
TEST(AuditForms, MoreThatWillDo) {
  check_forms("tests/test_parse.py", "from app import parse, pair\n\n\ndef test_parse():\n", "", {
      {"    assert pair() in [(1, 2)]\n", "    assert pair() in [(1, 2), (1, 3)]\n", "assertion_weakened"},
      {"    assert pair() in [(1, 2), (1, 3)]\n", "    assert pair() in [(1, 2)]\n"},
      {"    assert parse('x') in ('a', 'b')\n", "    assert parse('x') in ('a', 'b', 'error')\n", "assertion_weakened"},
      {"    assert parse('x') in ('a', 'b')\n", "    assert parse('x') in ('b', 'a')\n"},
      {"    self.assertIn(parse('x'), ['a', 'b'])\n", "    self.assertIn(parse('x'), ['a', 'b', 'c'])\n", "assertion_weakened"},
      {"    assert 'a' in parse('x')\n", "    assert 'a' in parse('x')\n    assert 'b' in parse('x')\n"},
      {"    assert parse('x').ok or parse('x').late\n", "    assert parse('x').ok or parse('x').late or parse('x').lost\n", "assertion_weakened"},
      {"    assert parse('x').ok or parse('x').late\n", "    assert parse('x').late or parse('x').ok\n"},
  });
  check_forms("test/parse.test.js", "test('parses', () => {\n", "})\n", {
      {"  assert.ok(['a', 'b'].includes(parse('x')))\n", "  assert.ok(['a', 'b', 'c'].includes(parse('x')))\n", "assertion_weakened"},
      {"  expect(['a', 'b']).toContain(parse('x'))\n", "  expect(['a', 'b', 'c']).toContain(parse('x'))\n", "assertion_weakened"},
      {"  expect(['a', 'b', 'c']).toContain(parse('x'))\n", "  expect(['a', 'b']).toContain(parse('x'))\n"},
  });
  check_forms("parse_test.go", "package calc\n\nfunc TestParse(t *testing.T) {\n", "}\n", {
      {"\tif _, err := Parse(\"\"); !errors.Is(err, ErrA) {\n\t\tt.Fatal(err)\n\t}\n", "\tif _, err := Parse(\"\"); !errors.Is(err, ErrA) && !errors.Is(err, ErrB) {\n\t\tt.Fatal(err)\n\t}\n", "assertion_weakened"},
      {"\tassert.True(t, slices.Contains([]string{\"a\", \"b\"}, Parse(\"x\")))\n", "\tassert.True(t, slices.Contains([]string{\"a\", \"b\", \"c\"}, Parse(\"x\")))\n", "assertion_weakened"},
  });
  check_forms("tests/parse.rs", "#[test]\nfn parses() {\n", "}\n", {
      {"    assert!(matches!(parse(\"\"), Err(E::A)));\n", "    assert!(matches!(parse(\"\"), Err(E::A) | Err(E::B)));\n", "assertion_weakened"},
      {"    assert!(matches!(parse(\"\"), Err(E::C(_))));\n", "    assert!(matches!(parse(\"\"), Err(E::C(_)) | Err(E::B) | Ok(_)));\n", "assertion_weakened"},
      {"    assert!(matches!(parse(\"\"), Err(E::C(_)) | Err(E::B)));\n", "    assert!(matches!(parse(\"\"), Err(E::B)));\n"},
      {"    assert!(matches!(parse(\"\"), Err(E::C(_)) | Err(E::B)));\n", "    assert!(matches!(parse(\"\"), Err(E::B) | Err(E::C(_))));\n"},
      {"    match parse(\"4\") {\n        Ok(v) if v == 4 => {}\n        _ => panic!(\"no\"),\n    }\n", "    match parse(\"4\") {\n        Ok(v) if v == 4 => {}\n        Ok(_) => {}\n        _ => panic!(\"no\"),\n    }\n", "assertion_weakened"},
  });
}

// Ways to say one thing in the libraries of a language: each may become each, and none of them what asks less.
struct Ways {
  std::vector<std::string> same, less;
};

void check_ways(const char* path, const std::string& head, const std::string& foot, const std::vector<Ways>& table) {
  const auto audited = [&](const std::string& was, const std::string& is) { return audit_change({{path, path, head + was + foot, head + is + foot}}, std::nullopt); };
  const auto asks = [](const std::vector<AuditFinding>& findings) { return std::any_of(findings.begin(), findings.end(), [](const AuditFinding& finding) { return finding.escalates; }); };
  for (const Ways& ways : table) {
    for (const std::string& was : ways.same) {
      for (const std::string& is : ways.same) EXPECT_FALSE(asks(audited(was, is))) << was << " => " << is << ": " << kinds_of(audited(was, is));
      for (const std::string& less : ways.less) EXPECT_TRUE(asks(audited(was, less))) << was << " => " << less << ": " << kinds_of(audited(was, less));
    }
  }
}

TEST(AuditForms, LibrariesOfJavaScript) {
  check_ways("test/f.test.js", "it('does', () => {\n  prepare()\n  ", "\n})\n", {
      {{"expect(f(1)).to.equal(2)", "expect(f(1)).to.be.equal(2)", "f(1).should.equal(2)", "should(f(1)).equal(2)", "expect(f(1)).toBe(2)", "assert.equal(f(1), 2)", "assert.strictEqual(f(1), 2)", "t.is(f(1), 2)", "t.assert.strictEqual(f(1), 2)"},
       {"expect(f(1)).toBeTruthy()", "assert.ok(f(1))", "expect(f(1)).toBeDefined()", "expect(f(1)).to.exist", "assert.notEqual(f(1), null)", "expect(f(1)).to.be.a('number')"}},
      {{"expect(f(1)).to.eql([2])", "expect(f(1)).to.deep.equal([2])", "expect(f(1)).toEqual([2])", "expect(f(1)).toStrictEqual([2])", "assert.deepEqual(f(1), [2])", "assert.deepStrictEqual(f(1), [2])", "t.deepEqual(f(1), [2])"},
       {"assert.ok(f(1))", "expect(f(1)).toHaveLength(1)", "assert.ok(f(1).length)", "expect(f(1)).to.be.an('array')", "assert.ok(f(1).includes(2))"}},
      {{"expect(f(1)).to.be.true", "f(1).should.be.true()", "expect(f(1)).toBe(true)", "assert.strictEqual(f(1), true)", "t.true(f(1))", "assert.isTrue(f(1))"},
       {"expect(f(1)).toBeDefined()", "assert.notEqual(f(1), undefined)"}},
      {{"expect(f(1)).to.be.false", "expect(f(1)).toBe(false)", "assert.equal(f(1), false)"},
       {"expect(f(1)).toBeDefined()"}},
      {{"expect(f(1)).to.be.null", "expect(f(1)).toBeNull()", "assert.strictEqual(f(1), null)", "assert.isNull(f(1))"},
       {"expect(f(1)).toBeDefined()"}},
      {{"expect(f(1)).to.be.undefined", "expect(f(1)).toBeUndefined()", "assert.strictEqual(f(1), undefined)"},
       {}},
      {{"expect(f(1)).to.be.ok", "expect(f(1)).toBeTruthy()", "assert.ok(f(1))", "assert(f(1))", "t.truthy(f(1))"},
       {}},
      {{"expect(f(1)).to.include('ab')", "expect(f(1)).toContain('ab')", "assert.ok(f(1).includes('ab'))", "assert.include(f(1), 'ab')"},
       {}},
      {{"expect(f(1)).to.match(/ab/)", "expect(f(1)).toMatch(/ab/)", "assert.match(f(1), /ab/)", "t.regex(f(1), /ab/)"},
       {"assert.ok(f(1))", "expect(f(1)).toBeDefined()"}},
      {{"expect(f(1)).to.have.length(3)", "expect(f(1)).to.have.lengthOf(3)", "expect(f(1)).toHaveLength(3)", "assert.equal(f(1).length, 3)", "t.is(f(1).length, 3)", "assert.lengthOf(f(1), 3)"},
       {"assert.ok(f(1))", "expect(f(1)).toBeDefined()"}},
      {{"expect(() => f(1)).to.throw(TypeError)", "expect(() => f(1)).toThrow(TypeError)", "assert.throws(() => f(1), TypeError)", "t.throws(() => f(1), {instanceOf: TypeError})"},
       {"assert.ok(f)", "expect(() => f(1)).not.toThrow()"}},
      {{"expect(f(1)).to.be.above(3)", "expect(f(1)).toBeGreaterThan(3)", "assert.ok(f(1) > 3)", "assert.isAbove(f(1), 3)"},
       {"assert.ok(f(1))", "assert.ok(f(1) > 0)"}},
      {{"expect(f(1)).to.be.at.least(3)", "expect(f(1)).toBeGreaterThanOrEqual(3)", "assert(f(1) >= 3)"},
       {"assert.ok(f(1) >= 0)"}},
      {{"expect(f(1)).to.be.below(3)", "expect(f(1)).toBeLessThan(3)", "assert.ok(f(1) < 3)"},
       {}},
      {{"expect(f(1)).to.be.an.instanceof(Foo)", "expect(f(1)).toBeInstanceOf(Foo)", "assert.ok(f(1) instanceof Foo)", "assert.instanceOf(f(1), Foo)"},
       {"assert.ok(f(1))"}},
      {{"expect(f(1)).to.not.equal(2)", "expect(f(1)).not.toBe(2)", "assert.notEqual(f(1), 2)", "assert.notStrictEqual(f(1), 2)", "t.not(f(1), 2)"},
       {}},
      {{"expect(f(1)).to.be.closeTo(0.3, 0.01)", "expect(f(1)).toBeCloseTo(0.3, 2)", "assert.ok(Math.abs(f(1) - 0.3) < 0.01)", "assert.closeTo(f(1), 0.3, 0.01)"},
       {"assert.ok(f(1))", "assert.ok(Math.abs(f(1) - 0.3) < 5)", "expect(f(1)).to.be.closeTo(0.3, 1)"}},
      {{"expect(f(1)).to.exist", "expect(f(1)).toBeDefined()", "assert.notEqual(f(1), undefined)", "assert.isDefined(f(1))"},
       {}},
      {{"expect(f(1)).to.be.a('string')", "assert.equal(typeof f(1), 'string')", "assert.typeOf(f(1), 'string')"},
       {"assert.ok(f(1))"}},
      {{"expect(f(1)).to.be.empty", "assert.equal(f(1).length, 0)"},
       {}},
      {{"expect(f(1)).to.have.property('ab')", "expect(f(1)).toHaveProperty('ab')", "assert.ok('ab' in f(1))", "assert.property(f(1), 'ab')"},
       {"assert.ok(f(1))"}},
  });
}

TEST(AuditForms, LibrariesOfCpp) {
  check_ways("tests/f_test.cpp", "#include <gtest/gtest.h>\nTEST(F, One) {\n  prepare();\n  ", "\n}\n", {
      {{"EXPECT_EQ(f(1), 2);", "ASSERT_EQ(f(1), 2);", "EXPECT_THAT(f(1), Eq(2));", "EXPECT_THAT(f(1), 2);", "EXPECT_THAT(f(1), testing::Eq(2));", "EXPECT_THAT(f(1), ::testing::Eq(2));", "EXPECT_EQ(2, f(1));", "REQUIRE(f(1) == 2);", "CHECK(f(1) == 2);", "CHECK_EQ(f(1), 2);", "EXPECT_TRUE(f(1) == 2);"},
       {"EXPECT_THAT(f(1), _);", "EXPECT_THAT(f(1), A<int>());", "EXPECT_THAT(f(1), Gt(0));", "EXPECT_THAT(f(1), Not(Eq(7)));", "EXPECT_THAT(f(1), AnyOf(2, 3));", "EXPECT_THAT(f(1), Ne(0));", "EXPECT_TRUE(f(1));", "EXPECT_GT(f(1), 0);"}},
      {{"EXPECT_NE(f(1), 2);", "EXPECT_THAT(f(1), Ne(2));", "REQUIRE(f(1) != 2);"},
       {}},
      {{"EXPECT_GT(f(1), 2);", "EXPECT_THAT(f(1), Gt(2));", "REQUIRE(f(1) > 2);"},
       {}},
      {{"EXPECT_LE(f(1), 2);", "EXPECT_THAT(f(1), Le(2));", "CHECK(f(1) <= 2);"},
       {}},
      {{"EXPECT_TRUE(f(1));", "EXPECT_THAT(f(1), IsTrue());", "REQUIRE(f(1));", "EXPECT_THAT(f(1), true);", "EXPECT_EQ(f(1), true);"},
       {"EXPECT_THAT(f(1), _);"}},
      {{"EXPECT_FALSE(f(1));", "EXPECT_THAT(f(1), IsFalse());", "CHECK_FALSE(f(1));"},
       {"EXPECT_THAT(f(1), _);"}},
      {{"EXPECT_EQ(f(1), nullptr);", "EXPECT_THAT(f(1), IsNull());", "EXPECT_THAT(f(1), Eq(nullptr));"},
       {"EXPECT_THAT(f(1), _);"}},
      {{"EXPECT_NE(f(1), nullptr);", "EXPECT_THAT(f(1), NotNull());", "EXPECT_THAT(f(1), Not(IsNull()));"},
       {"EXPECT_THAT(f(1), _);"}},
      {{"EXPECT_STREQ(f(1), \"ab\");", "EXPECT_THAT(f(1), StrEq(\"ab\"));", "EXPECT_EQ(f(1), \"ab\");", "EXPECT_THAT(f(1), Eq(\"ab\"));", "EXPECT_STREQ(\"ab\", f(1));"},
       {"EXPECT_THAT(f(1), HasSubstr(\"a\"));", "EXPECT_THAT(f(1), Not(IsEmpty()));", "EXPECT_THAT(f(1), _);"}},
      {{"EXPECT_THAT(f(1), HasSubstr(\"ab\"));", "EXPECT_TRUE(f(1).find(\"ab\") != std::string::npos);", "EXPECT_NE(f(1).find(\"ab\"), std::string::npos);"},
       {}},
      {{"EXPECT_NEAR(f(1), 0.5, 0.01);", "EXPECT_THAT(f(1), DoubleNear(0.5, 0.01));", "REQUIRE(f(1) == Approx(0.5).margin(0.01));", "REQUIRE_THAT(f(1), WithinAbs(0.5, 0.01));"},
       {"EXPECT_THAT(f(1), DoubleNear(0.5, 3));", "EXPECT_THAT(f(1), Gt(0));"}},
      {{"EXPECT_DOUBLE_EQ(f(1), 0.5);", "EXPECT_THAT(f(1), DoubleEq(0.5));", "EXPECT_FLOAT_EQ(f(1), 0.5);"},
       {}},
      {{"EXPECT_THROW(f(1), Bad);", "REQUIRE_THROWS_AS(f(1), Bad);", "EXPECT_THAT([] { f(1); }, Throws<Bad>());", "CHECK_THROWS_AS(f(1), Bad);"},
       {"EXPECT_ANY_THROW(f(1));", "EXPECT_NO_THROW(f(1));"}},
      {{"EXPECT_EQ(f(1).size(), 3);", "EXPECT_THAT(f(1), SizeIs(3));", "EXPECT_EQ(f(1).size(), 3u);"},
       {"EXPECT_THAT(f(1), SizeIs(Gt(0)));"}},
      {{"EXPECT_TRUE(f(1).empty());", "EXPECT_THAT(f(1), IsEmpty());", "EXPECT_EQ(f(1).size(), 0);"},
       {"EXPECT_THAT(f(1), _);"}},
      {{"EXPECT_THAT(f(1), ElementsAre(1, 2));", "EXPECT_EQ(f(1), (std::vector<int>{1, 2}));", "EXPECT_THAT(f(1), ElementsAreArray({1, 2}));", "EXPECT_THAT(f(1), ContainerEq(std::vector<int>{1, 2}));"},
       {"EXPECT_THAT(f(1), Contains(1));", "EXPECT_THAT(f(1), SizeIs(2));", "EXPECT_THAT(f(1), ElementsAre(_, _));", "EXPECT_THAT(f(1), Not(IsEmpty()));"}},
  });
}

TEST(AuditForms, LibrariesOfJava) {
  check_ways("src/test/java/FTest.java", "class FTest {\n    @Test\n    void one() {\n        prepare();\n        ", "\n    }\n}\n", {
      {{"assertEquals(2, f(1));", "assertThat(f(1)).isEqualTo(2);", "assertThat(f(1), is(2));", "assertThat(f(1), equalTo(2));", "assertThat(f(1), is(equalTo(2)));", "assertTrue(f(1) == 2);", "Assertions.assertEquals(2, f(1));", "Assert.assertEquals(2, f(1));"},
       {"assertThat(f(1)).isNotNull();", "assertThat(f(1), is(not(7)));", "assertThat(f(1), anything());", "assertThat(f(1));", "assertThat(f(1)).isPositive();", "assertThat(f(1), greaterThan(0));", "assertThat(f(1), anyOf(is(2), is(3)));"}},
      {{"assertTrue(f(1));", "assertThat(f(1)).isTrue();", "assertThat(f(1), is(true));", "assertEquals(true, f(1));"},
       {"assertThat(f(1)).isNotNull();", "assertThat(f(1));"}},
      {{"assertNull(f(1));", "assertThat(f(1)).isNull();", "assertThat(f(1), is(nullValue()));", "assertThat(f(1), nullValue());"},
       {"assertThat(f(1));"}},
      {{"assertNotNull(f(1));", "assertThat(f(1)).isNotNull();", "assertThat(f(1), notNullValue());", "assertThat(f(1), is(notNullValue()));", "assertThat(f(1), is(not(nullValue())));"},
       {"assertThat(f(1));"}},
      {{"assertThrows(Bad.class, () -> f(1));", "assertThatThrownBy(() -> f(1)).isInstanceOf(Bad.class);", "assertThatExceptionOfType(Bad.class).isThrownBy(() -> f(1));", "try {\n            f(1);\n            fail();\n        } catch (Bad e) {\n        }"},
       {"assertThatThrownBy(() -> f(1)).isInstanceOf(Exception.class);", "assertThatCode(() -> f(1)).doesNotThrowAnyException();", "try {\n            f(1);\n        } catch (Bad e) {\n        }"}},
      {{"assertEquals(3, f(1).size());", "assertThat(f(1)).hasSize(3);", "assertThat(f(1), hasSize(3));"},
       {"assertThat(f(1)).isNotEmpty();", "assertThat(f(1), hasSize(greaterThan(0)));"}},
      {{"assertTrue(f(1).isEmpty());", "assertThat(f(1)).isEmpty();", "assertThat(f(1), is(empty()));", "assertEquals(0, f(1).size());"},
       {}},
      {{"assertTrue(f(1).contains(\"ab\"));", "assertThat(f(1)).contains(\"ab\");", "assertThat(f(1), containsString(\"ab\"));"},
       {}},
      {{"assertTrue(f(1) instanceof Foo);", "assertThat(f(1)).isInstanceOf(Foo.class);", "assertThat(f(1), instanceOf(Foo.class));", "assertInstanceOf(Foo.class, f(1));"},
       {}},
      {{"assertNotEquals(2, f(1));", "assertThat(f(1)).isNotEqualTo(2);", "assertThat(f(1), not(2));", "assertThat(f(1), is(not(2)));"},
       {}},
      {{"assertTrue(f(1) > 2);", "assertThat(f(1)).isGreaterThan(2);", "assertThat(f(1), greaterThan(2));", "assertThat(f(1), is(greaterThan(2)));"},
       {"assertThat(f(1)).isGreaterThan(0);"}},
      {{"assertEquals(List.of(1, 2), f(1));", "assertThat(f(1)).containsExactly(1, 2);", "assertThat(f(1)).isEqualTo(List.of(1, 2));", "assertThat(f(1), is(List.of(1, 2)));", "assertIterableEquals(List.of(1, 2), f(1));", "assertThat(f(1), contains(1, 2));"},
       {"assertThat(f(1)).contains(1);", "assertThat(f(1)).hasSize(2);", "assertThat(f(1), hasItem(1));"}},
      {{"assertEquals(0.5, f(1), 0.01);", "assertThat(f(1)).isCloseTo(0.5, within(0.01));", "assertThat(f(1), closeTo(0.5, 0.01));", "assertThat(f(1)).isWithin(0.01).of(0.5);"},
       {"assertThat(f(1)).isCloseTo(0.5, within(5.0));", "assertThat(f(1), closeTo(0.5, 5));"}},
  });
}

TEST(AuditForms, LibrariesOfGo) {
  check_ways("f_test.go", "package p\n\nfunc TestF(t *testing.T) {\n\tprepare()\n\t", "\n}\n", {
      {{"assert.Equal(t, 2, F(1))", "require.Equal(t, 2, F(1))", "if F(1) != 2 {\n\t\tt.Errorf(\"bad\")\n\t}", "if got := F(1); got != 2 {\n\t\tt.Errorf(\"bad\")\n\t}", "assert.EqualValues(t, 2, F(1))", "is.Equal(F(1), 2)", "assert.Equal(t, F(1), 2)"},
       {"assert.NotZero(t, F(1))", "assert.NotNil(t, F(1))", "if F(1) == 0 {\n\t\tt.Errorf(\"bad\")\n\t}", "if F(1) < 0 {\n\t\tt.Errorf(\"bad\")\n\t}", "F(1)"}},
      {{"assert.True(t, F(1))", "if !F(1) {\n\t\tt.Errorf(\"bad\")\n\t}", "is.True(F(1))"},
       {"assert.NotNil(t, F(1))", "F(1)"}},
      {{"assert.False(t, F(1))", "if F(1) {\n\t\tt.Errorf(\"bad\")\n\t}"},
       {}},
      {{"assert.NoError(t, F(1))", "assert.Nil(t, F(1))", "if err := F(1); err != nil {\n\t\tt.Errorf(\"bad\")\n\t}", "if err := F(1); err != nil {\n\t\tt.Fatal(err)\n\t}", "is.NoErr(F(1))"},
       {"F(1)", "_ = F(1)"}},
      {{"assert.Error(t, F(1))", "assert.NotNil(t, F(1))", "if F(1) == nil {\n\t\tt.Errorf(\"bad\")\n\t}", "if err := F(1); err == nil {\n\t\tt.Fatal()\n\t}"},
       {"F(1)", "_ = F(1)"}},
      {{"assert.Len(t, F(1), 3)", "assert.Equal(t, 3, len(F(1)))", "if len(F(1)) != 3 {\n\t\tt.Errorf(\"bad\")\n\t}"},
       {"assert.NotEmpty(t, F(1))", "assert.NotNil(t, F(1))"}},
      {{"assert.Empty(t, F(1))", "assert.Len(t, F(1), 0)", "assert.Equal(t, 0, len(F(1)))", "if len(F(1)) != 0 {\n\t\tt.Errorf(\"bad\")\n\t}", "if len(F(1)) > 0 {\n\t\tt.Errorf(\"bad\")\n\t}"},
       {}},
      {{"assert.Contains(t, F(1), \"ab\")", "if !strings.Contains(F(1), \"ab\") {\n\t\tt.Errorf(\"bad\")\n\t}", "assert.True(t, strings.Contains(F(1), \"ab\"))"},
       {"assert.NotEmpty(t, F(1))"}},
      {{"assert.Equal(t, []int{1, 2}, F(1))", "if !reflect.DeepEqual(F(1), []int{1, 2}) {\n\t\tt.Errorf(\"bad\")\n\t}", "if !slices.Equal(F(1), []int{1, 2}) {\n\t\tt.Errorf(\"bad\")\n\t}", "if diff := cmp.Diff([]int{1, 2}, F(1)); diff != \"\" {\n\t\tt.Errorf(\"bad\")\n\t}", "if !cmp.Equal(F(1), []int{1, 2}) {\n\t\tt.Errorf(\"bad\")\n\t}", "assert.DeepEqual(t, F(1), []int{1, 2})"},
       {"assert.NotEmpty(t, F(1))", "assert.Len(t, F(1), 2)", "assert.Contains(t, F(1), 1)", "assert.Subset(t, F(1), []int{1})"}},
      {{"assert.Greater(t, F(1), 2)", "if F(1) <= 2 {\n\t\tt.Errorf(\"bad\")\n\t}", "assert.True(t, F(1) > 2)"},
       {"assert.Greater(t, F(1), 0)"}},
      {{"assert.NotEqual(t, 2, F(1))", "if F(1) == 2 {\n\t\tt.Errorf(\"bad\")\n\t}"},
       {}},
      {{"assert.EqualError(t, F(1), \"ab\")", "assert.Equal(t, \"ab\", F(1).Error())", "if F(1).Error() != \"ab\" {\n\t\tt.Errorf(\"bad\")\n\t}"},
       {"assert.Error(t, F(1))", "if F(1) == nil {\n\t\tt.Errorf(\"bad\")\n\t}"}},
      {{"assert.ErrorContains(t, F(1), \"ab\")", "assert.Contains(t, F(1).Error(), \"ab\")", "if !strings.Contains(F(1).Error(), \"ab\") {\n\t\tt.Errorf(\"bad\")\n\t}"},
       {"assert.Error(t, F(1))"}},
      {{"assert.Panics(t, func() { F(1) })"},
       {}},
      {{"assert.InDelta(t, 0.5, F(1), 0.01)", "if math.Abs(F(1)-0.5) > 0.01 {\n\t\tt.Errorf(\"bad\")\n\t}"},
       {"assert.InDelta(t, 0.5, F(1), 5)", "if math.Abs(F(1)-0.5) > 5 {\n\t\tt.Errorf(\"bad\")\n\t}"}},
  });
}

TEST(AuditForms, LibrariesOfPython) {
  check_ways("tests/test_f.py", "class TestF(unittest.TestCase):\n    def test_one(self):\n        prepare()\n        ", "\n", {
      {{"self.assertEqual(f(1), 2)", "assert f(1) == 2"}, {"assert f(1)"}},
      {{"self.assertNotEqual(f(1), 2)", "assert f(1) != 2"}, {}},
      {{"self.assertTrue(f(1))", "assert f(1)"}, {}},
      {{"self.assertFalse(f(1))", "assert not f(1)"}, {}},
      {{"self.assertIs(f(1), None)", "assert f(1) is None"}, {}},
      {{"self.assertIsNone(f(1))", "assert f(1) is None"}, {"assert f(1) or True"}},
      {{"self.assertIsNotNone(f(1))", "assert f(1) is not None"}, {}},
      {{"self.assertIn('a', f(1))", "assert 'a' in f(1)"}, {}},
      {{"self.assertNotIn('a', f(1))", "assert 'a' not in f(1)"}, {}},
      {{"self.assertIsInstance(f(1), int)", "assert isinstance(f(1), int)"}, {}},
      {{"self.assertNotIsInstance(f(1), int)", "assert not isinstance(f(1), int)"}, {}},
      {{"self.assertGreater(f(1), 2)", "assert f(1) > 2"}, {"assert f(1) > 0"}},
      {{"self.assertGreaterEqual(f(1), 2)", "assert f(1) >= 2"}, {}},
      {{"self.assertLess(f(1), 2)", "assert f(1) < 2"}, {}},
      {{"self.assertLessEqual(f(1), 2)", "assert f(1) <= 2"}, {}},
      {{"self.assertAlmostEqual(f(1), 0.5)", "assert f(1) == pytest.approx(0.5)"}, {"assert f(1) == pytest.approx(0.5, abs=1)"}},
      {{"self.assertAlmostEqual(f(1), 0.5, places=3)", "assert f(1) == pytest.approx(0.5, abs=1e-3)"}, {}},
      {{"self.assertRegex(f(1), 'a+')", "assert re.search('a+', f(1))"}, {}},
      {{"self.assertCountEqual(f(1), [1, 2])", "assert sorted(f(1)) == [1, 2]"}, {}},
      {{"self.assertListEqual(f(1), [1, 2])", "assert f(1) == [1, 2]"}, {}},
      {{"self.assertDictEqual(f(1), {'a': 2})", "assert f(1) == {'a': 2}"}, {}},
      {{"with self.assertRaises(ValueError):\n            f(1)", "with pytest.raises(ValueError):\n            f(1)"}, {}},
      {{"self.assertRaises(ValueError, f, 1)", "with pytest.raises(ValueError):\n            f(1)"}, {"f(1)"}},
      {{"with self.assertRaisesRegex(ValueError, 'bad'):\n            f(1)", "with pytest.raises(ValueError, match='bad'):\n            f(1)"}, {}},
      {{"self.assertIs(f(1), True)", "assert f(1) is True"}, {"assert f(1) is not None"}},
      {{"self.assertTrue(f(1) == 2)", "assert f(1) == 2"}, {}},
      {{"self.assertEqual(len(f(1)), 3)", "assert len(f(1)) == 3"}, {}},
  });
}


// Whole files: tests of one form, and what makes them or is handed their values.
struct Rewritten {
  std::string was, is;
  const char* escalates = "";
  const char* task = "";
};

void check_files(const char* path, const std::vector<Rewritten>& table) {
  for (const Rewritten& one : table) {
    const std::string name = one.was + "=>\n" + one.is;
    check(Case{name.c_str(), path, one.was, one.is, one.escalates, one.task});
  }
}

TEST(AuditForms, FactoriesOfTests) {
  const std::string js = "test('reads a', () => {\n  assert.equal(parse('a'), 1)\n  assert.ok(parse('a').ok)\n})\n\ntest('reads b', () => {\n  assert.equal(parse('b'), 2)\n  assert.ok(parse('b').ok)\n})\n";
  const std::string made = "function reads(text, value) {\n  return () => {\n    assert.equal(parse(text), value)\n    assert.ok(parse(text).ok)\n  }\n}\n\ntest('reads a', reads('a', 1))\ntest('reads b', reads('b', 2))\n";
  check_files("test/parse.test.js", {
      {js, made},
      {made, js},
      {js, replaced(made, "assert.equal(parse(text), value)", "assert.ok(parse(text))"), "assertion_removed"},
      {js, replaced(made, "    assert.ok(parse(text).ok)\n", ""), "assertion_removed"},
      {js, replaced(made, "    assert.equal(parse(text), value)", "    parse(text)\n    const got = value\n    assert.equal(got, value * 1)"), "assertion_removed"},
      {js, replaced(made, "reads('b', 2)", "reads('b', 3)"), "assertion_removed", "Tidy up"},
      {js, replaced(made, "test('reads b', reads('b', 2))\n", ""), "test_removed"},
      {js, replaced(made, "reads('b', 2))", "() => reads('b', 2))"), "assertion_removed"},
  });
  const std::string go = "package p\n\nfunc TestA(t *testing.T) {\n\tif got := Parse(\"a\"); got != 1 {\n\t\tt.Errorf(\"got %d\", got)\n\t}\n}\n\nfunc TestB(t *testing.T) {\n\tif got := Parse(\"b\"); got != 2 {\n\t\tt.Errorf(\"got %d\", got)\n\t}\n}\n";
  const std::string runs = "package p\n\nfunc testParse(text string, want int) func(*testing.T) {\n\treturn func(t *testing.T) {\n\t\tif got := Parse(text); got != want {\n\t\t\tt.Errorf(\"got %d\", got)\n\t\t}\n\t}\n}\n\nfunc TestParse(t *testing.T) {\n\tt.Run(\"a\", testParse(\"a\", 1))\n\tt.Run(\"b\", testParse(\"b\", 2))\n}\n";
  const std::string rows = "package p\n\nfunc TestParse(t *testing.T) {\n\tcases := []struct {\n\t\tname, text string\n\t\twant       int\n\t}{\n\t\t{\"first\", \"a\", 1},\n\t\t{\"second\", \"b\", 2},\n\t}\n\tfor _, c := range cases {\n\t\tif got := Parse(c.text); got != c.want {\n\t\t\tt.Errorf(\"got %d\", got)\n\t\t}\n\t}\n}\n";
  check_files("parse_test.go", {
      {go, runs},
      {rows, go},
      {go, replaced(runs, "\"b\", 2", "\"b\", 3"), "test_removed", "Tidy up"},
      {go, replaced(runs, "got := Parse(text);", "got := Parse(text) - Parse(text) + want;"), "test_removed"},
      {go, replaced(runs, "\t\tif got := Parse(text);", "\t\tParse(text)\n\t\tif got := want + 0;"), "test_removed"},
      {go, replaced(runs, "\tt.Run(\"b\", testParse(\"b\", 2))\n", ""), "test_removed"},
      {rows, replaced(go, "got != 2", "got != 3"), "test_removed", "Tidy up"},
      {rows, replaced(go, "got != 2", "got == 0"), "test_removed"},
  });
}

TEST(AuditForms, MacrosWithAssertions) {
  const std::string rust = "#[test]\nfn reads_a() {\n    assert_eq!(parse(\"a\"), 1);\n    assert!(valid(\"a\"));\n}\n\n#[test]\nfn reads_b() {\n    assert_eq!(parse(\"b\"), 2);\n    assert!(valid(\"b\"));\n}\n";
  const std::string each = "macro_rules! reads {\n    ($name:ident, $text:expr, $value:expr) => {\n        #[test]\n        fn $name() {\n            assert_eq!(parse($text), $value);\n            assert!(valid($text));\n        }\n    };\n}\n\nreads!(reads_a, \"a\", 1);\nreads!(reads_b, \"b\", 2);\n";
  const std::string rows = "macro_rules! reads {\n    ($($name:ident: $text:expr => $value:expr,)*) => {\n        $(\n            #[test]\n            fn $name() {\n                assert_eq!(parse($text), $value);\n                assert!(valid($text));\n            }\n        )*\n    };\n}\n\nreads! {\n    reads_a: \"a\" => 1,\n    reads_b: \"b\" => 2,\n}\n";
  const std::string called = "macro_rules! check {\n    ($text:expr, $value:expr) => {\n        assert_eq!(parse($text), $value);\n        assert!(valid($text));\n    };\n}\n\n#[test]\nfn reads_a() {\n    check!(\"a\", 1);\n}\n\n#[test]\nfn reads_b() {\n    check!(\"b\", 2);\n}\n";
  check_files("tests/parse.rs", {
      {rust, each}, {rust, rows}, {rust, called}, {each, rust},
      {rust, replaced(each, "assert_eq!(parse($text), $value)", "assert!(parse($text) > 0)"), "test_removed"},
      {rust, replaced(each, "assert_eq!(parse($text), $value)", "assert_eq!(count($text), $value)"), "test_removed"},
      {rust, replaced(each, "assert_eq!(parse($text), $value)", "assert_eq!(parse($text) * 0 + $value, $value)"), "test_removed"},
      {rust, replaced(each, "assert_eq!(parse($text), $value)", "assert_eq!(parse($text) * 0, $value * 0)"), "test_removed"},
      {rust, replaced(each, "        #[test]\n", ""), "test_removed"},
      {rust, replaced(each, "reads!(reads_b, \"b\", 2);\n", ""), "test_removed"},
      {rust, replaced(each, "\"b\", 2", "\"b\", 3"), "test_removed", "Tidy up"},
      {rust, replaced(rows, "    reads_b: \"b\" => 2,\n", ""), "test_removed"},
      {rust, replaced(called, "assert_eq!(parse($text), $value)", "assert!(parse($text) > 0)"), "assertion_removed"},
      {rust, replaced(called, "        assert!(valid($text));\n", ""), "assertion_removed"},
      {rust, replaced(called, "\"b\", 2", "\"b\", 3"), "assertion_removed", "Tidy up"},
      {each, replaced(each, "assert_eq!(parse($text), $value)", "assert!(parse($text) > 0)"), "assertion_weakened"},
  });
  const std::string cpp = "#include <gtest/gtest.h>\nTEST(Parse, A) {\n  EXPECT_EQ(parse(\"a\"), 1);\n  EXPECT_TRUE(valid(\"a\"));\n}\n\nTEST(Parse, B) {\n  EXPECT_EQ(parse(\"b\"), 2);\n  EXPECT_TRUE(valid(\"b\"));\n}\n";
  const std::string within = "#include <gtest/gtest.h>\n#define READS(text, value) \\\n  do { \\\n    EXPECT_EQ(parse(text), value); \\\n    EXPECT_TRUE(valid(text)); \\\n  } while (0)\n\nTEST(Parse, A) { READS(\"a\", 1); }\n\nTEST(Parse, B) { READS(\"b\", 2); }\n";
  const std::string around = "#include <gtest/gtest.h>\n#define READS(name, text, value) \\\n  TEST(Parse, name) { \\\n    EXPECT_EQ(parse(text), value); \\\n    EXPECT_TRUE(valid(text)); \\\n  }\n\nREADS(A, \"a\", 1)\nREADS(B, \"b\", 2)\n";
  check_files("tests/parse_test.cpp", {
      {cpp, within}, {cpp, around}, {within, cpp}, {around, cpp},
      {cpp, replaced(within, "EXPECT_EQ(parse(text), value)", "EXPECT_TRUE(parse(text))"), "assertion_removed"},
      {cpp, replaced(within, "    EXPECT_TRUE(valid(text)); \\\n", ""), "assertion_removed"},
      {cpp, replaced(within, "EXPECT_EQ(parse(text), value)", "EXPECT_EQ(parse(text) * 0 + value, value)"), "assertion_removed"},
      {cpp, replaced(around, "EXPECT_EQ(parse(text), value)", "EXPECT_EQ(parse(text) * 0 + value, value)"), "test_removed"},
      {cpp, replaced(within, "\"b\", 2", "\"b\", 3"), "assertion_removed", "Tidy up"},
      {cpp, replaced(around, "EXPECT_EQ(parse(text), value)", "EXPECT_TRUE(parse(text))"), "test_removed"},
      {cpp, replaced(around, "READS(B, \"b\", 2)\n", ""), "test_removed"},
  });
}


TEST(AuditForms, SettingsInAnotherPlace) {
  const std::string cmake = "project(calc CXX)\nenable_testing()\nfind_package(GTest REQUIRED)\nadd_executable(t1 tests/t1.cpp)\nadd_executable(t2 tests/t2.cpp)\nadd_test(NAME t1 COMMAND t1)\nadd_test(NAME t2 COMMAND t2)\n";
  const std::string head = "project(calc CXX)\nenable_testing()\nfind_package(GTest REQUIRED)\n", each = "  add_executable(${name} tests/${name}.cpp)\n  add_test(NAME ${name} COMMAND ${name})\n";
  const std::string function = head + "function(calc_test name)\n" + each + "endfunction()\ncalc_test(t1)\ncalc_test(t2)\n", loop = head + "foreach(name t1 t2)\n" + each + "endforeach()\n";
  const std::string plain = replaced(cmake, "find_package(GTest REQUIRED)\n", "");
  check_files("CMakeLists.txt", {
      {cmake, function}, {cmake, loop}, {function, cmake},
      {cmake, replaced(function, "calc_test(t2)\n", ""), "test_unregistered"},
      {cmake, replaced(loop, "t1 t2", "t1"), "test_unregistered"},
      {cmake, replaced(function, "  add_test(NAME ${name} COMMAND ${name})\n", ""), "test_unregistered"},
      {cmake, replaced(cmake, "enable_testing()", "set(CMAKE_BUILD_TYPE Release)\nenable_testing()")},
      {plain, replaced(plain, "enable_testing()", "set(CMAKE_BUILD_TYPE Release)\nenable_testing()"), "assertions_off"},
      {cmake, cmake + "add_compile_definitions(NDEBUG)\n", "assertions_off"},
  });
  const std::string package = "{\"name\": \"a\", \"jest\": {\"coverageThreshold\": {\"global\": {\"lines\": 90}}}}\n", bare = "{\"name\": \"a\"}\n", jest = "module.exports = {\n  coverageThreshold: {\n    global: {\n      lines: 90,\n    },\n  },\n}\n";
  check(Change{"jest's goes into its own file", {{"package.json", package, bare}, {"jest.config.js", "", jest}}, ""});
  check(Change{"and is less there", {{"package.json", package, bare}, {"jest.config.js", "", replaced(jest, "90", "60")}}, "coverage_lowered"});
  check(Change{"and is gone", {{"package.json", package, bare}}, "coverage_lowered"});
  const std::string setup = "[coverage:report]\nfail_under = 90\n\n[metadata]\nname = a\n", without = "[metadata]\nname = a\n", report = "[tool.coverage.report]\nfail_under = 90\n";
  check(Change{"another file of coverage.py", {{"setup.cfg", setup, without}, {"pyproject.toml", "[project]\n", "[project]\n" + report}}, ""});
  check(Change{"with another number", {{"setup.cfg", setup, without}, {"pyproject.toml", "[project]\n", "[project]\n" + replaced(report, "90", "50")}}, "coverage_lowered"});
}

}  // namespace
}  // namespace baton
