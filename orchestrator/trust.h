// Trust: whether this repository's tools may be run. Asked once per repository, by the content hashes of what would run
// (each resolved command line of gates and set-up, and each file of `.baton/`), and again only for what was not trusted
// before: a change that was looked at in the tree does not ask again once it is committed. Kept in the user's own
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
  std::vector<std::string> parts;          // sha256 of each thing that would run: all must be trusted
  std::vector<std::string> also;           // what trust is given to beside them: files of `.baton/` that are not yet the base's
  std::vector<std::string> command_lines;  // to be shown to the user
};

// `files` are the base's, `coming` the result's.
TrustSubject trust_subject(const std::filesystem::path& common_dir, const GatePlan& plan, const FileSource& files,
                           const FileSource* coming = nullptr);

class TrustStore {
 public:
  explicit TrustStore(std::filesystem::path file) : file_(std::move(file)) {}  // <config_home>/trust.json
  Result<TrustState> state(const TrustSubject& subject) const;
  // `by_process`: who gave it where that was no human; empty: a human.
  Status give(const TrustSubject& subject, const std::string& by_process = {});
  Result<std::string> given_by_process(const std::filesystem::path& common_dir) const;
  Status withdraw(const std::filesystem::path& common_dir);

 private:
  std::filesystem::path file_;
};

}  // namespace baton
