// Drives one task: takes what its outbox holds, performs it on threads, and tells the journal what it led to, until nothing is
// left to do without a human. One process drives a task at a time, by a lock file; what others write to the journal meanwhile is
// seen within a moment. Blocks.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "orchestrator/tasks/task_book.h"
#include "orchestrator/tasks/task_effects.h"
#include "orchestrator/tasks/tasks.h"
#include "support/files.h"

namespace baton {

// How many attempts run at a time, over all tasks of this process. Thread-safe.
class Slots {
 public:
  void use(int slots);
  bool try_take();
  int free();
  void give();

 private:
  std::mutex mutex_;
  int slots_ = 2, taken_ = 0;
};

struct DriveOptions {
  bool plan_only = false;    // goes no further than to the plan
  bool take_over = true;     // waits for another process that drives it; else what that has reached is the answer
  bool takes_edits = false;  // what is to be applied is left to the caller's editor
  std::map<std::string, std::string> levels;  // of autonomy, by workflow
};

class TaskRunner {
 public:
  TaskRunner(TaskBook& book, Slots& slots, TaskGround ground, TaskEvents events, DriveOptions options)
      : book_(book), slots_(slots), ground_(std::move(ground)), events_(std::move(events)), options_(std::move(options)) {}

  Result<TaskRecord> drive(const std::string& id, std::stop_token stop);
  // It is verified and would be applied, and that is left to the caller.
  bool leaves_edits(const TaskRecord& record) const;

 private:
  struct Flight {
    TaskEffect effect;
    bool slot = false, dropped = false;
    std::stop_source stop;
    std::optional<Outcome> outcome;  // under mutex_
    std::jthread thread;
  };

  Result<std::optional<FileLock>> wait_for_lock(TaskRecord& record, std::stop_token stop);
  Status work(TaskRecord& record, std::stop_token stop);
  Status settle_finished(TaskRecord& record);
  Status settle(TaskRecord& record, Flight& flight);
  void drop_void(const TaskRecord& record);
  Status launch(TaskRecord& record);
  std::vector<TaskEffect> ready(const TaskRecord& record);
  bool may_start(const TaskRecord& record, const TaskEffect& effect) const;
  bool waits(const TaskRecord& record, const TaskEffect& effect) const;
  void fly(const TaskRecord& record, const TaskEffect& effect, bool slot);
  Result<bool> go_on_by_policy(TaskRecord& record);
  Result<bool> go_on_to_land(TaskRecord& record);
  Status park(TaskRecord& record);
  void leave_nothing_running();
  void announce(const TaskRecord& record);
  void emit(const nlohmann::json& event);

  TaskBook& book_;
  Slots& slots_;
  TaskGround ground_;
  TaskEvents events_;
  DriveOptions options_;
  std::mutex mutex_, emitting_;
  std::condition_variable_any changed_;
  std::deque<std::unique_ptr<Flight>> flights_;
  bool halted_ = false;           // an effect could not be done and waits for better times
  std::string told_state_, told_plan_, told_escalation_;
};

}  // namespace baton
