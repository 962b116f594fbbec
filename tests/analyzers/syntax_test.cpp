#include "analyzers/mutants.h"
#include "analyzers/syntax.h"

#include <gtest/gtest.h>

#include <chrono>

namespace baton {
namespace {

// One line a symbol: "kind qualified first-last".
std::string shown(std::string_view text, Language language) {
  std::string lines;
  for (const Symbol& symbol : outline(text, language)) {
    lines += std::string(to_string(symbol.kind)) + " " + symbol.qualified + " " + std::to_string(symbol.line) + "-" +
             std::to_string(symbol.end_line) + "\n";
  }
  return lines;
}

void check(Language language, std::string_view text, std::string_view expected) {
  EXPECT_EQ(shown(text, language), expected) << to_string(language);
}

TEST(Outline, Cpp) {
  check(Language::cpp, R"(namespace a::b {
template <class T>
struct Box {
  Box();
  void fill() const {}
  operator bool() const { return true; }
};
int& Box::size(int x) {
  return x;
}
enum class Color { red };
using Name = int;
}  // namespace a::b
static int* helper(void) { return nullptr; }
TEST(Math, Adds) {
  EXPECT_EQ(1, 1);
}
TEST_CASE("adds numbers", "[math]") {
  REQUIRE(1 == 1);
}
)",
        "namespace a::b 1-13\nstruct a::b::Box 2-7\nmethod a::b::Box::fill 5-5\nmethod a::b::Box::operator bool 6-6\n"
        "method a::b::Box::size 8-10\nenum a::b::Color 11-11\ntype a::b::Name 12-12\nfunction helper 14-14\ntest Math.Adds 15-17\n"
        "test adds numbers 18-20\n");
}

TEST(Outline, C) {
  check(Language::c, "#define MAX(a, b) (a)\nstruct point { int x; };\ntypedef struct { int y; } other;\nint main(int argc, char **argv)\n{\n  return 0;\n}\n",
        "macro MAX 1-2\nstruct point 2-2\ntype other 3-3\nfunction main 4-7\n");
}

TEST(Outline, Python) {
  check(Language::python, R"(LIMIT = 3

@decorated
class Shop:
    name = "x"

    @property
    def total(self):
        def inner():
            pass
        return 1

async def fetch():
    pass

def test_it():
    assert True
)",
        "constant LIMIT 1-1\nclass Shop 3-11\nmethod Shop.total 7-11\nfunction Shop.total.inner 9-10\nfunction fetch 13-14\n"
        "test test_it 16-17\n");
}

TEST(Outline, JavaScript) {
  check(Language::javascript, R"(export function plain() {}
export const arrow = async () => {
  return 1;
};
class Box {
  fill() {}
  empty = () => {};
}
exports.named = function () {};
describe('math', () => {
  it.only("adds", () => {
    expect(1).toBe(1);
  });
});
test.each([1])(`row %d`, () => {});
const value = 3;
)",
        "function plain 1-1\nfunction arrow 2-4\nclass Box 5-8\nmethod Box.fill 6-6\nmethod Box.empty 7-7\n"
        "function exports.named 9-9\ntest math 10-14\ntest math.adds 11-13\ntest row %d 15-15\n");
}

TEST(Outline, TypeScript) {
  const std::string_view text = R"(interface Shape { area(): number }
type Id = string;
enum Color { Red }
namespace geo {
  export abstract class Circle implements Shape {
    private cache = () => 1;
    area(): number { return 1; }
  }
}
)";
  const std::string_view expected =
      "interface Shape 1-1\ntype Id 2-2\nenum Color 3-3\nnamespace geo 4-9\nclass geo.Circle 5-8\n"
      "method geo.Circle.cache 6-6\nmethod geo.Circle.area 7-7\n";
  check(Language::typescript, text, expected);
  check(Language::tsx, text, expected);
  check(Language::tsx, "export const App = () => <div>hi</div>;\n", "function App 1-1\n");
}

TEST(Outline, GoRustJava) {
  check(Language::go, "package a\n\ntype T struct{}\n\nfunc (t *T) Do() {\n}\n\nfunc TestDo(t *testing.T) {}\n",
        "type T 3-3\nmethod T.Do 5-6\ntest TestDo 8-8\n");
  check(Language::rust, "struct S;\nimpl S {\n    fn go(&self) {}\n}\nmod m {\n    pub fn f() {}\n}\n",
        "struct S 1-1\nclass S 2-4\nmethod S::go 3-3\nnamespace m 5-7\nfunction m::f 6-6\n");
  check(Language::java, "class A {\n  A() {}\n  void run() {\n  }\n  interface I { }\n}\n",
        "class A 1-6\nmethod A.A 2-2\nmethod A.run 3-4\ninterface A.I 5-5\n");
}

TEST(Outline, ColumnsAreUtf16) {
  const auto symbols = outline("/* 𝄞é */ int f() { return 0; }\n", Language::cpp);
  ASSERT_EQ(symbols.size(), 1u);
  EXPECT_EQ(symbols[0].column, 11);
  EXPECT_EQ(symbols[0].name_column, 15);
}

TEST(Outline, BrokenTextStillGivesWhatIsThere) {
  check(Language::python, "def a():\n    pass\n\ndef b(:\n", "function a 1-2\nfunction b 4-4\n");
}

TEST(Outline, BoundsHold) {
  EXPECT_TRUE(outline(std::string(2u << 20, 'x'), Language::cpp).empty());
  EXPECT_TRUE(outline("key: 1", Language::yaml).empty());
  const auto start = std::chrono::steady_clock::now();
  (void)outline(std::string(100'000, '{'), Language::cpp);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(EnclosingSymbol, IsTheInnermost) {
  const auto symbols = outline("class A:\n    def f(self):\n        x = 1\n        return x\n\nB = 2\n", Language::python);
  EXPECT_EQ(enclosing_symbol(symbols, 3)->qualified, "A.f");
  EXPECT_EQ(enclosing_symbol(symbols, 1)->qualified, "A");
  EXPECT_FALSE(enclosing_symbol(symbols, 6).has_value());
}

TEST(EnclosingSymbol, GoRustJava) {
  const auto enclosing = [](Language language, const char* text, int line) {
    const auto symbol = enclosing_symbol(outline(text, language), line);
    return symbol ? symbol->qualified : "none";
  };
  const char* go = "package a\n\ntype Stack[T any] struct {\n\titems []T\n}\n\nfunc (s *Stack[T]) Push(x T) {\n\tadd := func() {\n\t\ts.items = append(s.items, x)\n\t}\n\tadd()\n}\n";
  EXPECT_EQ(enclosing(Language::go, go, 1), "none");
  EXPECT_EQ(enclosing(Language::go, go, 4), "Stack");
  EXPECT_EQ(enclosing(Language::go, go, 9), "Stack.Push");
  EXPECT_EQ(enclosing(Language::go, "package a\n\nfunc (m Map[K, V]) Len() int {\n\treturn 0\n}\n", 4), "Map.Len");
  const char* rust = "mod m {\n    impl<T: Clone> Show for Vec2<T> {\n        fn show(&self) -> u8 {\n            1\n        }\n    }\n    #[cfg(test)]\n    mod tests {\n        #[test]\n        fn shows() {\n            assert!(true);\n        }\n    }\n}\n";
  EXPECT_EQ(enclosing(Language::rust, rust, 11), "m::tests::shows");
  EXPECT_EQ(enclosing(Language::rust, rust, 8), "m::tests");
  const char* java = "package a;\nclass A<T> {\n  record P(int x) {\n    P {\n      check(x);\n    }\n  }\n  @Test\n  void runs() {\n    new Thread() {\n      public void run() {\n        go();\n      }\n    };\n  }\n}\n";
  EXPECT_EQ(enclosing(Language::java, java, 1), "none");
  EXPECT_EQ(enclosing(Language::java, java, 5), "A.P.P");
  EXPECT_EQ(enclosing(Language::java, java, 10), "A.runs");
}

// "1:13 < -> <=", one a line, of all lines but those named.
std::string mutants(Language language, const std::string& text, std::set<int> without = {}) {
  std::set<int> lines;
  for (int line = 1; line <= 20; ++line) {
    if (!without.count(line)) lines.insert(line);
  }
  std::string all;
  for (const Mutant& one : mutants_of(text, language, lines)) {
    all += std::to_string(one.line) + ":" + std::to_string(one.column) + " " + one.original + " -> " + one.replacement + "\n";
    EXPECT_EQ(mutated(one, text).substr(one.begin, one.replacement.size()), one.replacement);
    EXPECT_EQ(text.substr(one.begin, one.end - one.begin), one.original);
  }
  return all;
}

TEST(Mutants, OfEachLanguage) {
  EXPECT_EQ(mutants(Language::python, "def f(a, b):\n    if a < b and not b:\n        a += 1\n    return a + 2 if a in b else True\n"),
            "2:10 < -> <=\n2:14 and -> or\n2:18 not  -> \n3:11 += -> -=\n3:14 1 -> 2\n4:14 + -> -\n4:16 2 -> 3\n4:33 True -> False\n");
  EXPECT_EQ(mutants(Language::javascript, "const f = (a) => a >= 10 && !done() ? a * 2 : false;\n"), "1:20 >= -> >\n1:23 10 -> 11\n1:26 && -> ||\n1:29 ! -> \n1:41 * -> /\n1:43 2 -> 3\n1:47 false -> true\n");
  EXPECT_EQ(mutants(Language::typescript, "function f<T>(a: Array<T>, n: 3): boolean { return a.length === n; }\n"), "1:61 === -> !==\n");
  EXPECT_EQ(mutants(Language::cpp, "#include <vector>\ntemplate <int N> bool f(std::vector<int> v) {\n  return v[0] == N || !v.empty();\n}\n"),
            "3:12 0 -> 1\n3:15 == -> !=\n3:20 || -> &&\n3:23 ! -> \n");
  EXPECT_EQ(mutants(Language::c, "int f(int a) { a -= 1; return a / 2; }\n"), "1:18 -= -> +=\n1:21 1 -> 2\n1:33 / -> *\n1:35 2 -> 3\n");
  EXPECT_EQ(mutants(Language::go, "package a\n\nfunc f(a int) bool {\n\treturn a != 3 && true\n}\n"), "4:11 != -> ==\n4:14 3 -> 4\n4:16 && -> ||\n4:19 true -> false\n");
  EXPECT_EQ(mutants(Language::rust, "#[cfg(x)]\nfn f(a: i32) -> bool {\n    a <= 7 || !true\n}\n"), "3:7 <= -> <\n3:10 7 -> 8\n3:12 || -> &&\n3:15 ! -> \n3:16 true -> false\n");
  EXPECT_EQ(mutants(Language::java, "class A { boolean f(int a) { return a > 0 && a % 2 == 1; } }\n"), "1:39 > -> >=\n1:41 0 -> 1\n1:43 && -> ||\n1:48 % -> *\n1:50 2 -> 3\n1:52 == -> !=\n1:55 1 -> 2\n");
}

TEST(Mutants, OnlyOfTheLinesThatAreNamed) {
  EXPECT_EQ(mutants(Language::python, "a = 1\nb = 2\nc = 3\n", {1, 3}), "2:5 2 -> 3\n");
  EXPECT_EQ(mutants(Language::json, "{\"a\": 1}"), "");
  EXPECT_EQ(mutants(Language::python, "\"𝄞\" == 1\n"), "1:6 == -> !=\n1:9 1 -> 2\n");
  EXPECT_TRUE(mutants_of("a = 1\n", Language::python, {}).empty());
}

TEST(LanguageOf, Paths) {
  EXPECT_EQ(language_of("src/a.h"), Language::cpp);
  EXPECT_EQ(language_of("a/b.tsx"), Language::tsx);
  EXPECT_EQ(language_of("Makefile"), Language::none);
  EXPECT_EQ(language_of(".hidden/x.test.mjs"), Language::javascript);
}

}  // namespace
}  // namespace baton
