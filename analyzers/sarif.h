// Findings as SARIF 2.1.0, for code hosts and other tools. Source: OASIS SARIF 2.1.0. Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analyzers/finding.h"

namespace baton {

struct SarifOptions {
  std::string version;           // Baton's own
  bool successful = true;        // whether the run that made the findings completed
  std::optional<int> exit_code;  // of that run
  std::string root;              // absolute folder of the checkout, told as %SRCROOT%; empty = not told
};

// One run per tool that spoke, in order of appearance ("baton" for findings without a tool); pretty printed, final newline.
// Columns are UTF-16 as Finding's are; low confidence and suppression are kept.
std::string to_sarif(const std::vector<Finding>& findings, const SarifOptions& options = {});

}  // namespace baton
