// What a plan is likely to need of its budgets: the estimate and what it rests on, and a warning for each limit that may not do. And where
// people see it: in the plan, beside the files that attempts changed though the plan does not name them.
#include "orchestrator/tasks/budget_outlook.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "orchestrator/tasks/task_texts.h"

namespace baton {
namespace {

using nlohmann::json;

PastAttempt past(std::int64_t tokens, double money, double minutes) {
  PastAttempt attempt;
  attempt.spent.input = tokens;
  attempt.spent.money = money;
  attempt.spent.calls = tokens > 0 ? 3 : 0;
  attempt.minutes = minutes;
  return attempt;
}

TEST(BudgetOutlook, Table) {
  struct Case {
    const char* name;
    std::size_t attempts, counted;
    std::vector<PastAttempt> past;
    BudgetSetting task, day;
    std::int64_t task_spent, day_spent;
    const char *words, *warning;  // a part of the only one; empty: none
  };
  const BudgetSetting none, tokens{100'000, {}, {}}, money{{}, 1.0, {}}, minutes{{}, {}, 10};
  const Case cases[] = {
      {"no limit", 2, 2, {}, none, none, 0, 0, "about 120,000 tokens (a guess, since no attempt was counted here yet)", ""},
      {"a guess that does not fit", 2, 2, {}, tokens, none, 0, 0, "about 120,000 tokens", "100,000 tokens are left of the 100,000 tokens of this task, and the plan is likely to need 120,000 tokens (a guess"},
      {"a guess that fits", 1, 1, {}, tokens, none, 0, 0, "about 60,000 tokens", ""},
      {"by what was used before", 2, 2, {past(10'000, 0.1, 1), past(20'000, 0.3, 3)}, tokens, money, 0, 0, "about 30,000 tokens, 0.40 dollars and 4 minutes (as 2 earlier attempts)", ""},
      {"the rest of the day", 1, 1, {past(30'000, 0, 1)}, none, tokens, 0, 75'000, "about 30,000 tokens", "25,000 tokens are left of the 100,000 tokens of today, and the plan is likely to need 30,000 tokens (as 1 earlier attempt)"},
      {"little is left, though it may do", 1, 1, {past(1000, 0, 1)}, tokens, none, 90'000, 0, "about 1,000 tokens", "10,000 tokens are left of the 100,000 tokens of this task;"},
      {"more spent than there was", 1, 1, {past(1000, 0, 1)}, tokens, none, 120'000, 0, "about 1,000 tokens", "0 tokens are left"},
      {"money", 5, 5, {past(1000, 0.3, 1)}, none, money, 0, 0, "1.50 dollars", "1.00 dollars are left of the 1.00 dollars of today, and the plan is likely to need 1.50 dollars"},
      {"nobody counts", 3, 0, {past(0, 0, 2)}, tokens, tokens, 99'000, 99'000, "about 6 minutes", ""},
      {"minutes", 6, 0, {past(0, 0, 2)}, minutes, none, 0, 0, "about 12 minutes", "10 minutes are left of the 10 minutes of this task, and the plan is likely to need 12 minutes (as 1 earlier attempt)"},
      {"fixers alone", 0, 0, {past(1000, 1, 5)}, tokens, tokens, 99'000, 99'000, "", ""},
  };
  for (const Case& c : cases) {
    BudgetFacts facts{c.attempts, c.counted, c.past, c.task, c.day, {}, {}, 0};
    facts.task_spent.input = c.task_spent;
    facts.day_spent.input = c.day_spent;
    const BudgetOutlook outlook = budget_outlook(facts);
    EXPECT_NE(outlook_words(outlook).find(c.words), std::string::npos) << c.name << ": " << outlook_words(outlook);
    ASSERT_EQ(outlook.warnings.size(), *c.warning ? 1u : 0u) << c.name << ": " << testing::PrintToString(outlook.warnings);
    if (*c.warning) EXPECT_NE(outlook.warnings[0].find(c.warning), std::string::npos) << c.name << ": " << outlook.warnings[0];
    const json told = to_json(outlook);
    EXPECT_EQ(to_json(budget_outlook_from_json(told)), told) << c.name;
  }
}

TEST(BudgetOutlook, AModelWithoutAPriceHasNoEstimateInMoney) {
  BudgetFacts facts;
  facts.attempts = facts.counted = 1;
  facts.past = {past(1000, 0.5, 1), past(1000, 0, 1)};
  facts.past[1].spent.unpriced = true;
  EXPECT_FALSE(budget_outlook(facts).money);
}

TEST(PlanPage, HasTheBudgetAndWhatWasChangedBesides) {
  TaskRecord record;
  record.plan = Plan{};
  record.plan->title = "Make it dark";
  record.plan->subtasks = {{"s1", "Theme", "frontend", {}, {"src/theme/**"}, {}}, {"s2", "Docs", "documentation", {}, {}, {}}};
  record.outlook.tokens = 60'000;
  record.outlook.warnings = {"10 tokens are left."};
  AttemptResult first, second;
  first.surprises = {"src/old.ts"};
  second.surprises = {"package.json", "src/app.ts"};
  record.round.emplace();
  record.round->untouched = {{"s1", "src/theme/**"}, {"s2", "docs/"}};
  record.attempts = {{"s1", "a", "", 1, "", first}, {"s1", "a", "", 2, "", second}};
  const std::string page = plan_page(record);
  EXPECT_NE(page.find("changes src/theme/**\n  - changed besides: package.json, src/app.ts\n  - planned, not changed: src/theme/**\n"), std::string::npos) << page;
  EXPECT_EQ(page.find("src/old.ts"), std::string::npos) << "that attempt is over";
  EXPECT_NE(page.find("## Budget\n\nIt is likely to need about 60,000 tokens (a guess, since no attempt was counted here yet).\n\n- 10 tokens are left.\n"), std::string::npos) << page;
  EXPECT_NE(task_page(record).find("2 of its files are none that the plan names"), std::string::npos) << task_page(record);
  EXPECT_NE(task_page(record).find("## Planned, not changed\n\n- s1: src/theme/**\n- s2: docs/\n"), std::string::npos) << task_page(record);
  const json shown = show_json(record, "/nowhere");
  EXPECT_EQ(shown["attempts"][1]["surprises"], json::array({"package.json", "src/app.ts"}));
  EXPECT_EQ(shown["untouched"], json::array({{{"subtask", "s1"}, {"planned", "src/theme/**"}}, {{"subtask", "s2"}, {"planned", "docs/"}}}));
  EXPECT_EQ(shown["budget"]["warnings"], json::array({"10 tokens are left."}));
}

}  // namespace
}  // namespace baton
