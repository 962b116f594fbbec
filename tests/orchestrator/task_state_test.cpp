#include "orchestrator/task_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace baton {
namespace {

using Events = std::vector<TaskEvent>;

const std::vector<TaskPhase> kAllPhases = {TaskPhase::drafted,  TaskPhase::planned, TaskPhase::running, TaskPhase::integrating,
                                           TaskPhase::verifying, TaskPhase::verified, TaskPhase::landing, TaskPhase::landed,
                                           TaskPhase::applied,  TaskPhase::escalated_to_human, TaskPhase::cancelled, TaskPhase::failed};

// a and b stand alone, c starts from a.
TaskEvent plan() { return event::PlanMade{{{"a", {}}, {"b", {}}, {"c", {"a"}}}}; }

// One event of each kind, with arguments that a task of `plan()` can meet.
Events every_event() {
  return {plan(), event::TrustMissing{}, event::Trusted{}, event::Approved{}, event::AttemptStarted{"a"}, event::AttemptDone{"a"},
          event::AttemptFailed{"a"}, event::Fault{"a"}, event::Asked{"a"}, event::Answered{}, event::Integrated{},
          event::Conflicted{{"a"}}, event::RoundGreen{0}, event::RoundRed{{"a"}}, event::CriterionWaved{}, event::SentBack{{"a"}},
          event::LandRequested{}, event::Landed{}, event::LandFailed{}, event::ApplyRequested{}, event::Applied{},
          event::Escalated{EscalationReason::blocker}, event::Retried{}, event::AcceptedByHuman{}, event::HandedIn{"a"}, event::Cancelled{},
          event::GivenUp{}, event::Reopened{}, event::PublishRequested{}, event::Published{}};
}

TaskState after(const Events& events) {
  TaskState state;
  for (const TaskEvent& event : events) state = step_task(state, event).state;
  return state;
}

Events operator+(Events first, const Events& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

const Events kRunning = {plan(), event::Approved{}};
const Events kVerifying = kRunning + Events{event::AttemptDone{"a"}, event::AttemptDone{"b"}, event::AttemptDone{"c"}, event::Integrated{}};
const Events kVerified = kVerifying + Events{event::RoundGreen{0}};
const Events kRedThrice = kVerifying + Events{event::RoundRed{{"b"}}, event::AttemptDone{"b"}, event::Integrated{}, event::RoundRed{{"b"}},
                                              event::AttemptDone{"b"}, event::Integrated{}, event::RoundRed{{"b"}}};

// The histories that lead to every phase.
Events history(TaskPhase phase) {
  switch (phase) {
    case TaskPhase::drafted: return {};
    case TaskPhase::planned: return {plan()};
    case TaskPhase::running: return kRunning;
    case TaskPhase::integrating: return kRunning + Events{event::AttemptDone{"a"}, event::AttemptDone{"b"}, event::AttemptDone{"c"}};
    case TaskPhase::verifying: return kVerifying;
    case TaskPhase::verified: return kVerified;
    case TaskPhase::landing: return kVerified + Events{event::LandRequested{}};
    case TaskPhase::landed: return kVerified + Events{event::LandRequested{}, event::Landed{}};
    case TaskPhase::applied: return kVerified + Events{event::ApplyRequested{}, event::Applied{}};
    case TaskPhase::escalated_to_human: return kRedThrice;
    case TaskPhase::cancelled: return kRunning + Events{event::Cancelled{}};
    case TaskPhase::failed: return kRedThrice + Events{event::GivenUp{}};
  }
  return {};
}

void check_sound(const TaskState& state, const std::string& context) {
  for (const auto& [id, subtask] : state.subtasks) {
    ASSERT_LE(subtask.attempts, kMaxAttempts) << context;
    ASSERT_GE(subtask.attempts, 0) << context;
  }
  std::array<std::size_t, 4> counted{};
  for (const auto& [id, subtask] : state.subtasks) ++counted[static_cast<std::size_t>(subtask.phase)];
  ASSERT_EQ(state.in_phase, counted) << context;
  ASSERT_LE(state.red_rounds, kMaxRounds) << context;
  ASSERT_LE(state.faults, kMaxFaults) << context;
  ASSERT_GE(state.criteria_open, 0) << context;
  if (state.phase == TaskPhase::landing || state.phase == TaskPhase::landed || state.phase == TaskPhase::verified || state.phase == TaskPhase::applied) {
    ASSERT_TRUE(!state.required_gate_failed || state.known_failures || state.accepted) << context;
  }
  ASSERT_EQ(state.phase == TaskPhase::escalated_to_human, state.escalation.has_value()) << context;
  if (is_over(state.phase)) ASSERT_EQ(state.wait, TaskWait::none) << context;
}

// What a task of this history waits for, as "phase/wait".
void check(const Events& events, const std::string& expected) {
  const TaskState state = after(events);
  EXPECT_EQ(std::string(to_string(state.phase)) + "/" + std::string(to_string(state.wait)), expected);
  check_sound(state, expected);
}

// The events that a phase takes; every other one leaves the state as it was and says why.
void check_taken(TaskPhase phase, const std::set<std::string>& expected) {
  const TaskState state = after(history(phase));
  ASSERT_EQ(state.phase, phase);
  std::set<std::string> taken;
  for (const TaskEvent& event : every_event()) {
    const TaskStep step = step_task(state, event);
    const std::string context = std::string(to_string(phase)) + " x " + std::string(name_of(event));
    check_sound(step.state, context);
    if (step.refusal.empty()) {
      taken.insert(std::string(name_of(event)));
      continue;
    }
    EXPECT_EQ(step.state, state) << context;
    EXPECT_TRUE(step.effects.empty()) << context;
    EXPECT_TRUE(step.refusal.ends_with(".")) << step.refusal;
  }
  EXPECT_EQ(taken, expected) << to_string(phase);
}

TEST(TaskState, EveryPair) {
  EXPECT_EQ(every_event().size(), std::variant_size_v<TaskEvent>);
  check_taken(TaskPhase::drafted, {"plan_made", "escalated", "cancelled"});
  check_taken(TaskPhase::planned, {"plan_made", "approved", "trust_missing", "escalated", "cancelled"});
  check_taken(TaskPhase::running, {"trust_missing", "attempt_started", "attempt_done", "attempt_failed", "fault", "asked", "escalated", "cancelled"});
  check_taken(TaskPhase::integrating, {"trust_missing", "integrated", "conflicted", "escalated", "cancelled"});
  check_taken(TaskPhase::verifying, {"trust_missing", "round_green", "round_red", "escalated", "cancelled"});
  check_taken(TaskPhase::verified, {"trust_missing", "sent_back", "land_requested", "apply_requested", "applied", "escalated", "cancelled"});
  check_taken(TaskPhase::landing, {"trust_missing", "landed", "land_failed"});
  check_taken(TaskPhase::landed, {"reopened", "publish_requested", "published"});
  check_taken(TaskPhase::applied, {});
  check_taken(TaskPhase::escalated_to_human, {"answered", "retried", "accepted_by_human", "handed_in", "cancelled", "given_up"});
  check_taken(TaskPhase::cancelled, {});
  check_taken(TaskPhase::failed, {});
}

// With a pull request, whatever leads to the human or back is told there, once; without one nothing is.
TEST(TaskState, EveryPairTellsThePullRequestOfEscalations) {
  int told = 0;
  for (const TaskPhase phase : kAllPhases) {
    for (const bool published : {false, true}) {
      TaskState state = after(history(phase));
      state.published = published;
      for (const TaskEvent& event : every_event()) {
        const TaskStep step = step_task(state, event);
        const auto comments = std::count_if(step.effects.begin(), step.effects.end(), [](const TaskEffect& effect) { return effect.kind == EffectKind::comment; });
        const bool crossed = (phase == TaskPhase::escalated_to_human) != (step.state.phase == TaskPhase::escalated_to_human);
        EXPECT_EQ(comments, published && crossed ? 1 : 0) << to_string(phase) << " x " << name_of(event);
        told += static_cast<int>(comments);
      }
    }
  }
  EXPECT_GT(told, 10);
}

TEST(TaskState, APullRequestOutlivesReopening) {
  const Events published = kVerified + Events{event::LandRequested{}, event::Landed{}, event::Published{}, event::Reopened{}};
  const Events failed = {event::AttemptFailed{"b"}, event::AttemptFailed{"b"}, event::AttemptFailed{"b"}};
  const TaskState first = after(published + kRunning + failed);
  EXPECT_EQ(first.phase, TaskPhase::escalated_to_human);
  EXPECT_TRUE(first.published);
  EXPECT_EQ(first.escalations, 1);
  EXPECT_EQ(after(published + kRunning + failed + Events{event::Retried{}} + failed).escalations, 2) << "each has a number of its own";
  EXPECT_FALSE(after(kVerified + Events{event::LandRequested{}, event::Landed{}, event::Reopened{}}).published);
}

TEST(TaskState, WhatItWaitsFor) {
  check({}, "drafted/none");
  check({plan()}, "planned/approval");
  check({plan(), event::TrustMissing{}}, "planned/trust");
  check({plan(), event::TrustMissing{}, event::Approved{}}, "planned/trust");
  check({plan(), event::TrustMissing{}, event::Approved{}, event::Trusted{}}, "running/slot");
  check(kRunning, "running/slot");
  check(kRunning + Events{event::AttemptStarted{"a"}}, "running/none");
  check(kRunning + Events{event::AttemptStarted{"a"}, event::Asked{"a"}}, "running/answer");
  check(kRunning + Events{event::AttemptStarted{"a"}, event::Asked{"a"}, event::Answered{}}, "running/none");
  check(kVerifying, "verifying/none");
  check(kVerifying + Events{event::RoundGreen{2}}, "verifying/criteria");
  check(kVerifying + Events{event::RoundGreen{2}, event::CriterionWaved{}}, "verifying/criteria");
  check(kVerifying + Events{event::RoundGreen{2}, event::CriterionWaved{}, event::CriterionWaved{}}, "verified/approval");
  check(kVerifying + Events{event::RoundGreen{1}, event::SentBack{{"b"}}}, "running/slot");
  check(kVerifying + Events{event::RoundGreen{0, true}}, "verified/approval");
  const Events weakened = kVerifying + Events{event::RoundGreen{2, false, {"a"}}};
  check(weakened, "escalated_to_human/answer");
  EXPECT_EQ(after(weakened).escalation, EscalationReason::weakened);
  EXPECT_EQ(after(weakened).blamed, std::vector<std::string>{"a"});
  check(weakened + Events{event::AcceptedByHuman{}}, "verified/approval");
  check(weakened + Events{event::AcceptedByHuman{}, event::LandRequested{}}, "landing/none");
  check(weakened + Events{event::Retried{}}, "running/slot");
  EXPECT_EQ(after(weakened + Events{event::Retried{}}).subtasks.at("a").phase, SubtaskPhase::queued);
  check(weakened + Events{event::LandRequested{}}, "escalated_to_human/answer");
  check(weakened + Events{event::CriterionWaved{}}, "escalated_to_human/answer");
  EXPECT_TRUE(after(kVerifying + Events{event::RoundGreen{0, true}}).required_gate_failed);
  EXPECT_FALSE(after(kVerifying + Events{event::RoundGreen{0, true}, event::SentBack{{"a"}}, event::AttemptDone{"a"}, event::Integrated{}, event::RoundRed{{"a"}}}).known_failures);
  check({event::Escalated{EscalationReason::ambiguous}}, "escalated_to_human/answer");
  check({event::Escalated{EscalationReason::ambiguous}, event::Answered{}}, "drafted/none");
}

TEST(TaskState, TheThirdFailureGoesToTheHuman) {
  const Events fail = {event::AttemptFailed{"b"}};
  check(kRunning + fail + fail, "running/slot");
  check(kRunning + fail + fail + fail, "escalated_to_human/answer");
  EXPECT_EQ(after(kRunning + fail + fail + fail).escalation, EscalationReason::attempts);
  check(kRunning + fail + fail + fail + Events{event::Retried{}}, "running/slot");
  EXPECT_EQ(after(kRedThrice).escalation, EscalationReason::rounds);
  // A hint begins both counts anew.
  const TaskState again = after(kRedThrice + Events{event::Retried{}});
  EXPECT_EQ(again.red_rounds, 0);
  EXPECT_EQ(again.subtasks.at("b").attempts, 1);
  EXPECT_EQ(again.subtasks.at("a").phase, SubtaskPhase::done);
}

TEST(TaskState, WhatConflictsThriceGoesToTheHumanAsAConflict) {
  const Events merged = kRunning + Events{event::AttemptDone{"a"}, event::AttemptDone{"b"}, event::AttemptDone{"c"}};
  const Events again = {event::Conflicted{{"b"}}, event::AttemptDone{"b"}};
  check(merged + again + again, "integrating/none");
  const TaskState third = after(merged + again + again + Events{event::Conflicted{{"b"}}});
  EXPECT_EQ(third.escalation, EscalationReason::conflict);
  EXPECT_EQ(third.blamed, std::vector<std::string>{"b"});
  // A red round between them takes an attempt as well.
  const Events red = {event::Integrated{}, event::RoundRed{{"b"}}, event::AttemptDone{"b"}};
  check(merged + again + red + Events{event::Integrated{}, event::RoundGreen{0}}, "verified/approval");
  EXPECT_EQ(after(merged + again + red + Events{event::Conflicted{{"b"}}}).escalation, EscalationReason::conflict);
}

TEST(TaskState, AFaultOfTheEnvironmentCostsNoAttempt) {
  const Events fault = {event::Fault{"a"}};
  const TaskState twice = after(kRunning + fault + fault);
  EXPECT_EQ(twice.subtasks.at("a").attempts, 1);
  check(kRunning + fault + fault, "running/slot");
  check(kRunning + fault + fault + fault, "escalated_to_human/answer");
  EXPECT_EQ(after(kRunning + fault + fault + fault).escalation, EscalationReason::blocker);
  check(kVerifying + Events{event::Fault{}}, "verifying/none");
}

TEST(TaskState, OnlyTheHumanLeadsFromAFailedGateToLanding) {
  check(kRedThrice + Events{event::LandRequested{}}, "escalated_to_human/answer");
  check(kRedThrice + Events{event::AcceptedByHuman{}}, "verified/approval");  // whether and how it lands is what was asked for
  check(kRedThrice + Events{event::AcceptedByHuman{}, event::LandRequested{}, event::Landed{}}, "landed/none");
  check(kRedThrice + Events{event::AcceptedByHuman{}, event::ApplyRequested{}, event::Applied{}}, "applied/none");
  check({event::Escalated{EscalationReason::ambiguous}, event::AcceptedByHuman{}}, "escalated_to_human/answer");
  // What was accepted and could not land, lands when it is tried again.
  check(kRedThrice + Events{event::AcceptedByHuman{}, event::LandRequested{}, event::LandFailed{}, event::Retried{}}, "landing/none");
}

const std::vector<SubtaskSeed> kTests = {{"t", {"a", "b", "c"}}};

// Who is to show what is open joins the plan, and is the only one that works again.
TEST(TaskState, TestsForWhatIsOpenJoinThePlan) {
  const Events asked = kVerifying + Events{event::RoundGreen{2, false, {}, kTests}};
  check(asked, "running/slot");
  const TaskState joined = after(asked);
  EXPECT_EQ(joined.subtasks.at("t").phase, SubtaskPhase::queued);
  EXPECT_EQ(joined.subtasks.at("t").after, kTests.front().after);
  EXPECT_EQ(joined.in_phase[static_cast<std::size_t>(SubtaskPhase::done)], 3u);
  EXPECT_TRUE(joined.has_result);
  const TaskStep step = step_task(after(kVerifying), event::RoundGreen{2, false, {}, kTests});
  ASSERT_EQ(step.effects.size(), 1u);
  EXPECT_EQ(step.effects[0].kind, EffectKind::start_attempt);
  EXPECT_EQ(step.effects[0].subtask, "t");
  const Events judged = asked + Events{event::AttemptStarted{"t"}, event::AttemptDone{"t"}, event::Integrated{}};
  check(judged, "verifying/none");
  check(judged + Events{event::RoundGreen{0}}, "verified/approval");
  check(judged + Events{event::RoundGreen{1}}, "verifying/criteria");
  // Once more with what they lack: the others stay done.
  const Events again = judged + Events{event::RoundGreen{1, false, {}, kTests}};
  check(again, "running/slot");
  EXPECT_EQ(after(again).subtasks.at("t").attempts, 2);
  EXPECT_EQ(after(again).subtasks.at("a").attempts, 1);
  // What the others do anew, they are not asked to.
  check(judged + Events{event::RoundRed{{"a"}}, event::AttemptDone{"a"}}, "integrating/none");
  check(judged + Events{event::RoundGreen{1}, event::SentBack{{}}, event::AttemptDone{"a"}, event::AttemptDone{"b"}, event::AttemptDone{"c"}}, "running/slot");
}

TEST(TaskState, NobodyIsAskedForTestsInVain) {
  check(kVerifying + Events{event::RoundGreen{0, false, {}, kTests}}, "verified/approval");
  EXPECT_FALSE(after(kVerifying + Events{event::RoundGreen{0, false, {}, kTests}}).subtasks.contains("t"));
  // What is weaker goes to the human first.
  const Events weaker = kVerifying + Events{event::RoundGreen{1, false, {"a"}, kTests}};
  check(weaker, "escalated_to_human/answer");
  EXPECT_FALSE(after(weaker).subtasks.contains("t"));
  EXPECT_FALSE(step_task(after(kVerifying), event::RoundGreen{1, false, {}, {{"t", {"nobody"}}}}).refusal.empty());
  EXPECT_FALSE(step_task(after(kVerifying), event::RoundGreen{1, false, {}, {{"t", {"t"}}}}).refusal.empty());
  // After the last attempt what is open waits for the human.
  Events spent = kVerifying;
  for (int i = 0; i < kMaxAttempts; ++i) spent = spent + Events{event::RoundGreen{1, false, {}, kTests}, event::AttemptDone{"t"}, event::Integrated{}};
  check(spent + Events{event::RoundGreen{1, false, {}, kTests}}, "verifying/criteria");
}

TEST(TaskState, TakenOver) {
  check(kRedThrice + Events{event::HandedIn{"b"}}, "integrating/none");
  check(kRedThrice + Events{event::AcceptedByHuman{}, event::LandRequested{}, event::LandFailed{}, event::HandedIn{"b"}}, "integrating/none");
  check(history(TaskPhase::landed) + Events{event::Reopened{}}, "drafted/none");
}

TEST(TaskState, APlanThatCannotRun) {
  const auto refused = [](std::vector<SubtaskSeed> seeds) { return !step_task({}, event::PlanMade{std::move(seeds)}).refusal.empty(); };
  EXPECT_TRUE(refused({}));
  EXPECT_TRUE(refused({{"a", {}}, {"a", {}}}));
  EXPECT_TRUE(refused({{"a", {"b"}}, {"b", {"a"}}}));
  EXPECT_TRUE(refused({{"a", {"nobody"}}}));
  EXPECT_FALSE(refused({{"a", {}}, {"b", {"a"}}}));
}

// Events that a day could bring, in any order, with subtasks that exist and one that does not.
TaskEvent random_event(std::mt19937& random) {
  static const auto all = every_event();
  static const std::vector<std::string> ids = {"a", "b", "c", "a", "b", "c", "d"};
  const std::string id = ids[random() % ids.size()];
  // What moves a task on comes more often, so that histories get far.
  const Events likely = {event::Approved{}, event::AttemptStarted{id}, event::AttemptDone{id}, event::AttemptDone{id}, event::AttemptDone{id},
                         event::AttemptDone{id}, event::AttemptFailed{id}, event::Integrated{}, event::Integrated{}, event::RoundRed{{id}},
                         event::RoundGreen{static_cast<int>(random() % 3)}, event::RoundGreen{0}, event::RoundGreen{0, true}, event::RoundGreen{0, false, {id}},
                         event::RoundGreen{1, false, {}, {{"d", {"a", "b"}}}}, event::RoundGreen{1, false, {}, {{id, {"a"}}}}, event::Landed{}, event::Fault{id}, event::Fault{},
                         event::Retried{}, event::LandRequested{}, event::Asked{id}, event::HandedIn{id}, event::Conflicted{{id}}, event::SentBack{{id}}};
  if (random() % 4 != 0) return likely[random() % likely.size()];
  const TaskEvent any = all[random() % all.size()];
  const bool ends = std::holds_alternative<event::Cancelled>(any) || std::holds_alternative<event::GivenUp>(any);
  return ends && random() % 4 != 0 ? likely[0] : any;
}

TEST(TaskState, RandomHistories) {
  std::set<TaskPhase> seen;
  for (unsigned seed = 0; seed < 800; ++seed) {
    std::mt19937 random(seed);
    TaskState state;
    Events taken;
    std::set<std::string> keys;
    bool gate_failed = false, weakened = false, accepted = false;
    for (int i = 0; i < 120; ++i) {
      // Three of four histories begin as most days do.
      const TaskEvent event = seed % 4 == 0 || i > 1 ? random_event(random) : i == 0 ? plan() : TaskEvent(event::Approved{});
      const TaskStep step = step_task(state, event);
      check_sound(step.state, "seed " + std::to_string(seed) + " after " + std::string(name_of(event)));
      if (testing::Test::HasFatalFailure()) return;
      if (!step.refusal.empty()) continue;
      taken.push_back(event);
      if (std::holds_alternative<event::RoundRed>(event)) gate_failed = true, weakened = accepted = false;
      if (const auto* green = std::get_if<event::RoundGreen>(&event)) gate_failed = accepted = green->known, weakened = !green->weakened.empty();
      if (std::holds_alternative<event::Reopened>(event)) gate_failed = weakened = false;
      if (std::holds_alternative<event::AcceptedByHuman>(event)) accepted = true;
      for (const TaskEffect& effect : step.effects) {
        EXPECT_TRUE(keys.insert(effect.key).second) << "an outbox would do " << effect.key << " once only";
        if (effect.kind == EffectKind::land) ASSERT_TRUE((!gate_failed && !weakened) || accepted) << "seed " << seed;
        if (effect.kind == EffectKind::start_attempt) ASSERT_FALSE(effect.subtask.empty());
      }
      state = step.state;
      seen.insert(state.phase);
    }
    EXPECT_EQ(after(taken), state) << "the replay of seed " << seed;
  }
  EXPECT_EQ(seen.size(), kAllPhases.size()) << "histories that never get somewhere prove nothing about it";
}

}  // namespace
}  // namespace baton
