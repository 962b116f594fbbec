#include "analyzers/audit/test_reader.h"

#include <algorithm>
#include <chrono>

namespace baton::audit {
namespace {

constexpr int kMaxDepth = 250;
constexpr auto kParseBudget = std::chrono::seconds(2);  // generous: a verdict must not depend on how busy the machine is
constexpr std::size_t kMaxText = 20'000;

}  // namespace

TestReader::TestReader(std::string_view path, std::string_view text, AuditedPart part) : text_(text) {
  file_.path = path;
  file_.language = language_of(path);
  file_.collected = is_test_path(path) || part == AuditedPart::tests;
  file_.of_tests = is_of_tests(path) || part != AuditedPart::by_name;
  language_ = file_.language;
  TestUnit whole;
  whole.name = whole.qualified = "";
  whole.line = 1;
  whole.end_line = line_at(text, text.size());
  file_.units.push_back(std::move(whole));
}

TestFile TestReader::run() {
  const SyntaxTree tree = parse_syntax(text_, language_, kParseBudget);
  file_.readable = tree != nullptr;
  if (!tree) return std::move(file_);
  file_.broken = ts_node_has_error(ts_tree_root_node(tree.get()));
  visit(ts_tree_root_node(tree.get()), {}, 0);
  drop_shadowed();
  name_answers();
  name_map_rows();
  for (auto& [unit, values] : values_) file_.units[unit].given = std::move(values);
  return std::move(file_);
}

std::string_view TestReader::text_of(TSNode node) const {
  if (none(node)) return {};
  const auto start = ts_node_start_byte(node), end = ts_node_end_byte(node);
  return text_.substr(std::min<std::size_t>(start, text_.size()), end - start);
}

std::size_t TestReader::begin_unit(TSNode whole, std::string name, const Around& around, bool is_test) {
  TestUnit unit;
  unit.name = std::move(name);
  unit.qualified = around.scope.empty() ? unit.name : around.scope + "." + unit.name;
  unit.is_test = is_test;
  unit.line = line_of(whole);
  unit.end_line = end_line_of(whole);
  unit.loop_line = around.loop_line;
  unit.text = text_of(whole).substr(0, kMaxText);
  unit.words = tokens(unit.text);
  file_.units.push_back(std::move(unit));
  return file_.units.size() - 1;
}

// The last of two Python functions of one name is the one that there is.
void TestReader::drop_shadowed() {
  if (language_ != Language::python) return;
  std::map<std::string, std::size_t> last;
  for (std::size_t i = 1; i < file_.units.size(); ++i) last[file_.units[i].qualified] = i;
  for (std::size_t i = 1; i < file_.units.size(); ++i) {
    if (file_.units[i].is_test && last[file_.units[i].qualified] != i) file_.units[i].is_test = false;
  }
}

void TestReader::visit_children(TSNode node, const Around& around, int depth) {
  each_child(node, [&](TSNode child) { visit(child, around, depth + 1); });
}

// Statements in order; what follows an unconditional end is dead.
void TestReader::visit_block(TSNode node, Around around, int depth) {
  each_child(node, [&](TSNode child) {
    visit(child, around, depth + 1);
    if (around.dead) return;
    if (ends_here(child)) around.dead = true;
    else leave_early(child, around);
  });
}

// With what its names were given once and for all: a constant, or a variable of the environment.
std::string TestReader::told(std::string_view condition, const Around& around) const {
  static const RE2 kFixed("(?i)^(true|false|0|1)$|\\benviron\\b|\\bgetenv\\(|LookupEnv\\(|\\bprocess\\.env\\b|\\bimport\\.meta\\.env\\b|\\benv::var");
  std::map<std::string, std::string> fixed;
  const auto values = values_.find(around.unit);
  for (const std::string& name : identifiers(condition)) {
    const auto local = values == values_.end() ? std::map<std::string, std::string>::const_iterator() : values->second.find(name);
    const bool here = values != values_.end() && local != values->second.end();
    const auto outside = file_.values.find(name);
    const std::string value = here ? local->second : outside != file_.values.end() ? outside->second.value : std::string();
    if (!matches(value, kFixed)) continue;
    const RE2 given("\\b" + RE2::QuoteMeta(name) + "\\b[^=!<>\\n;]*:?=[^=>]");
    const std::string_view code = here ? std::string_view(file_.units[around.unit].text) : text_;
    re2::StringPiece left(code.data(), code.size());
    int times = 0;
    while (times < 2 && RE2::FindAndConsume(&left, given)) ++times;
    if (times < 2) fixed[name] = value;
  }
  return fixed.empty() ? std::string(condition) : with_names_told(std::string(condition), fixed);
}

// `if (…) return;`: what follows in the block runs where that is not so.
void TestReader::leave_early(TSNode statement, Around& around) const {
  const TSNode inside = type(statement) == "expression_statement" ? ts_node_named_child(statement, 0) : statement;
  if (type(inside) != "if_statement" && type(inside) != "if_expression") return;
  const TSNode then = field(inside, "consequence");
  TSNode last = then;
  while (type(last) == "block" || type(last) == "statement_block" || type(last) == "compound_statement" || type(last) == "statement_list")
    last = ts_node_named_child_count(last) > 0 ? ts_node_named_child(last, ts_node_named_child_count(last) - 1) : TSNode{};
  const bool returns = type(last) == "return_statement" || type(last) == "return_expression" || (type(last) == "expression_statement" && type(ts_node_named_child(last, 0)) == "return_expression");
  std::string_view asked = trimmed(text_of(field(inside, "condition")));
  if (asked.starts_with('(') && asked.ends_with(')')) asked = trimmed(asked.substr(1, asked.size() - 2));
  if (!returns) return;
  const std::string condition = told(asked, around);
  if ( !failing_call_in(then, around).empty() || never(condition)) return;
  if (always(condition)) around.dead = true;
  around.condition = "!(" + condition + ")";
  around.otherwise = false;
  around.arms.push_back({ts_node_start_byte(inside), normalised(condition), true});
}

// `ready && expect(x)…`, `ready ? expect(x)… : null` as a statement.
bool TestReader::held_where(TSNode node, const Around& around, int depth) {
  const bool chosen = type(node) == "ternary_expression" || type(node) == "conditional_expression";
  const std::string_view op = text_of(field(node, "operator"));
  if (type(ts_node_parent(node)) != "expression_statement" || (!chosen && op != "&&" && op != "and" && op != "||" && op != "or")) return false;
  const TSNode condition = chosen ? field(node, "condition") : field(node, "left");
  if (none(condition)) return false;
  const std::string_view text = trimmed(text_of(condition));
  const bool where_so = chosen || op == "&&" || op == "and";
  Around inside = around, otherwise = around;
  inside.condition = where_so ? std::string(text) : "!(" + std::string(text) + ")";
  inside.arms.push_back({ts_node_start_byte(node), normalised(text), !where_so});
  inside.dead = inside.dead || (where_so ? never(text) : always(text));
  otherwise.condition = "!(" + std::string(text) + ")";
  otherwise.arms.push_back({ts_node_start_byte(node), normalised(text), true});
  otherwise.dead = otherwise.dead || always(text);
  visit(condition, around, depth + 1);
  visit(chosen ? field(node, "consequence") : field(node, "right"), inside, depth + 1);
  if (chosen) visit(field(node, "alternative"), otherwise, depth + 1);
  return true;
}

bool TestReader::ends_here(TSNode statement) const {
  const std::string_view kind = type(statement);
  if (kind == "return_statement" || kind == "break_statement" || kind == "continue_statement") return true;
  if (kind == "expression_statement" && !none(ts_node_named_child(statement, 0))) {
    const std::string_view inner = type(ts_node_named_child(statement, 0));
    return inner == "return_expression" || inner == "break_expression" || inner == "continue_expression";
  }
  return kind == "return_expression";
}

void TestReader::visit(TSNode node, const Around& around, int depth) {
  if (depth > kMaxDepth || none(node)) return;
  const std::string_view kind = type(node);
  if (kind == "comment" || kind == "line_comment" || kind == "block_comment") return;
  switch (language_) {
    case Language::python:
      if (python(node, kind, around, depth)) return;
      break;
    case Language::javascript:
    case Language::typescript:
    case Language::tsx:
      if (javascript(node, kind, around, depth)) return;
      break;
    case Language::c:
    case Language::cpp:
      if (cpp(node, kind, around, depth)) return;
      break;
    case Language::go:
      if (go(node, kind, around, depth)) return;
      break;
    case Language::rust:
      if (rust(node, kind, around, depth)) return;
      break;
    case Language::java:
      if (java(node, kind, around, depth)) return;
      break;
    default: break;
  }
  if (shared(node, kind, around, depth)) return;
  visit_children(node, around, depth);
}

bool TestReader::shared(TSNode node, std::string_view kind, const Around& around, int depth) {
  iterations(node, kind, around);
  remember_declared(node, kind, around);
  if (kind == "return_statement") answer(ts_node_named_child(node, 0), around);
  if (kind == "block" || kind == "statement_block" || kind == "compound_statement" || kind == "statement_list") {
    visit_block(node, around, depth);
    return true;
  }
  if (const TSNode list = list_run_over(node, kind); !around.in_loop && !none(list)) {
    Around inside = around;
    inside.in_loop = true;
    static const RE2 kEmpty("\\{\\s*\\}$|^[\\[(]\\s*[\\])]$");
    inside.dead = inside.dead || matches(text_of(list), kEmpty);
    inside.loop_line = line_of(node);
    visit_children(node, inside, depth);
    return true;
  }
  if (kind == "if_statement" || kind == "if_expression") return branch(node, around, depth);
  if ((kind == "binary_expression" || kind == "boolean_operator" || kind == "ternary_expression" || kind == "conditional_expression") && held_where(node, around, depth)) return true;
  if (kind == "try_statement" || kind == "try_with_resources_statement") return attempt(node, around, depth);
  if (kind == "call_expression" || kind == "call" || kind == "method_invocation" || kind == "macro_invocation") {
    call(node, around);
    return false;
  }
  if (kind == "assignment" || kind == "short_var_declaration" || kind == "let_declaration" || kind == "variable_declarator" || kind == "init_declarator" ||
      kind == "assignment_statement" || kind == "var_spec") {
    remember_value(node, around);
  }
  rows(node, kind, around);
  map_rows(node, kind, around);
  return false;
}

bool TestReader::branch(TSNode node, const Around& around, int depth) {
  TSNode condition = field(node, "condition");
  std::string_view text = trimmed(text_of(condition));
  if (text.size() > 1 && text.front() == '(' && text.back() == ')' && (is_js(language_) || language_ == Language::java || language_ == Language::c || language_ == Language::cpp))
    text = trimmed(text.substr(1, text.size() - 2));
  if (const TSNode initializer = field(node, "initializer"); !none(initializer)) visit(initializer, around, depth + 1);
  const TSNode then = field(node, "consequence"), other = field(node, "alternative");
  Around inside = around;
  inside.condition = std::string(text);
  inside.otherwise = false;
  Around otherwise = inside;
  otherwise.otherwise = true;
  inside.arms.push_back({ts_node_start_byte(node), normalised(text), false});
  otherwise.arms.push_back({ts_node_start_byte(node), normalised(text), true});
  inside.dead = inside.dead || never(text);
  otherwise.dead = otherwise.dead || always(text);
  // `if got != want { t.Fatal(…) }` is a check.
  const std::string failing = failing_call_in(then, around);
  if (!failing.empty() && !around.dead) {
    for (Check& check : checks_of_condition(text, true)) add_check(std::move(check), condition, failing, around);
  } else if (!none(then)) {
    visit(then, inside, depth + 1);
  }
  if (!none(condition)) visit(condition, around, depth + 1);
  if (!none(other)) {
    const std::string fails = failing_call_in(other, around);
    if (!fails.empty() && !around.dead && type(other) != "if_statement") {
      for (Check& check : checks_of_condition(text, false)) add_check(std::move(check), condition, fails, around);
    } else {
      visit(other, otherwise, depth + 1);
    }
  }
  each_child(node, [&](TSNode child) {
    if (type(child) == "elif_clause") visit(child, inside, depth + 1);
  });
  return true;
}

// A test written by hand fails by a throw or by what it returns; a program does both in the course of its day.
bool TestReader::may_fail_by_hand(const Around& around) const {
  static const RE2 kTelling("(?i)(^|::)(main$|tests?|check|verify|expect|assert|require|must|ensure|fail|run_?test)|tests?$");
  const TestUnit& in = file_.units[around.unit];
  return file_.collected && (in.is_test || matches(in.name, kTelling));
}

// The call in a short block that makes the test fail; or in C a return of failure.
std::string TestReader::failing_call_in(TSNode block, const Around& around, int depth) const {
  if (none(block) || depth > 3) return {};
  std::string found;
  const std::string_view kind = type(block);
  if (kind == "call_expression" || kind == "call" || kind == "macro_invocation" || kind == "method_invocation")
    return is_failing_call(text_of(block), language_) ? std::string(text_of(block).substr(0, 200)) : std::string();
  if (kind == "raise_statement") return std::string(text_of(block).substr(0, 200));
  if (kind == "throw_statement" && (is_js(language_) || ((language_ == Language::java || language_ == Language::cpp) && may_fail_by_hand(around)))) return std::string(text_of(block).substr(0, 200));
  if (kind == "return_statement" && (language_ == Language::c || language_ == Language::cpp) && may_fail_by_hand(around)) {
    const std::string value = normalised(text_of(block).substr(6));
    if (value == "1" || value == "-1" || value == "EXIT_FAILURE" || value == "false") return std::string(text_of(block));
  }
  if (kind == "if_statement" || kind == "for_statement" || kind.find("function") != kind.npos || kind.find("lambda") != kind.npos) return {};
  each_child(block, [&](TSNode child) {
    if (found.empty()) found = failing_call_in(child, around, depth + 1);
  });
  return found;
}

// A handler that takes every failure and says nothing of it.
bool TestReader::swallows(TSNode handler) const {
  std::string_view text = text_of(handler);
  const TSNode body = none(field(handler, "body")) ? ts_node_named_child(handler, ts_node_named_child_count(handler) > 0 ? ts_node_named_child_count(handler) - 1 : 0) : field(handler, "body");
  const std::string_view inside = text_of(body);
  static const RE2 kTells("\\b(raise|throw|rethrow|fail|Fail|FAIL|assert\\w*|expect|EXPECT_\\w+|ASSERT_\\w+|done|reject|t\\.\\w+|Error|Fatal|exit|abort|xfail|skip)\\b");
  if (matches(inside, kTells)) return false;
  std::string_view head = text.substr(0, text.size() - inside.size());
  if (language_ == Language::python) {
    static const RE2 kWide("except\\s*\\*?\\s*(:|.*\\b(Exception|BaseException|AssertionError)\\b)");
    return matches(head, kWide);
  }
  if (language_ == Language::java) {
    static const RE2 kWide("\\b(Throwable|Exception|Error|AssertionError|RuntimeException|AssertionFailedError)\\b");
    return matches(head, kWide);
  }
  if (language_ == Language::cpp) return head.find("...") != head.npos || head.find("exception") != head.npos;
  return true;
}

// `try { parse(""); fail(); } catch (ParseError e) {}` insists on an error; gives the call that fails where there was none.
TSNode TestReader::awaited_throw(TSNode node, const Around& around) {
  const TSNode body = field(node, "body");
  const std::uint32_t count = none(body) ? 0 : ts_node_named_child_count(body);
  if (count < 2 || around.dead || around.swallowed) return {};
  const TSNode last = ts_node_named_child(body, count - 1), done = ts_node_named_child(body, count - 2);
  const TSNode call = type(last) == "expression_statement" ? ts_node_named_child(last, 0) : last;
  if (!is_failing_call(text_of(call), language_)) return {};
  std::vector<TSNode> handlers;
  each_child(node, [&](TSNode child) {
    if (type(child) == "except_clause" || type(child) == "catch_clause") handlers.push_back(child);
  });
  if (handlers.empty()) return {};
  std::string_view caught;
  if (language_ == Language::java) {
    caught = text_of(ts_node_named_child(handlers[0], 0));
    caught = caught.substr(0, caught.rfind(' '));
    caught = trimmed(caught.substr(caught.find("final ") == 0 ? 6 : 0));
    static const RE2 kTakesFailures("\\b(Throwable|Error|AssertionError|AssertionFailedError)\\b");
    for (const TSNode handler : handlers) {
      if (matches(text_of(ts_node_named_child(handler, 0)), kTakesFailures)) return {};
    }
  } else {
    for (const TSNode handler : handlers) {
      if (swallows(handler)) return {};
    }
    if (language_ == Language::python) caught = text_of(ts_node_named_child(handlers[0], 0));
    caught = caught.substr(0, caught.find(" as "));
  }
  add_check(check_of_throw(text_of(done), handlers.size() == 1 ? caught : std::string_view()), last, text_of(node), around);
  return last;
}

bool TestReader::attempt(TSNode node, const Around& around, int depth) {
  bool swallowed = false;
  const TSNode awaited = awaited_throw(node, around);
  const std::set<std::string> optional = language_ == Language::python ? optional_imports(node) : std::set<std::string>();
  each_child(node, [&](TSNode child) {
    const std::string_view kind = type(child);
    if (kind == "except_clause" || kind == "catch_clause" || kind == "except_group_clause") swallowed = swallowed || swallows(child);
  });
  each_child(node, [&](TSNode child) {
    const std::string_view kind = type(child);
    Around inside = around;
    const bool body = kind == "block" || kind == "statement_block" || kind == "compound_statement";
    if (body) inside.swallowed = inside.swallowed || swallowed;
    static const RE2 kAbsent("^except\\s*\\(?\\s*(ImportError|ModuleNotFoundError)\\s*\\)?\\s*(as \\w+\\s*)?:");
    if (kind == "except_clause" && matches(text_of(child), kAbsent)) inside.missing.insert(optional.begin(), optional.end());
    if (!body || none(awaited)) return visit(child, inside, depth + 1);
    each_child(child, [&](TSNode statement) {
      if (!ts_node_eq(statement, awaited)) visit(statement, inside, depth + 1);
    });
  });
  return true;
}

}  // namespace baton::audit
