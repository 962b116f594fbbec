// Which findings of the result the base has too: the same path, code and message, with lines carried over through the diff.
// Pure but for the two readers handed in; any thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analyzers/finding.h"

namespace baton {

// A file's text on one side; absent when it is not there.
using TextReader = std::function<std::optional<std::string>(const std::string& path)>;

struct FindingMatchInput {
  const std::vector<Finding>* base = nullptr;  // absent: nothing is known of the base, every finding counts as new
  const std::vector<Finding>* head = nullptr;
  std::map<std::string, std::string> renamed_files;  // old path -> new path
  TextReader base_text, head_text;
};

struct FindingMatch {
  std::vector<bool> is_new;  // of the head's, in order: only the head has it
  std::vector<bool> gone;    // of the base's, in order: only the base has it
};
FindingMatch match_findings(const FindingMatchInput& input);
std::vector<bool> new_findings(const FindingMatchInput& input);

}  // namespace baton
