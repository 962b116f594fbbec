// The bytes of one client: frames read and parsed, frames queued and written, on two descriptors that may be one. Reading rests
// while the client does not read what it asked for, so that memory stays bounded. Large messages are parsed on a worker, in
// order. Where the rest of an announced message does not come, it is given up. Io thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "lsp/loop.h"
#include "lsp/message.h"
#include "lsp/outbox.h"
#include "lsp/worker.h"
#include "support/framing.h"

namespace baton {

class Channel {
 public:
  struct Events {
    std::function<void(Message)> message;
    std::function<void(std::string why)> bad_frame;
    std::function<void()> closed;  // end of input, or nobody reads any more; at most once
  };

  Channel(Loop& loop, int in, int out, Events events);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  void start();
  void send(std::string body, std::string key);
  bool sent_all() const { return outbox_.empty() || broken_; }
  // Writes what is queued, for as long as the client takes it; then calls `done`.
  void when_sent(std::function<void()> done);

 private:
  void wait_to_read();
  void read_some();
  void take_frames();
  void take_later();
  void take(FramingEvent event);
  void write_some();
  void watch_silence(std::chrono::milliseconds limit);
  void close();

  Loop& loop_;
  const int in_, out_;
  int in_flags_, out_flags_;  // as they were: a terminal is shared with others
  Events events_;
  HeaderFraming framing_;
  Outbox outbox_;
  std::function<void()> when_sent_;
  bool ended_ = false;    // no more input
  bool broken_ = false;   // nobody reads
  bool closed_ = false;
  bool parsing_ = false;  // what follows waits: a large message is on the worker, or others have their turn
  bool reading_ = false, writing_ = false;
  std::uint64_t reads_ = 0;    // grows with every read: tells silence
  bool watching_ = false;      // a timer looks whether the rest of a message comes
  Worker parser_;
};

}  // namespace baton
