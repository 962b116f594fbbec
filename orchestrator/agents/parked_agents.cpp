#include "orchestrator/agents/parked_agents.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "orchestrator/agents/acp_attempt.h"

namespace baton {

ParkedAgents::ParkedAgents() = default;
ParkedAgents::~ParkedAgents() = default;

// Whoever goes is ended outside the lock: that takes a moment.
void ParkedAgents::park(const std::string& key, std::unique_ptr<AcpAttempt> attempt) {
  const auto now = std::chrono::steady_clock::now();
  std::vector<Parked> gone;
  const std::lock_guard lock(mutex_);
  const auto stays = std::stable_partition(parked_.begin(), parked_.end(), [&](const Parked& one) { return one.key == key || now - one.since > kLongest; });
  gone.insert(gone.end(), std::make_move_iterator(parked_.begin()), std::make_move_iterator(stays));
  parked_.erase(parked_.begin(), stays);
  if (parked_.size() >= kMost) {
    gone.push_back(std::move(parked_.front()));
    parked_.erase(parked_.begin());
  }
  parked_.push_back({key, std::move(attempt), now});
}

std::unique_ptr<AcpAttempt> ParkedAgents::take(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(parked_.begin(), parked_.end(), [&](const Parked& one) { return one.key == key; });
  if (found == parked_.end()) return nullptr;
  auto attempt = std::move(found->attempt);
  parked_.erase(found);
  return attempt;
}

void ParkedAgents::drop(const std::string& task) {
  std::vector<Parked> gone;
  const std::lock_guard lock(mutex_);
  const auto stays = std::stable_partition(parked_.begin(), parked_.end(), [&](const Parked& one) { return one.key.starts_with(task + "/"); });
  gone.insert(gone.end(), std::make_move_iterator(parked_.begin()), std::make_move_iterator(stays));
  parked_.erase(parked_.begin(), stays);
}

}  // namespace baton
