// What the effects of a task have in common: the record, the ground, and what is asked of both. Effects are classes on top of it, one
// file each (effect_*.cpp); task_effects.cpp picks one.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "git/store.h"
#include "orchestrator/agents/attempt.h"
#include "orchestrator/attestation.h"
#include "orchestrator/config.h"
#include "orchestrator/file_source.h"
#include "orchestrator/tasks/task_effects.h"

namespace baton {

Outcome outcome(TaskEvent event, nlohmann::json facts, std::string message = {});
Outcome facts_alone(nlohmann::json facts, std::string message = {});
Outcome not_done(std::string message = {});
// What went wrong is a fault of the environment, unless nobody wants it any more.
Outcome faulty(const Error& error, const std::string& subtask, nlohmann::json facts, const std::stop_token& stop);

// What the workspace and its user have set.
Config config_in(const FileSource& files, const TaskGround& ground);

// Whether what it uses of models is known: by our endpoint, or by its own word.
bool is_counted(const AgentSpec& agent);

// Names of what outlives it, so that copies are cheap.
class TaskWork {
 public:
  TaskWork(const TaskRecord& record, const TaskGround& ground, Store& store, ProgressTicker& ticker, const ProgressSink& sink, std::stop_token stop)
      : record_(record), ground_(ground), store_(store), ticker_(ticker), sink_(sink), stop_(std::move(stop)) {}

 protected:
  // Told, and nothing follows from it.
  Outcome trouble(const Error& error) const;

  Result<std::unique_ptr<FileSource>> files() const;
  Config config_in(const FileSource& files) const;
  AttemptParts attempt_parts(const FileSource& files) const;

  // In the words of the user alone: what an agent says explains nothing.
  std::string what_was_asked() const;
  std::vector<std::string> criteria() const;
  // What the last round's result was held against. A place in the base is of that base alone.
  std::vector<std::string> criteria_elsewhere() const;
  // Who says that it is a bug wants to see that it is gone.
  Plan plan_to_judge() const;

  // Those that brought something, in plan order; `only`: of these subtasks.
  std::vector<Contribution> contributions(const std::set<std::string>* only = nullptr) const;
  // What the judged commit holds of them.
  std::vector<Contribution> landing_contributions() const;
  // The one of those that conflict that comes last in the plan.
  std::string last_of(const MergeTrouble& trouble) const;

  Result<VerifyReport> verify_commit(const std::string& base, const std::string& head, std::vector<std::string> gates, std::vector<std::string> criteria, bool probe,
                                     int mutant_seconds = 0) const;
  // Who made it and who judges or judged it are not of one role; that one asked is recorded.
  Status attested(const std::vector<Contribution>& made, const VerifierId& verifier) const;
  // As the evidence of its runs names it.
  std::optional<VerifierId> verifier_of(const VerifyReport& report) const;

  // Whom a subtask goes to last: who has failed at it, and who wrote the program that it is to test.
  std::map<std::string, int> passed_over(const PlannedSubtask& part) const;

  double minutes_today() const;
  // The question to the human; empty: there is time.
  std::string out_of_minutes(const Config& config) const;
  static std::string minutes_used_up(std::string_view of, double minutes, std::string_view key);

  const TaskRecord& record_;
  const TaskGround& ground_;
  Store& store_;
  ProgressTicker& ticker_;
  const ProgressSink& sink_;
  std::stop_token stop_;

 private:
  std::vector<Contribution> all_contributions() const;
  // How often each agent has failed at a subtask, by itself.
  std::map<std::string, int> failures_at(const std::string& subtask) const;
};

// The effects that are more than a line. Each may be done again after a crash.
Outcome plan_task(const TaskWork& work);
Outcome attempt_subtask(const TaskWork& work, const TaskEffect& effect);
Outcome integrate_parts(const TaskWork& work);
Outcome judge_round(const TaskWork& work);
Outcome prepare_landing_of(const TaskWork& work);
Outcome land_branch(const TaskWork& work);
Outcome apply_result(const TaskWork& work);
Outcome publish_branch(const TaskWork& work);
Outcome tell_reviewers(const TaskWork& work);
Result<nlohmann::json> would_publish(const TaskWork& work);

}  // namespace baton
