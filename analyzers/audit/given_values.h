// Variables that the change gives to the environment of tests and of this repository's own runs, where its new code asks for them: with its
// users the program may do something else. A note, since that is also how a setting comes into a program. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "analyzers/audit/audit.h"

namespace baton::audit {

bool is_environment_of_tests(std::string_view path);  // ".env.test"
std::vector<AuditFinding> audit_given_values(const std::vector<AuditedFile>& files);

}  // namespace baton::audit
