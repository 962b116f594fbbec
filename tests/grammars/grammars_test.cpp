// Every language that is linked in parses a line of its own, and its tags query compiles with the core we link.
#include "analyzers/grammars.h"

#include <gtest/gtest.h>
#include <tree_sitter/api.h>

#include <memory>
#include <string_view>

#include "analyzers/tag_queries.h"

namespace baton {
namespace {

void check(std::string_view name, const TSLanguage* language, std::string_view source, bool needs_query) {
  SCOPED_TRACE(name);
  const std::unique_ptr<TSParser, decltype(&ts_parser_delete)> parser(ts_parser_new(), ts_parser_delete);
  ASSERT_TRUE(ts_parser_set_language(parser.get(), language)) << "the core does not load this grammar's ABI";
  const std::unique_ptr<TSTree, decltype(&ts_tree_delete)> tree(
      ts_parser_parse_string(parser.get(), nullptr, source.data(), static_cast<uint32_t>(source.size())), ts_tree_delete);
  ASSERT_TRUE(tree);
  EXPECT_FALSE(ts_node_has_error(ts_tree_root_node(tree.get()))) << source;

  const std::string_view text = tag_query(name);
  EXPECT_TRUE(!needs_query || !text.empty());
  if (text.empty()) return;
  uint32_t offset = 0;
  TSQueryError error = TSQueryErrorNone;
  const std::unique_ptr<TSQuery, decltype(&ts_query_delete)> query(
      ts_query_new(language, text.data(), static_cast<uint32_t>(text.size()), &offset, &error), ts_query_delete);
  EXPECT_TRUE(query) << "error " << error << " at " << text.substr(offset, 60);
}

TEST(Grammars, EveryLanguageParsesAndItsQueryCompiles) {
  check("c", tree_sitter_c(), "int f(void) { return 1; }\n", true);
  check("cpp", tree_sitter_cpp(), "struct A { int f() { return 1; } };\n", true);
  check("python", tree_sitter_python(), "def f():\n    return 1\n", true);
  check("javascript", tree_sitter_javascript(), "function f() { return <a/> }\n", true);
  check("typescript", tree_sitter_typescript(), "function f(a: number): number { return a }\n", true);
  check("tsx", tree_sitter_tsx(), "const f = (a: number) => <b>{a}</b>\n", true);
  check("rust", tree_sitter_rust(), "fn f() -> i32 { 1 }\n", true);
  check("go", tree_sitter_go(), "package a\n\nfunc f() int { return 1 }\n", true);
  check("java", tree_sitter_java(), "class A { int f() { return 1; } }\n", true);
  check("bash", tree_sitter_bash(), "f() { echo 1; }\n", false);
  check("json", tree_sitter_json(), "{\"a\": [1, null]}\n", false);
  check("yaml", tree_sitter_yaml(), "a:\n  - 1\n", false);
  check("toml", tree_sitter_toml(), "[a]\nb = 1\n", false);
}

TEST(Grammars, AnUnknownLanguageHasNoQuery) { EXPECT_EQ(tag_query("klingon"), ""); }

}  // namespace
}  // namespace baton
