// Which nodes of a grammar are definitions: data, one row a node type. Internal to the folder.
#pragma once

#include <string_view>
#include <vector>

#include "analyzers/syntax.h"

namespace baton {

// Where a definition's name is.
enum class NameFrom {
  field,       // the field `name_field`
  declarator,  // C and C++: down the `declarator` fields
  receiver,    // Go: the field, qualified by the receiver's type
  call,        // a test or suite made by a call: its first string argument (JavaScript), or a macro's arguments (C++)
  assigned,    // JavaScript: only when the value is a function or class
  top_level,   // Python, JavaScript: only at the top of the file
};

struct SyntaxRule {
  std::string_view node;
  SymbolKind kind;
  std::string_view name_field = "name";
  NameFrom from = NameFrom::field;
  std::string_view needs_field = {};  // a definition only with this field (a body)
};

// Empty for a language without an outline.
const std::vector<SyntaxRule>& syntax_rules(Language language);

// Joins the names of a qualified symbol: "::" or ".".
std::string_view name_separator(Language language);

// A function or macro whose call defines a test or a group of tests ("it", "describe", "TEST", "TEST_CASE").
bool is_test_definer(Language language, std::string_view callee);

}  // namespace baton
