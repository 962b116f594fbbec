// A task's plan, made from its text and the workspace; the agents that its parts would go to, and what they are likely to need.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/domain_settings.h"
#include "orchestrator/enum_text.h"
#include "orchestrator/intake.h"
#include "orchestrator/tasks/task_work.h"

namespace baton {
namespace {

using nlohmann::json;

class Planning : public TaskWork {
 public:
  explicit Planning(const TaskWork& work) : TaskWork(work) {}

  Outcome plan() {
    const auto source = files();
    if (!source) return faulty_plan(source.error());
    const TaskText text = take_in(record_.wishes.text);
    AttemptParts parts = attempt_parts(**source);
    std::optional<Plan> made;
    if (!record_.base.empty()) {
      auto fixes = plan_fixes(text, record_.base, parts, ground_.client_env, ticker_, stop_);
      if (!fixes) return faulty_plan(fixes.error());
      made = std::move(*fixes);
    }
    if (!made) {
      const Router router(load_domains((*source)->read(".baton/config.json").value_or(""), ground_.config_home / "config.json"));
      PlanWishes wishes;
      wishes.workflow = enum_named(record_.wishes.workflow, {Workflow::feature, Workflow::bugfix, Workflow::refactor});
      wishes.pattern = enum_named(record_.wishes.pattern, {Pattern::parallel, Pattern::sequential, Pattern::specialist});
      made = make_plan(text, router, {(*source)->files()}, wishes);
    }
    if (record_.answers > 0 && !made->question.empty()) {
      made->reason += " Assumed, since nothing more could be asked: " + made->question;
      made->question.clear();
    }
    json facts = {{"plan", to_json(*made)}, {"agents", json::object()}, {"trouble", ""}};
    const auto agents = find_agents(parts.config, **source, ground_.client_env);
    for (const PlannedSubtask& part : made->subtasks) {
      const auto chosen = choose_agent(agents, part, record_.wishes.agent);
      facts["agents"][part.id] = chosen ? chosen->name : "";
      if (!chosen) facts["trouble"] = chosen.error().message;
    }
    facts["budget"] = to_json(outlook_of(*made, agents, facts["agents"], parts.config));
    if (!made->question.empty()) {
      facts["trouble"] = made->question;
      return outcome(event::Escalated{EscalationReason::ambiguous}, std::move(facts), made->question);
    }
    event::PlanMade planned;
    for (const PlannedSubtask& part : made->subtasks) planned.subtasks.push_back({part.id, part.after});
    return outcome(std::move(planned), std::move(facts), made->reason);
  }

 private:
  // What it is likely to need, by the agents that it is given to.
  BudgetOutlook outlook_of(const Plan& plan, const std::vector<AgentSpec>& agents, const json& chosen, const Config& config) {
    BudgetFacts facts = ground_.meters ? ground_.meters->facts(record_, config) : BudgetFacts();
    for (const PlannedSubtask& part : plan.subtasks) {
      const std::string name = chosen.value(part.id, "");
      const auto agent = std::find_if(agents.begin(), agents.end(), [&](const AgentSpec& one) { return one.name == name; });
      if (agent == agents.end() || agent->backend == AgentBackend::fixer) continue;
      ++facts.attempts;
      facts.counted += is_counted(*agent);
    }
    return budget_outlook(facts);
  }

  Outcome faulty_plan(const Error& error) {
    if (error.kind == ErrorKind::cancelled || stop_.stop_requested()) return not_done();
    return outcome(event::Escalated{EscalationReason::blocker}, {{"trouble", error.message}}, error.message);
  }
};

}  // namespace

Outcome plan_task(const TaskWork& work) { return Planning(work).plan(); }

}  // namespace baton
