// LocalExecutor: a few worker threads and a queue. Destroying it cancels what runs and answers what waits.
#include "orchestrator/executor.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "support/ids.h"

namespace baton {
namespace {

using Answer = Result<JobResult>;

// Answers kept for a second submit of the same id, output included; a finished job beyond these is forgotten.
constexpr std::size_t kRemembered = 8;

Answer run_job(const Job& job, std::stop_token stop) {
  if (stop.stop_requested()) return Error{ErrorKind::cancelled, job.label + ": cancelled before it began."};
  JobResult result;
  result.rung = job.rung.value_or(probe_sandbox());
  auto boxed = sandboxed(job.process, job.sandbox, result.rung);
  if (!boxed) return boxed.error();
  auto finished = run(*boxed, stop);
  if (!finished) return finished.error();
  result.process = std::move(*finished);
  return result;
}

class LocalExecutor final : public Executor {
 public:
  explicit LocalExecutor(int slots) {
    for (int i = 0; i < std::max(1, slots); ++i) {
      workers_.emplace_back([this](std::stop_token leaving) { work(leaving); });
    }
  }

  ~LocalExecutor() override {
    for (std::jthread& worker : workers_) worker.request_stop();
    wake_.notify_all();
    workers_.clear();
    for (Task& task : queue_) task.promise.set_value(left(task.job));
  }

  std::shared_future<Answer> submit(Job job, std::stop_token stop) override {
    if (job.id.empty()) job.id = new_id();
    const std::lock_guard lock(mutex_);
    if (const auto known = answers_.find(job.id); known != answers_.end()) return known->second;
    Task task{std::move(job), std::move(stop), {}};
    const std::shared_future<Answer> answer = task.promise.get_future().share();
    remember(task.job.id, answer);
    queue_.push_back(std::move(task));
    wake_.notify_one();
    return answer;
  }

 private:
  struct Task {
    Job job;
    std::stop_token stop;
    std::promise<Answer> promise;
  };

  static Error left(const Job& job) {
    return {ErrorKind::cancelled, job.label + ": cancelled, since its executor ended."};
  }

  void remember(const std::string& id, const std::shared_future<Answer>& answer) {
    answers_.emplace(id, answer);
    order_.push_back(id);
    for (std::size_t i = 0; answers_.size() > kRemembered && i < order_.size();) {
      const auto oldest = answers_.find(order_[i]);
      if (oldest->second.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
        ++i;
        continue;
      }
      answers_.erase(oldest);
      order_.erase(order_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  void work(std::stop_token leaving) {
    while (true) {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, leaving, [this] { return !queue_.empty(); })) return;
      if (leaving.stop_requested()) return;
      Task task = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();

      // Either reason to stop reaches the process: the caller's, or our own end.
      std::stop_source either;
      const std::stop_callback by_caller(task.stop, [&either] { either.request_stop(); });
      const std::stop_callback by_us(leaving, [&either] { either.request_stop(); });
      task.promise.set_value(run_job(task.job, either.get_token()));
    }
  }

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Task> queue_;
  std::map<std::string, std::shared_future<Answer>> answers_;
  std::deque<std::string> order_;
  std::vector<std::jthread> workers_;
};

}  // namespace

std::unique_ptr<Executor> local_executor(int slots) { return std::make_unique<LocalExecutor>(slots); }

}  // namespace baton
