#include "lsp/worker.h"

#include <exception>
#include <string>
#include <thread>

#include "support/log.h"

namespace baton {

struct Worker::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> waiting;
  bool closing = false, busy = false;
  std::thread thread;

  void run() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return closing || !waiting.empty(); });
      if (closing) return;
      auto work = std::move(waiting.front());
      waiting.pop_front();
      busy = true;
      lock.unlock();
      try {
        work();
      } catch (const std::exception& error) {
        log(LogLevel::error, std::string("a bug in background work: ") + error.what());
      }
      work = nullptr;
      lock.lock();
      busy = false;
      changed.notify_all();
    }
  }
};

Worker::Worker() : state_(std::make_unique<State>()) {}

Worker::~Worker() {
  finish(std::chrono::steady_clock::now());
  if (state_->thread.joinable()) state_->thread.join();
}

void Worker::submit(std::function<void()> work) {
  const std::lock_guard lock(state_->mutex);
  if (state_->closing) return;
  state_->waiting.push_back(std::move(work));
  if (!state_->thread.joinable()) state_->thread = std::thread([state = state_.get()] { state->run(); });
  state_->changed.notify_all();
}

bool Worker::finish(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(state_->mutex);
  state_->closing = true;
  state_->waiting.clear();
  state_->changed.notify_all();
  return state_->changed.wait_until(lock, deadline, [this] { return !state_->busy; });
}

}  // namespace baton
