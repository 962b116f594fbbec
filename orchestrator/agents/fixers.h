// The fixes of one subtask of a fixer. Private to this folder. Blocks.
#pragma once

#include "orchestrator/agents/attempt.h"

namespace baton {

// What the order's tool proposes for its check and its criteria, on the commit that it starts from.
Result<std::vector<Fix>> fixes_of(const AttemptOrder& order, const AttemptParts& parts, ProgressTicker& progress, std::stop_token stop);

}  // namespace baton
