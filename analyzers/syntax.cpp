#include "analyzers/syntax.h"

#include <tree_sitter/api.h>

#include <algorithm>
#include <array>

#include "analyzers/syntax_rules.h"
#include "analyzers/syntax_tree.h"

namespace baton {
namespace {

constexpr int kMaxDepth = 400;       // deeper nodes hold no definitions worth an outline
constexpr std::size_t kMaxSymbols = 50'000;
constexpr std::size_t kMaxName = 200;

struct Extension {
  std::string_view suffix;
  Language language;
};
constexpr std::array kExtensions = std::to_array<Extension>({
    {".c", Language::c},          {".h", Language::cpp},       {".cc", Language::cpp},        {".cpp", Language::cpp},
    {".cxx", Language::cpp},      {".c++", Language::cpp},     {".hh", Language::cpp},        {".hpp", Language::cpp},
    {".hxx", Language::cpp},      {".ipp", Language::cpp},     {".inl", Language::cpp},       {".tpp", Language::cpp},
    {".py", Language::python},    {".pyi", Language::python},  {".js", Language::javascript}, {".mjs", Language::javascript},
    {".cjs", Language::javascript}, {".jsx", Language::javascript}, {".ts", Language::typescript},
    {".mts", Language::typescript}, {".cts", Language::typescript}, {".tsx", Language::tsx},
    {".rs", Language::rust},      {".go", Language::go},       {".java", Language::java},     {".json", Language::json},
    {".sh", Language::bash},      {".bash", Language::bash},   {".yaml", Language::yaml},     {".yml", Language::yaml},
    {".toml", Language::toml},
});

TSNode field(TSNode node, std::string_view name) {
  return ts_node_child_by_field_name(node, name.data(), static_cast<std::uint32_t>(name.size()));
}

bool is(TSNode node, std::string_view type) { return !ts_node_is_null(node) && ts_node_type(node) == type; }

// UTF-16 units between the start of the node's line and the byte.
int utf16_column(std::string_view text, std::uint32_t line_start, std::uint32_t byte) {
  int units = 1;
  for (std::uint32_t at = line_start; at < byte && at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if ((c & 0xC0) != 0x80) units += c >= 0xF0 ? 2 : 1;
  }
  return units;
}

struct Place {
  int line, column;
};

Place place(std::string_view text, std::uint32_t byte, TSPoint point) {
  return {static_cast<int>(point.row) + 1, utf16_column(text, byte - point.column, byte)};
}

// One walk over one tree.
class OutlineWalk {
 public:
  OutlineWalk(std::string_view text, Language language) : text_(text), language_(language), rules_(syntax_rules(language)) {}

  std::vector<Symbol> run(TSNode root) {
    visit(root, -1, 0);
    return std::move(symbols_);
  }

 private:
  std::string text_of(TSNode node) const {
    const auto start = ts_node_start_byte(node), end = ts_node_end_byte(node);
    return std::string(text_.substr(start, std::min<std::size_t>(end - start, kMaxName)));
  }

  void visit(TSNode node, int parent, int depth) {
    if (depth > kMaxDepth || symbols_.size() >= kMaxSymbols) return;
    int inside = parent;
    if (ts_node_is_named(node)) {
      for (const SyntaxRule& rule : rules_) {
        if (is(node, rule.node) && add(node, rule, parent)) {
          inside = static_cast<int>(symbols_.size()) - 1;
          break;
        }
      }
    }
    const std::uint32_t count = ts_node_child_count(node);
    if (count == 0) return;
    TSTreeCursor cursor = ts_tree_cursor_new(node);
    if (ts_tree_cursor_goto_first_child(&cursor)) {
      do visit(ts_tree_cursor_current_node(&cursor), inside, depth + 1);
      while (ts_tree_cursor_goto_next_sibling(&cursor));
    }
    ts_tree_cursor_delete(&cursor);
  }

  bool add(TSNode node, const SyntaxRule& rule, int parent) {
    if (!rule.needs_field.empty() && ts_node_is_null(field(node, rule.needs_field))) return false;
    Symbol symbol;
    symbol.kind = rule.kind;
    symbol.parent = parent;
    TSNode name = field(node, rule.name_field);
    TSNode last = node;
    switch (rule.from) {
      case NameFrom::field:
        if (ts_node_is_null(name)) return false;
        symbol.name = text_of(name);
        break;
      case NameFrom::declarator:
        if (!from_declarator(name, symbol)) return false;
        break;
      case NameFrom::receiver: {
        if (ts_node_is_null(name)) return false;
        symbol.name = text_of(name);
        symbol.qualified = receiver_type(node);
        break;
      }
      case NameFrom::call:
        if (!from_call(node, name, symbol, last)) return false;
        break;
      case NameFrom::assigned:
        if (ts_node_is_null(name) || !is_definition_value(node)) return false;
        symbol.name = text_of(name);
        if (is(name, "object_pattern") || is(name, "array_pattern")) return false;
        break;
      case NameFrom::top_level:
        if (ts_node_is_null(name) || !is(name, "identifier") || !at_top_level(node)) return false;
        symbol.name = text_of(name);
        break;
    }
    finish(symbol, whole(node), last, ts_node_is_null(name) ? node : name);
    return true;
  }

  void finish(Symbol& symbol, TSNode first, TSNode last, TSNode name) {
    const Place start = place(text_, ts_node_start_byte(first), ts_node_start_point(first));
    const Place end = place(text_, ts_node_end_byte(last), ts_node_end_point(last));
    const Place at = place(text_, ts_node_start_byte(name), ts_node_start_point(name));
    symbol.line = start.line;
    symbol.column = start.column;
    symbol.end_line = end.line;
    symbol.end_column = end.column;
    symbol.name_line = at.line;
    symbol.name_column = at.column;
    refine_kind(symbol);
    std::string scope = symbol.qualified;
    if (scope.empty() && symbol.parent >= 0) scope = symbols_[static_cast<std::size_t>(symbol.parent)].qualified;
    symbol.qualified = scope.empty() ? symbol.name : scope + std::string(name_separator(language_)) + symbol.name;
    symbols_.push_back(std::move(symbol));
  }

  // A definition with what belongs to it: decorators, `template <…>`, `export`.
  TSNode whole(TSNode node) const {
    for (TSNode up = ts_node_parent(node); !ts_node_is_null(up); up = ts_node_parent(up)) {
      const std::string_view type = ts_node_type(up);
      if (type != "decorated_definition" && type != "template_declaration" && type != "export_statement" &&
          type != "lexical_declaration" && type != "variable_declaration") {
        break;
      }
      // `const a = () => 1, b = () => 2`: the declaration belongs to neither alone.
      if (type.ends_with("_declaration") && type != "template_declaration" && ts_node_named_child_count(up) != 1) break;
      node = up;
    }
    return node;
  }

  void refine_kind(Symbol& symbol) const {
    const bool in_type = symbol.parent >= 0 && [&] {
      const SymbolKind kind = symbols_[static_cast<std::size_t>(symbol.parent)].kind;
      return kind == SymbolKind::class_ || kind == SymbolKind::struct_ || kind == SymbolKind::interface;
    }();
    if (symbol.kind == SymbolKind::function && in_type) symbol.kind = SymbolKind::method;
    if (language_ == Language::python && (symbol.kind == SymbolKind::function || symbol.kind == SymbolKind::method) &&
        symbol.name.starts_with("test")) {
      symbol.kind = SymbolKind::test;
    }
    if (language_ == Language::go && symbol.kind == SymbolKind::function &&
        (symbol.name.starts_with("Test") || symbol.name.starts_with("Benchmark") || symbol.name.starts_with("Fuzz"))) {
      symbol.kind = SymbolKind::test;
    }
    if (language_ == Language::python && symbol.kind == SymbolKind::variable &&
        std::none_of(symbol.name.begin(), symbol.name.end(), [](unsigned char c) { return std::islower(c); })) {
      symbol.kind = SymbolKind::constant;
    }
  }

  // Down to the declared name: pointers, references, arrays, parentheses, qualified names. GoogleTest's `TEST(A, B) {}` reads
  // as a function named TEST without a type; its parameters are the test's name.
  bool from_declarator(TSNode& name, Symbol& symbol) const {
    TSNode function{};
    for (int depth = 0; depth < 20 && !ts_node_is_null(name); ++depth) {
      if (is(name, "function_declarator")) function = name;
      if (is(name, "operator_cast")) break;
      TSNode inner = field(name, "declarator");
      if (ts_node_is_null(inner) && (is(name, "reference_declarator") || is(name, "parenthesized_declarator"))) {
        inner = ts_node_named_child(name, 0);
      }
      if (ts_node_is_null(inner)) break;
      name = inner;
    }
    if (ts_node_is_null(name)) return false;
    symbol.name = text_of(name);
    if (is(name, "operator_cast")) symbol.name = "operator " + text_of(field(name, "type"));
    if (is(name, "qualified_identifier")) {
      const auto cut = symbol.name.rfind("::");
      symbol.qualified = symbol.name.substr(0, cut);
      symbol.name = symbol.name.substr(cut + 2);
      if (symbol.parent >= 0) {
        symbol.qualified = symbols_[static_cast<std::size_t>(symbol.parent)].qualified + "::" + symbol.qualified;
      }
      symbol.kind = SymbolKind::method;
    }
    if (!ts_node_is_null(function) && is_test_definer(language_, symbol.name)) {
      symbol.kind = SymbolKind::test;
      symbol.name = joined_arguments(field(function, "parameters"));
    }
    return !symbol.name.empty();
  }

  std::string joined_arguments(TSNode list) const {
    std::string joined;
    const std::uint32_t count = ts_node_is_null(list) ? 0 : std::min(ts_node_named_child_count(list), 2u);
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!joined.empty()) joined += '.';
      joined += text_of(ts_node_named_child(list, i));
    }
    return joined;
  }

  bool from_call(TSNode call, TSNode function, Symbol& symbol, TSNode& last) const {
    if (ts_node_is_null(function)) return false;
    // `test.each(table)("name", …)`: the inner call's function decides.
    TSNode callee = is(function, "call_expression") ? field(function, "function") : function;
    if (ts_node_is_null(callee) || !is_test_definer(language_, text_of(callee))) return false;
    const TSNode arguments = field(call, "arguments");
    const TSNode title = ts_node_is_null(arguments) ? TSNode{} : ts_node_named_child(arguments, 0);
    if (ts_node_is_null(title)) return false;
    const std::string_view type = ts_node_type(title);
    if (ts_node_eq(field(ts_node_parent(call), "function"), call) || type == "array") return false;
    if (language_ == Language::cpp) {
      // Catch2, doctest: `TEST_CASE("…") { … }` reads as a call and the block after it.
      const TSNode block = ts_node_next_named_sibling(ts_node_parent(call));
      if (!is(block, "compound_statement")) return false;
      last = block;
    }
    symbol.name = text_of(title);
    if ((type == "string" || type == "template_string" || type == "string_literal") && symbol.name.size() >= 2) {
      symbol.name = symbol.name.substr(1, symbol.name.size() - 2);
    }
    return true;
  }

  bool is_definition_value(TSNode node) const {
    TSNode value = field(node, "value");
    if (ts_node_is_null(value)) value = field(node, "right");
    if (ts_node_is_null(value)) return false;
    static constexpr std::array kValues = {"arrow_function", "function_expression", "function", "generator_function", "class"};
    return std::any_of(kValues.begin(), kValues.end(), [&](const char* type) { return is(value, type); });
  }

  static bool at_top_level(TSNode node) {
    const TSNode statement = ts_node_parent(node);
    return is(ts_node_parent(statement), "module") || is(ts_node_parent(statement), "program");
  }

  std::string receiver_type(TSNode method) const {
    std::string text = text_of(field(method, "receiver"));
    std::erase_if(text, [](char c) { return c == '(' || c == ')' || c == '*'; });
    if (const auto parameters = text.find('['); parameters != std::string::npos) text.resize(parameters);  // of a generic type
    const auto space = text.rfind(' ');
    return space == std::string::npos ? text : text.substr(space + 1);
  }

  std::string_view text_;
  Language language_;
  const std::vector<SyntaxRule>& rules_;
  std::vector<Symbol> symbols_;
};

}  // namespace

Language language_of(std::string_view path) {
  const auto slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return Language::none;
  const std::string_view suffix = name.substr(dot);
  for (const Extension& extension : kExtensions) {
    if (extension.suffix == suffix) return extension.language;
  }
  return Language::none;
}

std::string_view to_string(Language language) {
  static constexpr std::array<std::string_view, 14> kNames = {"none", "c",  "cpp",  "python", "javascript", "typescript", "tsx",
                                                              "rust", "go", "java", "json",   "bash",       "yaml",       "toml"};
  return kNames[static_cast<std::size_t>(language)];
}

std::string_view to_string(SymbolKind kind) {
  static constexpr std::array<std::string_view, 12> kNames = {"function", "method",   "class",    "struct", "enum", "namespace",
                                                              "interface", "type", "variable", "constant", "test", "macro"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::vector<Symbol> outline(std::string_view text, Language language) {
  if (syntax_rules(language).empty()) return {};
  const SyntaxTree tree = parse_syntax(text, language);
  if (!tree) return {};
  return OutlineWalk(text, language).run(ts_tree_root_node(tree.get()));
}

std::optional<Symbol> enclosing_symbol(const std::vector<Symbol>& outline, int line) {
  std::optional<Symbol> innermost;
  for (const Symbol& symbol : outline) {
    if (symbol.line > line || symbol.end_line < line) continue;
    if (symbol.kind == SymbolKind::variable || symbol.kind == SymbolKind::constant) continue;
    if (!innermost || symbol.line >= innermost->line) innermost = symbol;
  }
  return innermost;
}

}  // namespace baton
