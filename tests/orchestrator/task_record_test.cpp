// A task is a fold over its events: what was told one after the other, what is replayed from the journal and what the tables hold
// are the same, over random histories.
#include "orchestrator/tasks/task_record.h"

#include <gtest/gtest.h>

#include <ctime>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "orchestrator/tasks/escalation_comment.h"
#include "orchestrator/tasks/task_book.h"
#include "orchestrator/tasks/task_facts.h"
#include "orchestrator/tasks/task_file.h"
#include "orchestrator/tasks/task_texts.h"
#include "support/files.h"

namespace baton {
namespace {

using nlohmann::json;

TaskEvent a_plan() { return event::PlanMade{{{"a", {}}, {"b", {}}, {"c", {"a"}}}}; }

std::vector<TaskEvent> every_kind(const std::string& id) {
  return {a_plan(), event::TrustMissing{}, event::Trusted{}, event::Approved{}, event::AttemptStarted{id}, event::AttemptDone{id}, event::AttemptFailed{id},
          event::Fault{id}, event::Asked{id}, event::Answered{}, event::Integrated{}, event::Conflicted{{id}}, event::RoundGreen{1, false, {}, {{"d", {"a", "b"}}}},
          event::RoundRed{{id}}, event::CriterionWaved{}, event::SentBack{{id}}, event::LandRequested{}, event::Landed{true}, event::LandFailed{},
          event::ApplyRequested{}, event::Applied{}, event::Escalated{EscalationReason::security}, event::Retried{}, event::AcceptedByHuman{},
          event::HandedIn{id}, event::Cancelled{}, event::GivenUp{}, event::Reopened{}, event::PublishRequested{}, event::Published{}};
}

TaskWishes some_wishes() {
  TaskWishes wishes;
  wishes.text = "Make it dark";
  wishes.title = "Make it dark";
  wishes.root = "/somewhere";
  wishes.actor = "test";
  return wishes;
}

std::set<std::string> keys_of(const std::deque<TaskEffect>& effects) {
  std::set<std::string> keys;
  for (const TaskEffect& effect : effects) keys.insert(effect.key);
  return keys;
}

std::set<std::string> keys_of(const std::vector<OutboxRow>& rows) {
  std::set<std::string> keys;
  for (const OutboxRow& row : rows) keys.insert(row.key);
  return keys;
}

TEST(TaskEvents, SurviveTheJournal) {
  const auto all = every_kind("b");
  ASSERT_EQ(all.size(), std::variant_size_v<TaskEvent>);
  for (const TaskEvent& event : all) {
    const json fields = fields_of(event);
    const auto back = task_event(name_of(event), fields);
    ASSERT_TRUE(back) << name_of(event);
    EXPECT_EQ(back->index(), event.index());
    EXPECT_EQ(fields_of(*back), fields) << name_of(event);
  }
  EXPECT_FALSE(task_event("gate_ran", json::object()));
  EXPECT_FALSE(task_event(kTaskNoted, json::object()));
}

class TaskBookTest : public testing::Test {
 protected:
  TaskBookTest() : folder_(*TemporaryFolder::make("/tmp", "baton-book-")) {
    env_ = {{"HOME", folder_.path().string()}, {"XDG_CONFIG_HOME", (folder_.path() / "config").string()}};
  }
  TaskBook open() {
    auto book = TaskBook::open(folder_.path() / "state", env_);
    EXPECT_TRUE(book.ok()) << (book ? "" : book.error().message);
    return std::move(*book);
  }

  TemporaryFolder folder_;
  Environment env_;
};

void expect_same(const TaskRecord& told, const TaskRecord& read, const std::string& context) {
  EXPECT_EQ(told.state, read.state) << context;
  EXPECT_EQ(told.pending, read.pending) << context;
  EXPECT_EQ(told.seq, read.seq) << context;
  EXPECT_EQ(told.notes, read.notes) << context;
  EXPECT_EQ(told.touches, read.touches) << context;
  EXPECT_EQ(told.trouble, read.trouble) << context;
  EXPECT_EQ(told.wishes.text, read.wishes.text) << context;
}

// What the projections say of every task.
std::string tables_of(Journal& journal) {
  std::string text;
  const auto rows = journal.tasks();
  for (const TaskRow& row : *rows) {
    text += row.id + " " + row.title + " " + row.phase + " " + row.wait + " " + row.root + " " + std::to_string(row.created_ms) + " " + std::to_string(row.updated_ms);
    for (const std::string& key : keys_of(*journal.outbox(row.id))) text += " " + key;
    text += "\n";
  }
  return text;
}

TEST_F(TaskBookTest, TheFoldIsTheReplay) {
  TaskBook book = open();
  const std::vector<std::string> ids = {"a", "b", "c", "a", "b", "c", "nobody"};
  std::set<TaskPhase> seen;
  for (unsigned seed = 0; seed < 40; ++seed) {
    std::mt19937 random(seed);
    const std::string id = "task-" + std::to_string(seed);
    auto record = book.draft(id, some_wishes(), "head", "base");
    ASSERT_TRUE(record.ok()) << record.error().message;
    const TaskEvent usual[] = {a_plan(), event::Approved{}, event::AttemptDone{"a"}, event::AttemptDone{"b"}, event::AttemptDone{"c"}, event::Integrated{}};
    for (std::size_t i = 0; i < 40; ++i) {
      const auto any = every_kind(ids[random() % ids.size()]);
      const TaskEvent event = seed % 4 != 0 && i < std::size(usual) ? usual[i] : any[random() % any.size()];
      const bool ends = std::holds_alternative<event::Cancelled>(event) || std::holds_alternative<event::GivenUp>(event);
      if (ends && random() % 8 != 0) continue;
      std::vector<std::string> done;
      if (!record->pending.empty() && random() % 2 == 0) done.push_back(record->pending.front().key);
      const json facts = {{"note", "n" + std::to_string(i)}, {"touch", i % 3 == 0}, {"hint", "h"}, {"text", "said"}, {"message", "m"}};
      const TaskState before = record->state;
      const Status told = book.tell(*record, event, facts, done, "test");
      if (!told) {
        EXPECT_EQ(told.error().kind, ErrorKind::precondition) << told.error().message;
        EXPECT_EQ(record->state, before);
        if (random() % 4 == 0) ASSERT_TRUE(book.note(*record, {{"trouble", "t"}}, done, "test").ok());
      }
      seen.insert(record->state.phase);
      if (i % 5 != 4 && !is_over(record->state.phase)) continue;
      const auto read = book.record(id);
      ASSERT_TRUE(read.ok());
      expect_same(*record, *read, "seed " + std::to_string(seed) + " after " + std::string(name_of(event)));
      ASSERT_EQ(keys_of(*book.journal().outbox(id)), keys_of(record->pending)) << "seed " << seed;
      if (is_over(record->state.phase)) {
        for (const TaskEffect& effect : record->pending) EXPECT_TRUE(effect.kind == EffectKind::clean_up || effect.kind == EffectKind::stop_attempts || effect.kind == EffectKind::publish) << effect.key;
      }
    }
  }
  EXPECT_GT(seen.size(), 8u);
  const auto journal = Journal::open(folder_.path() / "state/journal.db");
  ASSERT_TRUE(journal.ok());
  const std::string told = tables_of(**journal);
  ASSERT_TRUE((*journal)->rebuild().ok());
  EXPECT_EQ(tables_of(**journal), told);
}

TEST_F(TaskBookTest, TablesAreRebuiltFromTheEvents) {
  TaskBook book = open();
  auto record = book.draft("one", some_wishes(), "head", "base");
  ASSERT_TRUE(record.ok());
  ASSERT_TRUE(book.tell(*record, a_plan(), json::object(), {"make_plan/0"}, "test").ok());
  ASSERT_TRUE(book.tell(*record, event::Approved{}, json::object(), {}, "test").ok());
  const auto outbox = keys_of(*book.journal().outbox("one"));
  EXPECT_EQ(outbox, (std::set<std::string>{"start_attempt/1", "start_attempt/2"}));
  auto journal = Journal::open(folder_.path() / "state/journal.db");
  ASSERT_TRUE(journal.ok());
  ASSERT_TRUE((*journal)->rebuild().ok());
  EXPECT_EQ(keys_of(*(*journal)->outbox("one")), outbox);
  const auto rows = (*journal)->tasks();
  ASSERT_TRUE(rows.ok() && rows->size() == 1);
  EXPECT_EQ(rows->front().phase, "running");
  EXPECT_EQ(rows->front().title, "Make it dark");
  EXPECT_EQ(rows->front().root, "/somewhere");
}

// Who decided on an older history decides again on the newest, or is refused by it.
TEST_F(TaskBookTest, NobodyWritesOnTopOfWhatHasChanged) {
  TaskBook book = open();
  auto mine = book.draft("one", some_wishes(), "head", "base");
  ASSERT_TRUE(mine.ok());
  TaskBook other = open();
  auto theirs = other.record("one");
  ASSERT_TRUE(theirs.ok());
  ASSERT_TRUE(other.tell(*theirs, event::Cancelled{}, json::object(), {}, "other").ok());
  const Status late = book.tell(*mine, a_plan(), json::object(), {"make_plan/0"}, "test");
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(mine->state.phase, TaskPhase::cancelled);
  EXPECT_NE(late.error().message.find("cancelled"), std::string::npos) << late.error().message;
}

TEST_F(TaskBookTest, FindsATaskByItsEnd) {
  TaskBook book = open();
  ASSERT_TRUE(book.draft("01ABCDEF", some_wishes(), "", "").ok());
  ASSERT_TRUE(book.draft("01ABCXYZ", some_wishes(), "", "").ok());
  EXPECT_EQ(*book.find("CDEF"), "01ABCDEF");
  EXPECT_EQ(*book.find("01ABCXYZ"), "01ABCXYZ");
  EXPECT_FALSE(book.find("01ABC").ok());  // both
  EXPECT_FALSE(book.find("EF").ok());     // too short to be meant
  EXPECT_FALSE(book.find("").ok());
  EXPECT_FALSE(book.record("nothing").ok());
}

// A stopped attempt's effect is void with the event that stopped it, so that nothing begins it again.
TEST(TaskRecord, WhatIsStoppedIsVoid) {
  TaskRecord record;
  record.id = "t";
  const auto tell = [&](const TaskEvent& event) {
    std::string refusal;
    auto made = make_event(record, event, json::object(), {}, "test", refusal);
    ASSERT_TRUE(made) << refusal;
    made->seq = record.seq + 1;
    take(record, *made, true);
  };
  Event draft = make_draft("t", some_wishes(), "h", "b");
  draft.seq = 1;
  take(record, draft);
  tell(a_plan());
  tell(event::Approved{});
  EXPECT_EQ(keys_of(record.pending), (std::set<std::string>{"start_attempt/1", "start_attempt/2"}));
  tell(event::Escalated{EscalationReason::security});
  EXPECT_EQ(keys_of(record.pending), (std::set<std::string>{"stop_attempts/3", "notify_human/4"}));
}

// What a settled escalation said is kept until its pull request tells of the end.
TEST(TaskRecord, ASettledEscalationWaitsForItsPullRequest) {
  for (const bool published : {false, true}) {
    TaskRecord record;
    record.id = "t";
    const auto take_event = [&](Event event) {
      event.seq = record.seq + 1;
      take(record, event, true);
    };
    const auto tell = [&](const TaskEvent& event, json facts = json::object()) {
      std::string refusal;
      auto made = make_event(record, event, std::move(facts), {}, "test", refusal);
      ASSERT_TRUE(made) << refusal;
      take_event(*made);
    };
    take_event(make_draft("t", some_wishes(), "h", "b"));
    Publication publication;
    publication.number = 7;
    if (published) take_event(make_note(record, {{"publication", to_json(publication)}}, {}, "test"));
    tell(a_plan());
    tell(event::Escalated{EscalationReason::blocker}, {{"trouble", "no disk"}});
    take_event(make_note(record, {{"escalation", to_json(escalation_of(record))}}, {}, "test"));
    ASSERT_TRUE(record.escalation);
    EXPECT_EQ(record.escalation->number, 1);
    tell(event::Retried{});
    EXPECT_FALSE(record.escalation);
    ASSERT_EQ(record.settled.size(), published ? 1u : 0u);
    if (!published) continue;
    const auto comments = escalation_comments(record, {});
    ASSERT_EQ(comments.size(), 1u);
    EXPECT_TRUE(comments[0].only_change);
    EXPECT_TRUE(comments[0].text.starts_with("**This is settled: it is tried again.**")) << comments[0].text;
    EXPECT_NE(comments[0].text.find("no disk"), std::string::npos);
    take_event(make_note(record, {{"told", {1}}}, {}, "test"));
    EXPECT_TRUE(record.settled.empty());
  }
}

// What goes out speaks of what was judged alone, where that was another tree than the round's.
TEST(TaskRecord, ItsVerdictIsOnWhatLands) {
  TaskRecord record;
  EXPECT_EQ(record.verdict(), nullptr);
  record.round.emplace();
  record.round->report.emplace();
  record.round->report->id = "beside";
  const auto lands = [&](const char* only_apply) {
    Landing landing;
    landing.commit = "c";
    landing.untested_fix = true;
    landing.only_apply = only_apply;
    landing.report.emplace();
    landing.report->id = "alone";
    take(record, make_note(record, {{"landing", to_json(landing)}}, {}, "test"));
    return record.verdict()->id;
  };
  EXPECT_EQ(record.verdict()->id, "beside");
  EXPECT_EQ(lands(""), "alone");
  EXPECT_TRUE(record.landing->untested_fix);
  EXPECT_EQ(lands("It does not hold."), "beside") << "it is applied to the tree that it was judged in";
}

TEST(TaskScheduling, TenThousandSubtasksInLessThanASecond) {
  constexpr int kSubtasks = 10'000;
  event::PlanMade plan;
  for (int i = 0; i < kSubtasks; ++i) {
    SubtaskSeed seed{"s" + std::to_string(i), {}};
    if (i >= 100) seed.after = {"s" + std::to_string(i - 100), "s" + std::to_string(i / 2)};
    plan.subtasks.push_back(std::move(seed));
  }
  const std::clock_t began = std::clock();  // of the processor: others may be at work
  TaskState state;
  std::vector<TaskEffect> effects;
  ASSERT_EQ(advance_task(state, plan, effects), "");
  ASSERT_EQ(advance_task(state, event::Approved{}, effects), "");
  std::size_t next = 0;
  int begun = 0;
  while (next < effects.size()) {
    const TaskEffect effect = effects[next++];
    if (effect.kind != EffectKind::start_attempt) continue;
    ++begun;
    ASSERT_EQ(advance_task(state, event::AttemptStarted{effect.subtask}, effects), "");
    ASSERT_EQ(advance_task(state, event::AttemptDone{effect.subtask}, effects), "");
  }
  const double seconds = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  EXPECT_EQ(begun, kSubtasks);
  EXPECT_EQ(state.phase, TaskPhase::integrating);
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(seconds, 1.0);
#else
  RecordProperty("seconds", std::to_string(seconds));
#endif
}

// The record of a task of thousands of subtasks is folded, and handed to attempts, in time that is nothing beside what they do.
TEST(TaskScheduling, ThousandsInTheRecord) {
  constexpr int kSubtasks = 2'000;
  TaskRecord record;
  Event draft = make_draft("t", some_wishes(), "h", "b");
  draft.seq = 1;
  take(record, draft);
  const auto tell = [&](const TaskEvent& event, json facts, std::vector<std::string> done) {
    std::string refusal;
    auto made = make_event(record, event, std::move(facts), std::move(done), "test", refusal);
    ASSERT_TRUE(made) << refusal;
    made->seq = record.seq + 1;
    take(record, *made, true);
  };
  Plan plan;
  plan.title = "many";
  event::PlanMade made;
  for (int i = 0; i < kSubtasks; ++i) {
    const std::string id = "s" + std::to_string(i);
    plan.subtasks.push_back({id, "Part " + id, "general", {"c" + std::to_string(i)}, {"src/" + id + ".cpp"}, {}});
    plan.criteria.push_back({"c" + std::to_string(i), "it holds " + id});
    if (i >= 100) plan.subtasks.back().after = {"s" + std::to_string(i - 100)};
    made.subtasks.push_back({id, plan.subtasks.back().after});
  }
  const std::clock_t began = std::clock();
  tell(made, {{"plan", to_json(plan)}, {"agents", json::object()}}, {"make_plan/0"});
  tell(event::Approved{}, json::object(), {});
  int finished = 0;
  while (!record.pending.empty() && record.pending.front().kind == EffectKind::start_attempt) {
    const TaskEffect effect = record.pending.front();
    tell(event::AttemptStarted{effect.subtask}, {{"key", effect.key}, {"attempt", 1}}, {});
    const TaskRecord known = for_attempt(record, effect.subtask);
    ASSERT_TRUE(known.part(effect.subtask));
    ASSERT_EQ(known.plan->criteria.size(), 1u);
    ASSERT_LE(known.plan->subtasks.size(), 40u);
    ASSERT_EQ(known.plan->subtasks.size(), known.contributions.size() + 1);
    AttemptResult result;
    result.end = AttemptEnd::completed;
    result.commit = std::string(40, 'a');
    tell(event::AttemptDone{effect.subtask}, {{"key", effect.key}, {"attempt", 1}, {"agent", "mine"}, {"start", "b"}, {"result", to_json(result)}}, {effect.key});
    ++finished;
  }
  const double seconds = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  EXPECT_EQ(finished, kSubtasks);
  EXPECT_EQ(record.contributions.size(), static_cast<std::size_t>(kSubtasks));
  EXPECT_EQ(record.state.phase, TaskPhase::integrating);
  RecordProperty("seconds", std::to_string(seconds));
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(seconds, 3.0);
#endif
}

TEST(TaskFile, FrontMatterIsWishes) {
  const auto file = task_file("---\nworkflow: bugfix\nagent: mine\nland: none\n---\n# Mend it\n\n- it holds\n");
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(file->workflow, "bugfix");
  EXPECT_EQ(file->agent, "mine");
  EXPECT_EQ(file->land, "none");
  EXPECT_EQ(file->text, "\n# Mend it\n\n- it holds\n");
  EXPECT_EQ(task_file("plain --- text")->text, "plain --- text");
  EXPECT_FALSE(task_file("---\nworkflow: bugfix\n").ok());
  EXPECT_FALSE(task_file("---\nagnet: mine\n---\nx").ok());
  EXPECT_EQ(task_file("---\n---\nx")->text, "\nx");
}

}  // namespace
}  // namespace baton
