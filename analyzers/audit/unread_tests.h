// Tests in languages that are not read from syntax, held against each other line by line: what went is counted and named, so that it does
// not go by in silence, and what plainly takes protection away escalates. Pure; any thread.
#pragma once

#include <vector>

#include "analyzers/audit/audit.h"
#include "analyzers/audit/compare_tests.h"
#include "analyzers/audit/intent.h"

namespace baton::audit {

std::vector<AuditFinding> audit_unread_tests(const std::vector<AuditedFile>& files, const Intent& intent, const Surroundings& around);

}  // namespace baton::audit
