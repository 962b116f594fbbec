// The lines that one version of a file has and the other lacks, whatever their order: enough for rules about single lines.
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace baton::audit {

struct ChangedLine {
  int line = 0;           // 1-based, in its own version
  std::string_view text;  // trimmed
};

struct LineChanges {
  std::vector<ChangedLine> lost, fresh;
};

LineChanges line_changes(std::string_view before, std::string_view after);

// As a diff shows them: at most a screenful.
std::string hunk_of(const std::vector<ChangedLine>& lost, const std::vector<ChangedLine>& fresh);

}  // namespace baton::audit
