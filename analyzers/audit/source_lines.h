// Single lines of source that mute a check, tell the code where it runs, or bend what a test compares with. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "analyzers/audit/audit.h"
#include "analyzers/audit/intent.h"

namespace baton::audit {

// `before` is empty for a new file.
std::vector<AuditFinding> audit_source_lines(std::string_view path, std::string_view before, std::string_view after, bool test_code, const Intent& intent);

}  // namespace baton::audit
