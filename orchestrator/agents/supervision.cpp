#include "orchestrator/agents/supervision.h"

#include <algorithm>
#include <utility>

#include "orchestrator/tree_manifest.h"

namespace baton {

Supervision::Supervision(std::filesystem::path tree, Limits limits, std::stop_source kill)
    : tree_(std::move(tree)), limits_(limits), kill_(std::move(kill)), thread_([this](std::stop_token leaving) { watch(leaving); }) {}

Supervision::~Supervision() { (void)end(); }

void Supervision::heard() {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(started_, true)) wake_.notify_all();  // from now on another limit holds, which may end sooner
  sign_ = Clock::now();
}

bool Supervision::started() const {
  const std::lock_guard lock(mutex_);
  return started_;
}

Supervision::Fault Supervision::end() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  const std::lock_guard lock(mutex_);
  return fault_;
}

std::optional<TreeClock::Clock::time_point> TreeClock::last_change() const {
  const auto manifest = TreeManifest::of(tree_);
  if (!manifest) return std::nullopt;
  std::int64_t newest = 0;
  for (const auto& [path, stamp] : manifest->stamps()) newest = std::max(newest, stamp.changed_ns);
  const auto began = std::chrono::duration_cast<std::chrono::nanoseconds>(began_by_wall_.time_since_epoch()).count();
  if (newest <= began) return std::nullopt;
  return std::min(began_ + std::chrono::duration_cast<Clock::duration>(std::chrono::nanoseconds(newest - began)), Clock::now());
}

void Supervision::watch(std::stop_token leaving) {
  std::unique_lock lock(mutex_);
  while (!leaving.stop_requested()) {
    const auto deadline = sign_ + (started_ ? limits_.silence : limits_.start);
    if (Clock::now() < deadline) {
      wake_.wait_until(lock, leaving, deadline, [this, began_to_wait = started_] { return started_ != began_to_wait; });
      continue;
    }
    // Before it is given up: it may work without a word.
    lock.unlock();
    const auto change = tree_.last_change();
    lock.lock();
    if (change && *change > sign_) {
      sign_ = *change;
      started_ = true;
      continue;
    }
    if (Clock::now() < sign_ + (started_ ? limits_.silence : limits_.start)) continue;  // it spoke while we looked
    if (leaving.stop_requested()) return;
    fault_ = started_ ? Fault::fell_silent : Fault::did_not_start;
    kill_.request_stop();
    return;
  }
}

}  // namespace baton
