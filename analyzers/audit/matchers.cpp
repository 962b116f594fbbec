#include "analyzers/audit/matchers.h"

#include <chrono>
#include <set>
#include <string>

#include "analyzers/audit/line_changes.h"
#include "analyzers/audit/syntax_nodes.h"

namespace baton::audit {
namespace {

constexpr auto kParseBudget = std::chrono::seconds(2);
constexpr int kMaxDepth = 200;

struct Given {
  std::string name;   // of a matcher; empty: a tester of equality
  TSNode function{};
  int line = 0;
};

bool is_function(TSNode node) {
  static const RE2 kFunction("^(arrow_function|function_expression|function|function_declaration|method_definition)$");
  return matches(type(node), kFunction);
}

// What a file hands to `expect`, with the functions of that file followed by their names.
class Handed {
 public:
  Handed(std::string_view path, std::string_view text) : text_(text), tree_(parse_syntax(text, language_of(path), kParseBudget)) {}

  std::vector<Given> run() {
    if (tree_) visit(ts_tree_root_node(tree_.get()), 0);
    return std::move(found_);
  }

  std::string_view text_of(TSNode node) const { return none(node) ? std::string_view() : text_.substr(ts_node_start_byte(node), ts_node_end_byte(node) - ts_node_start_byte(node)); }

  // `() => true`, `{ return { pass: true, … } }`: each of its answers is that, and it fails by nothing else.
  bool holds_anyway(const Given& one) const {
    const TSNode body = field(one.function, "body");
    static const RE2 kAnswer("^\\(?\\s*(true|!0|\\{[^{}]*\\bpass:\\s*(true|!0)\\b(?s:.*)\\})\\s*\\)?$"), kFails("\\bthrow\\b|\\bexpect\\(|\\bassert\\b");
    if (none(body) || matches(text_of(body), kFails)) return false;
    if (type(body) != "statement_block") return matches(text_of(body), kAnswer);
    bool always = true, any = false;
    answers(body, 0, [&](TSNode value) {
      any = true;
      always = always && matches(text_of(value), kAnswer);
    });
    return any && always;
  }

 private:
  template <class Act>
  void answers(TSNode node, int depth, Act act) const {
    if (depth > kMaxDepth) return;
    each_child(node, [&](TSNode child) {
      if (is_function(child)) return;
      if (type(child) == "return_statement") act(ts_node_named_child(child, 0));
      else answers(child, depth + 1, act);
    });
  }

  void visit(TSNode node, int depth) {
    if (depth > kMaxDepth) return;
    if (type(node) == "call_expression") {
      const std::string_view callee = text_of(field(node, "function"));
      const TSNode first = ts_node_named_child(field(node, "arguments"), 0);
      if (callee == "expect.extend") each_child(meant(first), [&](TSNode member) { add_matcher(member); });
      else if (callee == "expect.addEqualityTesters") each_child(meant(first), [&](TSNode tester) { found_.push_back({"", meant(tester), line_of(tester)}); });
    }
    each_child(node, [&](TSNode child) { visit(child, depth + 1); });
  }

  // `toBe() {}`, `toBe: () => …`, `toBe`
  void add_matcher(TSNode member) {
    const bool method = type(member) == "method_definition", pair = type(member) == "pair";
    const TSNode name = method ? field(member, "name") : pair ? field(member, "key") : member;
    found_.push_back({title_of(text_of(name)), method ? member : meant(pair ? field(member, "value") : member), line_of(member)});
  }

  // A name of the file's own.
  TSNode meant(TSNode node) const {
    if (type(node) != "identifier" && type(node) != "shorthand_property_identifier") return node;
    TSNode found = node;
    each_child(ts_tree_root_node(tree_.get()), [&](TSNode child) {
      const TSNode inside = type(child) == "export_statement" ? field(child, "declaration") : child;
      if (type(inside) == "function_declaration" && text_of(field(inside, "name")) == text_of(node)) found = inside;
      each_child(inside, [&](TSNode one) {
        if (type(one) == "variable_declarator" && text_of(field(one, "name")) == text_of(node)) found = field(one, "value");
      });
    });
    return found;
  }

  const std::string_view text_;
  const SyntaxTree tree_;
  std::vector<Given> found_;
};

bool is_a_runners_own(std::string_view name) {
  static const RE2 kOwn("^(toBe(Truthy|Falsy|Null|Undefined|Defined|NaN|CloseTo|GreaterThan(OrEqual)?|LessThan(OrEqual)?|InstanceOf)?|to(Strict)?Equal|toMatch(Object|Snapshot|InlineSnapshot)?|toContain(Equal)?|toHave(Length|Property|BeenCalled\\w*|Returned\\w*)|toThrow(Error)?\\w*)$");
  return matches(name, kOwn);
}

}  // namespace

std::vector<AuditFinding> audit_matchers(std::string_view path, std::string_view before, std::string_view after) {
  std::vector<AuditFinding> findings;
  static const RE2 kHands("\\bexpect\\.(extend|addEqualityTesters)\\(");
  if (!is_js(language_of(path)) || !matches(after, kHands)) return findings;
  Handed had(path, before), has(path, after);
  std::set<std::string> holding, own;  // as it was already
  for (const Given& one : had.run()) {
    if (had.holds_anyway(one)) holding.insert(one.name);
    if (is_a_runners_own(one.name)) own.insert(one.name);
  }
  for (const Given& one : has.run()) {
    const bool holds = has.holds_anyway(one) && !holding.contains(one.name), redefined = is_a_runners_own(one.name) && !own.contains(one.name);
    if (!holds && !redefined) continue;
    const bool tester = one.name.empty();
    AuditFinding finding{std::string(path), one.line, tester ? "equality_bent" : "assertion_redefined", Severity::warning, {}, true};
    finding.message = tester ? "Any two values are equal for a tester that the tests are given." : "\"" + one.name + "\" " + (holds ? "holds whatever it is asked." : "of the runner is given another meaning.");
    const auto lines = lines_of(after);
    finding.hunk = hunk_of({}, {{one.line, trimmed(lines[static_cast<std::size_t>(one.line) - 1])}});
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace baton::audit
