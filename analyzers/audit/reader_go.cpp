#include "analyzers/audit/test_reader.h"

#include <cctype>

namespace baton::audit {

bool TestReader::go(TSNode node, std::string_view kind, const Around& around, int depth) {
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
  // `t.Run("a", adds(1, 2))`: what it runs is made by a function.
  if (kind == "call_expression" && text_of(field(field(node, "function"), "field")) == "Run" && ts_node_named_child_count(field(node, "arguments")) == 2) {
    const TSNode made = ts_node_named_child(field(node, "arguments"), 1);
    if (type(made) == "call_expression" && type(field(made, "function")) == "identifier")
      unit(around).calls.push_back({std::string(text_of(field(made, "function"))), std::string(text_of(made)), line_of(made), around.swallowed, around.condition, true});
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

}  // namespace baton::audit
