// What a test file of Go sets of the program for all tests that run with it: in `init`, in `TestMain`, as a variable is given its value, or in any
// other function that one of these or an earlier test may call. What the file or the function declares is its own. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analyzers/audit/audit.h"

namespace baton::audit {

struct SetVariable {
  std::string owner, name;  // `calc.factor`; without an owner it is of the package
  std::string value;        // normalised; empty: not said (`factor++`, `&factor`)
  int line = 0;
  bool first = false;       // before any test runs
  bool put_back = false;    // when its function is done
};
std::vector<SetVariable> set_by_tests(std::string_view text);

std::vector<AuditFinding> audit_go_set_up(const std::vector<AuditedFile>& files);

}  // namespace baton::audit
