// Ctrl-C and SIGTERM as a stop_token. Made on the main thread before any other thread, so that every thread inherits the
// blocked signals and none of them is killed in the middle of a write. What has not ended a moment after the first signal is
// left behind: the shims end every child when we are gone, and the next run cleans up.
#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace baton {

class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  bool raised() const { return source_.stop_requested(); }

 private:
  void watch();

  std::stop_source source_;
  int signals_ = -1;
  int finished_ = -1;
  std::thread watcher_;
};

}  // namespace baton
