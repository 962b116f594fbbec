#include "analyzers/syntax_tree.h"

#include <algorithm>
#include <chrono>

#include "analyzers/grammars.h"

namespace baton {
namespace {

constexpr std::size_t kMaxBytes = 1u << 20;

const TSLanguage* grammar(Language language) {
  switch (language) {
    case Language::c: return tree_sitter_c();
    case Language::cpp: return tree_sitter_cpp();
    case Language::python: return tree_sitter_python();
    case Language::javascript: return tree_sitter_javascript();
    case Language::typescript: return tree_sitter_typescript();
    case Language::tsx: return tree_sitter_tsx();
    case Language::rust: return tree_sitter_rust();
    case Language::go: return tree_sitter_go();
    case Language::java: return tree_sitter_java();
    case Language::json: return tree_sitter_json();
    case Language::bash: return tree_sitter_bash();
    case Language::yaml: return tree_sitter_yaml();
    case Language::toml: return tree_sitter_toml();
    case Language::none: return nullptr;
  }
  return nullptr;
}

struct DeleteParser {
  void operator()(TSParser* parser) const { ts_parser_delete(parser); }
};

}  // namespace

SyntaxTree parse_syntax(std::string_view text, Language language, std::chrono::milliseconds budget) {
  if (text.size() > kMaxBytes || !grammar(language)) return nullptr;
  const std::unique_ptr<TSParser, DeleteParser> parser(ts_parser_new());
  if (!ts_parser_set_language(parser.get(), grammar(language))) return nullptr;
  auto deadline = std::chrono::steady_clock::now() + budget;
  const TSInput input{
      &text,
      [](void* payload, std::uint32_t byte, TSPoint, std::uint32_t* read) {
        const auto& whole = *static_cast<std::string_view*>(payload);
        *read = byte < whole.size() ? static_cast<std::uint32_t>(whole.size() - byte) : 0;
        return whole.data() + std::min<std::size_t>(byte, whole.size());
      },
      TSInputEncodingUTF8, nullptr};
  const TSParseOptions options{&deadline, [](TSParseState* state) {
                                 return std::chrono::steady_clock::now() >
                                        *static_cast<std::chrono::steady_clock::time_point*>(state->payload);
                               }};
  return SyntaxTree(ts_parser_parse_with_options(parser.get(), nullptr, input, options));
}

}  // namespace baton
