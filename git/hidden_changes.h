// Files that the user has told git not to look at (skip-worktree, assume-unchanged) and that differ from the index all the same.
// Files that a sparse checkout leaves out are not there and do not count. Blocks; pool threads.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "git/store.h"
#include "support/result.h"

namespace baton {

Result<std::vector<std::string>> hidden_changes(Store& store, std::stop_token stop);

}  // namespace baton
