// One attempt of an agent at a subtask: what it starts from, who does it, for how long, and what its end means.
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "orchestrator/agents/work_trees.h"
#include "orchestrator/enum_text.h"
#include "orchestrator/tasks/criterion_tests.h"
#include "orchestrator/tasks/task_work.h"
#include "support/fault_point.h"

namespace baton {
namespace {

using nlohmann::json;

class Attempting : public TaskWork {
 public:
  explicit Attempting(const TaskWork& work) : TaskWork(work) {}

  Outcome attempt(const TaskEffect& effect) {
    const PlannedSubtask* part = record_.part(effect.subtask);
    const auto source = files();
    json facts = {{"key", effect.key}, {"attempt", record_.attempt_number(effect.subtask)}};
    if (!part) return outcome(event::Escalated{EscalationReason::blocker}, {{"trouble", "The plan has no subtask " + effect.subtask + "."}});
    if (!source) return faulty(source.error(), effect.subtask, facts, stop_);
    const AttemptParts parts = attempt_parts(**source);
    std::vector<AgentSpec> agents = find_agents(parts.config, **source, ground_.client_env);
    auto agent = choose_agent(agents, *part, record_.wishes.agent, passed_over(*part));
    if (!agent) {  // stays in the outbox: it begins when the human has answered
      Outcome stuck = outcome(event::Escalated{EscalationReason::blocker}, {{"trouble", agent.error().message}}, agent.error().message);
      stuck.keep = true;
      return stuck;
    }
    auto start = start_of(effect.subtask);
    if (!start) return faulty(start.error(), effect.subtask, facts, stop_);
    facts["start"] = *start;
    if (std::string question = out_of_minutes(parts.config); !question.empty()) {
      AttemptResult waits;
      waits.end = AttemptEnd::blocked;
      waits.question = std::move(question);
      facts["agent"] = agent->name;
      return ended(effect, *agent, waits, std::move(facts));
    }
    limit_minutes(parts.config, *agent);
    const auto low = tell_low_budget(effect.subtask, *agent, parts.meter);
    auto touched = part->tests_only ? touched_program(store_, record_.base, *start) : Result<std::vector<std::string>>(std::vector<std::string>());
    if (!touched) return faulty(touched.error(), effect.subtask, facts, stop_);
    const auto order_for = [&](const AgentSpec& who) {
      AttemptOrder order = order_of(*part, effect, who, *start);
      order.touched = *touched;
      return order;
    };
    auto result = run_attempt(order_for(*agent), parts, ticker_, stop_);
    // Who cannot work now is replaced by who can, where the user has not asked for this one.
    while (result && result->unusable && record_.wishes.agent.empty() && part->agent.empty() && !stop_.stop_requested()) {
      std::erase_if(agents, [&](const AgentSpec& one) { return one.name == agent->name; });
      auto other = choose_agent(agents, *part, "", passed_over(*part));
      if (!other || !other->trouble.empty()) break;
      ticker_.tell({"agent", "", "", effect.subtask + ": " + other->name + " takes it: " + (result->question.empty() ? result->reason : result->question), 0, 0, ""});
      agent = std::move(other);
      result = run_attempt(order_for(*agent), parts, ticker_, stop_);
    }
    facts["agent"] = agent->name;
    fault_point("attempt ended");
    if (!result) return faulty(result.error(), effect.subtask, facts, stop_);
    if (part->tests_only && result->end == AttemptEnd::completed && !result->commit.empty()) {
      auto besides = beyond_tests(store_, *start, result->commit);
      if (!besides) return faulty(besides.error(), effect.subtask, facts, stop_);
      if (!besides->empty()) result->end = AttemptEnd::failed, result->reason = std::move(*besides);
    }
    return ended(effect, *agent, *result, std::move(facts));
  }

 private:
  std::set<std::string> before(const std::string& subtask) const {
    std::set<std::string> all;
    std::vector<std::string> open = {subtask};
    while (!open.empty()) {
      const PlannedSubtask* part = record_.part(open.back());
      open.pop_back();
      if (!part) continue;
      for (const std::string& id : part->after) {
        if (all.insert(id).second) open.push_back(id);
      }
    }
    return all;
  }

  Result<std::string> start_of(const std::string& subtask) {
    if (record_.given_back.contains(subtask)) return onto_the_others(subtask);
    const auto earlier = before(subtask);
    const auto parts = contributions(&earlier);
    if (parts.empty()) return record_.base;
    auto merged = baton::integrate(store_, record_.base, parts, stop_);
    if (!merged) return merged.error();
    if (!merged->troubles.empty()) return Error{ErrorKind::precondition, "What " + subtask + " starts from does not merge: " + merged->troubles.front().message};
    return merged->commit;
  }

  // What has conflicted once is done on what the others have brought by now: those that go together, in plan order, without those that
  // start from the subtask itself.
  Result<std::string> onto_the_others(const std::string& subtask) {
    std::set<std::string> others;
    for (const auto& [id, state] : record_.state.subtasks) {
      if (id != subtask && !before(id).contains(subtask)) others.insert(id);
    }
    while (true) {
      const auto parts = contributions(&others);
      if (parts.empty()) return record_.base;
      auto merged = baton::integrate(store_, record_.base, parts, stop_);
      if (!merged) return merged.error();
      if (merged->troubles.empty()) return merged->commit;
      const std::string last = last_of(merged->troubles.front());
      if (others.erase(last) == 0) return Error{ErrorKind::precondition, "What " + subtask + " starts from does not merge: " + merged->troubles.front().message};
    }
  }

  // Those that work at the same time have the rest between them.
  void limit_minutes(const Config& config, AgentSpec& agent) const {
    const auto working = std::count_if(record_.attempts.begin(), record_.attempts.end(), [](const AttemptRecord& one) { return !one.result; });
    const auto limit = [&](double minutes, std::string question) {
      const auto most = std::chrono::seconds(static_cast<std::int64_t>(std::max(1.0, minutes * 60)));
      if (most < agent.limit) agent.limit = most, agent.out_of_time = std::move(question);
    };
    const auto share = [&](const std::optional<double>& all, double worked, std::string_view of, std::string_view key) {
      if (all) limit((*all - worked) / static_cast<double>(std::max<std::ptrdiff_t>(working, 1)), minutes_used_up(of, *all, key));
    };
    share(config.budget.minutes, config.budget.minutes ? minutes_worked(record_) : 0, "this task", "budgets.minutes");
    share(config.day_budget.minutes, config.day_budget.minutes ? minutes_today() : 0, "today", "budgets.day.minutes");
    if (agent.budget.minutes) limit(*agent.budget.minutes, minutes_used_up("this attempt", *agent.budget.minutes, "agents[].budget.minutes"));
  }

  // Before the attempt begins, and while it works.
  std::shared_ptr<void> tell_low_budget(const std::string& subtask, const AgentSpec& agent, const std::shared_ptr<Meter>& meter) {
    if (!meter || !is_counted(agent)) return nullptr;
    const auto say = [this, subtask](const std::string& words) { ticker_.tell({"agent", "", "", subtask + ": " + words, 0, 0, ""}); };
    if (const std::string low = meter->low(); !low.empty()) say(low);
    return meter->when_low(say);
  }

  AttemptOrder order_of(const PlannedSubtask& part, const TaskEffect& effect, const AgentSpec& agent, const std::string& start) const {
    AttemptOrder order;
    order.task = record_.id;
    order.subtask = effect.subtask;
    order.attempt = record_.attempt_number(effect.subtask);
    order.part = part;
    order.text = record_.wishes.text;
    for (const Criterion& criterion : record_.plan->criteria) {
      if (std::find(part.criteria.begin(), part.criteria.end(), criterion.id) != part.criteria.end()) order.criteria.push_back(criterion);
    }
    order.start = start;
    if (const auto said = record_.feedback.find(effect.subtask); said != record_.feedback.end()) order.feedback = said->second;
    for (const auto& about : {std::string(), effect.subtask}) {
      if (const auto hint = record_.hints.find(about); hint != record_.hints.end()) order.hint += (order.hint.empty() ? "" : "\n\n") + hint->second;
    }
    order.agent = agent;
    order.client_env = ground_.client_env;
    return order;
  }

  Outcome ended(const TaskEffect& effect, const AgentSpec& agent, AttemptResult& result, json facts) {
    if (result.end == AttemptEnd::cancelled || (stop_.stop_requested() && result.end != AttemptEnd::completed)) return not_done();
    if (result.end == AttemptEnd::completed && result.commit.empty() && agent.backend != AgentBackend::fixer) {
      result.end = AttemptEnd::failed;
      result.reason = "It changed nothing.";
    }
    facts["result"] = to_json(result);
    const std::string who = effect.subtask + " by " + agent.name;
    switch (result.end) {
      case AttemptEnd::completed: return outcome(event::AttemptDone{effect.subtask}, std::move(facts), who + " is done");
      case AttemptEnd::failed:
        if (goes_on_without(effect.subtask)) return outcome(event::AttemptDone{effect.subtask}, std::move(facts), who + " failed: " + result.reason + " The task goes on without its tests.");
        return outcome(event::AttemptFailed{effect.subtask}, std::move(facts), who + " failed: " + result.reason);
      case AttemptEnd::fault:
        facts["trouble"] = result.reason;
        return outcome(event::Fault{effect.subtask}, std::move(facts), who + ": " + result.reason);
      case AttemptEnd::blocked: {
        facts["question"] = result.question;
        Outcome asks = outcome(event::Asked{effect.subtask}, std::move(facts), who + " asks: " + result.question);
        asks.keep = true;  // the same attempt goes on with the answer
        return asks;
      }
      case AttemptEnd::cancelled: break;
    }
    return not_done();
  }

  // Tests that were asked for beside the task stop it no more than that nobody had been asked: what they were to show stays open.
  bool goes_on_without(const std::string& subtask) const {
    const PlannedSubtask* part = record_.part(subtask);
    return part && part->tests_only && record_.attempt_number(subtask) >= kMaxTestAsks;
  }
};

}  // namespace

Outcome attempt_subtask(const TaskWork& work, const TaskEffect& effect) { return Attempting(work).attempt(effect); }

}  // namespace baton
