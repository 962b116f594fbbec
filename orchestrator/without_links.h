// Whether a path below a folder is there without a link in any of its parts: what is read is the user's own, what is written stays
// inside. Looks at the disk; any thread.
#pragma once

#include <filesystem>

namespace baton {

bool without_links(const std::filesystem::path& root, const std::filesystem::path& relative);

}  // namespace baton
