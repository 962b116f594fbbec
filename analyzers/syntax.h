// Syntax by tree-sitter: outline and enclosing symbol. Values in, values out; pool threads. Files over 1 MB and parses over
// 250 ms give an empty outline. Grammars and queries are set up at the first file of their language.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

enum class Language { none, c, cpp, python, javascript, typescript, tsx, rust, go, java, json, bash, yaml, toml };
Language language_of(std::string_view path);  // by name and extension; `.h` is C++
std::string_view to_string(Language language);

enum class SymbolKind { function, method, class_, struct_, enum_, namespace_, interface, type, variable, constant, test, macro };
std::string_view to_string(SymbolKind kind);

struct Symbol {
  std::string name;       // "add", "TEST(Math, Adds)" -> "Math.Adds" with kind test
  std::string qualified;  // "Outer::Inner::add", "Outer.add"
  SymbolKind kind = SymbolKind::function;
  int line = 0, column = 0;          // 1-based, of the whole definition; column in UTF-16 units
  int end_line = 0, end_column = 0;
  int name_line = 0, name_column = 0;
  int parent = -1;                   // index into the outline
};

// Definitions in source order.
std::vector<Symbol> outline(std::string_view text, Language language);
// The innermost function, method, test or type around a line.
std::optional<Symbol> enclosing_symbol(const std::vector<Symbol>& outline, int line);

}  // namespace baton
