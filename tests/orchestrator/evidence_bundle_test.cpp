// Bundles of real verdicts: written, carried elsewhere, altered in every way, and judged again in another checkout.
#include "orchestrator/evidence_bundle.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/dsse.h"
#include "orchestrator/evidence_export.h"
#include "support/base64.h"
#include "support/hash.h"
#include "support/json.h"
#include "support/places.h"
#include "tests/orchestrator/workshop.h"

namespace baton {
namespace {

using nlohmann::json;

class BundleTest : public Workshop {
 protected:
  // A regression and a fix between two commits.
  VerifyReport two_commits() {
    commit({tap_gate(), tap_script(), {"tests.txt", "one pass\ntwo fail\n"}});
    commit({{"tests.txt", "one fail\ntwo pass\n"}});
    VerifyRequest asked = request();
    asked.base = "HEAD~1";
    asked.head = "HEAD";
    return judged(asked);
  }
  // Nothing fails, so that nothing is tried again: quicker.
  void calm() {
    commit({tap_gate(), tap_script(), {"tests.txt", "one pass\n"}});
    commit({{"tests.txt", "one pass\ntwo pass\n"}});
    VerifyRequest asked = request();
    asked.base = "HEAD~1";
    asked.head = "HEAD";
    judged(asked);
  }
  std::string bundle(const std::string& id = "") {
    const auto text = export_evidence(at("repo"), env_, id);
    EXPECT_TRUE(text.ok()) << text.error().message;
    return text.ok() ? *text : "";
  }
  static std::string wrong(const std::string& text) {
    const auto checked = check_bundle(text);
    return checked ? "" : checked.error().message;
  }
};

TEST_F(BundleTest, TellsWhatWasJudgedAndWhoSigned) {
  const VerifyReport report = two_commits();
  const auto checked = check_bundle(bundle());
  ASSERT_TRUE(checked.ok()) << checked.error().message;
  EXPECT_EQ(checked->report.id, report.id);
  EXPECT_EQ(checked->report.verdict, Verdict::rejected);
  EXPECT_EQ(statuses(checked->report), "one=regression two=fixed");
  EXPECT_GE(checked->runs.size(), 2u) << "base and head, tries included";
  EXPECT_EQ(bundle().find(folder_.path().string()), std::string::npos) << "paths of this machine";
  const auto key = SigningKey::of_file(config_home(env_) / kUserKeyFile);
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(checked->key_id, key->public_half().id());
  EXPECT_EQ(std::filesystem::status(config_home(env_) / kUserKeyFile).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(bundle(report.id), bundle());
}

TEST_F(BundleTest, OneFlippedByteFails) {
  calm();
  const std::string text = bundle();
  // Every byte of a bundle is too many for a test; all of its beginning and end, and one in a few hundred between.
  for (std::size_t i = 0; i < text.size(); i += i < 600 || text.size() - i < 600 ? 1 : text.size() / 200) {
    std::string flipped = text;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    EXPECT_NE(wrong(flipped), "") << "byte " << i << ": " << text.substr(i, 20);
  }
  EXPECT_NE(wrong(text + " "), "");
  EXPECT_NE(wrong(text.substr(0, text.size() - 1)), "");
}

// What a human called known when the bundle was made is signed with it, and nothing of it can be changed, taken out or put in.
TEST_F(BundleTest, WhatWasAcceptedIsSigned) {
  const VerifyReport report = two_commits();
  const auto evidence = EvidenceStore::open(at("repo") / ".git/baton/evidence");
  const auto key = SigningKey::of_file(config_home(env_) / kUserKeyFile);
  ASSERT_TRUE(evidence.ok() && key.ok());
  const auto envelope = [&](const std::string& text) { return sha256(dump_json((*parse_json(text))["verdict"])); };
  AcceptRequest asked;
  asked.test = "one";
  asked.reason = "known since May";
  Caller human;
  human.human = true;
  const auto acceptance = acceptance_of(report, asked, human);
  ASSERT_TRUE(acceptance.ok()) << acceptance.error().message;
  Acceptance other = *acceptance;
  other.test = "elsewhere";
  const std::string before = bundle();
  const auto text = make_bundle(envelope(before), {*acceptance, other}, *evidence, *key);
  ASSERT_TRUE(text.ok()) << text.error().message;
  const auto checked = check_bundle(*text);
  ASSERT_TRUE(checked.ok()) << checked.error().message;
  EXPECT_TRUE(checked->report.accepted);
  EXPECT_FALSE(check_bundle(before)->report.accepted);
  EXPECT_EQ(from_base64((*parse_json(*text))["accepted"]["payload"].get<std::string>())->find("elsewhere"), std::string::npos) << "of another verdict";

  const std::size_t begin = text->find("\"accepted\""), end = text->find("\"logs\"");
  ASSERT_LT(begin, end);
  for (std::size_t i = begin; i < end; ++i) {
    std::string flipped = *text;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    EXPECT_NE(wrong(flipped), "") << "byte " << i << ": " << text->substr(i, 20);
  }
  json changed = *parse_json(*text);
  changed.erase("accepted");
  EXPECT_NE(wrong(dump_json(changed) + "\n").find("which failures were accepted"), std::string::npos);
  changed["accepted"] = changed["verdict"];
  EXPECT_NE(wrong(dump_json(changed) + "\n").find("another kind"), std::string::npos);
}

TEST_F(BundleTest, PartsThatDoNotBelongTogetherAreRefused) {
  calm();
  const json good = *parse_json(bundle());
  const auto stranger = SigningKey::of_file(at("stranger.pem"));
  ASSERT_TRUE(stranger.ok());
  const std::string verdict = *from_base64(good["verdict"]["payload"].get<std::string>());
  struct Row {
    const char* what;
    std::function<void(json&)> change;
    const char* says;
  };
  const std::vector<Row> rows = {
      {"a run less", [](json& b) { b["runs"].erase(0); }, "no run names"},
      {"a run twice", [](json& b) { b["runs"].push_back(b["runs"][0]); }, "does not rest on"},
      {"no logs", [](json& b) { b["logs"] = json::object(); }, "log is missing"},
      {"another log", [](json& b) { b["logs"].begin().value() = to_base64("all passed"); }, "not what its hash says"},
      {"a log more", [](json& b) { b["logs"]["0"] = ""; }, "log"},
      {"a verdict of someone else's key", [&](json& b) { b["verdict"] = envelope_of(verdict, *stranger); }, "not as it was signed"},
      {"a public key of someone else", [&](json& b) { b["publicKey"] = stranger->public_half().pem(); }, "not as it was signed"},
      {"no verdict", [](json& b) { b.erase("verdict"); }, "no verdict"},
      {"two signatures", [](json& b) { b["verdict"]["signatures"].push_back(b["verdict"]["signatures"][0]); }, "one signature"},
      {"no bundle at all", [](json& b) { b = json::array(); }, "no evidence bundle"},
  };
  for (const Row& row : rows) {
    json changed = good;
    row.change(changed);
    EXPECT_NE(wrong(dump_json(changed) + "\n").find(row.says), std::string::npos) << row.what << ": " << wrong(dump_json(changed) + "\n");
  }
}

// Who has the key can sign anything, but not a verdict that its own runs contradict.
TEST_F(BundleTest, AVerdictThatItsRunsContradictIsRefused) {
  calm();
  json forged = *parse_json(bundle());
  json statement = *parse_json(*from_base64(forged["verdict"]["payload"].get<std::string>()));
  const auto key = SigningKey::of_file(config_home(env_) / kUserKeyFile);
  ASSERT_TRUE(key.ok());
  json& run = statement["predicate"]["report"]["gates"][0]["head"];
  run["verdict"] = "fail";
  run["exit_code"] = 1;
  forged["verdict"] = envelope_of(dump_json(statement), *key);
  EXPECT_NE(wrong(dump_json(forged) + "\n").find("says something else of check"), std::string::npos) << wrong(dump_json(forged) + "\n");
}

// The base's tests on the new code are runs of a tree that no one committed: in the bundle, and held against what the verdict says of them.
TEST_F(BundleTest, TheBasesTestsOnTheNewCodeAreInIt) {
  const std::string asks = "[ \"$(sh one.sh)\" = 1 ] || { echo 'not ok 1 - one'; exit 1; }\necho 'ok 1 - one'\necho 1..1\n", asks_less = "sh one.sh\necho 'ok 1 - one'\necho 1..1\n";
  commit({gate(R"(["sh", "tests/run.sh"])"), {"one.sh", "echo 1\n"}, {"tests/run.sh", asks}});
  commit({{"one.sh", "echo 2\n"}, {"tests/run.sh", asks_less}});
  VerifyRequest asked = request();
  asked.base = "HEAD~1";
  asked.head = "HEAD";
  const VerifyReport report = judged(asked);
  ASSERT_TRUE(report.base_tests);
  EXPECT_EQ(report.base_tests->failing, std::vector<std::string>{"check"}) << "it stops there, and names none";
  EXPECT_EQ(weakened_checks(report), 1u);
  const auto checked = check_bundle(bundle());
  ASSERT_TRUE(checked.ok()) << checked.error().message;
  EXPECT_EQ(report.base_tests->evidence.size(), 3u);
  for (const std::string& statement : report.base_tests->evidence) EXPECT_EQ(checked->runs.count(statement), 1u);

  const auto key = SigningKey::of_file(config_home(env_) / kUserKeyFile);
  ASSERT_TRUE(key.ok());
  const auto forged = [&](const std::function<void(json&)>& change) {
    json all = *parse_json(bundle());
    json statement = *parse_json(*from_base64(all["verdict"]["payload"].get<std::string>()));
    change(statement["predicate"]["report"]["base_tests"]);
    all["verdict"] = envelope_of(dump_json(statement), *key);
    return wrong(dump_json(all) + "\n");
  };
  EXPECT_EQ(forged([](json&) {}), "");
  EXPECT_NE(forged([](json& told) { told["failing"].push_back("two"); }).find("no run does"), std::string::npos);
  EXPECT_NE(forged([](json& told) { told["evidence"].push_back("0"); }).find("is missing"), std::string::npos);
  EXPECT_NE(forged([](json& told) { told["trees"] = json::array(); }).find("of another tree"), std::string::npos);
}

TEST_F(BundleTest, WithoutIsolationItIsIntegrityOnly) {
  user_config(R"({"sandbox": "none"})");
  calm();
  const auto checked = check_bundle(bundle());
  ASSERT_TRUE(checked.ok()) << checked.error().message;
  EXPECT_FALSE(checked->isolated);
}

// What the audit found is signed, and held against what it finds again.
TEST_F(BundleTest, AReplayComparesWhatIsWeakerThanBefore) {
  const std::string strong = "def test_tax():\n    assert tax(100) == 18\n", weak = "def test_tax():\n    assert tax(100)\n";
  commit({tap_gate(), tap_script(), {"tests.txt", "one pass\n"}, {"tests/test_tax.py", strong}});
  commit({{"tests/test_tax.py", weak}});
  VerifyRequest asked = request();
  asked.base = "HEAD~1";
  asked.head = "HEAD";
  asked.task = "Tidy the tests up";
  judged(asked);
  const auto checked = check_bundle(bundle());
  ASSERT_TRUE(checked.ok()) << checked.error().message;
  ASSERT_EQ(weakened_checks(checked->report), 1u);
  auto again = request_again(at("repo"), checked->report);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->task, asked.task);
  again->client_env = env_;
  again->trust_this_run = true;
  EXPECT_EQ(differences(checked->report, judged(*again)), std::vector<std::string>());
  VerifyReport silent = checked->report;
  silent.audit.clear();
  const auto told = differences(silent, checked->report);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0], "assertion_weakened at tests/test_tax.py:2, which removes protection, was not told of.");
}

TEST_F(BundleTest, AnotherCheckoutSaysTheSameAgain) {
  const VerifyReport report = two_commits();
  const auto checked = check_bundle(bundle());
  ASSERT_TRUE(checked.ok());
  git({"clone", "-q", at("repo").string(), at("elsewhere").string()});
  auto asked = request_again(at("elsewhere"), checked->report);
  ASSERT_TRUE(asked.ok()) << asked.error().message;
  asked->client_env = env_;
  asked->trust_this_run = true;
  auto engine = Engine::open(at("elsewhere"), env_);
  ASSERT_TRUE(engine.ok());
  const auto again = (*engine)->verify(*asked, {}, {});
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_NE(again->id, report.id);
  EXPECT_EQ(differences(checked->report, *again), std::vector<std::string>{});

  VerifyReport better = *again;
  better.verdict = Verdict::no_regression;
  better.gates[0].verdict = GateVerdict::pass;
  better.tests.erase(std::remove_if(better.tests.begin(), better.tests.end(), [](const TestVerdict& test) { return test.id == "one"; }), better.tests.end());
  EXPECT_EQ(differences(checked->report, better).size(), 3u) << "verdict, gate and test";
}

TEST_F(BundleTest, ATreeThatIsNotHereIsNamed) {
  calm();
  write({{"tests.txt", "three pass\n"}});
  const VerifyReport report = judged();
  git({"clone", "-q", at("repo").string(), at("elsewhere").string()});
  const auto asked = request_again(at("elsewhere"), check_bundle(bundle())->report);
  ASSERT_FALSE(asked.ok());
  EXPECT_NE(asked.error().message.find(report.head.tree), std::string::npos) << asked.error().message;
  EXPECT_TRUE(request_again(at("repo"), report).ok()) << "here the snapshot is still known";
}

TEST_F(BundleTest, WithoutAVerdictThereIsNothingToExport) {
  commit({tap_gate(), tap_script(), {"tests.txt", "one pass\n"}});
  EXPECT_FALSE(export_evidence(at("repo"), env_, "").ok());
  judged();
  EXPECT_FALSE(export_evidence(at("repo"), env_, "01NOSUCH").ok());
  EXPECT_TRUE(export_evidence(at("repo"), env_, "").ok());
}

}  // namespace
}  // namespace baton
