#include "orchestrator/planner.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/json.h"

namespace baton {
namespace {

Plan planned(std::string_view text, const PlanWishes& wishes = {}, const WorkspaceFacts& facts = {}) {
  static const Router router;
  return make_plan(take_in(text), router, facts, wishes);
}

// "pattern: type<after …" of each subtask.
std::string shape(const Plan& plan) {
  std::string text(to_string(plan.pattern));
  text += ":";
  for (const PlannedSubtask& subtask : plan.subtasks) {
    text += " " + subtask.agent_type;
    for (const std::string& id : subtask.after) text += "<" + id;
  }
  return text;
}

void check(std::string_view text, const std::string& expected, const PlanWishes& wishes = {}) {
  const Plan plan = planned(text, wishes);
  EXPECT_EQ(shape(plan), expected) << text << "\n" << plan.reason;
  EXPECT_EQ(plan_problems(plan), std::vector<std::string>()) << text;
  EXPECT_FALSE(plan.reason.empty());
}

constexpr std::string_view kThreeLayers =
    "Add a column deleted_at to the table projects, an endpoint that sets it, and a button in the sidebar\n"
    "- the migration adds a nullable column\n- the endpoint answers 404 twice\n- the sidebar shows a button\n- nobody is surprised";

TEST(Planner, TheShapeFollowsTheDomains) {
  check("Dark mode toggle in the settings page", "specialist: frontend");
  check("The enemy gets stuck in doors", "specialist: general");
  check(kThreeLayers, "sequential: database backend<s1 frontend<s2");
  check(kThreeLayers, "specialist: database", {{}, Pattern::specialist});
}

TEST(Planner, EveryCriterionIsSomebodys) {
  const Plan plan = planned(kThreeLayers);
  ASSERT_EQ(plan.subtasks.size(), 3u);
  EXPECT_EQ(plan.subtasks[0].criteria.at(0), "c1");
  EXPECT_EQ(plan.subtasks[1].criteria.at(0), "c2");
  EXPECT_EQ(plan.subtasks[2].criteria.at(0), "c3");
  std::size_t given = 0;
  for (const PlannedSubtask& subtask : plan.subtasks) given += subtask.criteria.size();
  EXPECT_EQ(given, 4u);
}

TEST(Planner, FilesThatAreNamedAreTheWriteSet) {
  const Plan plan = planned("Fix the padding in src/components/Card.vue");
  EXPECT_EQ(plan.subtasks.at(0).write_set, std::vector<std::string>{"src/components/Card.vue"});
  EXPECT_EQ(planned("Fix the padding of the modal").subtasks.at(0).write_set, std::vector<std::string>());
}

TEST(Planner, AnUnclearTaskIsAsked) {
  EXPECT_NE(planned("Make it nicer").question, "");
  EXPECT_EQ(planned("Make it nicer\n- the modal opens in 100 ms").question, "");
  EXPECT_EQ(planned("Make it nicer", {Workflow::feature, {}}).workflow, Workflow::feature);
}

TEST(Planner, WhatAnEditedPlanLacks) {
  const auto problem = [](auto&& edit, const std::string& expected) {
    Plan plan = planned(kThreeLayers);
    edit(plan);
    const auto problems = plan_problems(plan);
    ASSERT_FALSE(problems.empty()) << expected;
    EXPECT_EQ(problems.front(), expected);
  };
  problem([](Plan& p) { p.subtasks.clear(), p.criteria.clear(); }, "The plan has no subtask; give it at least one.");
  problem([](Plan& p) { p.subtasks[0].after = {"s3"}; }, "The subtasks s1, s2, s3 wait for each other in a circle; remove one of their dependencies.");
  problem([](Plan& p) { p.subtasks[0].after = {"s0"}; }, "Subtask s1 comes after s0, which is no subtask; correct or remove it.");
  problem([](Plan& p) { p.subtasks[0].criteria = {"c1", "c9"}; }, "Subtask s1 names the criterion c9, which the plan does not have; correct or remove it.");
  problem([](Plan& p) { p.subtasks[0].criteria.clear(); }, "No subtask has the criterion c1; give it to one, or remove it.");
  problem([](Plan& p) { p.subtasks[1].id = "s1"; }, "The subtask id s1 comes twice; give one of the two another.");
}

TEST(Planner, APlanIsReadBackAsItWasWritten) {
  Plan plan = planned(kThreeLayers);
  plan.subtasks[0].tests_only = true;
  const nlohmann::json written = to_json(plan);
  const auto read = plan_from_json(written);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(to_json(*read), written);
  EXPECT_TRUE(read->subtasks[0].tests_only && !read->subtasks[1].tests_only);
  for (const char* bad : {"[]", "{}", R"({"version": 2})", R"({"version": 1, "workflow": "x"})", R"({"version": 1, "subtasks": [1]})"}) {
    const auto refused = plan_from_json(*parse_json(bad));
    ASSERT_FALSE(refused.ok()) << bad;
    EXPECT_TRUE(refused.error().message.ends_with(".")) << refused.error().message;
  }
}

TEST(Planner, TheSchemaNamesWhatIsWritten) {
  const auto schema = parse_json_file(std::filesystem::path(BATON_SOURCE_DIR) / "docs/schema/plan.schema.json");
  ASSERT_TRUE(schema.ok()) << schema.error().message;
  Plan with_tests = planned(kThreeLayers);
  with_tests.subtasks[0].tests_only = true;
  const nlohmann::json plan = to_json(with_tests);
  const auto same_keys = [](const nlohmann::json& object, const nlohmann::json& described) {
    for (const auto& [key, value] : object.items()) EXPECT_TRUE(described["properties"].contains(key)) << key;
    for (const auto& key : described["required"]) EXPECT_TRUE(object.contains(key)) << key;
  };
  same_keys(plan, *schema);
  same_keys(plan["subtasks"][0], (*schema)["$defs"]["subtask"]);
  same_keys(plan["criteria"][0], (*schema)["$defs"]["criterion"]);
}

}  // namespace
}  // namespace baton
