// What the agents brought, merged and judged; who is asked again, and who for tests of what no evidence shows.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/criteria.h"
#include "orchestrator/tasks/criterion_tests.h"
#include "orchestrator/tasks/round_criteria.h"
#include "orchestrator/tasks/task_work.h"
#include "support/fault_point.h"

namespace baton {
namespace {

using nlohmann::json;

class Judging : public TaskWork {
 public:
  explicit Judging(const TaskWork& work) : TaskWork(work) {}

  Outcome integrate_parts() {
    const auto parts = contributions();
    if (parts.empty()) {
      const std::string nothing = "No agent changed anything, so there is nothing to verify.";
      return outcome(event::Conflicted{}, {{"message", nothing}}, nothing);
    }
    auto merged = baton::integrate(store_, record_.base, parts, stop_);
    fault_point("parts merged");
    if (!merged) return faulty(merged.error(), "", json::object(), stop_);
    if (merged->troubles.empty()) return outcome(event::Integrated{}, {{"commit", merged->commit}, {"tree", merged->tree}});
    return give_back(merged->troubles.front());
  }

  Outcome judge_round() {
    RoundOrder order;
    order.task = record_.id;
    order.round = record_.rounds + 1;
    order.base = record_.base;
    order.plan = plan_to_judge();
    order.contributions = contributions();
    order.given_back = record_.given_back;
    if (auto fine = attested(order.contributions, own_verifier()); !fine) return faulty(fine.error(), "", json::object(), stop_);
    const auto source = files();
    const int mutant_seconds = source ? config_in(**source).mutant_seconds : 0;
    const Judge judge = [this, mutant_seconds](const JudgeRequest& asked, std::stop_token) {
      return verify_commit(record_.base, asked.commit, asked.gates, asked.criteria, asked.probe, asked.gates.empty() ? mutant_seconds : 0);
    };
    auto round = run_round(store_, order, judge, ticker_, stop_);
    fault_point("round ended");
    if (!round) return faulty(round.error(), "", json::object(), stop_);
    if (stop_.stop_requested()) return not_done();
    json facts = {{"round", to_json(*round)}};
    switch (round->end) {
      case RoundEnd::green: return green(*round);
      case RoundEnd::red: return outcome(event::RoundRed{round->blamed}, std::move(facts), "The round is red: " + round->reason);
      case RoundEnd::conflicted:
        return outcome(event::RoundRed{round->blamed}, std::move(facts), round->reason);
      case RoundEnd::fault: return outcome(event::Fault{}, {{"trouble", round->reason}}, round->reason);
    }
    return not_done();
  }

 private:
  // The later of those that conflict does its part again, on top of the others.
  Outcome give_back(const MergeTrouble& trouble) {
    const std::string last = last_of(trouble);
    return outcome(event::Conflicted{last.empty() ? std::vector<std::string>() : std::vector{last}}, {{"message", trouble.message}}, trouble.message);
  }

  // Whoever is asked for tests of what is open is asked with the verdict: the round is told once.
  Outcome green(RoundResult& round) {
    event::RoundGreen told{round.criteria_open, round.report && round.report->accepted, round.weakened};
    json facts = json::object();
    std::string message = verdict_of(round);
    if (const auto asked = asked_for_tests(round)) {
      told.to_show = {{asked->part.id, asked->part.after}};
      if (record_.part(asked->part.id)) round.feedback[asked->part.id] = unshown_feedback(record_.rounds + 1, asked->unshown, *round.report);
      facts["part"] = to_json(asked->part);
      facts["agent"] = asked->agent;
      message += "; " + asked->agent + " is asked for tests of what no evidence shows: " + std::to_string(asked->unshown.size()) + (asked->unshown.size() == 1 ? " criterion" : " criteria");
    }
    facts["round"] = to_json(round);
    return outcome(std::move(told), std::move(facts), std::move(message));
  }

  struct TestsAsked {
    PlannedSubtask part;
    std::string agent;
    std::vector<Criterion> unshown;
  };

  // Absent: nothing is to be shown by a test, nobody can write one now, nothing is left for it, or it has been asked for often enough.
  std::optional<TestsAsked> asked_for_tests(const RoundResult& round) const {
    const bool by_agents = std::any_of(round.contributions.begin(), round.contributions.end(), [](const Contribution& one) { return one.fixes.empty(); });
    if (!record_.plan || !round.report || !by_agents || round.criteria_open == 0 || !round.weakened.empty()) return std::nullopt;
    const auto unshown = unshown_sentences(*record_.plan, *round.report);
    const PlannedSubtask* known = part_for_tests(*record_.plan);
    if (unshown.empty() || (known && record_.attempt_number(known->id) >= kMaxTestAsks)) return std::nullopt;
    const auto source = files();
    if (!source) return std::nullopt;
    const Config config = config_in(**source);
    const auto meter = ground_.meters ? ground_.meters->of(record_, config) : nullptr;
    const auto touched = touched_program(store_, record_.base, round.commit);
    if (!touched || touched->empty()) return std::nullopt;
    if (!config.criterion_tests.value_or(true) || !out_of_minutes(config).empty() || (meter && !meter->used_up().empty())) return std::nullopt;
    TestsAsked asked{known ? *known : part_for_tests(*record_.plan, unshown), "", unshown};
    const auto agent = choose_agent(find_agents(config, **source, ground_.client_env), asked.part, record_.wishes.agent, passed_over(asked.part));
    if (!agent || !agent->trouble.empty() || agent->backend == AgentBackend::fixer || !takes(*agent, asked.part.agent_type)) return std::nullopt;
    asked.agent = agent->name;
    return asked;
  }

  static std::string verdict_of(const RoundResult& round) {
    if (!round.report) return "The round is green.";
    return std::string(to_string(round.report->verdict)) + (round.report->cause.empty() ? "" : ": " + round.report->cause);
  }
};

}  // namespace

Outcome integrate_parts(const TaskWork& work) { return Judging(work).integrate_parts(); }

Outcome judge_round(const TaskWork& work) { return Judging(work).judge_round(); }

}  // namespace baton
