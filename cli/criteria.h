// Completion criteria as a user writes them: one a line; Markdown list marks, check boxes, headings and blank lines are not
// part of them. And the task that they belong to. Blocks.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.h"

namespace baton {

Result<std::vector<std::string>> read_criteria(const std::filesystem::path& file);  // none at all is an error
std::vector<std::string> criteria_lines(std::string_view text);

// What was asked for, given as text or as the name of a file that has it.
Result<std::string> read_task(const std::string& given);

}  // namespace baton
