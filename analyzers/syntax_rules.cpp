#include "analyzers/syntax_rules.h"

#include <algorithm>
#include <array>

namespace baton {
namespace {

using enum SymbolKind;

const std::vector<SyntaxRule> kC = {
    {"function_definition", function, "declarator", NameFrom::declarator},
    {"struct_specifier", struct_, "name", NameFrom::field, "body"},
    {"union_specifier", struct_, "name", NameFrom::field, "body"},
    {"enum_specifier", enum_, "name", NameFrom::field, "body"},
    {"type_definition", type, "declarator", NameFrom::declarator},
    {"preproc_function_def", macro},
};

std::vector<SyntaxRule> cpp_rules() {
  std::vector<SyntaxRule> rules = kC;
  rules.insert(rules.end(), {
                                {"class_specifier", class_, "name", NameFrom::field, "body"},
                                {"namespace_definition", namespace_},
                                {"alias_declaration", type},
                                {"concept_definition", type},
                                {"call_expression", test, "function", NameFrom::call},
                            });
  return rules;
}

const std::vector<SyntaxRule> kPython = {
    {"function_definition", function},
    {"class_definition", class_},
    {"assignment", variable, "left", NameFrom::top_level},
};

const std::vector<SyntaxRule> kJavaScript = {
    {"function_declaration", function},
    {"generator_function_declaration", function},
    {"class_declaration", class_},
    {"method_definition", method},
    {"field_definition", method, "property", NameFrom::assigned},
    {"variable_declarator", function, "name", NameFrom::assigned},
    {"assignment_expression", function, "left", NameFrom::assigned},
    {"pair", method, "key", NameFrom::assigned},
    {"call_expression", test, "function", NameFrom::call},
};

std::vector<SyntaxRule> typescript_rules() {
  std::vector<SyntaxRule> rules = kJavaScript;
  rules.insert(rules.end(), {
                                {"abstract_class_declaration", class_},
                                {"interface_declaration", interface},
                                {"type_alias_declaration", type},
                                {"enum_declaration", enum_},
                                {"internal_module", namespace_},
                                {"module", namespace_},
                                {"public_field_definition", method, "name", NameFrom::assigned},
                            });
  return rules;
}

const std::vector<SyntaxRule> kGo = {
    {"function_declaration", function},
    {"method_declaration", method, "name", NameFrom::receiver},
    {"type_spec", type},
    {"type_alias", type},
};

const std::vector<SyntaxRule> kRust = {
    {"function_item", function}, {"struct_item", struct_}, {"enum_item", enum_},      {"union_item", struct_},
    {"trait_item", interface},   {"impl_item", class_, "type"}, {"mod_item", namespace_, "name", NameFrom::field, "body"},
    {"type_item", type},         {"const_item", constant}, {"static_item", variable}, {"macro_definition", macro},
};

const std::vector<SyntaxRule> kJava = {
    {"class_declaration", class_},        {"interface_declaration", interface}, {"enum_declaration", enum_},
    {"record_declaration", class_},       {"annotation_type_declaration", interface}, {"method_declaration", method},
    {"constructor_declaration", method},  {"compact_constructor_declaration", method},
};

constexpr std::array<std::string_view, 12> kJavaScriptTests = {"it",      "test",  "describe", "suite", "context", "specify",
                                                               "fit", "xit", "fdescribe", "xdescribe", "bench", "t.test"};

bool javascript_test(std::string_view callee) {
  const auto known = [](std::string_view name) {
    return std::find(kJavaScriptTests.begin(), kJavaScriptTests.end(), name) != kJavaScriptTests.end();
  };
  // "it.only", "test.describe.skip", "test.each": the head decides.
  return known(callee) || known(callee.substr(0, callee.find('.')));
}

constexpr std::array<std::string_view, 12> kCppTests = {
    "TEST",     "TEST_F",    "TEST_P",           "TYPED_TEST",           "TYPED_TEST_P",       "FUZZ_TEST",
    "TEST_CASE", "SCENARIO", "TEST_CASE_METHOD", "TEMPLATE_TEST_CASE", "TEST_CASE_FIXTURE", "BOOST_AUTO_TEST_CASE"};

}  // namespace

const std::vector<SyntaxRule>& syntax_rules(Language language) {
  static const std::vector<SyntaxRule> none, cpp = cpp_rules(), typescript = typescript_rules();
  switch (language) {
    case Language::c: return kC;
    case Language::cpp: return cpp;
    case Language::python: return kPython;
    case Language::javascript: return kJavaScript;
    case Language::typescript:
    case Language::tsx: return typescript;
    case Language::go: return kGo;
    case Language::rust: return kRust;
    case Language::java: return kJava;
    case Language::none:
    case Language::json:
    case Language::bash:
    case Language::yaml:
    case Language::toml: return none;
  }
  return none;
}

std::string_view name_separator(Language language) {
  return language == Language::cpp || language == Language::rust ? "::" : ".";
}

bool is_test_definer(Language language, std::string_view callee) {
  if (language == Language::cpp) return std::find(kCppTests.begin(), kCppTests.end(), callee) != kCppTests.end();
  if (language == Language::javascript || language == Language::typescript || language == Language::tsx) {
    return javascript_test(callee);
  }
  return false;
}

}  // namespace baton
