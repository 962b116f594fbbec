// The io thread's loop: descriptors, timers, signals, and work posted from other threads. Everything of a session happens
// inside its callbacks, one at a time, none of which may block; how long each takes is measured. The only part of lsp/ that
// knows asio.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace baton {

class Loop {
 public:
  using Callback = std::function<void()>;

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();                      // until stop(); on the io thread
  void stop();                     // any thread
  void post(Callback work);        // any thread; in order
  void after(std::chrono::milliseconds delay, Callback work);  // io thread; dropped when the loop ends

  // One call each when the descriptor is ready (or broken: the next read or write tells). Io thread. The descriptor stays
  // its owner's, who calls `forget` before closing it.
  void when_readable(int fd, Callback work);
  void when_writable(int fd, Callback work);
  void forget(int fd);
  void on_signals(const std::vector<int>& signals, Callback work);

  // The longest that one callback kept the processor: what a client may have had to wait for us.
  std::chrono::microseconds longest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace baton
