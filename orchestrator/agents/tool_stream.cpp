#include "orchestrator/agents/tool_stream.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <deque>
#include <thread>

#include "support/framing.h"
#include "support/log.h"

namespace baton {
namespace {

constexpr std::size_t kLongestRequest = 4u << 20;
constexpr std::size_t kMostWaiting = 64;  // requests; who asks for more at once waits in the pipe
constexpr int kLookAround = 100;         // milliseconds between looks at `stop`

bool write_all(int output, std::string_view text) {
  while (!text.empty()) {
    // A socket whose other end is gone must not end this process by a signal.
    ssize_t wrote = ::send(output, text.data(), text.size(), MSG_NOSIGNAL);
    if (wrote < 0 && errno == ENOTSOCK) wrote = ::write(output, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

class Stream {
 public:
  Stream(ToolProtocol& protocol, int input) : protocol_(protocol), input_(input) {}

  void read(std::stop_token stop) {
    LineFraming lines(kLongestRequest);
    char bytes[1 << 16];
    while (!stop.stop_requested()) {
      pollfd wait{input_, POLLIN, 0};
      const int ready = ::poll(&wait, 1, kLookAround);
      if (ready < 0 && errno != EINTR) break;
      if (ready <= 0) continue;
      const ssize_t got = ::read(input_, bytes, sizeof bytes);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      lines.feed({bytes, static_cast<std::size_t>(got)});
      while (auto event = lines.next()) take(*event, stop);
    }
    const std::lock_guard guard(mutex_);
    over_ = true;
    changed_.notify_all();
  }

  // The next line; nothing when the input is over.
  std::optional<std::string> next(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return over_ || !waiting_.empty(); });
    if (stop.stop_requested() || waiting_.empty()) return std::nullopt;
    std::string line = std::move(waiting_.front());
    waiting_.pop_front();
    changed_.notify_all();
    return line;
  }

 private:
  void take(const FramingEvent& event, std::stop_token stop) {
    const auto* message = std::get_if<FramedMessage>(&event);
    if (!message) return log(LogLevel::warning, "tools: " + std::get<FramedError>(event).detail);
    if (protocol_.cancel(message->body)) return;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return waiting_.size() < kMostWaiting; });
    waiting_.push_back(message->body);
    changed_.notify_all();
  }

  ToolProtocol& protocol_;
  const int input_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::string> waiting_;
  bool over_ = false;
};

}  // namespace

void serve_tools(ToolProtocol& protocol, int input, int output, std::stop_token stop) {
  Stream stream(protocol, input);
  std::jthread reader([&](std::stop_token ended) {
    std::stop_source either;
    const std::stop_callback by_caller(stop, [&] { either.request_stop(); });
    const std::stop_callback by_end(ended, [&] { either.request_stop(); });
    stream.read(either.get_token());
  });
  while (auto line = stream.next(stop)) {
    const auto answer = protocol.answer(*line, stop);
    if (answer && !write_all(output, *answer + "\n")) break;
  }
}

}  // namespace baton
