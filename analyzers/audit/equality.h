// What makes two values of the program equal, which every check of a test rests on: code that lets more be equal than before. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "analyzers/audit/audit.h"

namespace baton::audit {

std::vector<AuditFinding> audit_equality(std::string_view path, std::string_view before, std::string_view after);

}  // namespace baton::audit
