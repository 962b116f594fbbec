// Says what is waited for: at once when that changes, and once a second while it lasts, with the seconds it has taken and, where tests
// run, how many the growing log tells of.
// Calls of the sink never overlap. Thread-safe; owns one thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "orchestrator/engine.h"
#include "orchestrator/tests_seen.h"

namespace baton {

class ProgressTicker {
 public:
  explicit ProgressTicker(ProgressSink sink);
  ~ProgressTicker();

  // `message` without tests and seconds, which are appended. The same step again only updates the log's path.
  void show(Progress step);
  void tell(Progress once);  // as it is, beside the step that goes on
  void set_total(int total);  // and none of them done
  void step_done();

 private:
  void emit(const std::unique_lock<std::mutex>& held);
  void work(std::stop_token leaving);

  ProgressSink sink_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  Progress current_;
  TestsSeen seen_;
  bool shown_ = false;
  int done_ = 0, total_ = 0;
  std::chrono::steady_clock::time_point since_, emitted_;
  std::jthread thread_;
};

}  // namespace baton
