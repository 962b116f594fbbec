// Acceptances in the journal: kept, taken back, and none of what another than the user's Baton wrote there.
#include "orchestrator/kept_acceptances.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "support/files.h"

namespace baton {
namespace {

const Caller kHuman{"cli:1", true, {}};
const Caller kAgent{"cli:2", false, "claude"};

Acceptance failure(const std::string& test, const Caller& by = kHuman) {
  Acceptance one;
  one.gate = "unit";
  one.test = test;
  one.status = "regression";
  one.reason = "known";
  one.caller = by;
  return one;
}

struct KeptAcceptances : testing::Test {
  TemporaryFolder folder = std::move(*TemporaryFolder::make("/tmp", "baton-acceptance-"));
  std::filesystem::path config = folder.path() / "config";
  std::unique_ptr<Journal> journal = std::move(*Journal::open(folder.path() / "journal.db"));

  std::vector<Acceptance> all() const {
    auto kept = acceptances(*journal, config);
    EXPECT_TRUE(kept.ok());
    return kept ? std::move(*kept) : std::vector<Acceptance>();
  }
  // The first event once more, with what `change` does to it.
  void forge(const std::function<void(Event&, nlohmann::json&)>& change) {
    Event event = journal->events("accepted-failures", 0, 100)->at(0);
    nlohmann::json body = nlohmann::json::parse(event.body);
    event.seq = 0;
    change(event, body);
    event.body = body.dump();
    ASSERT_TRUE(journal->append({event}).ok());
  }
};

TEST_F(KeptAcceptances, AreKeptAndWithdrawn) {
  const Acceptance one = failure("a::one"), two = failure("a::two", kAgent);
  ASSERT_TRUE(keep_acceptance(*journal, one, config).ok());
  ASSERT_TRUE(keep_acceptance(*journal, two, config).ok());
  ASSERT_TRUE(keep_acceptance(*journal, one, config).ok());
  ASSERT_EQ(all().size(), 2u);
  EXPECT_EQ(by_whom(all()[0].caller), "a process below claude");
  EXPECT_EQ(by_whom(all()[1].caller), "a human");
  EXPECT_EQ(all()[1].caller.actor, "cli:1");
  EXPECT_GT(all()[1].unix_ms, 0);
  ASSERT_TRUE(withdraw_acceptance(*journal, one, config).ok());
  EXPECT_EQ(all().size(), 1u);
  ASSERT_TRUE(keep_acceptance(*journal, one, config).ok());
  EXPECT_EQ(all().size(), 2u) << "accepted again";
}

TEST_F(KeptAcceptances, WhatAnotherWroteCountsForNothing) {
  ASSERT_TRUE(keep_acceptance(*journal, failure("a::two", kAgent), config).ok());
  const auto counts = [&](const char* what, const std::function<void(Event&, nlohmann::json&)>& change) {
    forge(change);
    ASSERT_EQ(all().size(), 1u) << what;
    EXPECT_FALSE(all()[0].caller.human) << what;
    EXPECT_EQ(all()[0].reason, "known") << what;
  };
  counts("human", [](Event&, nlohmann::json& body) { body["human"] = true; });
  counts("another failure", [](Event&, nlohmann::json& body) { body["test"] = "a::one"; });
  counts("without a seal", [](Event&, nlohmann::json& body) { body.erase("seal"); });
  counts("a seal that is none", [](Event&, nlohmann::json& body) { body["seal"] = {1}; });
  counts("no object", [](Event&, nlohmann::json& body) { body = {"human"}; });
  counts("without an id", [](Event&, nlohmann::json& body) { body.erase("id"); });
  counts("by another", [](Event& event, nlohmann::json&) { event.actor = "lsp:1"; });
  counts("a withdrawal", [](Event& event, nlohmann::json&) { event.kind = "acceptance_withdrawn"; });
  EXPECT_TRUE(acceptances(*journal, folder.path() / "another-user")->empty());
}

TEST_F(KeptAcceptances, OneThatWasWithdrawnDoesNotComeBack) {
  const Acceptance one = failure("a::one");
  ASSERT_TRUE(keep_acceptance(*journal, one, config).ok());
  const auto kept = *journal->events("accepted-failures", 0, 100);
  ASSERT_TRUE(withdraw_acceptance(*journal, one, config).ok());
  Event again = kept.at(0);
  again.seq = 0;
  ASSERT_TRUE(journal->append({again}).ok());
  EXPECT_TRUE(all().empty());
}

TEST_F(KeptAcceptances, AreOfOneJournal) {
  ASSERT_TRUE(keep_acceptance(*journal, failure("a::one"), config).ok());
  Event copied = journal->events("accepted-failures", 0, 100)->at(0);
  copied.seq = 0;
  const auto other = Journal::open(folder.path() / "other.db");
  ASSERT_TRUE((*other)->append({copied}).ok());
  EXPECT_TRUE(acceptances(**other, config)->empty());
  EXPECT_EQ(all().size(), 1u);
}

}  // namespace
}  // namespace baton
