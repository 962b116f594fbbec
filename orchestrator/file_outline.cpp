#include "orchestrator/file_outline.h"

#include <algorithm>
#include <optional>

#include "analyzers/syntax.h"
#include "git/line_map.h"
#include "git/store.h"

namespace baton {
namespace {

constexpr std::size_t kMaxText = 1u << 20;  // beyond it syntax gives no outline either

bool is_shown(const Symbol& symbol) {
  return symbol.kind == SymbolKind::function || symbol.kind == SymbolKind::method || symbol.kind == SymbolKind::test;
}

// By what runners collect: a name alone makes a test in the languages whose grammar has no form for one.
bool is_test(const Symbol& symbol, Language language) {
  if (symbol.kind == SymbolKind::test) return true;
  const std::string_view name = symbol.name;
  if (language == Language::python) return name.starts_with("test_") || (name.starts_with("test") && symbol.kind == SymbolKind::method);
  return language == Language::go && name.size() > 4 && name.starts_with("Test") && !(name[4] >= 'a' && name[4] <= 'z');
}

bool changed_between(const LineMap& map, int first, int last) {
  for (int line = first; line <= last; ++line) {
    if (map.changed_in_to(line)) return true;
  }
  return false;
}

// Lines that are gone leave their neighbours touching, which were apart before.
bool lost_lines(const LineMap& back, int first, int last) {
  std::optional<int> before;
  for (int line = first; line <= last; ++line) {
    const auto was = back.exact(line);
    if (was && before && *was != *before + 1) return true;
    before = was;
  }
  return false;
}

}  // namespace

FileOutline outline_of_text(std::string_view path, std::string_view base, std::string_view text) {
  FileOutline result;
  result.base = "HEAD";
  if (text.size() > kMaxText || base.size() > kMaxText) return result;
  const Language language = language_of(path);
  const std::vector<Symbol> symbols = outline(text, language);
  const LineMap map(base, text), back(text, base);
  result.changed = !map.identity();
  for (std::size_t i = 0; i < symbols.size() && result.functions.size() < kMaxOutlined; ++i) {
    const Symbol& symbol = symbols[i];
    const bool inner = std::any_of(symbols.begin(), symbols.end(),
                                   [&](const Symbol& other) { return other.parent == static_cast<int>(i) && is_shown(other); });
    if (!is_shown(symbol) || inner) continue;
    const bool changed = result.changed && (changed_between(map, symbol.line, symbol.end_line) || lost_lines(back, symbol.line, symbol.end_line));
    result.functions.push_back({symbol.name, symbol.qualified, symbol.line, symbol.end_line, is_test(symbol, language), changed});
  }
  return result;
}

Result<FileOutline> outline_of_file(const Store& store, const OutlineRequest& request) {
  std::string before;
  if (!request.base.empty() || store.repository().head) {
    const auto commit = store.resolve_commit(request.base.empty() ? "HEAD" : request.base);
    if (!commit) return commit.error();
    const auto tree = store.tree_of(*commit);
    if (!tree) return tree.error();
    const auto file = store.read(*tree, request.path);
    if (!file) return file.error();
    before = file->value_or("");
  }
  FileOutline result = outline_of_text(request.path, before, request.text);
  if (!request.base.empty()) result.base = request.base;
  return result;
}

}  // namespace baton
