#include "analyzers/audit/test_reader.h"

namespace baton::audit {

bool TestReader::java(TSNode node, std::string_view kind, const Around& around, int depth) {
  if (kind == "class_declaration" || kind == "record_declaration" || kind == "interface_declaration") {
    Around inside = around;
    inside.unit = begin_unit(node, std::string(text_of(field(node, "name"))), around, false);
    file_.units[inside.unit].is_group = true;
    inside.scope = file_.units[inside.unit].qualified;
    java_annotations(node, inside);
    visit(field(node, "body"), inside, depth + 1);
    return true;
  }
  if (kind == "method_invocation") java_arguments(node, around);
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

// `Stream.of(Arguments.of("a", 1), …)`: what a method gives to a test with its name in `@MethodSource`.
void TestReader::java_arguments(TSNode node, const Around& around) {
  static const RE2 kArguments("^(Arguments\\s*\\.\\s*(of|arguments)|arguments|argumentSet|Arguments\\s*\\.\\s*argumentSet)\\s*\\(");
  const std::string_view text = text_of(node);
  if (around.dead || !matches(text.substr(0, 40), kArguments)) return;
  const std::string_view inside = text.substr(text.find('(') + 1, text.size() - text.find('(') - 2);
  if (!trimmed(inside).empty()) add_row(inside, node, text, around);
}

std::string TestReader::java_annotation_text(TSNode node) const {
  std::string text;
  each_child(node, [&](TSNode child) {
    if (type(child) == "modifiers") text += text_of(child);
  });
  return text;
}

void TestReader::java_annotations(TSNode node, const Around& inside) {
  each_child(node, [&](TSNode modifiers) {
    if (type(modifiers) != "modifiers") return;
    each_child(modifiers, [&](TSNode child) {
      const std::string_view text = text_of(child);
      if (!text.starts_with('@')) return;
      off_by_mark(text, inside, line_of(child));
      static const RE2 kExpected("@Test\\s*\\(.*expected\\s*=\\s*([\\w.]+)"), kOff("enabled\\s*=\\s*false");
      std::string thrown;
      if (RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), kExpected, &thrown)) {
        add_check(check_of_throw(kWholeTest, thrown), child, text, inside);
      }
      if (matches(text, kOff)) add_off(inside, OffKind::skip, text, "", line_of(child));
      rows_in(child, inside, 0);
    });
  });
}

void TestReader::rows_in(TSNode node, const Around& around, int depth) {
  if (depth > 8) return;
  rows(node, type(node), around);
  each_child(node, [&](TSNode child) { rows_in(child, around, depth + 1); });
}

}  // namespace baton::audit
