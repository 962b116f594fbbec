// What tools propose, from the output that they write for machines: findings with their edits. A finding without edits is one
// that the tool cannot mend by itself, or only by a change that may mean something else. Places are bytes of the files of the
// commit that was looked at; what is proposed for other files (a build's output, installed packages) is left out. Any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/agents/fix.h"

namespace baton {

struct FixSource {
  std::string root;  // of the checkout as the tool saw it, absolute
  std::string cwd;   // where the tool ran: relative paths of its output start there
  std::function<std::optional<std::string>(const std::string& path)> text;  // of a file of the commit; absent: it has no such file
};

// One output each, by path and place, each finding once however often it was reported.
using FixReader = Result<std::vector<Fix>> (*)(const std::vector<std::string>& outputs, const FixSource& source);

Result<std::vector<Fix>> read_clang_tidy_fixes(const std::vector<std::string>& outputs, const FixSource& source);  // --export-fixes
Result<std::vector<Fix>> read_eslint_fixes(const std::vector<std::string>& outputs, const FixSource& source);      // --format json
Result<std::vector<Fix>> read_ruff_fixes(const std::vector<std::string>& outputs, const FixSource& source);        // --output-format json
Result<std::vector<Fix>> read_clippy_fixes(const std::vector<std::string>& outputs, const FixSource& source);      // --message-format json

// What a formatter made of a file: one fix, an edit for each run of lines that it wrote anew. Absent when nothing changed.
std::optional<Fix> formatting_fix(const std::string& tool, const std::string& path, std::string_view before, std::string_view after);

// The id of a finding's fix, and how people are told of it: "modernize-use-nullptr at src/a.cpp:12".
std::string place_of(const Fix& fix);

}  // namespace baton
