// C, C++ and Rust.
#include "analyzers/audit/test_reader.h"

#include <algorithm>

namespace baton::audit {

namespace {

// The call that begins at `at`, to the end of its arguments.
std::string_view call_at(std::string_view text, std::size_t at) {
  int depth = 0;
  for (std::size_t end = at; end < text.size(); ++end) {
    if (text[end] == '"') {
      for (++end; end < text.size() && text[end] != '"'; ++end) end += text[end] == '\\';
    } else if (text[end] == '(') {
      ++depth;
    } else if (text[end] == ')' && --depth == 0) {
      return text.substr(at, end + 1 - at);
    }
  }
  return {};
}

}  // namespace

// `#define READS(text, value) EXPECT_EQ(parse(text), value)`, `macro_rules! reads { … }`: its text is no code to the grammar. One that
// decides something is left aside.
void TestReader::macro(TSNode node, std::string_view name, const Around& around) {
  static const RE2 kDecides("\\b(if|for|while|match|switch|try|catch)\\b"), kCheck("\\b(debug_assert\\w*!|assert\\w*!|panic!|(EXPECT|ASSERT|CHECK|REQUIRE)(_\\w+)?|assert)\\s*\\("), kTest("#\\[\\s*(\\w+::)*test\\b|\\bTEST(_F|_P|_CASE)?\\s*\\(");
  std::string text(text_of(node));
  const auto head = text.find(language_ == Language::rust ? "=>" : ")");
  if (around.dead || head == text.npos || !file_.of_tests) return;
  for (std::size_t at = 0; (at = text.find("\\\n", at)) != text.npos;) text.replace(at, 2, " \n");
  static const RE2 kOnce("\\bwhile\\s*\\(\\s*(0|false)\\s*\\)");
  RE2::GlobalReplace(&text, kOnce, "");
  const re2::StringPiece body = re2::StringPiece(text).substr(head);
  if (matches({body.data(), body.size()}, kDecides)) return;
  Around inside = around;
  inside.unit = begin_unit(node, std::string(name), around, false);
  file_.units[inside.unit].is_macro = true;
  file_.units[inside.unit].makes_tests = matches({body.data(), body.size()}, kTest);
  re2::StringPiece left = body;
  for (std::string found; RE2::FindAndConsume(&left, kCheck, &found);) {
    const std::string_view call = call_at(text, static_cast<std::size_t>(left.data() - text.data()) - found.size() - 1);
    if (auto check = check_of_call(call, language_)) add_check(std::move(*check), node, call, inside);
  }
}

bool TestReader::cpp(TSNode node, std::string_view kind, const Around& around, int depth) {
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
  if (kind == "preproc_function_def") {
    macro(node, text_of(field(node, "name")), around);
    return true;
  }
  if (kind == "function_definition") {
    const TSNode declarator = field(node, "declarator");
    const std::string_view head = text_of(declarator);
    static const RE2 kMacro("^(TEST|TEST_F|TEST_P|TYPED_TEST|TYPED_TEST_P|FUZZ_TEST|TEST_CASE|SCENARIO|TEST_CASE_METHOD|TEMPLATE_TEST_CASE|BOOST_AUTO_TEST_CASE|BOOST_FIXTURE_TEST_CASE|TEST_CASE_FIXTURE|TEST_GROUP|Test|START_TEST)\\s*\\(");
    Around inside = around;
    inside.condition.clear();
    inside.arms.clear();
    if (matches(head, kMacro)) {
      const auto chain = chain_of(head);
      std::string name;
      static const RE2 kTitled("^(TEST_CASE|SCENARIO|TEMPLATE_TEST_CASE|BOOST_AUTO_TEST_CASE)$");  // tags follow the title
      if (!chain.empty()) {
        for (const auto argument : chain[0].arguments) {
          if (!name.empty() && matches(chain[0].name, kTitled)) break;
          name += (name.empty() ? "" : ".") + title_of(argument);
        }
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
  static const RE2 kCheck("^(EXPECT|ASSERT|REQUIRE|CHECK)_\\w+\\s*\\(");
  if (kind == "function_declarator" && matches(text_of(node), kCheck)) {  // as which `REQUIRE_THROWS_AS(parse(text), const Error&);` is read
    call(node, around);
    return true;
  }
  if (kind == "compound_statement" && std::find(taken_.begin(), taken_.end(), ts_node_start_byte(node)) != taken_.end()) return true;
  return false;
}

void TestReader::cpp_test(TSNode whole, std::string name, Around& inside) {
  static const RE2 kDisabled("(^|\\.)DISABLED_");
  if (inside.dead) return;
  const bool disabled = matches(name, kDisabled);
  std::string plain = name;
  RE2::Replace(&plain, "DISABLED_", "");
  inside.unit = begin_unit(whole, plain, inside, true);
  if (disabled) add_off(inside, OffKind::skip, name, "", line_of(whole));
}

bool TestReader::rust(TSNode node, std::string_view kind, const Around& around, int depth) {
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
    // Where it insists on something as well, that may be what fails.
    const auto panics = std::find_if(attributes.begin(), attributes.end(), [&](TSNode attribute) { return text_of(attribute).find("should_panic") != std::string_view::npos; });
    const auto& checks = file_.units[inside.unit].checks;
    if (panics != attributes.end() && std::any_of(checks.begin(), checks.end(), [](const Check& check) { return check.kind != CheckKind::throws && check.strength > 0; }))
      add_off(inside, OffKind::inverted, text_of(*panics), "", line_of(*panics));
    return true;
  }
  if (kind == "call_expression" && is_caught_in_vain(node)) {
    Around inside = around;
    inside.swallowed = true;
    visit_children(field(node, "arguments"), inside, depth);
    return true;
  }
  if (kind == "macro_definition") {
    macro(node, text_of(field(node, "name")), around);
    return true;
  }
  if (kind == "macro_invocation" && !around.dead && text_of(node).size() < 10'000 && text_of(node).ends_with('}'))  // `reads! { a: 1, b: 2 }`
    unit(around).calls.push_back({std::string(text_of(field(node, "macro"))), std::string(text_of(node)), line_of(node), around.swallowed, around.condition});
  if (kind == "match_expression") return rust_match(node, around, depth);
  if (kind == "expression_statement") unwrapped_error(ts_node_named_child(node, 0), around);
  if (kind == "let_declaration") {  // `let P = x else { panic!() };`
    const std::string fails = failing_call_in(field(node, "alternative"), around);
    if (!fails.empty()) add_check(check_of_pattern(text_of(field(node, "value")), text_of(field(node, "pattern"))), node, fails, around);
  }
  return false;
}

// `x.unwrap_err();`, whose value nobody takes, is there for its failure.
void TestReader::unwrapped_error(TSNode call, const Around& around) {
  static const RE2 kUnwraps("(?s)^(.+?)\\s*\\.\\s*(unwrap_err\\(\\)|expect_err\\(\\s*\"[^\"]*\"\\s*\\))$");
  const std::string_view text = text_of(call);
  std::string result;
  if (type(call) == "call_expression" && RE2::FullMatch(re2::StringPiece(text.data(), text.size()), kUnwraps, &result, nullptr)) add_check(check_of_pattern(result, "Err(_)"), call, text, around);
}

// `match x { P => {}, _ => panic!() }`: it has to be one of the patterns that go on.
bool TestReader::rust_match(TSNode node, const Around& around, int depth) {
  std::string wanted, fails;
  const auto fails_there = [&](TSNode arm) { return type(arm) == "match_arm" ? failing_call_in(field(arm, "value"), around) : std::string(); };
  each_child(field(node, "body"), [&](TSNode arm) {
    if (type(arm) != "match_arm") return;
    if (const std::string failing = fails_there(arm); !failing.empty()) fails = failing;
    else wanted += (wanted.empty() ? "" : " | ") + std::string(text_of(field(arm, "pattern")));
  });
  if (fails.empty() || wanted.empty()) return false;
  add_check(check_of_pattern(text_of(field(node, "value")), wanted), node, fails, around);
  visit(field(node, "value"), around, depth + 1);
  each_child(field(node, "body"), [&](TSNode arm) {
    if (fails_there(arm).empty()) visit(arm, around, depth + 1);
  });
  return true;
}

// `let _ = catch_unwind(|| …);`: nobody looks at what came of it.
bool TestReader::is_caught_in_vain(TSNode call) const {
  static const RE2 kCatches("(^|::)catch_unwind$"), kDrops("^(ok|is_ok|is_err|err)$");
  if (!matches(text_of(field(call, "function")), kCatches)) return false;
  TSNode at = call, up = ts_node_parent(call);
  while (type(up) == "field_expression" && matches(text_of(field(up, "field")), kDrops)) at = ts_node_parent(up), up = ts_node_parent(at);
  if (type(up) == "expression_statement") return true;
  if (type(up) != "let_declaration") return false;
  const std::string_view name = text_of(field(up, "pattern"));
  if (name.starts_with('_')) return true;
  std::string_view after = text_.substr(std::min<std::size_t>(ts_node_end_byte(up), text_.size()));
  after = after.substr(0, after.find("\n}"));  // of this function, as rustfmt sets it
  return identifiers(after).count(std::string(name)) == 0;
}

bool TestReader::never_built(std::string_view attribute) {
  static const RE2 kNever("cfg\\(\\s*(any\\(\\)|FALSE|false|never|disabled|feature\\s*=\\s*\"(never|disabled|none|off|skip)[^\"]*\"|not\\(test\\))\\s*\\)");
  return matches(attribute, kNever);
}

std::vector<TSNode> TestReader::attributes_of(TSNode node) {
  std::vector<TSNode> found;
  for (TSNode before = ts_node_prev_named_sibling(node); !none(before); before = ts_node_prev_named_sibling(before)) {
    const std::string_view kind = type(before);
    if (kind == "attribute_item") found.push_back(before);
    else if (kind != "line_comment" && kind != "block_comment") break;
  }
  return found;
}

void TestReader::rust_attribute(TSNode attribute, const Around& around) {
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
    add_row(text.substr(open + 1, text.rfind(')') - open - 1), attribute, text, around);
  }
}

}  // namespace baton::audit
