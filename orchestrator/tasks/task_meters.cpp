#include "orchestrator/tasks/task_meters.h"

#include "support/ids.h"

namespace baton {
namespace {

bool same(const SpendingLimit& a, const SpendingLimit& b) { return a.tokens == b.tokens && a.money == b.money; }

constexpr std::size_t kTasksBack = 20;  // whose attempts say what the next ones may need

std::string day_of(std::int64_t milliseconds) {
  return utc_timestamp(std::chrono::system_clock::time_point(std::chrono::milliseconds(milliseconds))).substr(0, 10);
}

}  // namespace

Spending spent_by(const AttemptRecord& attempt) {
  Spending sum = attempt.before;
  if (attempt.result) add(sum, attempt.result->spent);
  return sum;
}

Spending spent_by(const TaskRecord& record) {
  Spending sum;
  for (const AttemptRecord& attempt : record.attempts) add(sum, spent_by(attempt));
  return sum;
}

double minutes_worked(const TaskRecord& record) {
  double seconds = 0;
  for (const AttemptRecord& attempt : record.attempts) {
    seconds += attempt.seconds_before + (attempt.result ? attempt.result->seconds : 0);
  }
  return seconds / 60;
}

std::shared_ptr<Meter> TaskMeters::of(const TaskRecord& record, const Config& config) {
  const std::lock_guard guard(mutex_);
  const auto above = of_today(config.day_budget);
  const SpendingLimit limit{"this task", config.budget.tokens, config.budget.money};
  Known& known = tasks_[record.id];
  if (known.meter && same(known.limit, limit) && known.day == today_.day) return known.meter;
  const Spending earlier = known.meter ? known.meter->spent() : spent_by(record);
  known = {std::make_shared<Meter>(limit, above, earlier), limit, today_.day};
  return known.meter;
}

BudgetFacts TaskMeters::facts(const TaskRecord& record, const Config& config) {
  BudgetFacts facts;
  facts.task = config.budget;
  facts.day = config.day_budget;
  facts.task_spent = of(record, config)->spent();
  facts.task_minutes = minutes_worked(record);
  {
    const std::lock_guard guard(mutex_);
    facts.day_spent = today_.meter->spent();
  }
  const auto rows = book_.rows();
  std::size_t tasks = 0;
  for (const TaskRow& row : rows ? *rows : std::vector<TaskRow>()) {
    if (++tasks > kTasksBack) break;
    const auto past = book_.record(row.id);
    if (!past) continue;
    for (const AttemptRecord& attempt : past->attempts) {
      if (!attempt.result || !attempt.result->fixes.empty()) continue;
      facts.past.push_back({spent_by(attempt), (attempt.seconds_before + attempt.result->seconds) / 60});
    }
  }
  return facts;
}

double TaskMeters::minutes_today() const {
  const std::string day = utc_timestamp().substr(0, 10);
  double minutes = 0;
  const auto rows = book_.rows();
  for (const TaskRow& row : rows ? *rows : std::vector<TaskRow>()) {
    if (day_of(row.updated_ms) != day) continue;
    if (const auto record = book_.record(row.id)) minutes += minutes_worked(*record);
  }
  return minutes;
}

// A task that went on today counts with all that it ever spent: rather too much than too little.
std::shared_ptr<Meter> TaskMeters::of_today(const BudgetSetting& budget) {
  const std::string day = utc_timestamp().substr(0, 10);
  const SpendingLimit limit{"today", budget.tokens, budget.money};
  if (today_.meter && same(today_.limit, limit) && today_.day == day) return today_.meter;
  Spending earlier;
  if (today_.meter && today_.day == day) {
    earlier = today_.meter->spent();
  } else if (limit.tokens || limit.money) {
    if (const auto rows = book_.rows()) {
      for (const TaskRow& row : *rows) {
        if (day_of(row.updated_ms) != day) continue;
        if (const auto record = book_.record(row.id)) add(earlier, spent_by(*record));
      }
    }
  }
  today_ = {std::make_shared<Meter>(limit, nullptr, earlier), limit, day};
  return today_.meter;
}

}  // namespace baton
