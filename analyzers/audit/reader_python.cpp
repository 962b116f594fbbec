#include "analyzers/audit/test_reader.h"

namespace baton::audit {

// `try: import a` with a handler for its absence. What else is done there may fail the same way, so that nothing is known then. Of what
// the file uses the package alone counts; what is only imported may be a name that nothing has.
std::set<std::string> TestReader::optional_imports(TSNode attempt) {
  std::set<std::string> modules, known;
  bool alone = true, handled = false;
  const auto imports = [&](const std::string& full, const std::string& used_as) {
    const auto first = text_.find(used_as), again = first == text_.npos ? first : text_.find(used_as, first + 1);
    const std::string package = full.substr(0, full.find('.'));
    known.insert({package, full});
    modules.insert(again == text_.npos ? full : package);
  };
  each_child(field(attempt, "body"), [&](TSNode statement) {
    const std::string_view kind = type(statement);
    if (kind == "import_from_statement" || kind == "import_statement") {
      const std::string_view from = text_of(field(statement, "module_name"));
      each_child(statement, [&](TSNode one) {
        if (!none(field(statement, "module_name")) && ts_node_eq(one, field(statement, "module_name"))) return;
        const std::string name(text_of(type(one) == "aliased_import" ? field(one, "name") : one));
        imports(from.empty() ? name : std::string(from) + "." + name, type(one) == "aliased_import" ? std::string(text_of(field(one, "alias"))) : name);
      });
    } else {
      alone = alone && (kind == "comment" || kind == "pass_statement" || (kind == "expression_statement" && type(ts_node_named_child(statement, 0)) == "assignment" && is_literal(text_of(field(ts_node_named_child(statement, 0), "right")))));
    }
  });
  static const RE2 kAbsent("^except\\s*\\(?\\s*(ImportError|ModuleNotFoundError)\\b");
  each_child(attempt, [&](TSNode child) { handled = handled || (type(child) == "except_clause" && matches(text_of(child), kAbsent)); });
  if (!alone || !handled) return {};
  file_.optional.merge(known);
  return modules;
}

bool TestReader::python(TSNode node, std::string_view kind, const Around& around, int depth) {
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
    inside.arms.clear();
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

}  // namespace baton::audit
