#include "analyzers/mutants.h"

#include <algorithm>
#include <array>
#include <optional>

#include "analyzers/syntax_tree.h"

namespace baton {
namespace {

constexpr int kMaxDepth = 400;

struct Swap {
  std::string_view from, to;
};

// Between operands.
constexpr std::array kOperators = {Swap{"==", "!="}, Swap{"!=", "=="}, Swap{"===", "!=="}, Swap{"!==", "==="}, Swap{"<", "<="}, Swap{"<=", "<"},
                                   Swap{">", ">="},  Swap{">=", ">"},  Swap{"&&", "||"},   Swap{"||", "&&"},   Swap{"and", "or"}, Swap{"or", "and"},
                                   Swap{"+", "-"},   Swap{"-", "+"},   Swap{"*", "/"},     Swap{"/", "*"},     Swap{"%", "*"},  Swap{"//", "*"}};
constexpr std::array kAssignments = {Swap{"+=", "-="}, Swap{"-=", "+="}, Swap{"*=", "/="}, Swap{"/=", "*="}};
constexpr std::array kWords = {Swap{"true", "false"}, Swap{"false", "true"}, Swap{"True", "False"}, Swap{"False", "True"}};
// What a negation stands before is left alone.
constexpr std::array kNegations = {std::string_view("!"), std::string_view("not")};

constexpr std::array kBinary = {std::string_view("binary_expression"), std::string_view("binary_operator"), std::string_view("comparison_operator"), std::string_view("boolean_operator")};
constexpr std::array kAssigning = {std::string_view("assignment_expression"), std::string_view("augmented_assignment"), std::string_view("augmented_assignment_expression"),
                                   std::string_view("compound_assignment_expr"), std::string_view("assignment_statement")};
constexpr std::array kUnary = {std::string_view("unary_expression"), std::string_view("not_operator")};
constexpr std::array kBooleans = {std::string_view("true"), std::string_view("false"), std::string_view("boolean_literal")};
constexpr std::array kIntegers = {std::string_view("integer"), std::string_view("number"), std::string_view("number_literal"), std::string_view("integer_literal"),
                                  std::string_view("int_literal"), std::string_view("decimal_integer_literal")};
// No code of the program runs there: types, imports, decorators' and macros' own words.
constexpr std::array kSkipped = {std::string_view("import_statement"), std::string_view("import_from_statement"), std::string_view("import_declaration"), std::string_view("preproc_include"),
                                 std::string_view("use_declaration"), std::string_view("attribute_item"), std::string_view("template_parameter_list"), std::string_view("type_annotation"),
                                 std::string_view("array_type"), std::string_view("static_assert_declaration")};

template <class Table>
bool in(const Table& table, std::string_view word) {
  return std::find(table.begin(), table.end(), word) != table.end();
}

template <class Table>
std::optional<std::string> swapped(const Table& table, std::string_view word) {
  for (const Swap& swap : table) {
    if (swap.from == word) return std::string(swap.to);
  }
  return std::nullopt;
}

std::optional<std::string> next_number(std::string_view word) {
  if (word.empty() || word.size() > 9 || !std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  if (word.size() > 1 && word[0] == '0') return std::nullopt;
  return std::to_string(std::stol(std::string(word)) + 1);
}

class Walk {
 public:
  Walk(std::string_view text, const std::set<int>& lines) : text_(text), lines_(lines) {}

  std::vector<Mutant> run(TSNode root) {
    visit(root, {}, 0);
    return std::move(found_);
  }

 private:
  std::string_view words_of(TSNode node) const { return text_.substr(ts_node_start_byte(node), ts_node_end_byte(node) - ts_node_start_byte(node)); }

  void visit(TSNode node, std::string_view parent, int depth) {
    if (depth > kMaxDepth) return;
    const int first = static_cast<int>(ts_node_start_point(node).row) + 1, last = static_cast<int>(ts_node_end_point(node).row) + 1;
    const auto line = lines_.lower_bound(first);
    if (line == lines_.end() || *line > last) return;
    const std::string_view type = ts_node_type(node);
    if (in(kSkipped, type) || ts_node_is_error(node)) return;
    if (in(kUnary, type)) negation(node);
    if (ts_node_child_count(node) == 0 || in(kBooleans, type)) {
      leaf(node, type, parent);
      return;
    }
    TSTreeCursor cursor = ts_tree_cursor_new(node);
    if (ts_tree_cursor_goto_first_child(&cursor)) {
      do visit(ts_tree_cursor_current_node(&cursor), type, depth + 1);
      while (ts_tree_cursor_goto_next_sibling(&cursor));
    }
    ts_tree_cursor_delete(&cursor);
  }

  void leaf(TSNode node, std::string_view type, std::string_view parent) {
    const std::string_view word = words_of(node);
    if (!ts_node_is_named(node) && in(kBinary, parent)) add(node, swapped(kOperators, word));
    if (!ts_node_is_named(node) && in(kAssigning, parent)) add(node, swapped(kAssignments, word));
    if (in(kBooleans, type)) add(node, swapped(kWords, word));
    if (in(kIntegers, type)) add(node, next_number(word));
  }

  void negation(TSNode node) {
    const TSNode sign = ts_node_child(node, 0);
    if (ts_node_is_null(sign) || !in(kNegations, words_of(sign))) return;
    const TSNode operand = ts_node_child(node, ts_node_child_count(node) - 1);
    Mutant mutant = at(sign, "");
    mutant.end = ts_node_start_byte(operand);
    mutant.original = std::string(text_.substr(mutant.begin, mutant.end - mutant.begin));
    if (lines_.contains(mutant.line)) found_.push_back(std::move(mutant));
  }

  void add(TSNode node, std::optional<std::string> replacement) {
    if (!replacement) return;
    Mutant mutant = at(node, std::move(*replacement));
    if (lines_.contains(mutant.line)) found_.push_back(std::move(mutant));
  }

  Mutant at(TSNode node, std::string replacement) const {
    Mutant mutant;
    mutant.begin = ts_node_start_byte(node);
    mutant.end = ts_node_end_byte(node);
    mutant.line = static_cast<int>(ts_node_start_point(node).row) + 1;
    mutant.column = column_of(mutant.begin);
    mutant.original = std::string(words_of(node));
    mutant.replacement = std::move(replacement);
    return mutant;
  }

  int column_of(std::size_t byte) const {
    const auto newline = byte == 0 ? text_.npos : text_.rfind('\n', byte - 1);
    int units = 1;
    for (std::size_t i = newline == text_.npos ? 0 : newline + 1; i < byte; ++i) {
      const auto c = static_cast<unsigned char>(text_[i]);
      if ((c & 0xC0) != 0x80) units += c >= 0xF0 ? 2 : 1;
    }
    return units;
  }

  std::string_view text_;
  const std::set<int>& lines_;
  std::vector<Mutant> found_;
};

}  // namespace

std::vector<Mutant> mutants_of(std::string_view text, Language language, const std::set<int>& lines) {
  switch (language) {
    case Language::c:
    case Language::cpp:
    case Language::python:
    case Language::javascript:
    case Language::typescript:
    case Language::tsx:
    case Language::rust:
    case Language::go:
    case Language::java:
      break;
    default:
      return {};
  }
  const SyntaxTree tree = parse_syntax(text, language);
  if (!tree || lines.empty()) return {};
  std::vector<Mutant> all = Walk(text, lines).run(ts_tree_root_node(tree.get()));
  std::stable_sort(all.begin(), all.end(), [](const Mutant& a, const Mutant& b) { return a.begin < b.begin; });
  return all;
}

std::string mutated(const Mutant& mutant, std::string_view text) {
  return std::string(text.substr(0, mutant.begin)) + mutant.replacement + std::string(text.substr(mutant.end));
}

}  // namespace baton
