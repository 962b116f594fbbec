// A thread that does blocking work, one piece after another, so that the io thread never does. Started with its first piece.
// Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace baton {

class Worker {
 public:
  Worker();
  ~Worker();  // drops what waits and waits for what runs
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void submit(std::function<void()> work);
  // Drops what waits; true when nothing runs any more at the deadline. Nothing can be submitted afterwards.
  bool finish(std::chrono::steady_clock::time_point deadline);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace baton
