// What a test file of C or C++ sets of the program: a variable that it declares `extern`, as it is loaded or in a function. Pure; any thread.
#pragma once

#include <vector>

#include "analyzers/audit/audit.h"

namespace baton::audit {

std::vector<AuditFinding> audit_native_set_up(const std::vector<AuditedFile>& files);

}  // namespace baton::audit
