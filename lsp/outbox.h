// Frames on their way to a client that may read slowly. A frame with a key takes the place of an unsent one with the same key
// (progress, diagnostics of a file), so the queue is bounded by what differs. A value; io thread.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace baton {

class Outbox {
 public:
  void push(std::string frame, std::string key = {});
  bool empty() const { return frames_.empty(); }
  std::size_t bytes() const { return bytes_; }  // unsent

  std::string_view front() const;       // what is left of the first frame
  void sent(std::size_t bytes);         // of the front

 private:
  struct Frame {
    std::string text, key;
  };
  std::deque<Frame> frames_;
  std::size_t begun_ = 0;  // bytes of the first frame that are out: it can no longer be replaced
  std::size_t bytes_ = 0;
};

}  // namespace baton
