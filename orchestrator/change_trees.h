// Trees that no one committed, put together from those of base and result: for runs that ask what a part of a change does without the
// rest. Written to the store of ours. Blocks.
#pragma once

#include <string>
#include <vector>

#include "git/store.h"
#include "orchestrator/change_parts.h"
#include "orchestrator/verify_report.h"

namespace baton {

// A commit of `onto` with the edits, on top of the base's; the same edits give the same commit.
Result<Judged> tree_with(Store& store, const Judged& base, const Judged& head, const std::string& onto, const std::vector<FileEdit>& edits, const std::string& name);

}  // namespace baton
