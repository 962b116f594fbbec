#include "orchestrator/evidence.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "support/files.h"
#include "support/hash.h"
#include "support/json.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

RunEvidence full_evidence() {
  RunEvidence e;
  e.verification = "01J0VERIFY";
  e.verifier = "baton-verifier/1.0";
  e.gate = "ctest";
  e.kind = GateKind::test;
  e.argv = {"ctest", "--output-junit", "{reports}/ctest.xml", "a b", ""};
  e.cwd = "sub/ümlaut";
  e.side = "head";
  e.commit = std::string(40, 'c');
  e.tree = std::string(40, 't');
  e.base_tree = std::string(40, 'b');
  e.head_tree = e.tree;
  e.environment_digest = sha256("env");
  e.toolchain_digest = sha256("tools");
  e.tool_versions = {{"cmake", "3.25.1"}, {"g++", "12.2.0"}};
  e.rung = SandboxRung::bubblewrap;
  e.network = true;
  e.rewritten = {"src/a.cpp"};
  e.exit_code = 8;
  e.timed_out = false;
  e.started = "2026-01-02T03:04:05.678Z";
  e.seconds = 1.625;
  e.log = sha256("log");
  e.log_bytes = 5'000'000'000;
  e.log_truncated = true;
  e.attempt = 3;
  Finding finding;
  finding.path = "src/a.cpp";
  finding.line = 12, finding.column = 3, finding.end_line = 13, finding.end_column = 9;
  finding.severity = Severity::warning;
  finding.code = "-Wunused";
  finding.message = "unused \"x\"\nsecond line";
  finding.tool = "gcc";
  finding.related = {{"src/a.h", 4, 2, "declared here"}, {"", 0, 0, ""}};
  finding.low_confidence = finding.suppressed = true;
  Finding bare;
  bare.message = "linking failed";
  e.diagnosis = {RunVerdict::fail, "1 test failed", {finding, bare}, TestReport{}, "junit"};
  e.diagnosis.tests->total = 3, e.diagnosis.tests->passed = 1, e.diagnosis.tests->failed = 1;
  e.diagnosis.tests->cases = {{"A.passes", "", "", 0, CaseStatus::passed, "", 0.25, false},
                              {"p::A.fails[µ]", "p", "t/a.cpp", 7, CaseStatus::failed, "expected 1", 0, true},
                              {"A.skips", "", "t/a.cpp", 9, CaseStatus::skipped, "needs a disk", 0, false}};
  e.diagnosis.tests->interrupted = {"p"};
  return e;
}

std::string canonical(const RunEvidence& evidence) { return dump_json(to_statement(evidence)); }

void check_round_trip(const RunEvidence& evidence) {
  Result<json> parsed = parse_json(canonical(evidence));
  ASSERT_TRUE(parsed.ok());
  Result<RunEvidence> back = from_statement(*parsed);
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(canonical(*back), canonical(evidence));
  EXPECT_EQ(back->argv, evidence.argv);
  EXPECT_EQ(back->exit_code, evidence.exit_code);
  EXPECT_EQ(back->signal, evidence.signal);
  EXPECT_EQ(back->log_bytes, evidence.log_bytes);
  EXPECT_EQ(back->rung, evidence.rung);
  EXPECT_EQ(back->rewritten, evidence.rewritten);
  EXPECT_EQ(back->tool_versions, evidence.tool_versions);
  EXPECT_EQ(back->diagnosis.findings, evidence.diagnosis.findings);
  ASSERT_EQ(back->diagnosis.tests.has_value(), evidence.diagnosis.tests.has_value());
  if (!evidence.diagnosis.tests) return;
  EXPECT_EQ(back->diagnosis.tests->skipped, evidence.diagnosis.tests->skipped);
  ASSERT_EQ(back->diagnosis.tests->cases.size(), evidence.diagnosis.tests->cases.size());
  for (size_t i = 0; i < evidence.diagnosis.tests->cases.size(); ++i) {
    const TestCase &a = back->diagnosis.tests->cases[i], &b = evidence.diagnosis.tests->cases[i];
    EXPECT_TRUE(a.id == b.id && a.path == b.path && a.line == b.line && a.status == b.status &&
                a.message == b.message && a.seconds == b.seconds && a.load_failure == b.load_failure);
  }
}

TEST(Evidence, RoundTripsWithoutLoss) {
  check_round_trip(full_evidence());
  RunEvidence killed;
  killed.signal = 9;
  killed.timed_out = true;
  killed.kind = GateKind::setup;
  killed.rung = SandboxRung::plain;
  killed.diagnosis.verdict = RunVerdict::timeout;
  check_round_trip(killed);
  for (RunVerdict verdict : {RunVerdict::pass, RunVerdict::fail, RunVerdict::vacuous, RunVerdict::env_fault,
                             RunVerdict::timeout, RunVerdict::crash}) {
    killed.diagnosis.verdict = verdict;
    for (const bool provisional : {false, true}) {
      killed.provisional = provisional;
      check_round_trip(killed);
    }
  }
}

TEST(Evidence, IsAnInTotoTestResultOnTheTree) {
  json statement = to_statement(full_evidence());
  EXPECT_EQ(statement["_type"], "https://in-toto.io/Statement/v1");
  EXPECT_EQ(statement["predicateType"], "https://in-toto.io/attestation/test-result/v0.1");
  EXPECT_EQ(statement["subject"][0]["digest"]["gitTree"], std::string(40, 't'));
  EXPECT_EQ(statement["predicate"]["result"], "FAILED");
  EXPECT_EQ(statement["predicate"]["passedTests"], json::array({"A.passes"}));
  EXPECT_EQ(statement["predicate"]["failedTests"], json::array({"p::A.fails[µ]"}));
  EXPECT_TRUE(statement["predicate"]["configuration"].is_array());
}

TEST(Evidence, RefusesWhatDoesNotHoldTogether) {
  auto check = [](auto change, const std::string& expected) {
    json statement = to_statement(full_evidence());
    change(statement);
    Result<RunEvidence> read = from_statement(statement);
    ASSERT_FALSE(read.ok()) << expected;
    EXPECT_NE(read.error().message.find(expected), std::string::npos) << read.error().message;
  };
  check([](json& s) { s = 3; }, "_type");
  check([](json& s) { s = json::array(); }, "_type");
  check([](json& s) { s["predicateType"] = "other"; }, "predicateType");
  check([](json& s) { s["subject"][0]["digest"]["gitTree"] = "0"; }, "subject");
  check([](json& s) { s["subject"] = json::array(); }, "subject");
  check([](json& s) { s["predicate"]["result"] = "PASSED"; }, "result");
  check([](json& s) { s["predicate"].erase("baton"); }, "predicate.baton");
  check([](json& s) { s["predicate"]["baton"]["diagnosis"]["verdict"] = "perfect"; }, "verdict");
  check([](json& s) { s["predicate"]["baton"]["exitCode"] = "0"; }, "exitCode");
  check([](json& s) { s["predicate"]["baton"].erase("diagnosis"); }, "diagnosis");
  check([](json& s) { s["predicate"]["baton"]["version"] = 99; }, "newer Baton");
}

struct Store : testing::Test {
  TemporaryFolder folder = std::move(*TemporaryFolder::make(fs::temp_directory_path(), "evidence"));
  EvidenceStore store = std::move(*EvidenceStore::open(folder.path() / "evidence"));
};

TEST_F(Store, KeepsByContent) {
  for (std::string content : {std::string("a log\n"), std::string(), std::string("\0\xff bytes", 8)}) {
    Result<std::string> digest = store.put(content);
    ASSERT_TRUE(digest.ok()) << digest.error().message;
    EXPECT_EQ(*digest, sha256(content));
    EXPECT_EQ(store.get(*digest).value(), content);
    EXPECT_EQ(store.put(content).value(), *digest);
    struct stat info {};
    ASSERT_EQ(stat(store.path_of(*digest).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0333, 0u);
  }
}

TEST_F(Store, TakesFiles) {
  std::string big(3'000'000, 'x');
  ASSERT_TRUE(write_file(folder.path() / "log", big).ok());
  Result<std::string> digest = store.put_file(folder.path() / "log");
  ASSERT_TRUE(digest.ok()) << digest.error().message;
  EXPECT_EQ(store.get(*digest).value(), big);
  EXPECT_EQ(store.put_file(folder.path() / "log").value(), *digest);
  EXPECT_FALSE(store.put_file(folder.path() / "absent").ok());
  int entries = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder.path() / "evidence")) ++entries;
  EXPECT_EQ(entries, 1);
}

TEST_F(Store, RefusesWrongContent) {
  std::string digest = store.put("the truth").value();
  fs::permissions(store.path_of(digest), fs::perms::owner_all);
  std::ofstream(store.path_of(digest)) << "a lie";
  Result<std::string> read = store.get(digest);
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().message.find("was changed"), std::string::npos);
  EXPECT_EQ(store.put("the truth").value(), digest);
  EXPECT_EQ(store.get(digest).value(), "the truth");
}

TEST_F(Store, RefusesNamesThatAreNoDigest) {
  EXPECT_FALSE(store.get("../../etc/passwd").ok());
  EXPECT_FALSE(store.get("").ok());
  EXPECT_FALSE(store.get(std::string(64, 'A')).ok());
  EXPECT_FALSE(store.get(sha256("never put")).ok());
}

TEST(EvidenceStore, SaysWhyItCannotOpen) {
  TemporaryFolder folder = std::move(*TemporaryFolder::make(fs::temp_directory_path(), "evidence"));
  ASSERT_TRUE(write_file(folder.path() / "file", "").ok());
  Result<EvidenceStore> opened = EvidenceStore::open(folder.path() / "file" / "evidence");
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message.find("file"), std::string::npos);
}

}  // namespace
}  // namespace baton
