// What lies beside tests and is no code: tables of cases, expectations, inputs. Two versions of each held against each other, record by
// record. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "analyzers/audit/audit.h"
#include "analyzers/audit/compare_tests.h"
#include "analyzers/audit/intent.h"

namespace baton::audit {

// Data in a folder of tests, and no settings, no snapshot that a runner writes.
bool is_test_data(std::string_view path);

std::vector<AuditFinding> audit_test_data(const std::vector<AuditedFile>& files, const Intent& intent, const Surroundings& around, bool tests_removed);

}  // namespace baton::audit
