// Agents that wait for an answer of the user, alive, so that the same session goes on with it. Each is ended when it has waited too
// long, when too many wait, when its task is done with it, or with this value. Thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace baton {

class AcpAttempt;

class ParkedAgents {
 public:
  static constexpr std::size_t kMost = 4;
  static constexpr std::chrono::minutes kLongest{60};

  ParkedAgents();
  ~ParkedAgents();
  // `key` begins with the task and a slash.
  void park(const std::string& key, std::unique_ptr<AcpAttempt> attempt);
  std::unique_ptr<AcpAttempt> take(const std::string& key);  // null: it is not there any more
  void drop(const std::string& task);

 private:
  struct Parked {
    std::string key;
    std::unique_ptr<AcpAttempt> attempt;
    std::chrono::steady_clock::time_point since;
  };
  std::mutex mutex_;
  std::vector<Parked> parked_;  // oldest first
};

}  // namespace baton
