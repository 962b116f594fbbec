// Reads what a run wrote into folders of ours. The folders are in the hands of code under judgement: links are not followed,
// nothing outside is read, and neither a pipe nor an endless file holds us up. Blocks.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/diagnose.h"

namespace baton {

// Files below `folder` that match `pattern`, a relative path whose last part may hold `*` and `?`; by name.
std::vector<ReportFile> read_reports(const std::filesystem::path& folder, std::string_view pattern);

// Removes them, so that what is found after a run was written by it.
void remove_reports(const std::filesystem::path& folder, std::string_view pattern);

}  // namespace baton
