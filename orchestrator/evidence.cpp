#include "orchestrator/evidence.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/diagnosis_json.h"
#include "support/files.h"
#include "support/hash.h"
#include "support/os_error.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr const char* kPredicateType = "https://in-toto.io/attestation/test-result/v0.1";
constexpr int kEvidenceVersion = 1;

// What in-toto's test-result knows as result.
const char* result_word(const RunEvidence& e) {
  return e.diagnosis.verdict != RunVerdict::pass ? "FAILED" : e.provisional ? "WARNED" : "PASSED";
}

void put_tests(json& predicate, const Diagnosis& diagnosis) {
  if (!diagnosis.tests || diagnosis.tests->cases.empty()) return;
  json passed = json::array(), failed = json::array();
  for (const TestCase& test : diagnosis.tests->cases) {
    if (test.status == CaseStatus::passed) passed.push_back(test.id);
    if (test.status == CaseStatus::failed) failed.push_back(test.id);
  }
  predicate["passedTests"] = std::move(passed);
  predicate["failedTests"] = std::move(failed);
}

json run_json(const RunEvidence& e) {
  return {{"version", kEvidenceVersion},
          {"verification", e.verification},
          {"verifier", e.verifier},
          {"gate", e.gate},
          {"kind", to_string(e.kind)},
          {"argv", e.argv},
          {"cwd", e.cwd},
          {"side", e.side},
          {"attempt", e.attempt},
          {"provisional", e.provisional},
          {"commit", e.commit},
          {"tree", e.tree},
          {"baseTree", e.base_tree},
          {"headTree", e.head_tree},
          {"environmentDigest", e.environment_digest},
          {"toolchainDigest", e.toolchain_digest},
          {"toolVersions", e.tool_versions},
          {"sandbox", to_string(e.rung)},
          {"network", e.network},
          {"lentFiles", e.lent},
          {"rewritten", e.rewritten},
          {"exitCode", or_null(e.exit_code)},
          {"signal", or_null(e.signal)},
          {"timedOut", e.timed_out},
          {"started", e.started},
          {"seconds", e.seconds},
          {"log", {{"sha256", e.log}, {"bytes", e.log_bytes}, {"truncated", e.log_truncated}}},
          {"diagnosis", diagnosis_json(e.diagnosis)}};
}

void read_run(JsonFields& fields, const json& run, RunEvidence& e) {
  e.verification = fields.text(run, "verification");
  e.verifier = fields.text(run, "verifier");
  e.gate = fields.text(run, "gate");
  e.kind = gate_kind_from(fields, run, "kind");
  e.argv = fields.texts(run, "argv");
  e.cwd = fields.text(run, "cwd");
  e.side = fields.text(run, "side");
  e.attempt = fields.integer(run, "attempt");
  e.provisional = fields.flag(run, "provisional");
  e.commit = fields.text(run, "commit");
  e.tree = fields.text(run, "tree");
  e.base_tree = fields.text(run, "baseTree");
  e.head_tree = fields.text(run, "headTree");
  e.environment_digest = fields.text(run, "environmentDigest");
  e.toolchain_digest = fields.text(run, "toolchainDigest");
  if (const json* versions = fields.object(run, "toolVersions")) {
    for (const auto& [tool, version] : versions->items())
      e.tool_versions[tool] = fields.text(*versions, tool.c_str());
  }
  e.rung = fields.word(run, "sandbox", {SandboxRung::plain, SandboxRung::bubblewrap, SandboxRung::landlock});
  e.network = fields.flag(run, "network");
  if (run.contains("lentFiles")) {
    if (const json* lent = fields.object(run, "lentFiles")) {
      for (const auto& [path, digest] : lent->items()) e.lent[path] = fields.text(*lent, path.c_str());
    }
  }
  e.rewritten = fields.texts(run, "rewritten");
  e.exit_code = fields.maybe_integer(run, "exitCode");
  e.signal = fields.maybe_integer(run, "signal");
  e.timed_out = fields.flag(run, "timedOut");
  e.started = fields.text(run, "started");
  e.seconds = fields.number(run, "seconds");
  if (const json* log = fields.object(run, "log")) {
    e.log = fields.text(*log, "sha256");
    e.log_bytes = static_cast<std::uint64_t>(fields.big_integer(*log, "bytes"));
    e.log_truncated = fields.flag(*log, "truncated");
  }
  if (const json* diagnosis = fields.object(run, "diagnosis"))
    e.diagnosis = diagnosis_from(fields, *diagnosis);
  else
    fields.fail("diagnosis", "there");
}

// Read-only, on disk, and under its name in one step.
Status keep_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  int fd = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return os_error("open", from, errno);
  int code = ::fchmod(fd, 0444) != 0 || ::fsync(fd) != 0 ? errno : 0;
  ::close(fd);
  if (code != 0) return os_error("write", from, code);
  if (::rename(from.c_str(), to.c_str()) != 0) return os_error("write", to, errno);
  return done();
}

void make_last(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

bool is_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

}  // namespace

json to_statement(const RunEvidence& evidence) {
  json predicate = {{"result", result_word(evidence)},
                    {"configuration", json::array({{{"name", evidence.gate}, {"digest", {{"gitTree", evidence.base_tree}}}}})},
                    {"baton", run_json(evidence)}};
  put_tests(predicate, evidence.diagnosis);
  return {{"_type", kStatementType},
          {"subject", json::array({{{"name", evidence.side}, {"digest", {{"gitTree", evidence.tree}}}}})},
          {"predicateType", kPredicateType},
          {"predicate", std::move(predicate)}};
}

Result<RunEvidence> from_statement(const json& statement) {
  JsonFields fields("an evidence statement");
  if (fields.text(statement, "_type") != kStatementType) fields.fail("_type", "an in-toto statement v1");
  if (fields.text(statement, "predicateType") != kPredicateType) fields.fail("predicateType", "a test result");
  RunEvidence evidence;
  const json* predicate = fields.object(statement, "predicate");
  const json* run = predicate ? fields.object(*predicate, "baton") : nullptr;
  if (!run) {
    fields.fail("predicate.baton", "there");
    return fields.error();
  }
  if (fields.integer(*run, "version") > kEvidenceVersion) {
    return Error{ErrorKind::precondition, "This evidence was written by a newer Baton; update Baton to read it."};
  }
  read_run(fields, *run, evidence);

  const json& subjects = fields.list(statement, "subject");
  const json* digest = subjects.size() == 1 ? fields.object(subjects[0], "digest") : nullptr;
  if (!digest || fields.text(*digest, "gitTree") != evidence.tree)
    fields.fail("subject", "the tree that the run names");
  if (fields.text(*predicate, "result") != result_word(evidence)) fields.fail("result", "what the run's verdict says");
  if (!fields.ok()) return fields.error();
  return evidence;
}

Result<EvidenceStore> EvidenceStore::open(const std::filesystem::path& folder) {
  if (Status made = make_folder(folder, 0700); !made) return made.error();
  return EvidenceStore(folder);
}

std::filesystem::path EvidenceStore::path_of(std::string_view sha256) const {
  return folder_ / std::string(sha256.substr(0, 2)) / std::string(sha256);
}

Result<std::string> EvidenceStore::put(std::string_view bytes, Lasting lasting) {
  std::string digest = sha256(bytes);
  // A file that is there is kept only when it holds what its name says: a damaged one is written anew.
  if (std::filesystem::exists(path_of(digest)) && get(digest)) {
    if (lasting == Lasting::yes) make_last(path_of(digest));  // it may have been put there for the moment only
    return digest;
  }
  if (Status made = make_folder(path_of(digest).parent_path(), 0700); !made) return made.error();
  if (Status written = write_file(path_of(digest), bytes, 0444, lasting); !written) return written.error();
  return digest;
}

// Copied first and hashed as copied, so that a file that still grows cannot get a name that is not its own.
Result<std::string> EvidenceStore::put_file(const std::filesystem::path& file) {
  Result<TemporaryFolder> aside = TemporaryFolder::make(folder_, ".incoming-");
  if (!aside) return aside.error();
  std::filesystem::path copy = aside->path() / "content";
  std::error_code failed;
  std::filesystem::copy_file(file, copy, failed);
  if (failed) return os_error("copy into the evidence", file, failed.value());
  Result<std::string> digest = sha256_file(copy);
  if (!digest) return digest.error();
  if (Status made = make_folder(path_of(*digest).parent_path(), 0700); !made) return made.error();
  if (Status kept = keep_file(copy, path_of(*digest)); !kept) return kept.error();
  return digest;
}

Result<std::string> EvidenceStore::get(std::string_view digest) const {
  if (!is_digest(digest))
    return Error{ErrorKind::usage, "\"" + std::string(digest) + "\" is not the SHA-256 of any evidence."};
  std::filesystem::path path = path_of(digest);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return Error{ErrorKind::precondition,
                 "There is no evidence " + std::string(digest) + " here; verify again to make it anew."};
  }
  Result<std::string> bytes = read_file(path);
  if (!bytes) return bytes.error();
  if (sha256(*bytes) != digest) {
    return Error{ErrorKind::io, "The evidence " + path.string() +
                                    " was changed after it was written: its content does not match its name. Do not "
                                    "rely on it; verify again."};
  }
  return bytes;
}

}  // namespace baton
