#include "analyzers/audit/test_reader.h"

#include <algorithm>

#include "analyzers/audit/check_parts.h"

namespace baton::audit {
namespace {

constexpr std::size_t kMaxRows = 400;
constexpr std::size_t kMaxCall = 10'000;  // a table is often the argument of a call

}  // namespace

void TestReader::remember_value(TSNode node, const Around& around) {
  TSNode left = field(node, "left"), right = field(node, "right");
  if (none(left)) left = field(node, "pattern");
  if (none(left)) left = field(node, "name");
  if (none(left)) left = field(node, "declarator");
  if (none(right)) right = field(node, "value");
  if (none(left) || none(right)) return;
  const std::string_view value = text_of(right);
  remember_constant(text_of(left), right, around);
  if (value.size() > 300) return;
  auto& values = values_[around.unit];
  const auto names = split_arguments(text_of(left)), given = split_arguments(value);
  const bool each_its_own = names.size() > 1 && names.size() == given.size();  // `got, want := f(), 3`
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::string name(names[i]);
    if (name.starts_with("mut ")) name = name.substr(4);
    if (name.ends_with("[]") && is_literal(value)) name.resize(name.size() - 2);  // `char json[] = "…"`
    values[name] = each_its_own ? normalised(given[i]) : normalised(value) + (names.size() > 1 ? "#" + std::to_string(i) : "");
  }
}

// A name that was given a value before stands for that value.
std::string TestReader::resolved(const std::string& text, std::size_t unit) const {
  const auto values = values_.find(unit);
  if (values == values_.end()) return text;
  static constexpr std::string_view kErrorText = ".Error()";  // of Go, which says what an error is by its text
  if (text.ends_with(kErrorText)) return resolved(text.substr(0, text.size() - kErrorText.size()), unit) + std::string(kErrorText);
  const auto at = values->second.find(text);
  return at == values->second.end() || at->second == text ? text : at->second;
}

// Python's `'%r of %r' % ('a', 2)`, where all that goes in is known, as `"'a' of 2"`.
std::string TestReader::formatted(const std::string& code, std::size_t unit) const {
  static const RE2 kFormat("^u?'(.*)'%(.+)$"), kHole("%([rsd])"), kText("^[ub]?'(.*)'$");
  std::string text, values, out;
  if (language_ != Language::python || !RE2::FullMatch(code, kFormat, &text, &values) || text.find("%%") != text.npos) return code;
  values = resolved(values, unit);
  if (values.starts_with('(') && values.ends_with(')')) values = values.substr(1, values.size() - 2);
  const auto given = split_arguments(values);
  re2::StringPiece left(text);
  std::size_t done = 0;
  std::string conversion;
  for (const std::string_view one : given) {
    const std::string value = resolved(std::string(one), unit);
    std::string inside;
    const char* const begin = left.data();
    if (!RE2::FindAndConsume(&left, kHole, &conversion)) return code;
    out.append(begin, static_cast<std::size_t>(left.data() - begin) - 2);
    if (RE2::FullMatch(value, kText, &inside)) out += conversion == "r" ? "'" + inside + "'" : inside;
    else if (number_of(value)) out += value;
    else return code;
    ++done;
  }
  out.append(left.data(), left.size());
  return done > 0 && !matches(left, kHole) ? "'" + out + "'" : code;
}

// `[f(1), g(2)] == [3, 4]` as what it insists on of each.
bool TestReader::add_parts(const Check& check, TSNode node, std::string_view text, const Around& around) {
  if (check.kind != CheckKind::equal || check.negated) return false;
  if (const std::string compared = resolved(check.subject, around.unit); check.expected == "''" && compared.starts_with("cmp.Diff(")) {  // Go: without options it says whether two are equal
    const auto chain = chain_of(compared);
    const bool plain = chain.size() == 2 && chain[1].arguments.size() == 2;
    if (plain) add_check(check_of_equality(chain[1].arguments[1], chain[1].arguments[0]), node, text, around);
    return plain;
  }
  std::vector<Check> parts;
  for (const auto& [subject, expected] : parts_of(resolved(check.subject, around.unit), resolved(check.expected, around.unit), language_)) {
    Check part = check_of_equality(subject, expected);
    part.part = true;
    if (part.strength > 0) parts.push_back(std::move(part));
  }
  for (const Check& part : parts) add_check(part, node, text, around);
  return !parts.empty();
}

void TestReader::add_check(Check check, TSNode node, std::string_view text, const Around& around) {
  if (around.dead || add_parts(check, node, text, around)) return;
  TestUnit& in = unit(around);
  if (in.checks.size() > 5000) return;
  check.line = line_of(node);
  check.end_line = end_line_of(node);
  check.text = std::string(text.substr(0, 300));
  check.swallowed = around.swallowed;
  check.condition = around.condition;
  check.otherwise = around.otherwise;
  check.in_loop = around.in_loop;
  check.arms = around.arms;
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
  if (check.kind == CheckKind::equal) check.value = expected;
  if (is_literal(expected)) check.expected = expected;
  if (check.kind == CheckKind::equal) check.expected = formatted(check.expected, around.unit);
  // `assert content == join(stream)`, where what has that name is written out above.
  if (check.kind == CheckKind::equal && is_literal(subject) && !is_literal(check.expected)) std::swap(check.subject, check.expected);
  check.plain = plain_claim(check, language_);
  check.is_true = check.is_true || (language_ == Language::go && check.kind == CheckKind::truthy && !check.negated && check.op.empty() && check.claim.empty());  // what stands alone in a condition of Go is a truth value
  const TSNode up = ts_node_parent(node);
  check.awaited = type(up) == "await_expression" || type(up) == "await" || type(up) == "return_statement" || type(up) == "arrow_function";
  in.checks.push_back(std::move(check));
}

void TestReader::add_row(std::string_view values, TSNode node, std::string_view text, const Around& around) {
  const auto parts = split_arguments(values);
  Check row;
  row.kind = CheckKind::row;
  row.strength = 4;
  row.subject = normalised(values);
  if (parts.size() > 1) {
    row.expected = normalised(parts.back());
    row.subject = normalised(values.substr(0, static_cast<std::size_t>(parts.back().data() - values.data())));
  }
  add_check(std::move(row), node, text, around);
}

void TestReader::call(TSNode node, const Around& around) {
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

void TestReader::remember_call(TSNode node, std::string_view text, const Around& around) {
  if (around.dead || text.size() > kMaxCall || unit(around).calls.size() > 3000) return;
  const auto chain = chain_of(text);
  if (chain.empty()) return;
  unit(around).calls.push_back({std::string(chain.back().name), std::string(text), line_of(node), around.swallowed, around.condition});
}

// `json j = {{"a", 1}, {"b", 2}};`: one thing, of a type that is no list of others.
bool TestReader::is_one_value(TSNode list) const {
  const TSNode up = ts_node_parent(list);
  if ((language_ != Language::cpp && language_ != Language::c) || type(up) != "init_declarator" || type(field(up, "declarator")) != "identifier") return false;
  static const RE2 kMany("(?i)(vector|array|list|set|map|deque|span|queue|auto|cases|tests|params|table|data)");
  return !matches(text_of(field(ts_node_parent(up), "type")), kMany);
}

// Cases of tables: containers inside a container.
void TestReader::rows(TSNode node, std::string_view kind, const Around& around) {
  const bool list = kind == "list" || kind == "array" || kind == "tuple" || kind == "set" || kind == "literal_value" || kind == "initializer_list" ||
                    kind == "array_initializer" || kind == "element_value_array_initializer" || kind == "array_expression";
  static const RE2 kValues("^(::)?(testing::)?Values$");  // of GoogleTest
  const bool values = kind == "argument_list" && matches(text_of(field(ts_node_parent(node), "function")), kValues);
  if ((!list && !values) || around.dead || is_one_value(node)) return;
  const std::string_view up = type(ts_node_parent(node));
  if (up == "literal_element" || up == "keyed_element" || up == "pair" || up == "list" || up == "tuple" || up == "array" || up == "object") return;
  if (up == "comparison_operator") return;  // `x in [(1, 2), (3, 4)]`
  std::vector<TSNode> elements;
  bool plain = false;
  each_child(node, [&](TSNode child) {
    std::string_view kind_of = type(child);
    if (kind_of == "comment") return;
    TSNode inside = child;
    if (kind_of == "literal_element") inside = ts_node_named_child(child, 0), kind_of = type(inside);
    const bool container = kind_of == "tuple" || kind_of == "list" || kind_of == "array" || kind_of == "object" || kind_of == "literal_value" || kind_of == "dictionary" ||
                           kind_of == "initializer_list" || kind_of == "tuple_expression" || kind_of == "array_expression" || kind_of == "composite_literal" ||
                           kind_of == "struct_expression" || kind_of == "compound_literal_expression" || (values && kind_of == "call_expression") || (kind_of == "call" && text_of(inside).starts_with("pytest.param"));
    plain = plain || !container;
    elements.push_back(child);
  });
  if (elements.empty() || elements.size() > kMaxRows) return;
  if (plain && !is_case_list(node)) return;
  for (const TSNode element : elements) {
    const std::string_view text = trimmed(text_of(element));
    Check row = row_of(text, plain, around);
    row.line = line_of(element);
    row.end_line = end_line_of(element);
    row.text = std::string(text.substr(0, 300));
    unit(around).checks.push_back(std::move(row));
  }
}

// `(1, 2, 3)`: the last is what is expected, where it is no single value.
Check TestReader::row_of(std::string_view inside, bool single, const Around& around) const {
  Check row;
  row.kind = CheckKind::row;
  row.strength = 4;
  if (const auto open = inside.find_first_of("([{"); open != inside.npos && !single) inside = inside.substr(open + 1, inside.size() - open - 2);
  auto parts = split_arguments(inside);
  // How a case is called and where it runs is no part of it.
  while (parts.size() > 1 && (parts.back().starts_with("marks=") || parts.back().starts_with("id="))) {
    inside = inside.substr(0, static_cast<std::size_t>(parts.back().data() - inside.data()));
    parts.pop_back();
  }
  row.subject = normalised(inside);
  if (parts.size() > 1 && !single) {
    row.expected = resolved(normalised(parts.back()), around.unit);
    row.subject = normalised(inside.substr(0, static_cast<std::size_t>(parts.back().data() - inside.data())));
  }
  return row;
}

// The name that a map is given, or whether it is gone through where it stands.
std::string TestReader::map_name(TSNode node, bool& gone_through) const {
  TSNode inside = node, up = ts_node_parent(node);
  static const std::set<std::string_view> kAround = {"composite_literal", "expression_list", "attribute", "call", "argument_list", "arguments", "call_expression", "member_expression", "parenthesized_expression", "satisfies_expression", "as_expression"};
  for (int i = 0; i < 6 && !none(up) && kAround.count(type(up)) > 0; ++i) inside = up, up = ts_node_parent(up);
  const std::string_view kind = none(up) ? std::string_view() : type(up);
  const auto is_of = [&](const char* name) { return !none(field(up, name)) && ts_node_eq(field(up, name), inside); };
  gone_through = (kind == "for_statement" || kind == "for_in_statement" || kind == "range_clause") && is_of("right");
  if (kind == "assignment" || kind == "short_var_declaration" || kind == "assignment_statement") return std::string(text_of(field(up, "left")));
  if (kind == "variable_declarator" || kind == "var_spec") return std::string(text_of(field(up, "name")));
  return {};
}

// Cases in a map: `{"one": (1, 2, 3)}`, `{"IV": 4}`, `map[string]struct{…}{"one": {1, 2, 3}}`, where tests go through it.
void TestReader::map_rows(TSNode node, std::string_view kind, const Around& around) {
  if ((kind != "dictionary" && kind != "object" && kind != "literal_value") || around.dead) return;
  if (kind == "literal_value" && type(field(ts_node_parent(node), "type")) != "map_type") return;
  MapRows found{{}, around.unit, {}};
  bool gone_through = false;
  found.name = map_name(node, gone_through);
  if (!gone_through && found.name.empty()) return;
  bool all = true;
  each_child(node, [&](TSNode pair) {
    if (type(pair) == "comment") return;
    if (ts_node_named_child_count(pair) != 2 || (type(pair) != "pair" && type(pair) != "keyed_element") || found.rows.size() >= kMaxRows) {
      all = false;
      return;
    }
    const auto plain = [&](TSNode part) { return type(part) == "literal_element" ? ts_node_named_child(part, 0) : part; };
    const TSNode value = plain(ts_node_named_child(pair, 1));
    const std::string_view key = text_of(plain(ts_node_named_child(pair, 0))), kind_of = type(value);
    static const std::set<std::string_view> kWhole = {"tuple", "list", "array", "object", "dictionary", "literal_value", "composite_literal"};
    static const std::set<std::string_view> kFunctions = {"func_literal", "arrow_function", "function_expression", "function", "lambda"};
    if (kFunctions.count(kind_of) > 0) all = false;  // what is done there, and no case of it
    const bool whole = kWhole.count(kind_of) > 0;
    Check row = whole ? row_of(text_of(value), false, around) : row_of("(" + std::string(key) + ", " + std::string(text_of(value)) + ")", false, around);
    if (whole) row.label = is_literal(key) ? normalised(key) : "'" + std::string(key) + "'";
    row.line = line_of(pair);
    row.end_line = end_line_of(pair);
    row.text = std::string(trimmed(text_of(pair)).substr(0, 300));
    found.rows.push_back(std::move(row));
  });
  if (!all || found.rows.empty()) return;
  if (!gone_through) map_rows_.push_back(std::move(found));
  else unit(around).checks.insert(unit(around).checks.end(), found.rows.begin(), found.rows.end());
}

void TestReader::name_map_rows() {
  for (const MapRows& map : map_rows_) {
    const bool local = map.unit != 0 && !file_.units[map.unit].is_group;
    const auto goes_through = [&](const TestUnit& unit) {
      return (!local || &unit == &file_.units[map.unit]) && std::any_of(unit.iterations.begin(), unit.iterations.end(), [&](const Iteration& one) { return one.name == map.name; });
    };
    if (std::none_of(file_.units.begin(), file_.units.end(), goes_through)) continue;
    auto& checks = file_.units[map.unit].checks;
    checks.insert(checks.end(), map.rows.begin(), map.rows.end());
    if (const auto value = file_.values.find(map.name); value != file_.values.end()) value->second.rows = true;
  }
}

// The list of a parametrisation, whose plain elements are cases.
bool TestReader::is_case_list(TSNode node) const {
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

}  // namespace baton::audit
