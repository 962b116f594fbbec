// What tasks may spend on models, over all their attempts, and what a repository's tasks may in a day: one meter a task, all of them below
// that of the day. What was spent before this process is taken from the journal. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "orchestrator/agents/meter.h"
#include "orchestrator/config.h"
#include "orchestrator/tasks/budget_outlook.h"
#include "orchestrator/tasks/task_book.h"

namespace baton {

Spending spent_by(const AttemptRecord& attempt);
Spending spent_by(const TaskRecord& record);        // of its attempts that have ended
double minutes_worked(const TaskRecord& record);

class TaskMeters {
 public:
  explicit TaskMeters(const TaskBook& book) : book_(book) {}
  std::shared_ptr<Meter> of(const TaskRecord& record, const Config& config);
  // Limits, what is used of them, and what attempts of agents here used lately; how many a plan begins is the caller's to say.
  BudgetFacts facts(const TaskRecord& record, const Config& config);
  // That agents worked for tasks which went on today (UTC); a task counts with all its minutes, rather too much than too little.
  double minutes_today() const;

 private:
  struct Known {
    std::shared_ptr<Meter> meter;
    SpendingLimit limit;
    std::string day;
  };
  std::shared_ptr<Meter> of_today(const BudgetSetting& budget);

  const TaskBook& book_;
  std::mutex mutex_;
  std::map<std::string, Known> tasks_;
  Known today_;
};

}  // namespace baton
