// Removes from a checkout everything that a tree does not hold. Trusts nothing that it meets: never follows a symlink,
// opens folders that were closed, asks no git. Blocks; pool threads.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "git/store.h"
#include "support/result.h"

namespace baton {

// `.git` at the top is passed over. Folders named in `keep` (paths below `root`) stay with all that is in them; a keep
// path that is no folder does not count.
Status purge(const std::filesystem::path& root, const std::vector<TreeEntry>& tracked,
             const std::vector<std::string>& keep);

}  // namespace baton
