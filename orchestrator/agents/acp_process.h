// A running agent that is spoken to in lines: what it says comes as values, what is told to it is written by a thread of its own, so
// that an agent that does not read never holds its caller. Bounded both ways. The process and all its descendants are gone when the
// value is. Made for one conversation; its calls come from one thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "orchestrator/executor.h"
#include "support/descriptor.h"
#include "support/framing.h"
#include "support/result.h"

namespace baton {

class AcpProcess {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMaxLine = 16u << 20;     // a longer one is passed over
  static constexpr std::size_t kMaxWaiting = 32u << 20;  // bytes that wait to be read by us; then the agent waits
  static constexpr std::size_t kMaxUnsent = 16u << 20;   // bytes that it has not read; then it is beyond help

  // `on_error_output`: what it prints beside the protocol, on a thread of ours.
  static Result<std::unique_ptr<AcpProcess>> start(Job job, std::function<void(std::string_view)> on_error_output);
  ~AcpProcess();
  AcpProcess(const AcpProcess&) = delete;
  AcpProcess& operator=(const AcpProcess&) = delete;

  void send(std::string line);
  // The next line. Nothing: it is `until`, or `stop` was asked for, or it is gone and has said all.
  std::optional<std::string> next(Clock::time_point until, std::stop_token stop);
  bool gone() const;            // the process has ended and every line was read
  std::uint64_t lost() const;   // lines that were too long

  // Its input is closed; when it has not ended after `patience`, it is killed to its last descendant.
  const Result<ProcessResult>& end(std::chrono::milliseconds patience);

 private:
  AcpProcess() = default;
  void take(std::string_view bytes);
  void write_all();
  bool write_one(std::string_view bytes);

  std::stop_source kill_;
  Descriptor input_read_, input_write_, wake_read_, wake_write_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  LineFraming framing_{kMaxLine};  // of the thread that runs the process
  std::deque<std::string> lines_, unsent_;
  std::size_t waiting_ = 0, unsent_bytes_ = 0;
  std::uint64_t lost_ = 0;
  bool closing_ = false, leaving_ = false;
  std::optional<Result<ProcessResult>> result_;
  std::jthread runner_, writer_;
};

}  // namespace baton
