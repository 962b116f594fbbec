#include "orchestrator/progress.h"

#include <utility>

namespace baton {

using Clock = std::chrono::steady_clock;

namespace {
constexpr auto kEvery = std::chrono::seconds(1);

std::string tests_text(int seen, int of) {
  const std::string many = of > seen ? std::to_string(seen) + " of " + std::to_string(of) : std::to_string(seen);
  return many + (many == "1" ? " test" : " tests");
}
}  // namespace

ProgressTicker::ProgressTicker(ProgressSink sink) : sink_(std::move(sink)) {
  if (sink_) thread_ = std::jthread([this](std::stop_token leaving) { work(leaving); });
}

ProgressTicker::~ProgressTicker() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void ProgressTicker::show(Progress step) {
  std::unique_lock lock(mutex_);
  const bool same = shown_ && step.stage == current_.stage && step.gate == current_.gate &&
                    step.side == current_.side && step.message == current_.message;
  current_ = std::move(step);
  if (same) return;
  since_ = Clock::now();
  shown_ = true;
  emit(lock);
}

void ProgressTicker::tell(Progress once) {
  const std::lock_guard lock(mutex_);
  if (sink_) sink_(once);
}

void ProgressTicker::set_total(int total) {
  const std::lock_guard lock(mutex_);
  total_ = total;
  done_ = 0;
}

void ProgressTicker::step_done() {
  const std::lock_guard lock(mutex_);
  ++done_;
}

void ProgressTicker::emit(const std::unique_lock<std::mutex>&) {
  if (!sink_) return;
  emitted_ = Clock::now();
  Progress now = current_;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(emitted_ - since_).count();
  if (const int seen = now.of_tests && !now.log.empty() ? seen_.in(now.log) : 0; seen > 0) now.message += ", " + tests_text(seen, *now.of_tests);
  if (seconds > 0) now.message += ", " + std::to_string(seconds) + " s";
  now.done = done_;
  now.total = total_;
  sink_(now);
}

void ProgressTicker::work(std::stop_token leaving) {
  std::unique_lock lock(mutex_);
  while (!leaving.stop_requested()) {
    const auto due = shown_ ? emitted_ + kEvery : Clock::now() + kEvery;
    wake_.wait_until(lock, leaving, due, [] { return false; });
    if (!leaving.stop_requested() && shown_ && Clock::now() >= emitted_ + kEvery) emit(lock);
  }
}

}  // namespace baton
