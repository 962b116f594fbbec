// Evidence: an in-toto Statement v1 (predicate test-result/v0.1, extended) per gate run, and the logs, as content-addressed
// files below `<common>/baton/evidence/`. Written once, never changed; a reader checks the hash. Blocks; pool threads.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/diagnose.h"
#include "orchestrator/gate.h"
#include "support/files.h"
#include "support/process.h"
#include "support/result.h"
#include "support/sandbox.h"

namespace baton {

inline constexpr const char* kStatementType = "https://in-toto.io/Statement/v1";

// All that a verdict rests on for one run of one gate on one tree.
struct RunEvidence {
  std::string verification;          // id of the verification it belongs to
  std::string verifier;              // identity of the verifier, "baton-verifier/<version>"
  std::string gate;
  GateKind kind = GateKind::test;
  std::vector<std::string> argv;     // as run
  std::string cwd;
  std::string side;                  // "base" | "head"
  std::string commit, tree;          // the subject is the tree
  std::string base_tree, head_tree;
  std::string environment_digest;    // sha256 over the sorted environment, secrets by name only
  std::string toolchain_digest;
  std::map<std::string, std::string> tool_versions;
  SandboxRung rung = SandboxRung::plain;
  bool network = false;
  std::map<std::string, std::string> lent;  // files of the user's own tree that the command found: path -> sha256
  std::vector<std::string> rewritten;       // of a test gate: code and tests that gates before it had changed when it began
  std::optional<int> exit_code, signal;
  bool timed_out = false;
  std::string started;               // RFC 3339
  double seconds = 0;
  std::string log;                   // sha256 of the redacted log
  std::uint64_t log_bytes = 0;
  bool log_truncated = false;
  Diagnosis diagnosis;               // parsed cases and findings
  int attempt = 1;                   // try within this side
  bool provisional = false;          // of a quick verdict: not in a clean checkout, so no evidence that it passes
};

nlohmann::json to_statement(const RunEvidence& evidence);
Result<RunEvidence> from_statement(const nlohmann::json& statement);

class EvidenceStore {
 public:
  static Result<EvidenceStore> open(const std::filesystem::path& folder);
  Result<std::string> put(std::string_view bytes, Lasting lasting = Lasting::yes);  // -> sha256
  Result<std::string> put_file(const std::filesystem::path& file);
  Result<std::string> get(std::string_view sha256) const;   // refused when the content does not match its name
  std::filesystem::path path_of(std::string_view sha256) const;

 private:
  explicit EvidenceStore(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;
};

}  // namespace baton
