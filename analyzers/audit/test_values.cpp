// What names outside of the tests stand for, and what is gone through case by case.
#include <algorithm>

#include "analyzers/audit/test_reader.h"

namespace baton::audit {
namespace {

constexpr std::size_t kMaxElements = 2000, kMaxIterations = 200, kMaxScalar = 300;

bool is_list(std::string_view kind) {
  return kind == "list" || kind == "tuple" || kind == "set" || kind == "array" || kind == "dictionary" || kind == "object" || kind == "literal_value" || kind == "initializer_list" ||
         kind == "array_initializer" || kind == "array_expression";
}

bool is_container(std::string_view kind) { return is_list(kind) || kind == "tuple_expression" || kind == "composite_literal" || kind == "struct_expression"; }

// The list behind a type, a cast or a reference: `[]int{1, 2}`, `[1, 2] as const`, `&[1, 2]`, `Object.freeze([1, 2])`.
TSNode inner_list(TSNode node) {
  for (int i = 0; i < 4 && !none(node) && !is_list(type(node)); ++i) {
    const std::string_view kind = type(node);
    if (kind == "composite_literal") node = field(node, "body");
    else if (kind == "call_expression" || kind == "call") node = field(node, "arguments");
    else if (kind == "reference_expression" || kind == "subscript") node = field(node, "value");
    else if (kind == "expression_list" || kind == "as_expression" || kind == "arguments" || kind == "argument_list" || kind == "satisfies_expression") node = ts_node_named_child(node, 0);
    else return {};
  }
  return is_list(type(node)) ? node : TSNode{};
}

// What no number is over.
std::string without_end(std::string_view text) {
  static const RE2 kEndless("(?i)(\\binf(inity)?\\b|numeric_limits.*(max|infinity)\\(|\\bMAX_VALUE\\b|sys\\.(maxsize|float_info\\.max)|\\bf(32|64)::(MAX|INFINITY)|Max(Float|Int)\\d+|\\b(DBL|FLT)_MAX\\b|HUGE_VAL)");
  return matches(text, kEndless) ? "inf" : normalised(text);
}

// `[:]` takes all.
const RE2& takes_a_part() {
  static const RE2 pattern(
      "\\[[^\\[\\]:]+:[^\\[\\]]*\\]|\\[:[^\\[\\]]+\\]|\\[[^\\[\\]]*\\.\\.[^\\[\\]]+\\]|\\[[^\\[\\]]+\\.\\.\\]|\\.(slice|splice|subList|limit|take|skip|step_by|filter|head|tail|first)\\(|\\b(islice|sample|filter|takewhile|dropwhile)\\(");
  return pattern;
}

// What is gone through, without what only wraps it.
std::string name_gone_through(std::string_view text) {
  static const std::set<std::string> kWraps = {"enumerate", "zip", "list", "tuple", "sorted", "reversed", "iter", "into_iter", "iter_mut", "items", "values", "keys", "entries", "Object", "itertools", "islice", "slice", "splice", "subList",
                                               "limit", "take", "skip", "step_by", "filter", "random", "sample", "range", "len", "self", "this", "cls", "stream", "Arrays", "asList", "copied", "cloned", "map", "forEach", "head", "tail", "first"};
  for (const std::string& token : tokens(text)) {
    const bool name = token[0] != '\'' && !std::isdigit(static_cast<unsigned char>(token[0])) && token[0] != '-';
    if (name && kWraps.count(token) == 0) return token;
  }
  return {};
}

}  // namespace

// Outside of the tests, and of what only runs once it is called.
bool TestReader::stands_outside(std::string_view name, const Around& around) const {
  const TestUnit& in = file_.units[around.unit];
  const bool member = name.starts_with("self.") || name.starts_with("this.") || name.starts_with("cls.");
  if (!member && around.unit != 0 && !in.is_group) return false;
  return !around.dead && (file_.of_tests || (language_ == Language::rust && around.scope.find("test") != std::string::npos));
}

void TestReader::remember_constant(std::string_view name, TSNode value, const Around& around) {
  if (!stands_outside(name, around) || none(value)) return;
  NamedValue found;
  found.line = line_of(value);
  found.end_line = end_line_of(value);
  TSNode list = inner_list(value);
  const std::string_view text = text_of(value);
  if (!none(list) && type(list) == "initializer_list" && ts_node_named_child_count(list) == 1) {
    const std::string_view inside = text_of(ts_node_named_child(list, 0));
    if (is_literal(inside)) found.value = normalised(inside);  // `double kEps{1e-6}`
  }
  if (found.value.empty() && !none(list)) {
    found.list = true;
    found.rows = ts_node_named_child_count(list) > 0;
    each_child(list, [&](TSNode child) {
      if (type(child) == "comment" || found.elements.size() >= kMaxElements) return;
      const TSNode inside = type(child) == "literal_element" ? ts_node_named_child(child, 0) : child;
      const std::string element = normalised(text_of(child));
      found.rows = found.rows && (is_container(type(inside)) || element.starts_with("pytest.param("));
      found.elements.push_back(element);
    });
    found.value = normalised(text.substr(0, 20'000));
    if (type(value) == "subscript") unit(around).iterations.push_back({std::string(name), std::string(text.substr(0, 200)), found.line});
  } else if (found.value.empty()) {
    if (text.size() > kMaxScalar) return;
    found.value = without_end(text);
    if (found.value != "inf" && !is_literal(text)) {
      // `CASES = CASES[:1]`
      if (matches(text, takes_a_part()) && name_gone_through(text) == name) unit(around).iterations.push_back({std::string(name), std::string(text), found.line});
      return;
    }
  }
  const auto dot = name.find_last_of(".:");
  file_.values[std::string(dot == name.npos ? name : name.substr(dot + 1))] = std::move(found);
}

// `#define EPS 1e-6`, `const EPS: f64 = 1e-6`, `const eps = 1e-6`: what the other languages say by assignment.
void TestReader::remember_declared(TSNode node, std::string_view kind, const Around& around) {
  if (kind != "preproc_def" && kind != "const_item" && kind != "static_item" && kind != "const_spec") return;
  if (kind != "preproc_def") {
    if (around.unit != 0) remember_value(node, around);
    else remember_constant(text_of(field(node, "name")), field(node, "value"), around);
    return;
  }
  const std::string_view name = text_of(field(node, "name")), text = trimmed(text_of(field(node, "value")));
  if (!stands_outside(name, around) || !is_literal(text)) return;
  file_.values[std::string(name)] = {normalised(text), {}, false, false, line_of(node), line_of(node)};
}

void TestReader::gone_through(TSNode what, const Around& around, std::string_view condition) {
  if (none(what) || around.dead || unit(around).iterations.size() >= kMaxIterations) return;
  const std::string_view text = text_of(what);
  if (text.size() > 4000) return;
  TSNode list = type(what) == "subscript" ? field(what, "value") : what;
  const bool of_a_type = type(what) == "composite_literal" || type(what) == "reference_expression";  // `[]string{"a"}`, `&["a"]`
  if (of_a_type && !none(inner_list(what))) list = inner_list(what);
  const bool written_out = is_list(type(list));
  const std::string flat = normalised(!written_out ? text : of_a_type ? std::string_view() : text.substr(text_of(list).size()));
  const bool part = matches(flat, takes_a_part());
  Iteration found{written_out ? std::string() : name_gone_through(flat), {}, line_of(what)};
  if (part) found.part = std::string(text.substr(0, 200));
  else if (!condition.empty()) found.part = std::string(condition.substr(0, 200));
  // `[CASES[0]]`
  static const RE2 kPicked("\\b([A-Za-z_]\\w*)\\[-?\\d+\\]");
  if (written_out && RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), kPicked, &found.name)) found.part = std::string(text.substr(0, 200));
  if (found.name.empty() && !written_out) return;
  if (written_out && found.part.empty()) {
    for (const std::string& one : literals(text)) {
      if (one[0] == '\'' && one.size() > 2) found.elements.push_back(one.substr(1, one.size() - 2));
    }
  }
  unit(around).iterations.push_back(std::move(found));
}

// The loop is over after its first turn.
bool TestReader::ends_its_loop(TSNode loop) const {
  bool ends = false;
  each_child(field(loop, "body"), [&](TSNode child) {
    const TSNode inside = type(child) == "statement_list" ? ts_node_named_child(child, ts_node_named_child_count(child) > 0 ? ts_node_named_child_count(child) - 1 : 0) : child;
    ends = ends || type(inside) == "break_statement" || type(inside) == "return_statement" || (type(inside) == "expression_statement" && type(ts_node_named_child(inside, 0)) == "break_expression");
  });
  return ends;
}

void TestReader::iterations(TSNode node, std::string_view kind, const Around& around) {
  if (kind == "range_clause") gone_through(field(node, "right"), around, ends_its_loop(ts_node_parent(node)) ? "the loop ends after its first turn" : "");
  else if (kind == "for_statement" || kind == "for_in_statement" || kind == "for_range_loop") gone_through(field(node, "right"), around, ends_its_loop(node) ? "the loop ends after its first turn" : "");
  else if (kind == "for_expression" || kind == "enhanced_for_statement") gone_through(field(node, "value"), around, ends_its_loop(node) ? "the loop ends after its first turn" : "");
  else if (kind == "for_in_clause") {
    TSNode condition{};
    each_child(ts_node_parent(node), [&](TSNode child) {
      if (type(child) == "if_clause") condition = child;
    });
    gone_through(field(node, "right"), around, text_of(condition));
  } else if (kind == "call" || kind == "call_expression") {
    const TSNode function = field(node, "function"), arguments = field(node, "arguments");
    const std::string_view callee = text_of(function);
    if (type(function) == "member_expression" && (callee.ends_with(".forEach") || callee.ends_with(".map"))) gone_through(field(function, "object"), around);
    static const RE2 kParametrises("(?i)(^|\\.)(parametri[sz]e|each|expand|data|fixture)$");
    if (callee.size() > 60 || !matches(callee, kParametrises)) return;
    each_child(arguments, [&](TSNode argument) {
      if (type(argument) == "list_splat") argument = ts_node_named_child(argument, 0);
      if (type(argument) == "keyword_argument") argument = field(argument, "value");
      if (type(argument) != "string") gone_through(argument, around);
    });
  }
}

// `for word in ("a", "b"):`, `["a", "b"].forEach(…)`, `for _, word := range []string{"a", "b"}`.
TSNode TestReader::list_run_over(TSNode node, std::string_view kind) const {
  const auto if_written_out = [](TSNode what) { return !none(what) && (is_list(type(what)) || type(what) == "composite_literal" || type(what) == "reference_expression") ? what : TSNode{}; };
  if (kind == "for_statement" || kind == "for_in_statement" || kind == "for_range_loop") {
    if (const TSNode list = if_written_out(field(node, "right")); !none(list)) return list;
    const TSNode clause = kind == "for_statement" ? ts_node_named_child(node, 0) : TSNode{};
    return type(clause) == "range_clause" ? if_written_out(field(clause, "right")) : TSNode{};
  }
  if (kind == "for_expression" || kind == "enhanced_for_statement") return if_written_out(field(node, "value"));
  const TSNode function = kind == "call_expression" ? field(node, "function") : TSNode{};
  return type(function) == "member_expression" && text_of(field(function, "property")) == "forEach" ? if_written_out(field(function, "object")) : TSNode{};
}

void TestReader::answer(TSNode value, const Around& around) {
  TestUnit& in = unit(around);
  if (none(value) || around.dead || in.is_test || in.is_group || around.unit == 0 || in.answers.size() > 20) return;
  in.answers.push_back(normalised(text_of(value).substr(0, 2000)));
}

// What a fixture gives is the value of its name.
void TestReader::name_answers() {
  if (language_ != Language::python || !file_.of_tests) return;
  for (const TestUnit& unit : file_.units) {
    if (unit.is_test || unit.is_group || unit.answers.size() != 1 || !is_literal(unit.answers[0]) || unit.answers[0].find_first_of("[{(") == 0) continue;
    file_.values.try_emplace(unit.name, NamedValue{unit.answers[0], {}, false, false, unit.line, unit.end_line});
  }
}

}  // namespace baton::audit
