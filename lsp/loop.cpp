#include "lsp/loop.h"

#include <asio.hpp>
#include <ctime>
#include <map>

#include "support/log.h"

namespace baton {
namespace {

constexpr std::chrono::milliseconds kLong{5};
constexpr std::chrono::microseconds kAwake{50};

// Processor time: a busy machine makes no callback slow.
std::chrono::nanoseconds own_time() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

using Descriptor = asio::posix::stream_descriptor;

struct Loop::State {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
  std::map<int, std::unique_ptr<Descriptor>> descriptors;
  std::unique_ptr<asio::signal_set> signals;
  std::chrono::nanoseconds longest{};

  void call(const Callback& work) {
    const auto begun = own_time();
    work();
    const auto took = own_time() - begun;
    longest = std::max(longest, took);
    if (took > kLong) log(LogLevel::info, "the io thread was busy for " + std::to_string(took / std::chrono::milliseconds(1)) + " ms");
  }

  void wait(int fd, Descriptor::wait_type type, Callback work) {
    auto& descriptor = descriptors[fd];
    if (!descriptor) descriptor = std::make_unique<Descriptor>(context, fd);
    descriptor->async_wait(type, [this, work = std::move(work)](const asio::error_code& error) {
      // A regular file cannot be waited for: it is always ready.
      if (error != asio::error::operation_aborted) call(work);
    });
  }

  void listen(Callback work) {
    signals->async_wait([this, work = std::move(work)](const asio::error_code& error, int) {
      if (error) return;
      call(work);
      listen(work);
    });
  }
};

Loop::Loop() : state_(std::make_unique<State>()) {}

Loop::~Loop() {
  for (auto& [fd, descriptor] : state_->descriptors) descriptor->release();
}

// What comes right after an answer finds the thread awake: to wake it on another core takes longer than the answer.
void Loop::run() {
  using Clock = std::chrono::steady_clock;
  asio::io_context& context = state_->context;
  while (context.run_one() > 0) {
    for (auto until = Clock::now() + kAwake; Clock::now() < until && !context.stopped();) {
      if (context.poll_one() > 0) until = Clock::now() + kAwake;
    }
  }
}
void Loop::stop() { state_->context.stop(); }
void Loop::post(Callback work) {
  asio::post(state_->context, [state = state_.get(), work = std::move(work)] { state->call(work); });
}

std::chrono::microseconds Loop::longest() const { return std::chrono::duration_cast<std::chrono::microseconds>(state_->longest); }

void Loop::after(std::chrono::milliseconds delay, Callback work) {
  auto timer = std::make_shared<asio::steady_timer>(state_->context, delay);
  timer->async_wait([state = state_.get(), timer, work = std::move(work)](const asio::error_code& error) {
    if (!error) state->call(work);
  });
}

void Loop::when_readable(int fd, Callback work) { state_->wait(fd, Descriptor::wait_read, std::move(work)); }
void Loop::when_writable(int fd, Callback work) { state_->wait(fd, Descriptor::wait_write, std::move(work)); }

void Loop::forget(int fd) {
  const auto found = state_->descriptors.find(fd);
  if (found == state_->descriptors.end()) return;
  found->second->release();
  state_->descriptors.erase(found);
}

void Loop::on_signals(const std::vector<int>& signals, Callback work) {
  state_->signals = std::make_unique<asio::signal_set>(state_->context);
  for (const int signal : signals) state_->signals->add(signal);
  state_->listen(std::move(work));
}

}  // namespace baton
