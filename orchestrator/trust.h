// Trust: whether this repository's tools may be run. Asked once per repository, by the content hash of what would run
// (resolved command lines of gates and set-up, and `.baton/*`), and again when that changes. Kept in the user's own
// configuration folder, never in the repository. Blocks; any thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orchestrator/discover.h"
#include "support/result.h"

namespace baton {

enum class TrustState { trusted, never_asked, changed };

struct TrustSubject {
  std::filesystem::path repository;        // common git directory, absolute
  std::string digest;                      // sha256 of what would run
  std::vector<std::string> command_lines;  // to be shown to the user
};

TrustSubject trust_subject(const std::filesystem::path& common_dir, const GatePlan& plan, const FileSource& files);

class TrustStore {
 public:
  explicit TrustStore(std::filesystem::path file) : file_(std::move(file)) {}  // <config_home>/trust.json
  Result<TrustState> state(const TrustSubject& subject) const;
  Status give(const TrustSubject& subject);
  Status withdraw(const std::filesystem::path& common_dir);

 private:
  std::filesystem::path file_;
};

}  // namespace baton
