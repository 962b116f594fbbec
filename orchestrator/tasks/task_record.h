// A task as its events tell it: state, plan, what attempts, rounds and landing left, what the outside world still has to do.
// A fold, nothing else: the same events give the same record, on every machine. Values; any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "orchestrator/agents/attempt.h"
#include "orchestrator/journal.h"
#include "orchestrator/tasks/budget_outlook.h"
#include "orchestrator/tasks/landing.h"
#include "orchestrator/tasks/publish.h"
#include "orchestrator/tasks/round.h"
#include "orchestrator/tasks/task_events.h"

namespace baton {

enum class LandMode { branch, apply, none, draft_pr };  // draft_pr: a branch, and a pull request of it
std::string_view to_string(LandMode mode);

// What was asked for when the task began.
struct TaskWishes {
  std::string text, title;
  std::string workflow = "auto", pattern = "auto", agent;
  LandMode land = LandMode::branch;
  bool land_given = false;  // said, not the default
  bool yes = false;         // trust and plan are approved for this run
  std::string root;         // the work tree it was asked from
  std::string actor;
  bool human = false;
};

struct AttemptRecord {
  std::string subtask, agent, start;
  int number = 0;
  std::string key;  // of its effect
  std::optional<AttemptResult> result;
  Spending before = {};  // of models, in runs of it that ended with a question
  double seconds_before = 0;
};

// The record that goes to the human.
struct EscalationRecord {
  std::string id, reason, agent, message, question;
  std::vector<std::string> attempts, evidence, next_steps, choices;
  int number = 0;       // of the task's escalations; 0: an agent's question, for which the task is not stopped
  std::string settled;  // how it ended, in words; empty while it is open
};
nlohmann::json to_json(const EscalationRecord& escalation);

struct TaskRecord {
  std::string id;
  std::int64_t seq = 0;  // of the last event
  std::int64_t created_ms = 0, updated_ms = 0;
  TaskState state;
  TaskWishes wishes;
  std::string head, base;  // commits: the user's HEAD and what the task started from; empty before it was looked at
  std::optional<Plan> plan;
  BudgetOutlook outlook;                // on what it needs, when it was made
  std::map<std::string, std::string> agents;  // by subtask: who takes it, where that is settled
  std::vector<AttemptRecord> attempts;
  std::map<std::string, Contribution> contributions;           // by subtask
  std::map<std::string, std::vector<std::string>> feedback;   // by subtask, oldest first
  std::map<std::string, std::string> hints;                   // by subtask; "" for all
  std::set<std::string> given_back;                            // subtasks that conflicted, and are done on top of the others since
  int rounds = 0;
  std::optional<RoundResult> round;     // the last one
  std::optional<Landing> landing;
  std::optional<Publication> publication;
  bool draft = true;                    // the pull request that is wanted
  std::vector<std::string> notes;       // who accepted what and why, what was assumed
  std::string trouble;                  // why it stopped or failed last, one sentence
  std::optional<EscalationRecord> escalation;  // open
  std::vector<EscalationRecord> settled;  // those whose end the pull request does not tell yet
  std::string question, question_subtask;      // an agent's, open
  std::string approved_by;              // "human", "--yes", or the level of autonomy
  int answers = 0;                      // to what the task left open
  int touches = 0;                      // of humans, the beginning apart
  bool parked = false;                  // stopped by hand: goes on when it is asked to
  std::deque<TaskEffect> pending;       // the outbox, oldest first: by the number in the key

  bool is_pending(std::string_view key) const;
  const VerifyReport* verdict() const;  // on what landed or would land, else on the last round's result; null: there is none
  const PlannedSubtask* part(std::string_view subtask) const;
  int attempt_number(const std::string& subtask) const;  // of the attempt that is under way
};

// What an attempt at a subtask needs of the record: what it starts from, and nothing of the thousands of others that a plan may have.
TaskRecord for_attempt(const TaskRecord& record, const std::string& subtask);

// Takes one event of the task. What it does not know it leaves alone. `went_on`: the state has taken it already.
void take(TaskRecord& record, const Event& event, bool went_on = false);
TaskRecord replay(const std::vector<Event>& events);

// The event of the journal for an event of the state: nothing when the state refuses it, with the reason in `refusal`. The effects
// that it makes void are done with it. The record's state goes on with it; who cannot write the event has to read the record anew.
std::optional<Event> make_event(TaskRecord& record, const TaskEvent& event, nlohmann::json facts, std::vector<std::string> done,
                                std::string_view actor, std::string& refusal);
Event make_note(const TaskRecord& record, nlohmann::json facts, std::vector<std::string> done, std::string_view actor);
Event make_draft(const std::string& id, const TaskWishes& wishes, const std::string& head, const std::string& base);

}  // namespace baton
