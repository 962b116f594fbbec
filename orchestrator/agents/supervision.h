// Watches one running agent by its signs of life: what it prints, and at a deadline what it has changed. One thread that sleeps until
// the next deadline, however much the agent prints. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

namespace baton {

// When something in a folder changed last; nothing before the value was made.
class TreeClock {
 public:
  using Clock = std::chrono::steady_clock;
  explicit TreeClock(std::filesystem::path tree) : tree_(std::move(tree)) {}
  std::optional<Clock::time_point> last_change() const;
  const std::filesystem::path& tree() const { return tree_; }
  Clock::time_point began() const { return began_; }

 private:
  std::filesystem::path tree_;
  Clock::time_point began_ = Clock::now();
  std::chrono::system_clock::time_point began_by_wall_ = std::chrono::system_clock::now();  // files carry the time of the wall
};

class Supervision {
 public:
  enum class Fault { none, did_not_start, fell_silent };
  struct Limits {
    std::chrono::milliseconds start, silence;
  };

  // `tree`: where it works. The agent ends when `kill()` is asked to stop.
  Supervision(std::filesystem::path tree, Limits limits, std::stop_source kill);
  ~Supervision();
  Supervision(const Supervision&) = delete;
  Supervision& operator=(const Supervision&) = delete;

  void heard();   // it printed something
  Fault end();    // the agent is gone; why it was stopped, if we did
  bool started() const;

 private:
  using Clock = std::chrono::steady_clock;
  void watch(std::stop_token leaving);

  const TreeClock tree_;
  const Limits limits_;
  std::stop_source kill_;
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  Clock::time_point sign_ = tree_.began();
  bool started_ = false;
  Fault fault_ = Fault::none;
  std::jthread thread_;
};

}  // namespace baton
