#include "orchestrator/tasks/task_effects.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "git/merge.h"
#include "orchestrator/agents/work_trees.h"
#include "orchestrator/criteria.h"
#include "orchestrator/domain_settings.h"
#include "orchestrator/enum_text.h"
#include "orchestrator/file_source.h"
#include "orchestrator/intake.h"
#include "orchestrator/report_text.h"
#include "orchestrator/tasks/criterion_tests.h"
#include "orchestrator/tasks/escalation_comment.h"
#include "orchestrator/tasks/publish_order.h"
#include "orchestrator/tasks/round_criteria.h"
#include "orchestrator/tasks/task_facts.h"
#include "orchestrator/tasks/task_texts.h"
#include "orchestrator/tasks/untested_fix.h"
#include "orchestrator/tasks/weakened.h"
#include "support/fault_point.h"
#include "support/files.h"
#include "support/json.h"
#include "support/log.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr const char* kConfigFile = ".baton/config.json";

Outcome outcome(TaskEvent event, json facts = json::object(), std::string message = {}) {
  return {std::move(event), std::make_shared<json>(std::move(facts)), false, std::move(message)};
}
Outcome facts_alone(json facts, std::string message = {}) {
  return {std::nullopt, std::make_shared<json>(std::move(facts)), false, std::move(message)};
}
Outcome not_done(std::string message = {}) { return {std::nullopt, nullptr, true, std::move(message)}; }

// What it uses of models: by our endpoint, or by its own word.
bool is_counted(const AgentSpec& agent) { return !agent.endpoint.url.empty() || agent.backend == AgentBackend::acp; }

// What went wrong is a fault of the environment, unless nobody wants it any more.
Outcome faulty(const Error& error, const std::string& subtask, json facts, const std::stop_token& stop) {
  if (stop.stop_requested() || error.kind == ErrorKind::cancelled) return not_done();
  if (error.kind == ErrorKind::trust) return outcome(event::TrustMissing{}, {{"trouble", error.message}}, error.message);
  facts["trouble"] = error.message;
  return outcome(event::Fault{subtask}, std::move(facts), error.message);
}

class Performer {
 public:
  Performer(const TaskRecord& record, const TaskGround& ground, const ProgressSink& sink, std::stop_token stop, Store store)
      : record_(record), ground_(ground), stop_(std::move(stop)), store_(std::move(store)), ticker_(sink), sink_(sink) {}

  Outcome perform(const TaskEffect& effect) {
    using enum EffectKind;
    switch (effect.kind) {
      case make_plan: return plan();
      case start_attempt: return attempt(effect);
      case integrate: return integrate_parts();
      case verify: return judge_round();
      case land: return land_branch();
      case apply: return apply_here();
      case notify_human: return facts_alone({{"escalation", to_json(escalation_of(record_))}});
      case deliver_answer:  // the attempt that asked goes on with it
        return facts_alone(json::object());
      case stop_attempts:   // whoever drives the task has stopped them
        if (ground_.parked) ground_.parked->drop(record_.id);
        return facts_alone(json::object());
      case clean_up: return clear_away();
      case publish: return publish_branch();
      case comment: return tell_reviewers();
    }
    return facts_alone(json::object());
  }

  Outcome prepare() {
    LandOrder order;
    order.task = record_.id;
    order.plan = record_.plan.value_or(Plan{});
    order.head = record_.head;
    order.snapshot = record_.base;
    order.commit = record_.round ? record_.round->commit : "";
    order.contributions = landing_contributions();
    if (record_.round && record_.round->report) order.testimony = Testimony{*record_.round->report, verifier_of(*record_.round->report)};
    order.judge = [this](const std::string& commit) { return judge_alone(commit); };
    order.refuse = [this](const VerifyReport& report) { return why_not_alone(report); };
    order.notes = record_.notes;
    if (record_.round) {
      for (const LeftOut& left : record_.round->left_out) order.notes.push_back("Left out: " + left.what + ": " + left.reason);
    }
    order.client_env = ground_.client_env;
    if (auto fine = attested(order.contributions, order.testimony ? order.testimony->verifier.value_or(own_verifier()) : own_verifier()); !fine) return trouble(fine.error());
    auto landing = prepare_landing(store_, order, stop_);
    if (!landing) return landing.error().kind == ErrorKind::trust ? faulty(landing.error(), "", json::object(), stop_) : trouble(landing.error());
    if (landing->report) {
      const auto untested = is_untested_fix(store_, order.plan, order.contributions, *landing->report);
      if (!untested) return trouble(untested.error());
      landing->untested_fix = *untested;
    }
    write_description(*landing);
    return facts_alone({{"landing", to_json(*landing)}}, landing->only_apply);
  }

  Result<json> would_publish() {
    if (record_.state.phase == TaskPhase::escalated_to_human && is_on_forge()) return would_tell();
    TaskRecord record = record_;
    if (!record.landing) {  // it is made and judged, and no branch points at it
      const Outcome prepared = prepare();
      if (!prepared.facts || !prepared.facts->contains("landing")) return Error{ErrorKind::precondition, prepared.message.empty() ? "It could not be prepared for landing." : prepared.message};
      record.landing = landing_from_json((*prepared.facts)["landing"]);
    }
    if (!record.landing->only_apply.empty()) return Error{ErrorKind::precondition, record.landing->only_apply};
    auto order = publish_order(record, ground_, store_);
    if (!order) return order.error();
    order->dry = true;
    auto shown = baton::publish(store_, *order, verifier(), {}, stop_);
    if (!shown) return shown.error();
    json all = std::move(*shown->dry_run);
    if (is_on_forge() && !escalation_comments(record_, ground_.client_env).empty()) {  // which follows it
      const auto told = would_tell();
      if (!told) return told.error();
      for (const json& request : (*told)["requests"]) all["requests"].push_back(request);
    }
    return all;
  }

 private:
  Outcome trouble(const Error& error) {
    if (error.kind == ErrorKind::cancelled || stop_.stop_requested()) return not_done();
    return facts_alone({{"trouble", error.message}}, error.message);
  }

  Result<std::unique_ptr<FileSource>> files() const {
    if (record_.base.empty()) return folder_source(ground_.engine.repository().root);
    auto tree = store_.tree_of(record_.base);
    if (!tree) return tree.error();
    return tree_source(store_, *tree);
  }

  Config config_in(const FileSource& files) const { return load_config(files.read(kConfigFile).value_or(""), ground_.config_home / "config.json"); }

  AttemptParts attempt_parts(const FileSource& files) {
    AttemptParts parts{store_, ground_.journal, ground_.evidence, ground_.executor,
                       config_in(files), ground_.cache_home, ground_.config_home,
                       ground_.runtime_home, ground_.state};
    parts.parked = ground_.parked;
    if (ground_.meters) parts.meter = ground_.meters->of(record_, parts.config);
    // An agent may outlive this effect while it waits for an answer, so nothing of the effect is in what it calls.
    VerifyRequest request;
    request.trust_this_run = record_.wishes.yes;
    request.client_env = ground_.client_env;
    request.actor = "task:" + record_.id;
    request.task = what_was_asked();
    parts.advise = [&engine = ground_.engine, request](const std::string& start, const std::string& commit, std::stop_token stop) -> Result<std::string> {
      VerifyRequest asked = request;
      asked.base = start;
      asked.head = commit;
      const auto report = engine.verify(asked, {}, stop);
      if (!report) return report.error();
      return report_text(*report, {});
    };
    return parts;
  }

  std::vector<std::string> criteria() const {
    std::vector<std::string> texts;
    if (!record_.plan) return texts;
    for (const Criterion& criterion : record_.plan->criteria) texts.push_back(criterion.text);
    return texts;
  }

  // What the last round's result was held against. A place in the base is of that base alone.
  std::vector<std::string> criteria_elsewhere() const {
    if (!record_.round || !record_.round->report) return criteria();
    std::vector<std::string> texts;
    for (const CriterionVerdict& one : record_.round->report->criteria) {
      const auto fixed = fixed_finding(one.text);
      if (!fixed || fixed->line == 0) texts.push_back(one.text);
    }
    return texts;
  }

  Result<Testimony> judge_alone(const std::string& commit) {
    const auto source = files();
    auto report = verify_commit(record_.head, commit, {}, criteria_elsewhere(), false, source ? config_in(**source).mutant_seconds : 0);
    if (!report) return report.error();
    Testimony judged{std::move(*report), {}};
    judged.verifier = verifier_of(judged.report);
    if (auto fine = attested(landing_contributions(), judged.verifier.value_or(own_verifier())); !fine) return fine.error();
    return judged;
  }

  // Beside the user's uncommitted work it was good enough, or a human has said so; alone it must not be less.
  std::string why_not_alone(const VerifyReport& report) const {
    if (record_.state.accepted || !record_.round || !record_.round->report) return {};
    std::string why;
    if (exit_code(report) != 0) why = report.cause;
    else if (open_criteria(report, plan_to_judge()) > record_.round->criteria_open) why = "criteria that are met with it are not met without it";
    else if (weakened_checks(report) > weakened_checks(*record_.round->report)) why = "it makes checks weaker: " + weakened_sentence(report);
    return why.empty() ? "" : "The change does not hold without your uncommitted work (" + why + "), so no branch is made of it.";
  }

  // --- planning

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
      const Router router(load_domains((*source)->read(kConfigFile).value_or(""), ground_.config_home / "config.json"));
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

  // --- attempts

  // Those that brought something, in plan order; `only`: of these subtasks.
  std::vector<Contribution> contributions(const std::set<std::string>* only = nullptr) const {
    std::vector<Contribution> all;
    if (!record_.plan) return all;
    for (const PlannedSubtask& part : record_.plan->subtasks) {
      const auto found = record_.contributions.find(part.id);
      const auto state = record_.state.subtasks.find(part.id);
      const bool counts = state != record_.state.subtasks.end() && state->second.phase == SubtaskPhase::done;
      if (found != record_.contributions.end() && counts && !found->second.commit.empty() && (!only || only->contains(part.id))) all.push_back(found->second);
    }
    return all;
  }

  // What the judged commit holds of them.
  std::vector<Contribution> landing_contributions() const {
    return record_.round && !record_.round->contributions.empty() ? record_.round->contributions : contributions();
  }

  // Who made it and who judges or judged it are not of one role; that one asked is recorded.
  Status attested(const std::vector<Contribution>& made, const VerifierId& verifier) const {
    std::vector<ExecutorId> executors;
    for (const Contribution& one : made) executors.push_back(executor_of_attempt(record_.id, one.subtask, record_.attempt_number(one.subtask)));
    return check_attestation(verifier, executors, {"task:" + record_.id, {}, 0}, &ground_.journal);
  }

  // As the evidence of its runs names it.
  std::optional<VerifierId> verifier_of(const VerifyReport& report) const {
    for (const GateReport& gate : report.gates) {
      const auto bytes = gate.head ? ground_.evidence.get(gate.head->evidence) : Result<std::string>(std::string());
      const auto statement = bytes ? parse_json(*bytes) : Result<json>(json());
      const auto run = statement && statement->is_object() ? from_statement(*statement) : Result<RunEvidence>(RunEvidence());
      if (run && !run->verifier.empty()) return VerifierId(kVerifierRole, run->verifier);
    }
    return std::nullopt;
  }

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

  // The one of those that conflict that comes last in the plan.
  std::string last_of(const MergeTrouble& trouble) const {
    std::string last;
    for (const PlannedSubtask& part : record_.plan->subtasks) {
      if (std::find(trouble.subtasks.begin(), trouble.subtasks.end(), part.id) != trouble.subtasks.end()) last = part.id;
    }
    return last;
  }

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

  // Whom a subtask goes to last: who has failed at it, and who wrote the program that it is to test.
  std::map<std::string, int> passed_over(const PlannedSubtask& part) const {
    std::map<std::string, int> failures = failures_at(part.id);
    for (const auto& [id, brought] : record_.contributions) {
      const PlannedSubtask* of = record_.part(id);
      if (part.tests_only && of && !of->tests_only) failures[brought.agent] += 2 * kMaxAttempts;
    }
    return failures;
  }

  // How often each agent has failed at a subtask, by itself.
  std::map<std::string, int> failures_at(const std::string& subtask) const {
    std::map<std::string, int> failures;
    for (const AttemptRecord& attempt : record_.attempts) {
      if (attempt.subtask == subtask && attempt.result && attempt.result->end == AttemptEnd::failed) ++failures[attempt.agent];
    }
    return failures;
  }

  double minutes_today() const { return ground_.meters ? ground_.meters->minutes_today() : minutes_worked(record_); }

  // The question to the human; empty: there is time.
  std::string out_of_minutes(const Config& config) const {
    if (config.budget.minutes && minutes_worked(record_) >= *config.budget.minutes) return minutes_used_up("this task", *config.budget.minutes, "budgets.minutes");
    if (config.day_budget.minutes && minutes_today() >= *config.day_budget.minutes) return minutes_used_up("today", *config.day_budget.minutes, "budgets.day.minutes");
    return {};
  }
  static std::string minutes_used_up(std::string_view of, double minutes, std::string_view key) {
    char number[32];
    std::snprintf(number, sizeof number, "%.3g", minutes);
    return "The budget of " + std::string(of) + " is used up: agents have worked for its " + number + " minutes. Raise `" + std::string(key) + "` in your configuration, then answer `go on`.";
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

  // --- rounds

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

  // The later of those that conflict does its part again, on top of the others.
  Outcome give_back(const MergeTrouble& trouble) {
    const std::string last = last_of(trouble);
    return outcome(event::Conflicted{last.empty() ? std::vector<std::string>() : std::vector{last}}, {{"message", trouble.message}}, trouble.message);
  }

  // In the words of the user alone: what an agent says explains nothing.
  std::string what_was_asked() const {
    const auto hint = record_.hints.find("");
    return record_.wishes.text + (hint == record_.hints.end() ? "" : "\n\n" + hint->second);
  }

  Result<VerifyReport> verify_commit(const std::string& base, const std::string& head, std::vector<std::string> gates, std::vector<std::string> criteria,
                                     bool probe, int mutant_seconds = 0) {
    VerifyRequest request;
    request.base = base;
    request.head = head;
    request.quick = probe && !gates.empty();
    request.gates = std::move(gates);
    request.criteria = std::move(criteria);
    auto writers = test_writers(store_, record_.plan.value_or(Plan{}), all_contributions());
    if (!writers) return writers.error();
    if (!request.criteria.empty()) request.prove = writers->all_tests();
    request.task = what_was_asked();
    request.mutants = mutant_seconds;
    request.trust_this_run = record_.wishes.yes;
    request.client_env = ground_.client_env;
    request.actor = "task:" + record_.id;
    fault_point("judging");
    auto report = ground_.engine.verify(request, sink_, stop_);
    if (report) name_writers(*report, *writers);
    return report;
  }

  std::vector<Contribution> all_contributions() const {
    std::vector<Contribution> all;
    for (const auto& [id, brought] : record_.contributions) all.push_back(brought);
    return all;
  }

  // Who says that it is a bug wants to see that it is gone.
  Plan plan_to_judge() const {
    Plan plan = record_.plan.value_or(Plan{});
    if (record_.wishes.workflow == to_string(Workflow::bugfix)) plan.criteria.push_back({kRedGreenCriterion, kRedGreenCriterion});
    return plan;
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

  // --- the end

  // The branch rests on what was verified. Its user may have gone on meanwhile: whether the two go together is told, not changed.
  std::string clash_with_head(const Landing& landing) {
    const auto head = store_.resolve_commit("HEAD");
    if (!head || *head == record_.head) return {};
    const auto merged = merge_commits(store_, *head, landing.commit, stop_);
    if (!merged || merged->clean()) return {};
    std::set<std::string> paths;
    for (const MergeStage& stage : merged->stages) paths.insert(stage.path);
    for (const MergeConflict& conflict : merged->conflicts) paths.insert(conflict.paths.begin(), conflict.paths.end());
    std::string where;
    for (const std::string& path : paths) where += (where.empty() ? "" : ", ") + path;
    return "Your branch has moved since the task began, and " + landing.branch + " conflicts with it in " + where + "; merge or rebase it, then `baton verify`.";
  }

  Outcome land_branch() {
    Landing landing;
    json facts = json::object();
    if (record_.landing) {
      landing = *record_.landing;
    } else {
      Outcome prepared = prepare();
      if (prepared.keep || !prepared.facts || !prepared.facts->contains("landing")) {
        if (prepared.keep || prepared.event) return prepared;
        return outcome(event::LandFailed{}, *prepared.facts, prepared.message);
      }
      landing = landing_from_json((*prepared.facts)["landing"]);
      facts = *prepared.facts;
    }
    if (!landing.only_apply.empty()) {
      facts["trouble"] = landing.only_apply;
      return outcome(event::LandFailed{}, std::move(facts), landing.only_apply);
    }
    fault_point("landing");
    if (auto landed = baton::land(store_, landing, stop_); !landed) {
      if (landed.error().kind == ErrorKind::cancelled || stop_.stop_requested()) return not_done();
      facts["trouble"] = landed.error().message;
      return outcome(event::LandFailed{}, std::move(facts), landed.error().message);
    }
    fault_point("landed");
    facts["landing"] = to_json(landing);
    if (const std::string clash = clash_with_head(landing); !clash.empty()) facts["note"] = clash;
    return outcome(event::Landed{record_.wishes.land == LandMode::draft_pr}, std::move(facts), "The branch " + landing.branch + " is made.");
  }

  VerifyAgain verifier() {
    return [this](const std::string& base, const std::string& commit) { return verify_commit(base, commit, {}, criteria_elsewhere(), false); };
  }

  // A refusal ends it: the human asks again when it is mended.
  Outcome publish_branch() {
    auto order = publish_order(record_, ground_, store_);
    if (!order) return trouble(order.error());
    const auto say = [this](const std::string& words) { ticker_.show({"publish", "", "", words, 0, 0, ""}); };
    auto published = baton::publish(store_, *order, verifier(), say, stop_);
    if (!published) return trouble(published.error());
    const Publication& p = published->publication;
    std::string message = p.url.empty() ? p.notes.empty() ? "Published." : p.notes.back() : (p.draft ? "The draft pull request is " : "The pull request is ") + p.url;
    json facts = {{"publication", to_json(p)}, {"trouble", ""}};
    const auto comments = escalation_comments(record_, ground_.client_env);
    if (is_on_forge() && order->setting.escalations && !comments.empty()) (void)tell_escalations(*order, comments, facts);
    return outcome(event::Published{}, std::move(facts), std::move(message));
  }

  bool is_on_forge() const { return record_.publication && record_.publication->number > 0; }

  // What reviewers are told is no part of the work: a refusal is said and stops nothing, and is made good by the next publication.
  Outcome tell_reviewers() {
    if (!is_on_forge()) return facts_alone(json::object());
    const auto order = order_of_published(record_, ground_, store_);
    if (!order) return facts_alone(json::object(), "The pull request is not told of it: " + order.error().message);
    const auto comments = escalation_comments(record_, ground_.client_env);
    if (!order->setting.escalations || comments.empty()) return facts_alone(json::object());
    json facts = json::object();
    if (const Status sent = tell_escalations(*order, comments, facts); !sent) {
      if (sent.error().kind == ErrorKind::cancelled || stop_.stop_requested()) return not_done();
      return facts_alone(json::object(), "The pull request is not told of it: " + sent.error().message);
    }
    return facts_alone(std::move(facts), (record_.escalation ? "That it waits for you is told on " : "That it is settled is told on ") + record_.publication->url);
  }

  Status tell_escalations(const PublishOrder& order, const std::vector<MarkedComment>& comments, json& facts) {
    if (auto sent = comment_on(store_, order, comments, stop_); !sent) return sent.error();
    for (const EscalationRecord& one : record_.settled) facts["told"].push_back(one.number);
    return done();
  }

  Result<json> would_tell() {
    auto order = order_of_published(record_, ground_, store_);
    if (!order) return order.error();
    order->dry = true;
    auto shown = comment_on(store_, *order, order->setting.escalations ? escalation_comments(record_, ground_.client_env) : std::vector<MarkedComment>(), stop_);
    if (!shown) return shown.error();
    return std::move(**shown);
  }

  void write_description(const Landing& landing) const {
    if (!record_.round || !record_.round->report) return;
    DescriptionFacts facts;
    facts.plan = record_.plan.value_or(Plan{});
    facts.report = landing.report && landing.only_apply.empty() ? *landing.report : *record_.round->report;
    facts.contributions = landing_contributions();
    facts.left_out = record_.round->left_out;
    facts.untouched = record_.round->untouched;
    facts.commit = landing.commit;
    facts.notes = record_.notes;
    if (landing.untested_fix && !record_.round->untested_fix) facts.notes.emplace_back(kUntestedFix);
    const std::string &before = facts.report.base.tree, &after = facts.report.head.tree;
    if (auto changes = store_.changes(before, after)) facts.changes = std::move(*changes);
    facts.symbols = changed_symbols(store_, before, after, facts.changes);
    const auto folder = task_folder(ground_.state, record_.id);
    Status written = make_folder(folder);
    if (written) written = write_file(folder / "description.md", describe(facts));
    if (!written) log(LogLevel::warning, written.error().message);
  }

  Outcome apply_here() {
    if (!record_.round || record_.round->commit.empty()) return facts_alone({{"trouble", "There is no result that could be applied."}});
    write_description({});
    auto edits = edits_to_apply(store_, record_.base, record_.round->commit);
    if (!edits) return trouble(edits.error());
    fault_point("applying");
    if (auto applied = apply_to_files(ground_.engine.repository(), *edits, open_unsaved()); !applied) return trouble(applied.error());
    fault_point("applied");
    return outcome(event::Applied{}, json::object(), "Applied to your files.");
  }

  // Files that some editor has open with changes, where they really lie.
  std::vector<std::string> open_unsaved() const {
    const std::filesystem::path& root = ground_.engine.repository().root;
    std::vector<std::string> paths;
    for (const auto& [path, text] : ground_.engine.offered_unsaved()) {
      std::error_code failed;
      paths.push_back(std::filesystem::weakly_canonical(root / path, failed).lexically_relative(root).string());
    }
    return paths;
  }

  // The store has what the agents wrote; one that is still in use, or cannot be kept, stays for the budget of the disk.
  Outcome clear_away() {
    if (ground_.parked) ground_.parked->drop(record_.id);
    remove_work_trees(ground_.cache_home, store_.repository(), [this](const std::string& task) { return task == record_.id; }, stop_);
    return stop_.stop_requested() ? not_done() : facts_alone(json::object());
  }

  const TaskRecord& record_;
  const TaskGround& ground_;
  std::stop_token stop_;
  Store store_;
  ProgressTicker ticker_;
  const ProgressSink& sink_;
};

Outcome with_store(const TaskRecord& record, const TaskGround& ground, const ProgressSink& sink, std::stop_token stop,
                   const std::function<Outcome(Performer&)>& work) {
  const auto repository = open_repository(ground.engine.repository().root);  // HEAD moves while an engine lives
  auto store = repository ? Store::open(*repository) : Result<Store>(repository.error());
  if (!store) return not_done(store.error().message);
  Performer performer(record, ground, sink, std::move(stop), std::move(*store));
  return work(performer);
}

}  // namespace

Outcome perform_effect(const TaskRecord& record, const TaskEffect& effect, const TaskGround& ground, const ProgressSink& sink, std::stop_token stop) {
  return with_store(record, ground, sink, std::move(stop), [&](Performer& performer) { return performer.perform(effect); });
}

Outcome prepare_to_land(const TaskRecord& record, const TaskGround& ground, const ProgressSink& sink, std::stop_token stop) {
  return with_store(record, ground, sink, std::move(stop), [](Performer& performer) { return performer.prepare(); });
}

Result<json> what_would_be_published(const TaskRecord& record, const TaskGround& ground, std::stop_token stop) {
  const auto repository = open_repository(ground.engine.repository().root);
  auto store = repository ? Store::open(*repository) : Result<Store>(repository.error());
  if (!store) return store.error();
  return Performer(record, ground, {}, std::move(stop), std::move(*store)).would_publish();
}

Result<std::string> review_of_task(const TaskRecord& record, const TaskGround& ground, std::stop_token stop) {
  const auto repository = open_repository(ground.engine.repository().root);
  auto store = repository ? Store::open(*repository) : Result<Store>(repository.error());
  if (!store) return store.error();
  auto order = publish_order(record, ground, *store);
  if (!order) return order.error();
  auto text = review_of(*store, *order, std::move(stop));
  if (!text) return text;
  if (auto kept = store->keep("task-" + record.id, record.landing->commit); !kept) return kept.error();
  return text;
}

Result<std::vector<AgentSpec>> agents_on(const TaskRecord& record, const TaskGround& ground) {
  std::unique_ptr<FileSource> files = folder_source(ground.engine.repository().root);
  if (!record.base.empty()) {
    auto store = Store::open(ground.engine.repository());
    if (!store) return store.error();
    auto tree = store->tree_of(record.base);
    if (!tree) return tree.error();
    auto source = tree_source(*store, *tree);
    if (!source) return source.error();
    files = std::move(*source);
  }
  const Config config = load_config(files->read(kConfigFile).value_or(""), ground.config_home / "config.json");
  return find_agents(config, *files, ground.client_env);
}

}  // namespace baton
