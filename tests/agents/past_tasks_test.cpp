// What past tasks tell the next one: from records as the journal gives them, ranked by likeness, and in words.
#include "orchestrator/tasks/past_tasks.h"

#include <gtest/gtest.h>

#include "analyzers/context/similar_texts.h"
#include "orchestrator/agents/model_usage.h"

namespace baton {
namespace {

TaskRecord record_of(const std::string& id, const std::string& text, TaskPhase phase, const std::vector<std::string>& files) {
  TaskRecord record;
  record.id = id;
  record.updated_ms = 1'764'374'400'000;  // 2025-11-29
  record.state.phase = phase;
  record.wishes.text = text;
  record.plan.emplace();
  record.plan->title = text.substr(0, text.find('\n'));
  record.plan->workflow = Workflow::bugfix;
  record.plan->subtasks.push_back({"s1", "", "backend", {}, {}, {}});
  AttemptRecord attempt{"s1", "a", "", 1, "", AttemptResult()};
  attempt.result->commit = "c0ffee";
  for (const std::string& file : files) attempt.result->changes.push_back({ChangeKind::modified, file, file});
  record.attempts.push_back(attempt);
  record.contributions["s1"] = {"s1", "a", "", "c0ffee", {}};
  record.rounds = 1;
  record.round.emplace();
  record.round->end = phase == TaskPhase::landed ? RoundEnd::green : RoundEnd::red;
  if (phase == TaskPhase::landed) {
    record.landing.emplace();
    record.landing->commit = "0123456789abcdef";
  }
  return record;
}

std::vector<PastTask> history() {
  std::vector<PastTask> past;
  TaskRecord dates = record_of("t1", "The date picker shows the wrong month\n\nparse_month counts from zero.", TaskPhase::landed, {"src/calendar.py"});
  dates.feedback["s1"] = {"old", "test_month fails: expected 2, got 1"};
  dates.hints[""] = "look at parse_month; the key is ghp_abcdefghijklmnopqrstuvwxyz0123456789";
  dates.round->left_out = {{"s1", "a rename", "it breaks test_year", "", 0}};
  past.push_back(past_task(dates).value());
  TaskRecord failed = record_of("t2", "The date picker forgets the month\n\nparse_month again", TaskPhase::escalated_to_human, {"src/calendar.py"});
  failed.trouble = "The third attempt broke test_month.";
  past.push_back(past_task(failed).value());
  past.push_back(past_task(record_of("t3", "Compress the log files of the server", TaskPhase::landed, {"server/log.go"})).value());
  past.push_back(past_task(record_of("t4", "Add a page for invoices", TaskPhase::landed, {"web/invoice.tsx"})).value());
  return past;
}

TEST(PastTask, IsWhatTheRecordSays) {
  EXPECT_FALSE(past_task(record_of("t", "x", TaskPhase::running, {})));
  EXPECT_FALSE(past_task(record_of("t", "x", TaskPhase::cancelled, {}))) << "who called it off said nothing about it";
  TaskRecord no_attempt = record_of("t", "x", TaskPhase::failed, {});
  no_attempt.attempts.clear();
  EXPECT_FALSE(past_task(no_attempt));
  struct Case {
    TaskPhase phase;
    RoundEnd round;
    PastEnd end;
    const char* how;
  };
  const Case cases[] = {
      {TaskPhase::landed, RoundEnd::green, PastEnd::verified, "verified, landed"},
      {TaskPhase::applied, RoundEnd::green, PastEnd::verified, "verified, applied"},
      {TaskPhase::verified, RoundEnd::green, PastEnd::verified, "verified"},
      {TaskPhase::landed, RoundEnd::red, PastEnd::accepted, "accepted by a human in spite of what failed, landed"},
      {TaskPhase::failed, RoundEnd::red, PastEnd::failed, "failed: It broke."},
      {TaskPhase::escalated_to_human, RoundEnd::red, PastEnd::failed, "escalated to the human: It broke."},
  };
  for (const Case& c : cases) {
    TaskRecord record = record_of("t", "x", c.phase, {"b", "a", "b"});
    record.round->end = c.round;
    record.trouble = "It broke.";
    const auto past = past_task(record);
    ASSERT_TRUE(past) << c.how;
    EXPECT_EQ(past->end, c.end) << c.how;
    EXPECT_EQ(past->how, c.how);
    EXPECT_EQ(past->files, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(past->workflow, "bugfix");
  }
}

TEST(PastTask, ThatWasReplacedIsNotWhatChanged) {
  TaskRecord record = record_of("t", "x", TaskPhase::landed, {"right"});
  AttemptRecord other{"s1", "a", "", 2, "", AttemptResult()};
  other.result->commit = "dead";
  other.result->changes.push_back({ChangeKind::modified, "wrong", "wrong"});
  record.attempts.push_back(other);
  EXPECT_EQ(past_task(record)->files, std::vector<std::string>{"right"});
}

TEST(SimilarTasks, AreFoundByWordsPathsAndNothingElse) {
  struct Case {
    const char *name, *query, *domain, *category;
    std::set<std::string> leave_out;
    std::vector<std::string> found;
  };
  const Case cases[] = {
      {"what ended well first", "The date picker forgets the month again", "", "", {}, {"t1", "t2"}},
      {"by an identifier", "parseMonth is wrong", "", "", {}, {"t1", "t2"}},
      {"by a path", "see server/log.go", "", "", {}, {"t3"}},
      {"nothing that is like it", "Let users upload an avatar", "", "", {}, {}},
      {"one word of many", "A page that lists the members of a team with their roles and rights", "", "", {}, {}},
      {"a word that stands in all of it and means nothing", "the of and", "", "", {}, {}},
      {"nothing at all", "", "", "", {}, {}},
      {"without its own", "The date picker forgets the month again", "", "", {"t1"}, {"t2"}},
      {"of its domain", "The date picker forgets the month again", "backend", "bugfix", {}, {"t1", "t2"}},
      {"of another domain", "The date picker forgets the month again", "frontend", "", {}, {}},
      {"of another category", "The date picker forgets the month again", "", "feature", {}, {}},
  };
  for (const Case& c : cases) EXPECT_EQ(similar_tasks({c.query, c.domain, c.category, c.leave_out, 2000}, history()).tasks, c.found) << c.name;
  EXPECT_TRUE(similar_tasks({"The date picker", "", "", {}, 2000}, {}).tasks.empty());
}

TEST(SimilarTasks, AreToldWithWhereTheyComeFrom) {
  const std::string text = similar_tasks({"The date picker forgets the month again", "", "", {}, 2000}, history()).text;
  for (const char* wanted : {"- **The date picker shows the wrong month**: verified, landed (task t1, 2025-11-29, commit 0123456789ab)\n", "  - changed src/calendar.py\n", "  - bugfix of backend; 1 attempt, 1 round\n",
                             "  - left out: a rename (it breaks test_year)\n", "  - what it was told before it ended well: test_month fails: expected 2, got 1\n", "  - hint of the user: look at parse_month",
                             "- **The date picker forgets the month**: NOT DONE, escalated to the human: The third attempt broke test_month. (task t2, 2025-11-29)\n"}) {
    EXPECT_NE(text.find(wanted), text.npos) << wanted << "\nin\n" << text;
  }
  EXPECT_EQ(text.find("ghp_"), text.npos) << "secrets are taken out";
}

TEST(SimilarTasks, StayBelowTheirBudget) {
  std::vector<PastTask> many;
  for (int i = 0; i < 40; ++i) {
    PastTask task = history()[0];
    task.id = "n" + std::to_string(i);
    many.push_back(task);
  }
  many.push_back(history()[2]);
  std::size_t last = 0;
  for (const std::size_t budget : {10u, 200u, 600u, 5000u}) {
    const SimilarFound found = similar_tasks({"The date picker shows the wrong month; parse_month", "", "", {}, budget}, many);
    EXPECT_LE(estimated_tokens(found.text.size()), static_cast<std::int64_t>(budget));
    EXPECT_GE(found.tasks.size(), last);
    last = found.tasks.size();
  }
  EXPECT_EQ(last, 5u);
}

TEST(SimilarTexts, AreMeasuredAgainstTheQueryItself) {
  const std::vector<std::string> texts = {"parse the header of a packet", "draw a circle", "parse"};
  const auto found = similar_texts("parse the header of a packet", texts);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].index, 0u);
  EXPECT_GT(found[0].likeness, 0.6);
  EXPECT_LT(found[1].likeness, 0.5);
}

}  // namespace
}  // namespace baton
