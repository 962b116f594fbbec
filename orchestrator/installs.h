// Installed dependencies, made once by the verifier and kept under a hash of all that decides them, sealed by the hash of
// their content, which the user's key signs; the stamps of the files spare reading them as long as nothing moved. A checkout gets a private copy, never a
// link, so that nothing a gate does reaches another run. A copy that comes back as it was given, or nearly, serves the next checkout:
// copying thousands of files costs seconds, renaming a folder nothing. Lives in `<cache_home>/baton/installs/<key>`; the
// least recently used go first when they grow beyond their bound. Several processes may share it. Blocks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <tuple>
#include <vector>

#include "orchestrator/gate.h"
#include "orchestrator/journal_seal.h"
#include "orchestrator/tree_manifest.h"
#include "support/result.h"

namespace baton {

// What decides an installation: the bytes of its inputs (of package.json only what an installer reads), the command, the
// toolchain, and the path where it will be used, since virtual environments hold it.
struct InstallKey {
  std::vector<std::pair<std::string, std::string>> inputs;  // path, bytes
  std::vector<std::string> argv;
  std::string cwd, toolchain, environment, root;
};
std::string install_key(const InstallKey& key);

class Installs {
 public:
  static constexpr std::uint64_t kMaxBytes = 8ull << 30;

  Installs(std::filesystem::path folder, JournalSeal user) : folder_(std::move(folder)), user_(std::move(user)) {}

  // Folders of a private copy, by part and path, as they were when they were given.
  struct Copy {
    std::string key;
    std::vector<std::tuple<std::string, std::string, TreeManifest>> folders;
  };
  struct Taken {
    std::string statement;  // that it was sealed with
    Copy copy;
  };
  // A sealed installation for a checkout and its HOME. Absent: there is none, or what is there is not as it was sealed.
  Result<std::optional<Taken>> take(const std::string& key, const std::filesystem::path& checkout,
                                    const std::filesystem::path& home, std::stop_token stop);
  // The same of a checkout that was just sealed.
  std::optional<Copy> copy_in(const std::string& key, const std::filesystem::path& checkout,
                              const std::filesystem::path& home) const;
  // Keeps a copy for the next checkout. What was added is removed, and a few files that were written are as they were sealed again; with
  // more of them it is not kept. Nobody uses it any more.
  void give_back(const Copy& copy, const std::filesystem::path& checkout, const std::filesystem::path& home);
  // Seals what a set-up step added or changed, with the evidence statement of its run. The folders must be at rest: no process
  // of the step is left.
  // False: it was not kept, since another process was faster, the step took something away, or there is no key to sign it.
  Result<bool> seal(const std::string& key, const std::string& statement, const std::filesystem::path& checkout,
                    const TreeManifest::Difference& in_checkout, const std::filesystem::path& home,
                    const TreeManifest::Difference& in_home, std::stop_token stop);
  // Removes the least recently used until the rest is within `max_bytes`, and what dead processes left half made.
  static void prune(const std::filesystem::path& folder, std::uint64_t max_bytes = kMaxBytes);

 private:
  std::filesystem::path folder_;
  JournalSeal user_;
};

}  // namespace baton
