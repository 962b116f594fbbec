// An evidence bundle: a verdict in one file that can be checked elsewhere. The verdict is an in-toto statement that names each run of a gate
// that it rests on by the hash of its statement, and each of those names its log by hash; all are signed (dsse.h) by the
// key of the user whose verifier reached it. docs/formats.md has the fields. Blocks; any thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/acceptance.h"
#include "orchestrator/evidence.h"
#include "orchestrator/verify_report.h"
#include "support/result.h"
#include "support/signing.h"

namespace baton {

inline constexpr const char* kUserKeyFile = "keys/evidence.pem";  // below <config_home>, which no sandbox shows

// What is signed when a verdict is reached. `runs`: hashes of the statements of all its runs. Gives the hash of the envelope in the evidence.
Result<std::string> sign_verdict(const VerifyReport& report, const std::vector<std::string>& runs, EvidenceStore& evidence,
                                 const std::filesystem::path& config_home);

// `envelope`: what `sign_verdict` gave, with the same key. `accepted`: failures of whatever verdict that are known; those of this one go
// with it, signed as they are told now.
Result<std::string> make_bundle(const std::string& envelope, const std::vector<Acceptance>& accepted, const EvidenceStore& evidence, const SigningKey& key);

struct CheckedBundle {
  VerifyReport report;  // logs by hash; with what was accepted as known
  std::map<std::string, RunEvidence> runs;
  std::string key_id;
  bool isolated = true;  // false: what ran could have reached the key, so that the signature says nothing
};
// An Error names the first thing that is not as it was signed, or that says something else than the verdict.
Result<CheckedBundle> check_bundle(std::string_view text);

// What the same verification, made again, says otherwise; a sentence each. Times, tools' versions and what wavers do not count.
std::vector<std::string> differences(const VerifyReport& told, const VerifyReport& again);

}  // namespace baton
