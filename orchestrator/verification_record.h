// What a verification leaves in the journal: that it began, its runs, its verdict, each with its seal, so that what is known serves again.
// Blocks; the thread of the verification.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "orchestrator/journal_seal.h"
#include "orchestrator/side_runner.h"
#include "orchestrator/verifier.h"

namespace baton {

class VerificationRecord {
 public:
  VerificationRecord(const VerificationOrder& asked, const VerifierParts& parts) : asked_(asked), parts_(parts), seal_(parts.config_home) {}

  Status began();
  Status add(const std::string& kind, const nlohmann::json& body);
  // What ran there and not before. Runs that may serve again carry their key.
  Status keep_runs(const Gate& gate, SideRunner* side);
  // `statements`: all that the verdict rests on, tries included. `of_the_moment`: something beside the gates could not do its work here,
  // so that the verdict is not given a second time.
  Status remember(const VerifyReport& report, const std::vector<std::string>& statements, bool of_the_moment);

  const JournalSeal& seal() const { return seal_; }

 private:
  const VerificationOrder& asked_;
  const VerifierParts& parts_;
  JournalSeal seal_;
};

}  // namespace baton
