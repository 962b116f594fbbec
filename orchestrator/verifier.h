// The verifier: takes two trees, never a folder that someone could write, runs every gate on the base and on the head in
// equivalent checkouts of its own, compares test by test and finding by finding, and says what is there. Every run leaves
// evidence and an event in the journal. Blocks; stopping takes effect within a second. One verification at a time: the caller
// holds the repository's verify lock.
#pragma once

#include <filesystem>
#include <stop_token>

#include "orchestrator/evidence.h"
#include "orchestrator/executor.h"
#include "orchestrator/journal.h"
#include "orchestrator/progress.h"
#include "orchestrator/verification_order.h"
#include "orchestrator/verify_report.h"

namespace baton {

struct VerifierParts {
  Store& store;
  Journal& journal;
  EvidenceStore& evidence;
  Executor& executor;
  std::filesystem::path cache_home, config_home, runtime_home;
};

Result<VerifyReport> verify(const VerificationOrder& verification, const VerifierParts& parts, ProgressTicker& progress,
                            std::stop_token stop);

}  // namespace baton
