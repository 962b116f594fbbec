#include "analyzers/audit/test_file.h"

#include <re2/re2.h>

#include <algorithm>

#include "analyzers/audit/code_text.h"
#include "analyzers/syntax_tree.h"

namespace baton::audit {
namespace {

constexpr int kMaxDepth = 250;
constexpr auto kParseBudget = std::chrono::seconds(2);  // generous: a verdict must not depend on how busy the machine is
constexpr std::size_t kMaxText = 20'000;
constexpr std::size_t kMaxRows = 400;

bool matches(std::string_view text, const RE2& pattern) { return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern); }

TSNode field(TSNode node, std::string_view name) { return ts_node_child_by_field_name(node, name.data(), static_cast<std::uint32_t>(name.size())); }
bool none(TSNode node) { return ts_node_is_null(node); }
std::string_view type(TSNode node) { return none(node) ? std::string_view() : std::string_view(ts_node_type(node)); }
int line_of(TSNode node) { return static_cast<int>(ts_node_start_point(node).row) + 1; }
int end_line_of(TSNode node) { return static_cast<int>(ts_node_end_point(node).row) + 1; }

template <class Act>
void each_child(TSNode node, Act act) {
  if (none(node) || ts_node_named_child_count(node) == 0) return;
  TSTreeCursor cursor = ts_tree_cursor_new(node);
  if (ts_tree_cursor_goto_first_child(&cursor)) {
    do {
      const TSNode child = ts_tree_cursor_current_node(&cursor);
      if (ts_node_is_named(child)) act(child);
    } while (ts_tree_cursor_goto_next_sibling(&cursor));
  }
  ts_tree_cursor_delete(&cursor);
}

bool is_js(Language language) { return language == Language::javascript || language == Language::typescript || language == Language::tsx; }

std::string title_of(std::string_view text) {
  text = trimmed(text);
  if (text.size() >= 2 && (text[0] == '"' || text[0] == '\'' || text[0] == '`')) text = text.substr(1, text.size() - 2);
  return std::string(text.substr(0, 200));
}

// A condition that is always so.
bool always(std::string_view condition) {
  const std::string word = lower(trimmed(condition));
  return word.empty() || word == "true" || word == "1" || word == "1 == 1" || word == "not false" || word == "!false" || word == "(true)";
}
bool never(std::string_view condition) {
  const std::string word = lower(trimmed(condition));
  return word == "false" || word == "0" || word == "(false)" || word == "not true" || word == "!true" || word == "1 == 0" || word == "none" || word == "(0)";
}

// What stands around a node.
struct Around {
  std::size_t unit = 0;
  bool dead = false;
  bool swallowed = false;
  std::string condition;
  std::string scope;       // qualified name of the unit's parents
  bool collected = true;   // the class around is one that its runner collects
};

class Reader {
 public:
  Reader(std::string_view path, std::string_view text) : text_(text) {
    file_.path = path;
    file_.language = language_of(path);
    file_.collected = is_test_path(path);
    language_ = file_.language;
    TestUnit whole;
    whole.name = whole.qualified = "";
    whole.line = 1;
    whole.end_line = line_at(text, text.size());
    file_.units.push_back(std::move(whole));
  }

  TestFile run() {
    const SyntaxTree tree = parse_syntax(text_, language_, kParseBudget);
    file_.readable = tree != nullptr;
    if (!tree) return std::move(file_);
    visit(ts_tree_root_node(tree.get()), {}, 0);
    drop_shadowed();
    return std::move(file_);
  }

 private:
  std::string_view text_of(TSNode node) const {
    if (none(node)) return {};
    const auto start = ts_node_start_byte(node), end = ts_node_end_byte(node);
    return text_.substr(std::min<std::size_t>(start, text_.size()), end - start);
  }
  TestUnit& unit(const Around& around) { return file_.units[around.unit]; }

  // ---------------------------------------------------------------- units

  std::size_t begin_unit(TSNode whole, std::string name, const Around& around, bool is_test) {
    TestUnit unit;
    unit.name = std::move(name);
    unit.qualified = around.scope.empty() ? unit.name : around.scope + "." + unit.name;
    unit.is_test = is_test;
    unit.line = line_of(whole);
    unit.end_line = end_line_of(whole);
    unit.text = text_of(whole).substr(0, kMaxText);
    unit.words = tokens(unit.text);
    file_.units.push_back(std::move(unit));
    return file_.units.size() - 1;
  }

  // The last of two Python functions of one name is the one that there is.
  void drop_shadowed() {
    if (language_ != Language::python) return;
    std::map<std::string, std::size_t> last;
    for (std::size_t i = 1; i < file_.units.size(); ++i) last[file_.units[i].qualified] = i;
    for (std::size_t i = 1; i < file_.units.size(); ++i) {
      if (file_.units[i].is_test && last[file_.units[i].qualified] != i) file_.units[i].is_test = false;
    }
  }

  void visit_children(TSNode node, const Around& around, int depth) {
    each_child(node, [&](TSNode child) { visit(child, around, depth + 1); });
  }

  // Statements in order; what follows an unconditional end is dead.
  void visit_block(TSNode node, Around around, int depth) {
    each_child(node, [&](TSNode child) {
      visit(child, around, depth + 1);
      if (around.dead || !ends_here(child)) return;
      around.dead = true;
    });
  }

  bool ends_here(TSNode statement) const {
    const std::string_view kind = type(statement);
    if (kind == "return_statement") return true;
    if (kind == "expression_statement" && !none(ts_node_named_child(statement, 0))) {
      const std::string_view inner = type(ts_node_named_child(statement, 0));
      return inner == "return_expression";
    }
    return kind == "return_expression";
  }

  void visit(TSNode node, const Around& around, int depth) {
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

  // ---------------------------------------------------------------- what all languages have

  bool shared(TSNode node, std::string_view kind, const Around& around, int depth) {
    if (kind == "block" || kind == "statement_block" || kind == "compound_statement" || kind == "statement_list") {
      visit_block(node, around, depth);
      return true;
    }
    if (kind == "if_statement" || kind == "if_expression") return branch(node, around, depth);
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
    return false;
  }

  bool branch(TSNode node, const Around& around, int depth) {
    TSNode condition = field(node, "condition");
    std::string_view text = trimmed(text_of(condition));
    if (text.size() > 1 && text.front() == '(' && text.back() == ')' && (is_js(language_) || language_ == Language::java || language_ == Language::c || language_ == Language::cpp))
      text = trimmed(text.substr(1, text.size() - 2));
    if (const TSNode initializer = field(node, "initializer"); !none(initializer)) visit(initializer, around, depth + 1);
    const TSNode then = field(node, "consequence"), other = field(node, "alternative");
    Around inside = around;
    inside.condition = std::string(text);
    Around otherwise = inside;
    inside.dead = inside.dead || never(text);
    otherwise.dead = otherwise.dead || always(text);
    // `if got != want { t.Fatal(…) }` is a check.
    const std::string failing = failing_call_in(then);
    if (!failing.empty() && !around.dead) {
      for (Check& check : checks_of_condition(text, true)) add_check(std::move(check), condition, failing, around);
    } else if (!none(then)) {
      visit(then, inside, depth + 1);
    }
    if (!none(condition)) visit(condition, around, depth + 1);
    if (!none(other)) {
      const std::string fails = failing_call_in(other);
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

  // The call in a short block that makes the test fail; or in C a return of failure.
  std::string failing_call_in(TSNode block, int depth = 0) const {
    if (none(block) || depth > 3) return {};
    std::string found;
    const std::string_view kind = type(block);
    if (kind == "call_expression" || kind == "call" || kind == "macro_invocation" || kind == "method_invocation")
      return is_failing_call(text_of(block), language_) ? std::string(text_of(block).substr(0, 200)) : std::string();
    if (kind == "raise_statement") return std::string(text_of(block).substr(0, 200));
    if (kind == "throw_statement" && (is_js(language_) || language_ == Language::java || language_ == Language::cpp)) return std::string(text_of(block).substr(0, 200));
    if (kind == "return_statement" && (language_ == Language::c || language_ == Language::cpp)) {
      const std::string value = normalised(text_of(block).substr(6));
      if (value == "1" || value == "-1" || value == "EXIT_FAILURE" || value == "false") return std::string(text_of(block));
    }
    if (kind == "if_statement" || kind == "for_statement" || kind.find("function") != kind.npos || kind.find("lambda") != kind.npos) return {};
    each_child(block, [&](TSNode child) {
      if (found.empty()) found = failing_call_in(child, depth + 1);
    });
    return found;
  }

  // A handler that takes every failure and says nothing of it.
  bool swallows(TSNode handler) const {
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

  bool attempt(TSNode node, const Around& around, int depth) {
    bool swallowed = false;
    each_child(node, [&](TSNode child) {
      const std::string_view kind = type(child);
      if (kind == "except_clause" || kind == "catch_clause" || kind == "except_group_clause") swallowed = swallowed || swallows(child);
    });
    each_child(node, [&](TSNode child) {
      const std::string_view kind = type(child);
      Around inside = around;
      if (kind == "block" || kind == "statement_block" || kind == "compound_statement") inside.swallowed = inside.swallowed || swallowed;
      visit(child, inside, depth + 1);
    });
    return true;
  }

  void remember_value(TSNode node, const Around& around) {
    TSNode left = field(node, "left"), right = field(node, "right");
    if (none(left)) left = field(node, "pattern");
    if (none(left)) left = field(node, "name");
    if (none(left)) left = field(node, "declarator");
    if (none(right)) right = field(node, "value");
    if (none(left) || none(right)) return;
    const std::string_view value = text_of(right);
    if (value.size() > 300) return;
    auto& values = values_[around.unit];
    const auto names = split_arguments(text_of(left));
    for (std::size_t i = 0; i < names.size(); ++i) {
      std::string name(names[i]);
      if (name.starts_with("mut ")) name = name.substr(4);
      values[name] = normalised(value) + (names.size() > 1 ? "#" + std::to_string(i) : "");
    }
  }

  // A name that was given a value before stands for that value.
  std::string resolved(const std::string& text, std::size_t unit) const {
    const auto values = values_.find(unit);
    if (values == values_.end()) return text;
    const auto at = values->second.find(text);
    return at == values->second.end() || at->second == text ? text : at->second;
  }

  void add_check(Check check, TSNode node, std::string_view text, const Around& around) {
    if (around.dead) return;
    TestUnit& in = unit(around);
    if (in.checks.size() > 5000) return;
    check.line = line_of(node);
    check.end_line = end_line_of(node);
    check.text = std::string(text.substr(0, 300));
    check.swallowed = around.swallowed;
    check.condition = around.condition;
    const std::string subject = resolved(check.subject, around.unit), expected = resolved(check.expected, around.unit);
    const std::set<std::string> called = called_names(subject);
    if (check.kind == CheckKind::equal && subject == expected) {
      check.kind = CheckKind::constant;
      check.strength = 0;
    }
    // An expectation that asks the thing under test.
    if (check.kind == CheckKind::equal && !called.empty() && expected != check.expected) {
      const std::set<std::string> asked = called_names(expected);
      if (asked == called && normalised(expected) == normalised(subject)) check.strength = 0;
    }
    check.subject = subject;
    if (is_literal(expected)) check.expected = expected;
    const TSNode up = ts_node_parent(node);
    check.awaited = type(up) == "await_expression" || type(up) == "await" || type(up) == "return_statement" || type(up) == "arrow_function";
    in.checks.push_back(std::move(check));
  }

  void call(TSNode node, const Around& around) {
    const std::string_view parent = type(ts_node_parent(node));
    const bool inner = parent == "member_expression" || parent == "attribute" || parent == "field_expression" || parent == "selector_expression" ||
                       (parent == "call_expression" && !none(field(ts_node_parent(node), "function")) && ts_node_eq(field(ts_node_parent(node), "function"), node)) ||
                       (parent == "method_invocation" && !none(field(ts_node_parent(node), "object")) && ts_node_eq(field(ts_node_parent(node), "object"), node));
    if (inner) return;
    const std::string_view text = text_of(node);
    remember_call(node, text, around);
    off_by_call(node, text, around);
    replaced_by_call(node, text, around);
    auto check = check_of_call(text, language_);
    if (!check && is_failing_call(text, language_) && (around.condition.empty() || language_ != Language::python)) {
      check = Check{};
      check->kind = CheckKind::fails;
      check->strength = 2;
      check->subject = "fail";
      check->expected = normalised(around.condition);
    }
    if (!check) return;
    if (check->kind == CheckKind::throws && check->subject.empty() && language_ == Language::python) {
      // `with pytest.raises(X):` looks at the block.
      for (TSNode up = ts_node_parent(node); !none(up); up = ts_node_parent(up)) {
        if (type(up) == "with_statement") {
          check->subject = normalised(text_of(field(up, "body"))).substr(0, 400);
          break;
        }
        if (type(up) == "block") break;
      }
    }
    // A macro that names a case of its own is no check of the function around it.
    add_check(std::move(*check), node, text, around);
  }

  void remember_call(TSNode node, std::string_view text, const Around& around) {
    if (around.dead || text.size() > 2000 || unit(around).calls.size() > 3000) return;
    const auto chain = chain_of(text);
    if (chain.empty()) return;
    unit(around).calls.push_back({std::string(chain.back().name), std::string(text), line_of(node), around.swallowed, around.condition});
  }

  // Cases of tables: containers inside a container.
  void rows(TSNode node, std::string_view kind, const Around& around) {
    const bool list = kind == "list" || kind == "array" || kind == "tuple" || kind == "set" || kind == "literal_value" || kind == "initializer_list" ||
                      kind == "array_initializer" || kind == "element_value_array_initializer" || kind == "array_expression";
    if (!list || around.dead) return;
    const std::string_view up = type(ts_node_parent(node));
    if (up == "literal_element" || up == "keyed_element" || up == "pair" || up == "list" || up == "tuple" || up == "array" || up == "object") return;
    std::vector<TSNode> elements;
    bool plain = false;
    each_child(node, [&](TSNode child) {
      std::string_view kind_of = type(child);
      if (kind_of == "comment") return;
      TSNode inside = child;
      if (kind_of == "literal_element") inside = ts_node_named_child(child, 0), kind_of = type(inside);
      const bool container = kind_of == "tuple" || kind_of == "list" || kind_of == "array" || kind_of == "object" || kind_of == "literal_value" || kind_of == "dictionary" ||
                             kind_of == "initializer_list" || kind_of == "tuple_expression" || kind_of == "array_expression" || kind_of == "composite_literal" ||
                             kind_of == "struct_expression" || (kind_of == "call" && text_of(inside).starts_with("pytest.param"));
      plain = plain || !container;
      elements.push_back(child);
    });
    if (elements.empty() || elements.size() > kMaxRows) return;
    if (plain && !is_case_list(node)) return;
    for (const TSNode element : elements) {
      const std::string_view text = trimmed(text_of(element));
      Check row;
      row.kind = CheckKind::row;
      row.strength = 4;
      std::string_view inside = text;
      if (const auto open = inside.find_first_of("([{"); open != inside.npos && !plain) inside = inside.substr(open + 1, inside.size() - open - 2);
      auto parts = split_arguments(inside);
      row.subject = normalised(inside);
      if (parts.size() > 1 && !plain) {
        row.expected = normalised(parts.back());
        row.subject = normalised(inside.substr(0, static_cast<std::size_t>(parts.back().data() - inside.data())));
      }
      row.line = line_of(element);
      row.end_line = end_line_of(element);
      row.text = std::string(text.substr(0, 300));
      unit(around).checks.push_back(std::move(row));
    }
  }

  // The list of a parametrisation, whose plain elements are cases.
  bool is_case_list(TSNode node) const {
    static const RE2 kCases("(?i)(parametri[sz]e|\\beach\\b|ValueSource|CsvSource|EnumSource|Values\\(|ValuesIn|rstest|test_case)");
    TSNode up = ts_node_parent(node);
    for (int i = 0; i < 4 && !none(up); ++i, up = ts_node_parent(up)) {
      const std::string_view kind = type(up);
      if (kind == "call" || kind == "call_expression" || kind == "annotation" || kind == "marker_annotation") {
        const std::string_view text = text_of(up);
        return matches(text.substr(0, std::min<std::size_t>(text.size(), 60)), kCases);
      }
    }
    return false;
  }

  // ---------------------------------------------------------------- what keeps a test from running

  void add_off(const Around& around, OffKind kind, std::string_view text, std::string_view condition, int line) {
    if (around.dead || never(condition)) return;
    unit(around).off.push_back({kind, std::string(text.substr(0, 200)), always(condition) ? std::string() : std::string(trimmed(condition)), line});
  }

  void off_by_call(TSNode node, std::string_view text, const Around& around) {
    static const RE2 kPython("^(pytest\\.(skip|xfail|exit)|self\\.skipTest|unittest\\.skip|raise unittest\\.SkipTest|nose\\.SkipTest)$"), kGo("^\\w+\\.(Skip|Skipf|SkipNow)$"),
        kCpp("^(GTEST_SKIP|GTEST_SKIP_|SKIP|QSKIP|TEST_IGNORE|TEST_IGNORE_MESSAGE)$"), kJs("^(this|t|test|ctx|context|it)\\.(skip|todo)$"),
        kJava("^(Assumptions\\.|Assume\\.)?(assumeTrue|assumeFalse|assumeThat|abort)$");
    const auto open = text.find_first_of("(!");
    if (open == text.npos || open > 60) return;
    const std::string_view callee = trimmed(text.substr(0, open));
    const bool js = is_js(language_) && matches(callee, kJs) && !is_title_call(text);
    if ((language_ == Language::python && matches(callee, kPython)) || (language_ == Language::go && matches(callee, kGo)) ||
        ((language_ == Language::cpp || language_ == Language::c) && matches(callee, kCpp)) || js) {
      add_off(around, callee.ends_with("xfail") ? OffKind::inverted : OffKind::skip, text, around.condition, line_of(node));
    }
    if (language_ == Language::java && matches(callee, kJava)) {
      const auto arguments = chain_of(text);
      std::string condition(arguments.empty() || arguments.back().arguments.empty() ? "" : arguments.back().arguments[0]);
      const bool truth = callee.ends_with("assumeTrue");
      if (truth ? never(condition) : callee.ends_with("assumeFalse") && always(condition)) condition.clear();
      add_off(around, OffKind::skip, text, condition, line_of(node));
    }
    static const RE2 kRetry("(?i)(\\bjest\\.retryTimes|this\\.retries|\\bretryTimes)\\(");
    if (is_js(language_) && matches(text.substr(0, 40), kRetry)) add_off(around, OffKind::retried, text, "", line_of(node));
    static const RE2 kQuit("^(os\\._exit|sys\\.exit|exit|quit|process\\.exit|os\\.Exit|System\\.exit|std::process::exit|std::exit|_exit)$");
    if (file_.collected && matches(callee, kQuit)) {
      const auto chain = chain_of(text);
      if (!chain.empty() && (chain.back().arguments.empty() || normalised(chain.back().arguments[0]) == "0")) add_off(around, OffKind::unreachable, text, around.condition, line_of(node));
    }
  }

  static bool is_title_call(std::string_view text) {
    const auto chain = chain_of(text);
    return !chain.empty() && chain.back().arguments.size() >= 2;
  }

  // Decorators, attributes, annotations.
  void off_by_mark(std::string_view text, const Around& around, int line) {
    static const RE2 kSkip("(?i)(^|[.@\\[( ])(skip\\w*|ignore|disabled\\w*|expectedfailure|xfail|enabledif\\w*|flaky\\w*|retr\\w+|repeat\\w*|rerun\\w*)\\b");
    std::string word;
    if (!RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), kSkip, nullptr, &word)) return;
    word = lower(word);
    const auto chain = chain_of(text.substr(std::min(text.find_first_not_of("@#[! "), text.size())));
    std::string condition;
    if (!chain.empty() && chain.back().called && (word == "skipif" || word == "skipunless" || word == "xfail" || word == "enabledif" || word == "disabledif")) {
      for (const auto argument : chain.back().arguments) {
        if (argument.starts_with("reason") || argument.starts_with("strict") || argument.starts_with("raises") || argument[0] == '"' || argument[0] == '\'') continue;
        condition = std::string(argument);
        break;
      }
      if (word == "skipunless" && (never(condition) || condition.empty())) condition = "";
      else if (word == "skipunless") condition = "not (" + condition + ")";
    } else if (word.starts_with("disabledon") || word.starts_with("enabledon") || word.starts_with("enabledif") || (word.starts_with("disabledif"))) {
      condition = std::string(text);
    }
    if (language_ == Language::rust && text.find("cfg_attr") != text.npos) {
      const auto open = text.find('(');
      const auto arguments = split_arguments(text.substr(open + 1, text.rfind(')') - open - 1));
      condition = arguments.empty() ? "" : std::string(arguments[0]);
      if (condition == "all()" || condition == "test") condition.clear();
    }
    const bool retried = word.starts_with("flaky") || word.starts_with("retr") || word.starts_with("rerun") || word.starts_with("repeat");
    if (retried && (word.starts_with("repeat") || (word == "flaky" && chain.empty()))) return;
    add_off(around, retried ? OffKind::retried : word == "xfail" || word == "expectedfailure" ? OffKind::inverted : OffKind::skip, text, condition, line);
  }

  // ---------------------------------------------------------------- what a test replaces

  void add_replacement(const Around& around, std::string_view target, bool module, TSNode node, std::string_view object = {}) {
    std::string name(title_of(target)), owner(object);
    if (!module) {
      if (const auto dot = name.find_last_of(".:"); dot != name.npos) {
        owner = name.substr(0, dot);
        name = name.substr(dot + 1);
      }
      if (const auto dot = owner.find_last_of(".:"); dot != owner.npos) owner = owner.substr(dot + 1);
    }
    if (!name.empty()) unit(around).replaces.push_back({name, owner, module, line_of(node), std::string(text_of(node).substr(0, 200))});
  }

  void replaced_by_call(TSNode node, std::string_view text, const Around& around) {
    const auto chain = chain_of(text);
    for (std::size_t i = 0; i < chain.size(); ++i) {
      const ChainLink& link = chain[i];
      if (!link.called || link.arguments.empty()) continue;
      const std::string name = lower(link.name);
      if (language_ == Language::python) {
        if (name == "setattr" && link.arguments.size() >= 3) add_replacement(around, link.arguments[1], false, node, link.arguments[0]);
        else if (name == "setattr" && link.arguments.size() == 2 && i > 0) add_replacement(around, link.arguments[0], false, node);
        else if (name == "setitem" && link.arguments.size() >= 3) add_replacement(around, link.arguments[1], false, node);
        else if (name == "patch" && i + 1 == chain.size()) add_replacement(around, link.arguments[0], false, node);
        else if (name == "object" && i > 0 && chain[i - 1].name == "patch" && link.arguments.size() >= 2) add_replacement(around, link.arguments[1], false, node, link.arguments[0]);
      } else if (is_js(language_)) {
        const std::string_view root = chain[0].name;
        if ((name == "mock" || name == "domock" || name == "unstable_mockmodule" || name == "module") && i == 1 && (root == "jest" || root == "vi" || root == "mock")) {
          // A mock that keeps the real module may still be the real thing.
          if (text.find("requireActual") == text.npos && text.find("importActual") == text.npos && text.find("importOriginal") == text.npos) add_replacement(around, link.arguments[0], true, node);
        } else if ((name == "spyon" || name == "replace" || name == "stub" || name == "method") && link.arguments.size() >= 2 && i + 1 < chain.size() + (name == "replace" || name == "method")) {
          static const RE2 kGives("(?i)^(mock(return|implement|resolved|rejected)|returns|resolves|callsfake)");
          const bool gives = name == "replace" || name == "method" ||
                             std::any_of(chain.begin() + static_cast<std::ptrdiff_t>(i), chain.end(), [](const ChainLink& one) { return matches(one.name, kGives); });
          if (gives) add_replacement(around, link.arguments[1], false, node, link.arguments[0]);
        }
      } else if (language_ == Language::java) {
        if (name == "when" && i + 1 < chain.size()) {
          const auto target = chain_of(link.arguments[0]);
          if (!target.empty()) add_replacement(around, target.back().name, false, node, target.size() > 1 ? target[target.size() - 2].name : std::string_view());
        } else if (name == "mock" || name == "mockstatic" || name == "spy") {
          if (name != "spy") add_replacement(around, link.arguments[0].substr(0, link.arguments[0].find('.')), false, node);
        }
      }
    }
  }

  // ---------------------------------------------------------------- Python

  bool python(TSNode node, std::string_view kind, const Around& around, int depth) {
    if (kind == "import_from_statement") {
      const std::string module(text_of(field(node, "module_name")));
      each_child(node, [&](TSNode child) {
        if (type(child) == "dotted_name") file_.imports[std::string(text_of(child))] = module;
        if (type(child) == "aliased_import") file_.imports[std::string(text_of(field(child, "alias")))] = module;
      });
      return true;
    }
    if (kind == "assert_statement") {
      const TSNode condition = ts_node_named_child(node, 0);
      for (Check& check : checks_of_condition(text_of(condition), false)) add_check(std::move(check), node, text_of(node), around);
      visit_children(node, around, depth);
      return true;
    }
    if (kind == "raise_statement") {
      static const RE2 kFails("^raise\\s+(AssertionError|pytest\\.fail|self\\.failureException)"), kSkips("SkipTest");
      if (matches(text_of(node), kSkips)) add_off(around, OffKind::skip, text_of(node), around.condition, line_of(node));
      if (!matches(text_of(node), kFails)) return false;
      Check check;
      check.kind = CheckKind::fails;
      check.strength = 2;
      check.subject = "fail";
      check.expected = normalised(around.condition);
      add_check(std::move(check), node, text_of(node), around);
      return true;
    }
    if (kind == "with_statement") {
      std::string_view head = text_of(node);
      head = head.substr(0, head.size() - text_of(field(node, "body")).size());
      static const RE2 kSuppress("suppress\\(.*\\b(AssertionError|Exception|BaseException)\\b");
      if (!matches(head, kSuppress)) return false;
      Around inside = around;
      inside.swallowed = true;
      visit_children(node, inside, depth);
      return true;
    }
    if (kind == "assignment") {
      const std::string_view left = text_of(field(node, "left")), right = text_of(field(node, "right"));
      if (left == "pytestmark" || left == "collect_ignore" || left == "collect_ignore_glob" || left == "__test__") {
        if (left == "pytestmark") off_by_mark(right, around, line_of(node));
        else if (left == "__test__" ? never(right) : true) add_off(around, OffKind::skip, text_of(node), "", line_of(node));
      }
      if (left.find('.') != left.npos) {
        const std::string_view last = left.substr(left.rfind('.') + 1);
        if (!left.starts_with("self.") && around.unit != 0) add_replacement(around, last, false, node, left.substr(0, left.rfind('.')));
      }
      return false;
    }
    if (kind == "function_definition" || kind == "class_definition") {
      const TSNode up = ts_node_parent(node);
      const bool decorated = type(up) == "decorated_definition";
      const TSNode whole = decorated ? up : node;
      const std::string name(text_of(field(node, "name")));
      Around inside = around;
      inside.condition.clear();
      inside.swallowed = false;
      if (kind == "class_definition") {
        static const RE2 kCase("TestCase|Test\\b|TestBase");
        const bool collected = name.starts_with("Test") || matches(text_of(field(node, "superclasses")), kCase) || name.find("Test") != name.npos;
        inside.unit = begin_unit(whole, name, around, false);
        file_.units[inside.unit].is_group = true;
        inside.collected = around.collected && collected;
      } else {
        const bool nested = around.unit != 0 && !unit(around).is_group;
        inside.unit = begin_unit(whole, name, around, name.starts_with("test") && around.collected && !nested);
      }
      inside.scope = file_.units[inside.unit].qualified;
      if (decorated) {
        each_child(up, [&](TSNode child) {
          if (type(child) != "decorator") return;
          off_by_mark(text_of(child), inside, line_of(child));
          visit_children(child, inside, depth);
        });
      }
      // A replacement in place of what is imported.
      if (kind == "function_definition" && file_.imports.count(name) && around.unit == 0) add_replacement(around, name, false, node);
      visit(field(node, "body"), inside, depth + 1);
      return true;
    }
    if (kind == "decorated_definition") {
      visit(field(node, "definition"), around, depth + 1);
      return true;
    }
    return false;
  }

  // ---------------------------------------------------------------- JavaScript, TypeScript

  bool javascript(TSNode node, std::string_view kind, const Around& around, int depth) {
    if (kind == "import_statement") {
      const std::string module = title_of(text_of(field(node, "source")));
      for (const std::string& name : identifiers(text_of(node).substr(0, text_of(node).rfind("from")))) file_.imports[name] = module;
      return true;
    }
    if (kind == "variable_declarator" && text_of(field(node, "value")).find("require(") != std::string_view::npos) {
      const auto chain = chain_of(text_of(field(node, "value")));
      if (!chain.empty() && !chain[0].arguments.empty()) {
        for (const std::string& name : identifiers(text_of(field(node, "name")))) file_.imports[name] = title_of(chain[0].arguments[0]);
      }
    }
    if (kind == "call_expression" && javascript_test(node, around, depth)) return true;
    if (kind == "expression_statement" && type(ts_node_named_child(node, 0)) == "member_expression") {
      if (auto check = check_of_call(text_of(ts_node_named_child(node, 0)), language_)) add_check(std::move(*check), node, text_of(node), around);
      return false;
    }
    if (kind == "call_expression") {
      // expect(p).rejects…catch(() => {})
      const TSNode function = field(node, "function");
      static const RE2 kSilent("^\\(\\s*\\(?\\w*\\)?\\s*=>\\s*(\\{\\s*\\}|undefined|null|void 0)\\s*\\)$");
      if (type(function) == "member_expression" && text_of(field(function, "property")) == "catch" && matches(text_of(field(node, "arguments")), kSilent)) {
        Around inside = around;
        inside.swallowed = true;
        call(node, around);
        visit(field(function, "object"), inside, depth + 1);
        return true;
      }
    }
    if (kind == "if_statement" || kind == "ternary_expression") return false;
    if (kind == "function_declaration" || kind == "method_definition" || (kind == "variable_declarator" && is_function(field(node, "value")))) {
      const std::string name(text_of(field(node, "name")));
      const bool imported = file_.imports.count(name) > 0;
      if (around.unit != 0 && !unit(around).is_group && kind != "function_declaration") return false;
      Around inside = around;
      inside.unit = begin_unit(node, name, around, false);
      inside.scope = file_.units[inside.unit].qualified;
      if (imported) add_replacement(around, name, false, node);
      visit_children(node, inside, depth);
      return true;
    }
    return false;
  }

  static bool is_function(TSNode node) {
    const std::string_view kind = type(node);
    return kind == "arrow_function" || kind == "function_expression" || kind == "function";
  }

  bool javascript_test(TSNode node, const Around& around, int depth) {
    TSNode function = field(node, "function");
    if (type(function) == "call_expression") function = field(function, "function");  // it.each(table)(…)
    const TSNode arguments = field(node, "arguments");
    if (type(arguments) == "template_string") return false;
    std::string callee(text_of(function));
    static const RE2 kTest("^(it|test|specify|fit|xit|xtest|xspecify|ftest|describe|suite|context|fdescribe|xdescribe|xcontext|t\\.test|bench|Deno\\.test)((\\.\\w+)*)$");
    std::string head, rest;
    if (!RE2::FullMatch(callee, kTest, &head, &rest)) return false;
    if (rest.find("extend") != rest.npos || rest.find("before") != rest.npos || rest.find("after") != rest.npos || rest.find(".use") != rest.npos || rest.find("setTimeout") != rest.npos) return false;
    const std::uint32_t count = none(arguments) ? 0 : ts_node_named_child_count(arguments);
    if (count == 0) return false;
    const TSNode title = ts_node_named_child(arguments, 0);
    if (is_function(title) || type(title) == "array") return false;
    if (type(title) != "string" && type(title) != "template_string" && count < 2) return false;
    const bool group = head.ends_with("describe") || head == "suite" || head.ends_with("context") || rest.find(".describe") != rest.npos;
    bool has_body = false;
    for (std::uint32_t i = 1; i < count; ++i) has_body = has_body || is_function(ts_node_named_child(arguments, i)) || type(ts_node_named_child(arguments, i)) == "identifier" || type(ts_node_named_child(arguments, i)) == "call_expression";
    Around inside = around;
    inside.condition.clear();
    inside.swallowed = false;
    inside.unit = begin_unit(node, title_of(text_of(title)), around, !group);
    file_.units[inside.unit].is_group = group;
    inside.scope = file_.units[inside.unit].qualified;
    const int line = line_of(node);
    const auto mark = [&](OffKind off) { add_off(inside, off, callee, "", line); };
    if (head[0] == 'x' || rest.find(".skip") != rest.npos || rest.find(".todo") != rest.npos || rest.find(".fixme") != rest.npos || !has_body) {
      if (rest.find(".skipIf") != rest.npos) add_off(inside, OffKind::skip, text_of(field(node, "function")), condition_of(text_of(field(node, "function"))), line);
      else mark(OffKind::skip);
    } else if (rest.find(".runIf") != rest.npos) {
      const std::string condition = condition_of(text_of(field(node, "function")));
      add_off(inside, OffKind::skip, text_of(field(node, "function")), never(condition) ? std::string() : "!(" + condition + ")", line);
    }
    if (head == "fit" || head == "fdescribe" || head == "ftest" || rest.find(".only") != rest.npos) mark(OffKind::only);
    if (rest.find(".fail") != rest.npos) mark(OffKind::inverted);
    for (std::uint32_t i = 1; i < count; ++i) {
      const TSNode argument = ts_node_named_child(arguments, i);
      if (type(argument) != "object") continue;
      static const RE2 kOptions("\\b(skip|todo|only|retry|retries|fails)\\s*:\\s*([^,}]+)");
      std::string word, value;
      const std::string_view text = text_of(argument);
      re2::StringPiece left(text.data(), text.size());
      while (RE2::FindAndConsume(&left, kOptions, &word, &value)) {
        if (never(value)) continue;
        const OffKind off = word == "only" ? OffKind::only : word.starts_with("retr") ? OffKind::retried : word == "fails" ? OffKind::inverted : OffKind::skip;
        const bool plain = always(value) || off == OffKind::retried || value[0] == '"' || value[0] == '\'';
        add_off(inside, off, text, plain ? std::string_view() : std::string_view(value), line);
      }
    }
    if (type(field(node, "function")) == "call_expression") visit(field(field(node, "function"), "arguments"), inside, depth + 1);
    if (type(field(node, "function")) == "call_expression" && type(field(field(node, "function"), "arguments")) == "template_string") template_rows(field(field(node, "function"), "arguments"), inside);
    visit_children(arguments, inside, depth);
    return true;
  }

  static std::string condition_of(std::string_view text) {
    const auto chain = chain_of(text);
    return chain.empty() || chain.back().arguments.empty() ? std::string() : std::string(chain.back().arguments[0]);
  }

  // it.each`a | b` tables: a row a line.
  void template_rows(TSNode node, const Around& around) {
    const auto lines = lines_of(text_of(node));
    for (std::size_t i = 1; i < lines.size(); ++i) {
      if (lines[i].find('|') == std::string_view::npos || lines[i].find("${") == std::string_view::npos) continue;
      Check row;
      row.kind = CheckKind::row;
      row.strength = 4;
      const auto cut = lines[i].rfind('|');
      row.subject = normalised(lines[i].substr(0, cut));
      row.expected = normalised(lines[i].substr(cut + 1));
      row.line = row.end_line = line_of(node) + static_cast<int>(i);
      row.text = std::string(trimmed(lines[i]));
      unit(around).checks.push_back(std::move(row));
    }
  }

  // ---------------------------------------------------------------- C, C++

  bool cpp(TSNode node, std::string_view kind, const Around& around, int depth) {
    if (kind == "preproc_if") {
      const std::string_view condition = trimmed(text_of(field(node, "condition")));
      Around inside = around;
      inside.dead = inside.dead || condition == "0" || condition == "false";
      Around otherwise = around;
      otherwise.dead = otherwise.dead || condition == "1" || condition == "true";
      const TSNode other = field(node, "alternative");
      each_child(node, [&](TSNode child) {
        if (!none(other) && ts_node_eq(child, other)) visit(child, otherwise, depth + 1);
        else visit(child, inside, depth + 1);
      });
      return true;
    }
    if (kind == "function_definition") {
      const TSNode declarator = field(node, "declarator");
      const std::string_view head = text_of(declarator);
      static const RE2 kMacro("^(TEST|TEST_F|TEST_P|TYPED_TEST|TYPED_TEST_P|FUZZ_TEST|TEST_CASE|SCENARIO|TEST_CASE_METHOD|TEMPLATE_TEST_CASE|BOOST_AUTO_TEST_CASE|BOOST_FIXTURE_TEST_CASE|TEST_CASE_FIXTURE|TEST_GROUP|Test|START_TEST)\\s*\\(");
      Around inside = around;
      inside.condition.clear();
      if (matches(head, kMacro)) {
        const auto chain = chain_of(head);
        std::string name;
        if (!chain.empty()) {
          for (const auto argument : chain[0].arguments) name += (name.empty() ? "" : ".") + title_of(argument);
        }
        cpp_test(node, std::move(name), inside);
      } else {
        const auto cut = head.find('(');
        std::string name(trimmed(head.substr(0, cut)));
        if (const auto blank = name.find_last_of(" *&"); blank != name.npos) name = name.substr(blank + 1);
        const bool plain_test = (name.starts_with("test_") || name.starts_with("Test")) && is_test_path(file_.path);
        if (around.dead) return true;
        inside.unit = begin_unit(node, name, around, plain_test);
      }
      if (around.dead) return true;
      inside.scope = "";
      visit(field(node, "body"), inside, depth + 1);
      return true;
    }
    if (kind == "call_expression") {
      static const RE2 kCatch("^(TEST_CASE|SCENARIO|TEST_CASE_METHOD|TEMPLATE_TEST_CASE|TEST|TEST_F|BOOST_AUTO_TEST_CASE|TEST_CASE_FIXTURE|DOCTEST_TEST_CASE)$");
      const TSNode block = ts_node_next_named_sibling(ts_node_parent(node));
      if (matches(text_of(field(node, "function")), kCatch) && type(block) == "compound_statement") {
        Around inside = around;
        const auto chain = chain_of(text_of(node));
        std::string name = chain.empty() || chain[0].arguments.empty() ? "" : title_of(chain[0].arguments[0]);
        if (chain.size() && chain[0].arguments.size() > 1 && title_of(chain[0].arguments[1]).find("[!mayfail]") != std::string::npos) name += "";
        cpp_test(block, std::move(name), inside);
        if (around.dead) return true;
        if (const auto text = text_of(node); text.find("[!mayfail]") != text.npos || text.find("[!shouldfail]") != text.npos || text.find("may_fail") != text.npos || text.find("should_fail") != text.npos)
          add_off(inside, OffKind::inverted, text, "", line_of(node));
        else if (text.find("\"[.") != text.npos || text.find("[!hide]") != text.npos || text.find("::skip") != text.npos || text.find("[.]") != text.npos) add_off(inside, OffKind::skip, text, "", line_of(node));
        taken_.push_back(ts_node_start_byte(block));
        visit_block(block, inside, depth + 1);
        return true;
      }
    }
    if (kind == "compound_statement" && std::find(taken_.begin(), taken_.end(), ts_node_start_byte(node)) != taken_.end()) return true;
    return false;
  }

  void cpp_test(TSNode whole, std::string name, Around& inside) {
    static const RE2 kDisabled("(^|\\.)DISABLED_");
    if (inside.dead) return;
    const bool disabled = matches(name, kDisabled);
    std::string plain = name;
    RE2::Replace(&plain, "DISABLED_", "");
    inside.unit = begin_unit(whole, plain, inside, true);
    if (disabled) add_off(inside, OffKind::skip, name, "", line_of(whole));
  }

  // ---------------------------------------------------------------- Go

  bool go(TSNode node, std::string_view kind, const Around& around, int depth) {
    if (kind == "function_declaration" || kind == "method_declaration") {
      const std::string name(text_of(field(node, "name")));
      static const RE2 kHandle("\\*testing\\.(T|F|B)\\b");
      const bool named = (name.starts_with("Test") || name.starts_with("Fuzz") || name.starts_with("Example")) && (name.size() == 4 || !std::islower(static_cast<unsigned char>(name[4])) || name.starts_with("Example"));
      const bool test = named && (kind == "method_declaration" || name.starts_with("Example") || matches(text_of(field(node, "parameters")), kHandle));
      Around inside = around;
      inside.unit = begin_unit(node, name, around, test && file_.collected);
      inside.scope = "";
      if (name.starts_with("Example")) {
        static const RE2 kOutput("(?s)//\\s*(?:Unordered )?[oO]utput:(.*)$");
        std::string output;
        const std::string_view body = text_of(node);
        if (RE2::PartialMatch(re2::StringPiece(body.data(), body.size()), kOutput, &output)) {
          Check check;
          check.kind = CheckKind::equal;
          check.strength = 4;
          check.subject = "output";
          check.expected = output;
          add_check(std::move(check), node, output, inside);
        }
      }
      visit(field(node, "body"), inside, depth + 1);
      return true;
    }
    if (kind == "defer_statement" && text_of(node).find("recover()") != std::string_view::npos) {
      static const RE2 kTells("\\b(Error|Errorf|Fatal|Fatalf|Fail|FailNow|panic|require|assert)\\b");
      if (!matches(text_of(node), kTells)) unit(around).off.push_back({OffKind::unreachable, std::string(text_of(node).substr(0, 200)), "", line_of(node)});
      return false;
    }
    if (kind == "assignment_statement" && around.unit != 0) {
      const std::string_view left = text_of(field(node, "left")), right = text_of(field(node, "right"));
      if (right.find("func(") != right.npos || right.find("func (") != right.npos) add_replacement(around, left, false, node);
    }
    return false;
  }

  // ---------------------------------------------------------------- Rust

  bool rust(TSNode node, std::string_view kind, const Around& around, int depth) {
    if (kind == "mod_item" || kind == "impl_item") {
      Around inside = around;
      bool off = false;
      for (const TSNode attribute : attributes_of(node)) {
        if (never_built(text_of(attribute))) off = true;
      }
      inside.dead = inside.dead || off;
      if (kind == "mod_item") inside.scope = around.scope + (around.scope.empty() ? "" : ".") + std::string(text_of(field(node, "name")));
      visit_children(node, inside, depth);
      return true;
    }
    if (kind == "function_item") {
      bool test = false, off = false;
      const std::vector<TSNode> attributes = attributes_of(node);
      static const RE2 kTest("^#\\[\\s*(\\w+::)*(test|rstest|test_case|quickcheck|proptest|wasm_bindgen_test|bench|apply)\\b");
      for (const TSNode attribute : attributes) {
        test = test || matches(text_of(attribute), kTest);
        off = off || never_built(text_of(attribute));
      }
      Around inside = around;
      inside.unit = begin_unit(node, std::string(text_of(field(node, "name"))), around, test && !off && !around.dead);
      inside.dead = around.dead || off;
      inside.scope = "";
      file_.units[inside.unit].line = attributes.empty() ? line_of(node) : line_of(attributes.back());
      for (const TSNode attribute : attributes) rust_attribute(attribute, inside);
      visit(field(node, "body"), inside, depth + 1);
      return true;
    }
    return false;
  }

  static bool never_built(std::string_view attribute) {
    static const RE2 kNever("cfg\\(\\s*(any\\(\\)|FALSE|false|never|disabled|feature\\s*=\\s*\"(never|disabled|none|off|skip)[^\"]*\"|not\\(test\\))\\s*\\)");
    return matches(attribute, kNever);
  }

  static std::vector<TSNode> attributes_of(TSNode node) {
    std::vector<TSNode> found;
    for (TSNode before = ts_node_prev_named_sibling(node); !none(before); before = ts_node_prev_named_sibling(before)) {
      const std::string_view kind = type(before);
      if (kind == "attribute_item") found.push_back(before);
      else if (kind != "line_comment" && kind != "block_comment") break;
    }
    return found;
  }

  void rust_attribute(TSNode attribute, const Around& around) {
    const std::string_view text = text_of(attribute);
    off_by_mark(text, around, line_of(attribute));
    if (text.find("should_panic") != text.npos) {
      const auto expected = text.find("expected");
      Check check;
      check.kind = CheckKind::throws;
      check.strength = expected == text.npos ? 2 : 4;
      check.subject = "panics";
      check.expected = expected == text.npos ? "" : normalised(text.substr(expected, text.size() - expected - 2));
      add_check(std::move(check), attribute, text, around);
    }
    static const RE2 kCase("^#\\[(case|test_case)");
    if (matches(text, kCase)) {
      const auto open = text.find('(');
      if (open == text.npos) return;
      const std::string_view inside = text.substr(open + 1, text.rfind(')') - open - 1);
      const auto parts = split_arguments(inside);
      Check row;
      row.kind = CheckKind::row;
      row.strength = 4;
      row.subject = normalised(inside);
      if (parts.size() > 1) {
        row.expected = normalised(parts.back());
        row.subject = normalised(inside.substr(0, static_cast<std::size_t>(parts.back().data() - inside.data())));
      }
      add_check(std::move(row), attribute, text, around);
    }
  }

  // ---------------------------------------------------------------- Java

  bool java(TSNode node, std::string_view kind, const Around& around, int depth) {
    if (kind == "class_declaration" || kind == "record_declaration" || kind == "interface_declaration") {
      Around inside = around;
      inside.unit = begin_unit(node, std::string(text_of(field(node, "name"))), around, false);
      file_.units[inside.unit].is_group = true;
      inside.scope = file_.units[inside.unit].qualified;
      java_annotations(node, inside);
      visit(field(node, "body"), inside, depth + 1);
      return true;
    }
    if (kind == "method_declaration") {
      Around inside = around;
      const std::string name(text_of(field(node, "name")));
      const std::string annotations = java_annotation_text(node);
      static const RE2 kTest("@(Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate|Property)\\b");
      inside.unit = begin_unit(node, name, around, matches(annotations, kTest) || (name.starts_with("test") && file_.collected && text_.find("extends TestCase") != text_.npos));
      java_annotations(node, inside);
      visit(field(node, "body"), inside, depth + 1);
      return true;
    }
    return false;
  }

  std::string java_annotation_text(TSNode node) const {
    std::string text;
    each_child(node, [&](TSNode child) {
      if (type(child) == "modifiers") text += text_of(child);
    });
    return text;
  }

  void java_annotations(TSNode node, const Around& inside) {
    each_child(node, [&](TSNode modifiers) {
      if (type(modifiers) != "modifiers") return;
      each_child(modifiers, [&](TSNode child) {
        const std::string_view text = text_of(child);
        if (!text.starts_with('@')) return;
        off_by_mark(text, inside, line_of(child));
        static const RE2 kExpected("@Test\\s*\\(.*expected\\s*=\\s*([\\w.]+)"), kOff("enabled\\s*=\\s*false");
        std::string thrown;
        if (RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), kExpected, &thrown)) {
          Check check;
          check.kind = CheckKind::throws;
          check.strength = thrown == "Exception" || thrown == "Throwable" ? 2 : 3;
          check.subject = "method";
          check.expected = thrown;
          add_check(std::move(check), child, text, inside);
        }
        if (matches(text, kOff)) add_off(inside, OffKind::skip, text, "", line_of(child));
        rows_in(child, inside, 0);
      });
    });
  }

  void rows_in(TSNode node, const Around& around, int depth) {
    if (depth > 8) return;
    rows(node, type(node), around);
    each_child(node, [&](TSNode child) { rows_in(child, around, depth + 1); });
  }

  std::string_view text_;
  Language language_ = Language::none;
  TestFile file_;
  std::map<std::size_t, std::map<std::string, std::string>> values_;
  std::vector<std::uint32_t> taken_;  // blocks that belong to the macro before them
};

}  // namespace

bool is_test_path(std::string_view path) {
  const auto slash = path.rfind('/');
  const std::string_view name = slash == path.npos ? path : path.substr(slash + 1);
  static const RE2 kPython("^(test_.*|.*_test|tests|conftest)\\.py$"), kJs("\\.(test|spec|cy|e2e)\\.[cm]?[jt]sx?$"), kJsFolder("(^|/)(__tests__|tests?|spec|specs)/.*\\.[cm]?[jt]sx?$"), kGo("_test\\.go$"),
      kJava("(^|/)(src/)?(test|androidTest|integrationTest)/|(Test|Tests|IT|TestCase|Spec)\\.java$"), kRust("\\.rs$"), kCpp("(?i)((^|/)(tests?|unittests?|gtest|spec)/|(^|[_./-])(test|tests|unittest)[_.]|_test|Test)"),
      kPythonFile("\\.py$");
  switch (language_of(path)) {
    case Language::python: return matches(name, kPython);
    case Language::javascript:
    case Language::typescript:
    case Language::tsx: return matches(name, kJs) || matches(path, kJsFolder);
    case Language::go: return matches(name, kGo);
    case Language::java: return matches(path, kJava);
    case Language::rust: return matches(name, kRust) && (path.find("tests/") != path.npos || name == "tests.rs" || name == "test.rs");
    case Language::c:
    case Language::cpp: return matches(path, kCpp);
    default: return false;
  }
}

bool may_hold_tests(std::string_view path) {
  if (is_test_path(path)) return true;
  static const RE2 kFolder("(?i)(^|/)(tests?|testing|specs?|__tests__|testsuite|unittests?)(/|$)");
  const Language language = language_of(path);
  return language == Language::rust || language == Language::cpp || language == Language::c || language == Language::java || matches(path, kFolder);
}

TestFile read_test_file(std::string_view path, std::string_view text) { return Reader(path, text).run(); }

}  // namespace baton::audit
