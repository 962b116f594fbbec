// What a test file of Go sets before any test runs, in `init`, in `TestMain` or as a variable is given its value: of the program, since what the
// file declares is its own. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analyzers/audit/audit.h"

namespace baton::audit {

struct SetVariable {
  std::string owner, name;  // `calc.factor`; without an owner it is of the package
  std::string value;        // normalised
  int line = 0;
};
std::vector<SetVariable> set_before_tests(std::string_view text);

std::vector<AuditFinding> audit_go_set_up(const std::vector<AuditedFile>& files);

}  // namespace baton::audit
