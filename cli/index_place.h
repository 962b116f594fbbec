// Where the index of a workspace is kept: beside the repository's own files, or in the user's cache where there is none or they may not
// be written.
#pragma once

#include <filesystem>

namespace baton {

std::filesystem::path index_of_workspace(const std::filesystem::path& root);

}  // namespace baton
