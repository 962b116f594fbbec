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

// "[3/8] base: ctest" of a report: what is waited for, and how many tests were seen ("57 of 212 tests", or nothing), without the time.
struct ProgressLabel {
  std::string what, tests;
  bool operator==(const ProgressLabel&) const = default;
};
ProgressLabel progress_label(const Progress& progress);

class ProgressLine {
 public:
  // `again`: how long one wait may go unmentioned in plain lines.
  explicit ProgressLine(ProgressStyle style, std::chrono::milliseconds again = std::chrono::seconds(20));
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const Progress& progress);
  void clear();  // takes the live line away until the next `show`

 private:
  void tick(std::stop_token stop);
  void draw(std::chrono::steady_clock::time_point now);

  const ProgressStyle style_;
  const std::chrono::milliseconds again_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  ProgressLabel label_;
  std::chrono::steady_clock::time_point began_, said_;
  std::size_t frame_ = 0;
  bool drawn_ = false;
  std::jthread ticker_;
};

std::string elapsed_text(std::chrono::steady_clock::duration elapsed);  // "12 s", "2 min 05 s"

}  // namespace baton
