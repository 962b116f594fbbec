#include "lsp/channel.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "support/log.h"

namespace baton {
namespace {

constexpr std::size_t kReadBlock = 64u << 10;
constexpr std::size_t kLarge = 256u << 10;        // parsed on the worker: longer than the io thread may take
constexpr std::size_t kMaxUnsent = 16u << 20;     // reading rests above it
constexpr std::chrono::milliseconds kTurn{2};            // of messages taken one after another; then others have theirs
constexpr std::chrono::milliseconds kSilence{1000};      // after what is a whole message, whatever was announced
constexpr std::chrono::milliseconds kLongSilence{10000};  // in the midst of one: who writes may be busy

// Gives the flags as they were.
int make_nonblocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  return flags;
}

}  // namespace

Channel::Channel(Loop& loop, int in, int out, Events events) : loop_(loop), in_(in), out_(out), events_(std::move(events)) {
  in_flags_ = make_nonblocking(in_);
  out_flags_ = make_nonblocking(out_);
}

Channel::~Channel() {
  loop_.forget(in_);
  loop_.forget(out_);
  ::fcntl(out_, F_SETFL, out_flags_);
  ::fcntl(in_, F_SETFL, in_flags_);
}

void Channel::start() { wait_to_read(); }

void Channel::wait_to_read() {
  if (reading_ || ended_ || parsing_ || outbox_.bytes() > kMaxUnsent) return;
  reading_ = true;
  loop_.when_readable(in_, [this] {
    reading_ = false;
    read_some();
  });
}

void Channel::read_some() {
  static thread_local char block[kReadBlock];
  const ssize_t got = ::read(in_, block, sizeof block);
  if (got > 0) {
    framing_.feed({block, static_cast<std::size_t>(got)});
  } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
    ended_ = true;
    framing_.finish();
  }
  ++reads_;
  take_frames();
  wait_to_read();
  watch_silence(kSilence);
}

// A length that was too large would have us wait for ever.
void Channel::watch_silence(std::chrono::milliseconds limit) {
  if (watching_ || ended_ || !framing_.inside_frame()) return;
  watching_ = true;
  loop_.after(limit, [this, limit, before = reads_] {
    watching_ = false;
    if (ended_ || parsing_ || !reading_ || reads_ != before) return watch_silence(kSilence);
    if (limit < kLongSilence && !framing_.holds_whole_message()) return watch_silence(kLongSilence);
    framing_.abandon();
    take_frames();
  });
}

void Channel::take_frames() {
  const auto turn = std::chrono::steady_clock::now() + kTurn;
  while (!parsing_ && !closed_) {
    auto event = framing_.next();
    if (!event) break;
    take(std::move(*event));
    if (!parsing_ && std::chrono::steady_clock::now() > turn) return take_later();
  }
  if (ended_ && !parsing_) close();
}

void Channel::take_later() {
  parsing_ = true;
  loop_.post([this] {
    parsing_ = false;
    take_frames();
    wait_to_read();
  });
}

void Channel::take(FramingEvent event) {
  if (const auto* error = std::get_if<FramedError>(&event)) {
    const std::string what = std::string(to_string(error->kind)) + ": " + error->detail;
    if (error->kind == FramingError::noise) log(LogLevel::warning, what);
    else events_.bad_frame(what);
    return;
  }
  std::string body = std::move(std::get<FramedMessage>(event).body);
  if (body.size() < kLarge) return events_.message(parse_message(body));
  parsing_ = true;
  parser_.submit([this, body = std::move(body)] {
    auto message = std::make_shared<Message>(parse_message(body));
    loop_.post([this, message] {
      parsing_ = false;
      events_.message(std::move(*message));
      take_frames();
      wait_to_read();
    });
  });
}

void Channel::send(std::string body, std::string key) {
  if (broken_) return;
  outbox_.push(frame(body), std::move(key));
  write_some();
}

void Channel::write_some() {
  if (writing_) return;
  while (!broken_ && !outbox_.empty()) {
    const std::string_view front = outbox_.front();
    const ssize_t written = ::write(out_, front.data(), front.size());
    if (written >= 0) {
      outbox_.sent(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      writing_ = true;
      loop_.when_writable(out_, [this] {
        writing_ = false;
        write_some();
        wait_to_read();
      });
      return;
    } else if (errno != EINTR) {
      // Nobody reads any more: the end of the session, not an error.
      broken_ = true;
      loop_.post([this] { close(); });
    }
  }
  if (when_sent_ && sent_all()) std::exchange(when_sent_, nullptr)();
}

void Channel::when_sent(std::function<void()> done) {
  if (sent_all()) return done();
  when_sent_ = std::move(done);
}

void Channel::close() {
  if (std::exchange(closed_, true)) return;
  ended_ = true;
  events_.closed();
}

}  // namespace baton
