// Matchers and testers of equality that JavaScript's runners are given (`expect.extend`, `expect.addEqualityTesters`): a runner's own that is
// given another meaning, and what holds whatever it is asked. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "analyzers/audit/audit.h"

namespace baton::audit {

std::vector<AuditFinding> audit_matchers(std::string_view path, std::string_view before, std::string_view after);

}  // namespace baton::audit
