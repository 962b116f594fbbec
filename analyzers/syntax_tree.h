// A text's tree as tree-sitter has it, for the readers of syntax. Internal to the folder. A tree belongs to one thread.
#pragma once

#include <tree_sitter/api.h>

#include <chrono>
#include <memory>
#include <string_view>

#include "analyzers/syntax.h"

namespace baton {

struct DeleteSyntaxTree {
  void operator()(TSTree* tree) const { ts_tree_delete(tree); }
};
using SyntaxTree = std::unique_ptr<TSTree, DeleteSyntaxTree>;

// Null for a language without a grammar, for more than 1 MB of text and where the time was not enough.
SyntaxTree parse_syntax(std::string_view text, Language language, std::chrono::milliseconds budget = std::chrono::milliseconds(250));

}  // namespace baton
