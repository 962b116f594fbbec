// What an agent may ask about the workspace that it stands in: outlines, definitions and mentions, each within a budget of tokens, cut
// at the borders of symbols, with a last line that says what was left out. Blocks; any thread.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/agents/tool_protocol.h"
#include "orchestrator/file_source.h"

namespace baton {

inline constexpr int kDefaultToolBudget = 2000;  // tokens of an answer; about four bytes each

// Of one file: its symbols, signatures only. Without a path: of all files, those with most symbols first.
Result<std::string> outline_text(const FileSource& files, const std::string& path, int budget);
// Definitions of this name (or qualified name), with their bodies.
Result<std::string> symbol_text(const FileSource& files, const std::string& name, const std::string& path, int budget);
// Lines that mention the name as a whole word.
Result<std::string> references_text(const FileSource& files, const std::string& name, int budget);

// `outline`, `symbol` and `references`; each call looks at the folder as it is then.
std::vector<Tool> workspace_tools(std::filesystem::path root);

}  // namespace baton
