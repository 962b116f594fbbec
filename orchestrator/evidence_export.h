// Evidence that leaves its repository and comes back: the bundle of a verdict that was reached here, and where the trees of a bundle
// that came from elsewhere lie in this repository. Blocks; any thread.
#pragma once

#include <filesystem>
#include <string>

#include "orchestrator/engine.h"
#include "support/process.h"
#include "support/result.h"

namespace baton {

// The bundle of a verification (by id; "": the latest) of the repository that `inside` lies in.
Result<std::string> export_evidence(const std::filesystem::path& inside, const Environment& env, const std::string& verification);

// The same trees and criteria to judge again. An Error names a tree that this repository does not have.
Result<VerifyRequest> request_again(const std::filesystem::path& inside, const VerifyReport& told);

}  // namespace baton
