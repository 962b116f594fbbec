#include "orchestrator/tasks/task_work.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/criteria.h"
#include "orchestrator/report_text.h"
#include "orchestrator/tasks/criterion_tests.h"
#include "orchestrator/tasks/task_facts.h"
#include "support/fault_point.h"
#include "support/json.h"

namespace baton {

using nlohmann::json;

Outcome outcome(TaskEvent event, json facts, std::string message) {
  return {std::move(event), std::make_shared<json>(std::move(facts)), false, std::move(message)};
}

Outcome facts_alone(json facts, std::string message) { return {std::nullopt, std::make_shared<json>(std::move(facts)), false, std::move(message)}; }

Outcome not_done(std::string message) { return {std::nullopt, nullptr, true, std::move(message)}; }

Outcome faulty(const Error& error, const std::string& subtask, json facts, const std::stop_token& stop) {
  if (stop.stop_requested() || error.kind == ErrorKind::cancelled) return not_done();
  if (error.kind == ErrorKind::trust) return outcome(event::TrustMissing{}, {{"trouble", error.message}}, error.message);
  facts["trouble"] = error.message;
  return outcome(event::Fault{subtask}, std::move(facts), error.message);
}

Config config_in(const FileSource& files, const TaskGround& ground) {
  return load_config(files.read(".baton/config.json").value_or(""), ground.config_home / "config.json");
}

bool is_counted(const AgentSpec& agent) { return !agent.endpoint.url.empty() || agent.backend == AgentBackend::acp; }

Outcome TaskWork::trouble(const Error& error) const {
  if (error.kind == ErrorKind::cancelled || stop_.stop_requested()) return not_done();
  return facts_alone({{"trouble", error.message}}, error.message);
}

Result<std::unique_ptr<FileSource>> TaskWork::files() const {
  if (record_.base.empty()) return folder_source(ground_.engine.repository().root);
  auto tree = store_.tree_of(record_.base);
  if (!tree) return tree.error();
  return tree_source(store_, *tree);
}

Config TaskWork::config_in(const FileSource& files) const { return baton::config_in(files, ground_); }

AttemptParts TaskWork::attempt_parts(const FileSource& files) const {
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

std::vector<std::string> TaskWork::criteria() const {
  std::vector<std::string> texts;
  if (!record_.plan) return texts;
  for (const Criterion& criterion : record_.plan->criteria) texts.push_back(criterion.text);
  return texts;
}

// What the last round's result was held against. A place in the base is of that base alone.
std::vector<std::string> TaskWork::criteria_elsewhere() const {
  if (!record_.round || !record_.round->report) return criteria();
  std::vector<std::string> texts;
  for (const CriterionVerdict& one : record_.round->report->criteria) {
    const auto fixed = fixed_finding(one.text);
    if (!fixed || fixed->line == 0) texts.push_back(one.text);
  }
  return texts;
}

// Those that brought something, in plan order; `only`: of these subtasks.
std::vector<Contribution> TaskWork::contributions(const std::set<std::string>* only) const {
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
std::vector<Contribution> TaskWork::landing_contributions() const {
  return record_.round && !record_.round->contributions.empty() ? record_.round->contributions : contributions();
}

// Who made it and who judges or judged it are not of one role; that one asked is recorded.
Status TaskWork::attested(const std::vector<Contribution>& made, const VerifierId& verifier) const {
  std::vector<ExecutorId> executors;
  for (const Contribution& one : made) executors.push_back(executor_of_attempt(record_.id, one.subtask, record_.attempt_number(one.subtask)));
  return check_attestation(verifier, executors, {"task:" + record_.id, {}, 0}, &ground_.journal);
}

// As the evidence of its runs names it.
std::optional<VerifierId> TaskWork::verifier_of(const VerifyReport& report) const {
  for (const GateReport& gate : report.gates) {
    const auto bytes = gate.head ? ground_.evidence.get(gate.head->evidence) : Result<std::string>(std::string());
    const auto statement = bytes ? parse_json(*bytes) : Result<json>(json());
    const auto run = statement && statement->is_object() ? from_statement(*statement) : Result<RunEvidence>(RunEvidence());
    if (run && !run->verifier.empty()) return VerifierId(kVerifierRole, run->verifier);
  }
  return std::nullopt;
}

// The one of those that conflict that comes last in the plan.
std::string TaskWork::last_of(const MergeTrouble& trouble) const {
  std::string last;
  for (const PlannedSubtask& part : record_.plan->subtasks) {
    if (std::find(trouble.subtasks.begin(), trouble.subtasks.end(), part.id) != trouble.subtasks.end()) last = part.id;
  }
  return last;
}

// Whom a subtask goes to last: who has failed at it, and who wrote the program that it is to test.
std::map<std::string, int> TaskWork::passed_over(const PlannedSubtask& part) const {
  std::map<std::string, int> failures = failures_at(part.id);
  for (const auto& [id, brought] : record_.contributions) {
    const PlannedSubtask* of = record_.part(id);
    if (part.tests_only && of && !of->tests_only) failures[brought.agent] += 2 * kMaxAttempts;
  }
  return failures;
}

// How often each agent has failed at a subtask, by itself.
std::map<std::string, int> TaskWork::failures_at(const std::string& subtask) const {
  std::map<std::string, int> failures;
  for (const AttemptRecord& attempt : record_.attempts) {
    if (attempt.subtask == subtask && attempt.result && attempt.result->end == AttemptEnd::failed) ++failures[attempt.agent];
  }
  return failures;
}

double TaskWork::minutes_today() const { return ground_.meters ? ground_.meters->minutes_today() : minutes_worked(record_); }

// The question to the human; empty: there is time.
std::string TaskWork::out_of_minutes(const Config& config) const {
  if (config.budget.minutes && minutes_worked(record_) >= *config.budget.minutes) return minutes_used_up("this task", *config.budget.minutes, "budgets.minutes");
  if (config.day_budget.minutes && minutes_today() >= *config.day_budget.minutes) return minutes_used_up("today", *config.day_budget.minutes, "budgets.day.minutes");
  return {};
}

std::string TaskWork::minutes_used_up(std::string_view of, double minutes, std::string_view key) {
  char number[32];
  std::snprintf(number, sizeof number, "%.3g", minutes);
  return "The budget of " + std::string(of) + " is used up: agents have worked for its " + number + " minutes. Raise `" + std::string(key) + "` in your configuration, then answer `go on`.";
}

// In the words of the user alone: what an agent says explains nothing.
std::string TaskWork::what_was_asked() const {
  const auto hint = record_.hints.find("");
  return record_.wishes.text + (hint == record_.hints.end() ? "" : "\n\n" + hint->second);
}

Result<VerifyReport> TaskWork::verify_commit(const std::string& base, const std::string& head, std::vector<std::string> gates, std::vector<std::string> criteria,
                                             bool probe, int mutant_seconds) const {
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

std::vector<Contribution> TaskWork::all_contributions() const {
  std::vector<Contribution> all;
  for (const auto& [id, brought] : record_.contributions) all.push_back(brought);
  return all;
}

// Who says that it is a bug wants to see that it is gone.
Plan TaskWork::plan_to_judge() const {
  Plan plan = record_.plan.value_or(Plan{});
  if (record_.wishes.workflow == to_string(Workflow::bugfix)) plan.criteria.push_back({kRedGreenCriterion, kRedGreenCriterion});
  return plan;
}

}  // namespace baton
