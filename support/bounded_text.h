// The first and the last half of a stream, in bounded memory. When the middle is missing, a line of its own says how
// much.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace baton {

class BoundedText {
 public:
  explicit BoundedText(std::uint64_t max_bytes) : half_(static_cast<std::size_t>(max_bytes / 2)) {}

  void add(std::string_view bytes) {
    const std::size_t to_head = std::min(bytes.size(), half_ - head_.size());
    head_ += bytes.substr(0, to_head);
    bytes.remove_prefix(to_head);
    if (bytes.size() > half_) {
      dropped_ += bytes.size() - half_;
      bytes.remove_prefix(bytes.size() - half_);
    }
    tail_ += bytes;
    // Cut rarely, so that each byte is moved once on average.
    if (tail_.size() > 2 * half_) cut();
  }

  bool truncated() const { return dropped_ > 0 || tail_.size() > half_; }

  std::string take() {
    cut();
    std::string text = std::move(head_);
    if (dropped_ > 0) {
      if (!text.empty() && text.back() != '\n') text += '\n';
      text += "[... " + std::to_string(dropped_) + " bytes left out ...]\n";
    }
    text += tail_;
    return text;
  }

 private:
  void cut() {
    if (tail_.size() <= half_) return;
    dropped_ += tail_.size() - half_;
    tail_.erase(0, tail_.size() - half_);
  }

  std::size_t half_;
  std::string head_, tail_;
  std::uint64_t dropped_ = 0;
};

}  // namespace baton
