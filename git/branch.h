// Branches of the user's repository: the one thing of it that a landing touches. Create-only: a name that exists is never
// moved. Blocks; pool threads.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "git/store.h"
#include "support/result.h"

namespace baton {

// Copies `commit`, and whatever it needs that the user's repository lacks, out of the store, and makes refs/heads/<name> point at
// it. A second call with the same commit does nothing; a name that another commit has is a precondition error. HEAD, index and
// files stay as they are. Hooks do not run.
Status create_branch(const Store& store, std::string_view name, std::string_view commit, std::stop_token stop = {});

// Absent when there is none.
Result<std::optional<std::string>> branch_commit(const Repository& repository, std::string_view name);

// A branch's name from words: lower case, dashes, at most 50 bytes, what `git check-ref-format` allows. "task" for nothing.
std::string branch_slug(std::string_view words);

}  // namespace baton
