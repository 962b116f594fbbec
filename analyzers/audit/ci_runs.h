// When a workflow of GitHub's runs, and whether the status of its commands counts: what keeps a check in it from being asked although
// its line still stands there. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace baton::audit {

struct UnaskedCheck {
  int line = 0;  // 1-based, in the new version
  const char* kind;  // "step_disabled", "failure_ignored"
  std::string message;
};

// `is_check`: a line that runs a check.
std::vector<UnaskedCheck> unasked_checks(std::string_view before, std::string_view after, bool (*is_check)(std::string_view line));

}  // namespace baton::audit
