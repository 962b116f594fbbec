#include "analyzers/audit/test_reader.h"

namespace baton::audit {

bool TestReader::javascript(TSNode node, std::string_view kind, const Around& around, int depth) {
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
  if (kind == "arrow_function" && type(field(node, "body")) != "statement_block" && type(ts_node_parent(node)) == "variable_declarator") answer(field(node, "body"), around);
  if (kind == "if_statement" || kind == "ternary_expression") return false;
  if (kind == "function_declaration" || kind == "method_definition" || (kind == "variable_declarator" && is_function(field(node, "value")))) {
    const std::string name(text_of(field(node, "name")));
    const bool imported = file_.imports.count(name) > 0;
    if (around.unit != 0 && !unit(around).is_group && kind != "function_declaration") return false;
    Around inside = around;
    inside.condition.clear();
    inside.arms.clear();
    inside.unit = begin_unit(node, name, around, false);
    inside.scope = file_.units[inside.unit].qualified;
    if (imported) add_replacement(around, name, false, node);
    visit_children(node, inside, depth);
    return true;
  }
  return false;
}

bool TestReader::is_function(TSNode node) {
  const std::string_view kind = type(node);
  return kind == "arrow_function" || kind == "function_expression" || kind == "function";
}

bool TestReader::javascript_test(TSNode node, const Around& around, int depth) {
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
  inside.arms.clear();
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
  // `test("adds", adds(1, 2))`: what it runs is made by a function.
  if (const TSNode made = count > 1 ? ts_node_named_child(arguments, 1) : TSNode{}; type(made) == "call_expression" && type(field(made, "function")) == "identifier")
    unit(inside).calls.push_back({std::string(text_of(field(made, "function"))), std::string(text_of(made)), line, false, {}, true});
  // `test("adds", adds, 1, 2)`: what it runs is a function, which is handed what follows.
  if (count > 1 && type(ts_node_named_child(arguments, 1)) == "identifier") {
    const std::string name(text_of(ts_node_named_child(arguments, 1)));
    const std::string_view given = text_of(arguments);
    const auto from = text_of(ts_node_named_child(arguments, 1)).data() - given.data() + static_cast<std::ptrdiff_t>(name.size());
    std::string_view rest = given.substr(static_cast<std::size_t>(from));
    if (rest.starts_with(',')) rest.remove_prefix(1);
    unit(inside).calls.push_back({name, name + "(" + std::string(trimmed(rest)), line, false, {}, true});
  }
  if (type(field(node, "function")) == "call_expression") iterations(field(node, "function"), "call_expression", inside);
  if (type(field(node, "function")) == "call_expression") visit(field(field(node, "function"), "arguments"), inside, depth + 1);
  if (type(field(node, "function")) == "call_expression" && type(field(field(node, "function"), "arguments")) == "template_string") template_rows(field(field(node, "function"), "arguments"), inside);
  visit_children(arguments, inside, depth);
  return true;
}

std::string TestReader::condition_of(std::string_view text) {
  const auto chain = chain_of(text);
  return chain.empty() || chain.back().arguments.empty() ? std::string() : std::string(chain.back().arguments[0]);
}

// it.each`a | b` tables: a row a line.
void TestReader::template_rows(TSNode node, const Around& around) {
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

}  // namespace baton::audit
