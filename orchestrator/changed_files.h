// Gates that look at the files of a change alone, since looking at all of them takes too long. An element of their command is
// "{changed:.cpp,.cc}": its place is taken by the changed files with such an ending, on each side those that are there, by the
// names that they have there.
#pragma once

#include <string_view>

#include "git/store.h"
#include "orchestrator/verification_plan.h"

namespace baton {

// A side without such a file runs `true`: it has nothing to say. Adds a note where more files changed than are looked at.
void give_changed_files(VerificationPlan& plan, const std::vector<FileChange>& changes);

}  // namespace baton
