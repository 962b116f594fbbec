#include "orchestrator/agents/acp_process.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>
#include <variant>

#include "support/dialogue.h"
#include "support/os_error.h"
#include "support/sandbox.h"

namespace baton {
namespace {

Status make_pipe(Descriptor& read, Descriptor& write) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return os_error("make a pipe", {}, errno);
  read = Descriptor(ends[0]);
  write = Descriptor(ends[1]);
  ::fcntl(write.get(), F_SETFL, O_NONBLOCK);
  return done();
}

}  // namespace

Result<std::unique_ptr<AcpProcess>> AcpProcess::start(Job job, std::function<void(std::string_view)> on_error_output) {
  auto agent = std::unique_ptr<AcpProcess>(new AcpProcess);
  if (auto made = make_pipe(agent->input_read_, agent->input_write_); !made) return made.error();
  if (auto made = make_pipe(agent->wake_read_, agent->wake_write_); !made) return made.error();
  auto boxed = sandboxed(job.process, job.sandbox, job.rung.value_or(probe_sandbox()));
  if (!boxed) return boxed.error();
  boxed->on_output = [self = agent.get()](std::string_view bytes) { self->take(bytes); };
  // Our end to read stays open: who writes to an agent that has ended is not killed by it.
  agent->runner_ = std::jthread([self = agent.get(), spec = std::move(*boxed), dialogue = Dialogue{agent->input_read_.get(), std::move(on_error_output)}] {
    auto finished = run(spec, dialogue, self->kill_.get_token());
    const std::lock_guard lock(self->mutex_);
    self->result_.emplace(std::move(finished));
    self->changed_.notify_all();
  });
  agent->writer_ = std::jthread([self = agent.get()] { self->write_all(); });
  return agent;
}

AcpProcess::~AcpProcess() {
  if (runner_.joinable()) (void)end(std::chrono::milliseconds(0));
}

void AcpProcess::send(std::string line) {
  const std::lock_guard lock(mutex_);
  if (closing_ || leaving_) return;
  unsent_bytes_ += line.size();
  if (unsent_bytes_ > kMaxUnsent) {
    kill_.request_stop();
    return;
  }
  unsent_.push_back(std::move(line));
  changed_.notify_all();
}

std::optional<std::string> AcpProcess::next(Clock::time_point until, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, stop, until, [this] { return !lines_.empty() || result_.has_value(); });
  if (lines_.empty()) return std::nullopt;
  std::string line = std::move(lines_.front());
  lines_.pop_front();
  waiting_ -= line.size();
  changed_.notify_all();
  return line;
}

bool AcpProcess::gone() const {
  const std::lock_guard lock(mutex_);
  return result_.has_value() && lines_.empty();
}

std::uint64_t AcpProcess::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

const Result<ProcessResult>& AcpProcess::end(std::chrono::milliseconds patience) {
  {
    std::unique_lock lock(mutex_);
    closing_ = true;  // nobody reads any more: what it says goes nowhere, and holds nothing up
    changed_.notify_all();
    if (patience.count() > 0) changed_.wait_for(lock, patience, [this] { return result_.has_value(); });
    leaving_ = true;
    changed_.notify_all();
  }
  kill_.request_stop();
  (void)!::write(wake_write_.get(), "", 1);
  if (runner_.joinable()) runner_.join();
  if (writer_.joinable()) writer_.join();
  return *result_;
}

// On the thread that runs the process.
void AcpProcess::take(std::string_view bytes) {
  framing_.feed(bytes);
  while (auto event = framing_.next()) {
    std::unique_lock lock(mutex_);
    if (closing_) continue;
    auto* message = std::get_if<FramedMessage>(&*event);
    if (!message) {
      ++lost_;
      lines_.emplace_back();  // a sign of life all the same
    } else {
      changed_.wait(lock, kill_.get_token(), [this] { return waiting_ < kMaxWaiting || closing_; });
      waiting_ += message->body.size();
      lines_.push_back(std::move(message->body));
    }
    changed_.notify_all();
  }
}

void AcpProcess::write_all() {
  while (true) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !unsent_.empty() || closing_ || leaving_; });
    if (leaving_) return;
    if (unsent_.empty()) {  // all was told, and no more will be
      input_write_.reset();
      input_read_.reset();
      return;
    }
    std::string line = std::move(unsent_.front());
    unsent_.pop_front();
    lock.unlock();
    if (!write_one(line)) return;
    lock.lock();
    unsent_bytes_ -= line.size();
  }
}

bool AcpProcess::write_one(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(input_write_.get(), bytes.data(), bytes.size());
    if (wrote > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(wrote));
      continue;
    }
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0 && errno != EAGAIN) return false;
    std::array<pollfd, 2> watched{{{input_write_.get(), POLLOUT, 0}, {wake_read_.get(), POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), -1);
    if (watched[1].revents) return false;
  }
  return true;
}

}  // namespace baton
