// Packages that others wrote and that the change puts code of its own in place of: a manifest that leads to a folder of the repository where
// it named a version. A test's framework may be among them. Pure; any thread.
#pragma once

#include <vector>

#include "analyzers/audit/audit.h"
#include "analyzers/audit/intent.h"

namespace baton::audit {

std::vector<AuditFinding> audit_packages(const AuditedFile& file, const Intent& intent);

}  // namespace baton::audit
