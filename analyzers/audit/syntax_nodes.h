// What the readers of tests need of a syntax tree, in few words. Pure; any thread.
#pragma once

#include <re2/re2.h>

#include <string>
#include <string_view>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/pattern.h"
#include "analyzers/syntax.h"
#include "analyzers/syntax_tree.h"

namespace baton::audit {

inline TSNode field(TSNode node, std::string_view name) { return ts_node_child_by_field_name(node, name.data(), static_cast<std::uint32_t>(name.size())); }
inline bool none(TSNode node) { return ts_node_is_null(node); }
inline std::string_view type(TSNode node) { return none(node) ? std::string_view() : std::string_view(ts_node_type(node)); }
inline int line_of(TSNode node) { return static_cast<int>(ts_node_start_point(node).row) + 1; }
inline int end_line_of(TSNode node) { return static_cast<int>(ts_node_end_point(node).row) + 1; }

template <class Act>
void each_child(TSNode node, Act act) {
  if (none(node) || ts_node_named_child_count(node) == 0) return;
  TSTreeCursor cursor = ts_tree_cursor_new(node);
  if (ts_tree_cursor_goto_first_child(&cursor)) {
    do {
      const TSNode child = ts_tree_cursor_current_node(&cursor);
      if (ts_node_is_named(child)) act(child);
    } while (ts_tree_cursor_goto_next_sibling(&cursor));
  }
  ts_tree_cursor_delete(&cursor);
}

inline bool is_js(Language language) { return language == Language::javascript || language == Language::typescript || language == Language::tsx; }

inline std::string title_of(std::string_view text) {
  text = trimmed(text);
  if (text.size() >= 2 && (text[0] == '"' || text[0] == '\'' || text[0] == '`')) text = text.substr(1, text.size() - 2);
  return std::string(text.substr(0, 200));
}

// A condition that is always so.
inline bool always(std::string_view condition) {
  const std::string word = lower(trimmed(condition));
  return word.empty() || word == "true" || word == "1" || word == "1 == 1" || word == "not false" || word == "!false" || word == "(true)";
}
inline bool never(std::string_view condition) {
  const std::string word = lower(trimmed(condition));
  return word == "false" || word == "0" || word == "(false)" || word == "not true" || word == "!true" || word == "1 == 0" || word == "none" || word == "(0)";
}

}  // namespace baton::audit
