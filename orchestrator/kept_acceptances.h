// The failures that are accepted as known, as events of the journal that the user's key signs: the journal is a file of the repository,
// and whoever writes there could otherwise accept what they broke. What was taken back stays so whatever becomes of its event. Blocks;
// any thread.
#pragma once

#include <filesystem>
#include <vector>

#include "orchestrator/acceptance.h"
#include "orchestrator/journal.h"
#include "support/result.h"

namespace baton {

Result<std::vector<Acceptance>> acceptances(const Journal& journal, const std::filesystem::path& config_home);  // those that hold, oldest first
Status keep_acceptance(Journal& journal, const Acceptance& acceptance, const std::filesystem::path& config_home);
Status withdraw_acceptance(Journal& journal, const Acceptance& acceptance, const std::filesystem::path& config_home);

}  // namespace baton
