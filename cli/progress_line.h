// Shows on stderr what is waited for, while results are worked on. On a terminal: one live line with the time it has taken.
// Elsewhere: a plain line whenever what is waited for changes, and one now and then while it does not. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "orchestrator/engine.h"

namespace baton {

enum class ProgressStyle { none, plain, live };

class ProgressLine {
 public:
  explicit ProgressLine(ProgressStyle style);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const Progress& progress);
  void clear();  // takes the live line away until the next `show`

 private:
  void tick(std::stop_token stop);
  void draw(std::chrono::steady_clock::time_point now);

  const ProgressStyle style_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::string label_;
  std::chrono::steady_clock::time_point began_, said_;
  std::size_t frame_ = 0;
  bool drawn_ = false;
  std::jthread ticker_;
};

// "[3/8] base: ctest" of a report: what is waited for, without the time.
std::string progress_label(const Progress& progress);
std::string elapsed_text(std::chrono::steady_clock::duration elapsed);  // "12 s", "2 min 05 s"

}  // namespace baton
