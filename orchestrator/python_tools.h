// The linters and type checkers that a Python project asks for: which release of them, and which stub packages beside them.
// Private to discovery.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/file_source.h"
#include "orchestrator/tool_calls.h"

namespace baton {

// The requirement that the project names a tool with, the most exact one: its lock file's, CI's, pre-commit's, a manifest's.
// Absent: it is declared nowhere.
std::optional<std::string> declared_requirement(const FileSource& files, const std::string& folder, const nlohmann::json& pyproject,
                                                const std::vector<ToolCall>& calls, std::string_view name);

// Stub packages that stand beside the type checker, wherever it is declared.
std::vector<std::string> declared_stubs(const FileSource& files, const std::string& folder, const nlohmann::json& pyproject,
                                        const std::vector<ToolCall>& calls);

}  // namespace baton
