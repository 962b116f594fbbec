#include "analyzers/public_api.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>

#include "analyzers/audit/test_file.h"
#include "analyzers/syntax_tree.h"

namespace baton {
namespace {

constexpr int kMaxNesting = 40;

bool is_upper(std::string_view name) {
  return !name.empty() && std::isupper(static_cast<unsigned char>(name.front()));
}

// What is the same however it is laid out is the same.
std::string evened_out(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool space = std::isspace(static_cast<unsigned char>(c));
    if (space && (out.empty() || out.back() == ' ' || out.back() == '(' || out.back() == '[')) continue;
    if ((c == ')' || c == ']' || c == ',' || c == ';') && !out.empty() && out.back() == ' ') out.pop_back();
    if ((c == ')' || c == ']') && !out.empty() && out.back() == ',') out.pop_back();
    out += space ? ' ' : c;
  }
  const auto trim = [&](std::string_view marks) { out.resize(out.find_last_not_of(marks) + 1); };
  trim(" {:;=");
  if (out.ends_with("=>")) out.resize(out.size() - 2);
  trim(" ");
  return out;
}

class ApiReader {
 public:
  ApiReader(std::string_view text, Language language) : text_(text), language_(language) {}

  std::vector<ApiDeclaration> run(TSNode root) {
    switch (language_) {
      case Language::python:
        python(root);
        break;
      case Language::javascript:
      case Language::typescript:
      case Language::tsx:
        script(root);
        break;
      case Language::go:
        go(root);
        break;
      case Language::rust:
        rust(root, "", 0);
        break;
      case Language::java:
        java(root, "", false, 0);
        break;
      case Language::c:
      case Language::cpp:
        header(root, "", true, 0);
        break;
      default:
        break;
    }
    return std::move(found_);
  }

 private:
  // --- nodes

  static bool is(TSNode node, std::string_view type) { return !ts_node_is_null(node) && ts_node_type(node) == type; }
  static TSNode field(TSNode node, std::string_view name) {
    return ts_node_is_null(node)
               ? node
               : ts_node_child_by_field_name(node, name.data(), static_cast<std::uint32_t>(name.size()));
  }
  std::string_view text_of(TSNode node) const {
    if (ts_node_is_null(node)) return {};
    const auto start = ts_node_start_byte(node), end = ts_node_end_byte(node);
    return text_.substr(start, end - start);
  }
  std::string name_of(TSNode node) const { return std::string(text_of(field(node, "name"))); }

  template <class Visit>
  static void each(TSNode node, const Visit& visit) {
    const std::uint32_t count = ts_node_is_null(node) ? 0 : ts_node_named_child_count(node);
    for (std::uint32_t i = 0; i < count; ++i) visit(ts_node_named_child(node, i));
  }

  static TSNode child_of_type(TSNode node, std::string_view type) {
    TSNode found{};
    each(node, [&](TSNode child) {
      if (ts_node_is_null(found) && is(child, type)) found = child;
    });
    return found;
  }

  void leave_out_comments(TSNode node, std::uint32_t end,
                          std::vector<std::pair<std::uint32_t, std::uint32_t>>& comments, int depth = 0) const {
    if (depth > kMaxNesting || ts_node_start_byte(node) >= end) return;
    const std::string_view type = ts_node_type(node);
    if (type.ends_with("comment"))
      comments.emplace_back(ts_node_start_byte(node), ts_node_end_byte(node));
    else
      each(node, [&](TSNode child) { leave_out_comments(child, end, comments, depth + 1); });
  }

  // From the start of a declaration to its body; the whole where there is none.
  std::string form_of(TSNode node, TSNode body = {}) const {
    const std::uint32_t start = ts_node_start_byte(node),
                        end = ts_node_is_null(body) ? ts_node_end_byte(node) : ts_node_start_byte(body);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> comments;
    leave_out_comments(node, end, comments);
    std::string text;
    std::uint32_t at = start;
    for (const auto& [from, to] : comments) {
      if (from < at || from >= end) continue;
      text += text_.substr(at, from - at);
      text += ' ';
      at = to;
    }
    if (at < end) text += text_.substr(at, end - at);
    return evened_out(text);
  }

  void add(const std::string& scope, std::string_view separator, const std::string& name, std::string form) {
    if (!name.empty())
      found_.push_back({scope.empty() ? name : scope + std::string(separator) + name, std::move(form)});
  }

  // --- Python

  static bool is_private(std::string_view name) {
    return name.starts_with('_') && !(name.starts_with("__") && name.ends_with("__"));
  }

  void python(TSNode root) {
    std::optional<std::set<std::string>> listed;
    each(root, [&](TSNode statement) { python_statement(statement, "", listed); });
    if (!listed) return;
    std::erase_if(found_,
                  [&](const ApiDeclaration& one) { return !listed->contains(one.name.substr(0, one.name.find('.'))); });
  }

  void python_statement(TSNode statement, const std::string& scope, std::optional<std::set<std::string>>& listed) {
    const TSNode definition = is(statement, "decorated_definition") ? field(statement, "definition") : statement;
    const bool type = is(definition, "class_definition");
    if (type || is(definition, "function_definition")) {
      const std::string name = name_of(definition);
      if (is_private(name)) return;
      add(scope, ".", name, form_of(statement, field(definition, "body")));
      if (type && scope.empty())
        each(field(definition, "body"), [&](TSNode member) { python_statement(member, name, listed); });
      return;
    }
    const TSNode assignment = is(statement, "expression_statement") ? child_of_type(statement, "assignment") : TSNode{};
    const TSNode left = field(assignment, "left"), right = field(assignment, "right");
    if (!scope.empty() || !is(left, "identifier")) return;
    const std::string name(text_of(left));
    if (name == "__all__") {
      listed.emplace();
      each(right, [&](TSNode one) {
        const std::string_view word = text_of(one);
        if (is(one, "string") && word.size() > 2) listed->insert(std::string(word.substr(1, word.size() - 2)));
      });
    } else if (!name.starts_with('_')) {
      add("", ".", name, form_of(assignment, right));
    }
  }

  // --- JavaScript, TypeScript

  void script(TSNode root) {
    std::map<std::string, TSNode> known;  // declarations of the file by their names
    each(root, [&](TSNode statement) {
      if (!is(statement, "export_statement"))
        script_names(statement, [&](const std::string& name, TSNode node) { known[name] = node; });
    });
    each(root, [&](TSNode statement) {
      if (is(statement, "export_statement"))
        script_export(statement, known);
      else if (is(statement, "expression_statement"))
        module_export(ts_node_named_child(statement, 0), known);
    });
  }

  template <class Visit>
  void script_names(TSNode declaration, const Visit& visit) const {
    if (is(declaration, "lexical_declaration") || is(declaration, "variable_declaration")) {
      each(declaration, [&](TSNode one) {
        if (is(one, "variable_declarator") && is(field(one, "name"), "identifier")) visit(name_of(one), one);
      });
    } else if (is(declaration, "ambient_declaration")) {
      each(declaration, [&](TSNode one) { script_names(one, visit); });
    } else if (!ts_node_is_null(field(declaration, "name"))) {
      visit(name_of(declaration), declaration);
    }
  }

  void script_export(TSNode statement, const std::map<std::string, TSNode>& known) {
    const TSNode declaration = field(statement, "declaration"), clause = child_of_type(statement, "export_clause");
    const bool by_default = text_of(statement).starts_with("export default");
    if (!ts_node_is_null(declaration)) {
      script_names(declaration, [&](const std::string& name, TSNode node) {
        script_declaration(by_default ? "default" : name, node);
      });
    } else if (by_default) {
      const auto local = known.find(std::string(text_of(field(statement, "value"))));
      if (local != known.end())
        script_declaration("default", local->second);
      else
        add("", ".", "default", "export default");
    }
    each(clause, [&](TSNode one) {
      if (!is(one, "export_specifier")) return;
      const std::string_view alias = text_of(field(one, "alias"));
      script_name(alias.empty() ? name_of(one) : std::string(alias), name_of(one), known);
    });
  }

  void script_name(const std::string& name, const std::string& local, const std::map<std::string, TSNode>& known) {
    const auto declared = known.find(local);
    if (declared == known.end())
      add("", ".", name, "export " + name);
    else
      script_declaration(name, declared->second);
  }

  // `exports.a = …`, `module.exports = { a, b: c }`
  void module_export(TSNode assignment, const std::map<std::string, TSNode>& known) {
    if (!is(assignment, "assignment_expression")) return;
    const std::string_view left = text_of(field(assignment, "left"));
    const TSNode right = field(assignment, "right");
    for (const std::string_view start : {"exports.", "module.exports."}) {
      if (left.starts_with(start)) return script_value(std::string(left.substr(start.size())), right, known);
    }
    if (left != "module.exports") return;
    if (!is(right, "object")) return script_value("module.exports", right, known);
    each(right, [&](TSNode one) {
      if (is(one, "shorthand_property_identifier"))
        script_name(std::string(text_of(one)), std::string(text_of(one)), known);
      else if (is(one, "pair"))
        script_value(std::string(text_of(field(one, "key"))), field(one, "value"), known);
      else if (is(one, "method_definition"))
        add("", ".", name_of(one), form_of(one, field(one, "body")));
    });
  }

  void script_value(const std::string& name, TSNode value, const std::map<std::string, TSNode>& known) {
    const TSNode body = field(value, "body");
    if (is(value, "identifier"))
      script_name(name, std::string(text_of(value)), known);
    else
      add("", ".", name, ts_node_is_null(body) ? "export " + name : form_of(value, body));
  }

  void script_declaration(const std::string& name, TSNode node) {
    const std::string_view type = ts_node_type(node);
    const bool told_whole =
        type == "interface_declaration" || type == "type_alias_declaration" || type == "enum_declaration";
    const TSNode value = field(node, "value"),
                 body = ts_node_is_null(value) ? field(node, "body") : field(value, "body");
    add("", ".", name, told_whole ? form_of(node) : form_of(node, ts_node_is_null(body) ? value : body));
    if (type != "class_declaration" && type != "abstract_class_declaration") return;
    each(body, [&](TSNode member) {
      const TSNode called = ts_node_is_null(field(member, "name")) ? field(member, "property") : field(member, "name");
      const std::string_view access = text_of(child_of_type(member, "accessibility_modifier")),
                             member_name = text_of(called);
      if (member_name.empty() || member_name.front() == '#' || member_name.front() == '_' || access == "private" ||
          access == "protected")
        return;
      const TSNode inside = field(member, "body"), given = field(member, "value");
      add(name, ".", std::string(member_name), form_of(member, ts_node_is_null(inside) ? given : inside));
    });
  }

  // --- Go

  void go(TSNode root) {
    each(root, [&](TSNode node) {
      if (is(node, "package_clause") && text_of(ts_node_named_child(node, 0)) == "main") program_ = true;
      const std::string name = name_of(node);
      if (is(node, "function_declaration") && is_upper(name)) add("", ".", name, form_of(node, field(node, "body")));
      if (is(node, "method_declaration") && is_upper(name)) {
        const std::string type = receiver(node);
        if (is_upper(type)) add(type, ".", name, form_of(node, field(node, "body")));
      }
      if (is(node, "type_declaration") || is(node, "const_declaration") || is(node, "var_declaration"))
        go_specs(node, 0);
    });
    if (program_) found_.clear();
  }

  void go_specs(TSNode node, int depth) {
    each(node, [&](TSNode spec) {
      if (is(spec, "var_spec_list") && depth == 0) return go_specs(spec, depth + 1);
      const std::string name = name_of(spec);
      if (!is_upper(name)) return;
      const TSNode type = field(spec, "type");
      const bool is_struct = is(type, "struct_type");
      add("", ".", name, is_struct ? "type " + name + " struct" : form_of(spec, field(spec, "value")));
      each(is_struct ? child_of_type(type, "field_declaration_list") : TSNode{}, [&](TSNode member) {
        if (is_upper(name_of(member))) add(name, ".", name_of(member), form_of(member, field(member, "tag")));
      });
    });
  }

  std::string receiver(TSNode method) const {
    std::string text(text_of(field(method, "receiver")));
    if (const auto parameters = text.find('['); parameters != text.npos) text.resize(parameters);
    std::erase_if(text, [](char c) { return c == '(' || c == ')' || c == '*'; });
    const auto space = text.find_last_of(" \t");
    return space == text.npos ? text : text.substr(space + 1);
  }

  // --- Rust

  bool is_pub(TSNode node) const { return text_of(child_of_type(node, "visibility_modifier")) == "pub"; }

  void rust(TSNode items, const std::string& scope, int depth) {
    if (depth > kMaxNesting) return;
    each(items, [&](TSNode item) {
      const std::string_view type = ts_node_type(item);
      const TSNode body = field(item, "body");
      if (type == "impl_item") {
        if (ts_node_is_null(field(item, "trait")))
          rust(body, joined(scope, std::string(text_of(field(item, "type")))), depth + 1);
        return;
      }
      const bool of_trait = type == "function_signature_item";
      if (!of_trait && !is_pub(item)) return;
      const std::string name = name_of(item);
      if (type == "mod_item" || type == "trait_item") {
        if (type == "trait_item") add(scope, "::", name, form_of(item, body));
        return rust(body, joined(scope, name), depth + 1);
      }
      add(scope, "::", name,
          form_of(item, type == "enum_item"     ? TSNode{}
                        : ts_node_is_null(body) ? field(item, "value")
                                                : body));
    });
  }

  static std::string joined(const std::string& scope, const std::string& name) {
    return scope.empty() ? name : scope + "::" + name;
  }

  // --- Java

  void java(TSNode body, const std::string& scope, bool all_public, int depth) {
    if (depth > kMaxNesting) return;
    each(body, [&](TSNode node) {
      const std::string_view words = text_of(child_of_type(node, "modifiers"));
      const bool offered = words.find("public") != words.npos || (all_public && words.find("private") == words.npos);
      if (is(node, "enum_body_declarations")) return java(node, scope, all_public, depth + 1);
      const std::string_view type = ts_node_type(node);
      if (!offered || !type.ends_with("_declaration") || type == "import_declaration" || type == "package_declaration")
        return;
      const TSNode inside = field(node, "body");
      if (type == "field_declaration" || type == "constant_declaration") {
        const TSNode declarator = field(node, "declarator");
        return add(scope, ".", name_of(declarator), form_of(node, field(declarator, "value")));
      }
      const std::string name = name_of(node);
      add(scope, ".", name, form_of(node, inside));
      const bool is_type = type == "class_declaration" || type == "interface_declaration" ||
                           type == "enum_declaration" || type == "record_declaration";
      if (is_type) java(inside, scope.empty() ? name : scope + "." + name, type == "interface_declaration", depth + 1);
    });
  }

  // --- C, C++

  void header(TSNode body, const std::string& scope, bool offered, int depth) {
    if (depth > kMaxNesting) return;
    each(body, [&](TSNode node) {
      if (is(node, "access_specifier"))
        offered = text_of(node).starts_with("public");
      else if (offered)
        header_node(node, node, scope, depth);
    });
  }

  void header_node(TSNode node, TSNode whole, const std::string& scope, int depth) {
    const std::string_view type = ts_node_type(node);
    if (type == "template_declaration") {
      each(node, [&](TSNode inner) { header_node(inner, whole, scope, depth + 1); });
    } else if (type == "linkage_specification") {
      const TSNode inside = field(node, "body");
      if (is(inside, "declaration_list"))
        header(inside, scope, true, depth + 1);
      else if (!ts_node_is_null(inside))
        header_node(inside, inside, scope, depth + 1);
    } else if (type.starts_with("preproc_if") || type == "preproc_else" || type == "preproc_elif") {
      header(node, scope, true, depth + 1);
    } else if (type == "namespace_definition") {
      if (!name_of(node).empty()) header(field(node, "body"), joined(scope, name_of(node)), true, depth + 1);
    } else if (type == "preproc_function_def") {
      add("", "", name_of(node), form_of(node, field(node, "value")));
    } else if (type == "alias_declaration" || type == "concept_definition") {
      add(scope, "::", name_of(node), form_of(whole));
    } else if (type == "type_definition") {
      add(scope, "::", std::string(text_of(field(node, "declarator"))),
          is(field(node, "type"), "struct_specifier") ? "typedef struct" : form_of(whole));
      header_type(field(node, "type"), whole, scope, depth);
    } else if (type == "function_definition" || type == "declaration" || type == "field_declaration") {
      header_function(node, whole, scope);
      header_type(field(node, "type"), whole, scope, depth);
    } else {
      header_type(node, whole, scope, depth);
    }
  }

  void header_type(TSNode node, TSNode whole, const std::string& scope, int depth) {
    const std::string_view type = ts_node_is_null(node) ? "" : ts_node_type(node);
    const TSNode body = field(node, "body");
    if (ts_node_is_null(body) || name_of(node).empty()) return;
    if (type == "enum_specifier") return add(scope, "::", name_of(node), form_of(node));
    if (type != "class_specifier" && type != "struct_specifier" && type != "union_specifier") return;
    add(scope, "::", name_of(node), form_of(whole, body));
    header(body, joined(scope, name_of(node)), type != "class_specifier", depth + 1);
  }

  void header_function(TSNode node, TSNode whole, const std::string& scope) {
    TSNode name = field(node, "declarator");
    bool function = false;
    for (int depth = 0; depth < kMaxNesting && !ts_node_is_null(name); ++depth) {
      function = function || is(name, "function_declarator");
      TSNode inner = field(name, "declarator");
      if (ts_node_is_null(inner) && is(name, "reference_declarator")) inner = ts_node_named_child(name, 0);
      if (ts_node_is_null(inner)) break;
      name = inner;
    }
    if (!function || ts_node_is_null(name)) return;
    const TSNode initializers = child_of_type(node, "field_initializer_list");
    add(scope, "::", std::string(text_of(name)),
        form_of(whole, ts_node_is_null(initializers) ? field(node, "body") : initializers));
  }

  std::string_view text_;
  Language language_;
  bool program_ = false;
  std::vector<ApiDeclaration> found_;
};

bool has_folder(std::string_view path, std::string_view folder) {
  const std::string whole = "/" + std::string(path), part = "/" + std::string(folder) + "/";
  return whole.find(part) != whole.npos;
}

bool is_private_module(std::string_view path) {
  for (std::size_t at = 0; at < path.size();) {
    const std::string_view part = path.substr(at, path.find('/', at) - at);
    if (part.starts_with('_') && !part.starts_with("__init__")) return true;
    at += part.size() + 1;
  }
  return false;
}

// Whether others can reach what stands in a file of that name.
bool is_offered(std::string_view path, Language language) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (audit::is_test_path(path) || has_folder(path, "tests") || has_folder(path, "test")) return false;
  switch (language) {
    case Language::python:
      return !is_private_module(path);
    case Language::go:
      return !name.ends_with("_test.go") && !has_folder(path, "internal");
    case Language::rust:
      return name != "main.rs" && name != "build.rs" && !has_folder(path, "examples") && !has_folder(path, "benches");
    case Language::c:
    case Language::cpp:
      return name.ends_with(".h") || name.ends_with(".hh") || name.ends_with(".hpp") || name.ends_with(".hxx");
    default:
      return true;
  }
}

}  // namespace

std::vector<ApiDeclaration> public_api(std::string_view path, std::string_view text) {
  const Language language = language_of(path);
  if (language == Language::none || !is_offered(path, language)) return {};
  const SyntaxTree tree = parse_syntax(text, language);
  return tree ? ApiReader(text, language).run(ts_tree_root_node(tree.get())) : std::vector<ApiDeclaration>();
}

std::vector<ApiChange> api_changes(const std::vector<ApiDeclaration>& was, const std::vector<ApiDeclaration>& now) {
  std::vector<ApiChange> changes;
  for (const ApiDeclaration& old : was) {
    if (std::find(now.begin(), now.end(), old) != now.end()) continue;
    // Of an overloaded one, the form that is new stands for it.
    const auto other = std::find_if(now.begin(), now.end(), [&](const ApiDeclaration& one) {
      return one.name == old.name && std::find(was.begin(), was.end(), one) == was.end();
    });
    changes.push_back({old.name, old.form, other != now.end() ? other->form : ""});
  }
  return changes;
}

}  // namespace baton
