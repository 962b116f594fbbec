#include "lsp/outbox.h"

#include <algorithm>

namespace baton {

void Outbox::push(std::string frame, std::string key) {
  if (!key.empty()) {
    const auto first = frames_.begin() + (begun_ > 0 ? 1 : 0);
    const auto same = std::find_if(first, frames_.end(), [&](const Frame& other) { return other.key == key; });
    if (same != frames_.end()) {
      bytes_ -= same->text.size();
      frames_.erase(same);
    }
  }
  bytes_ += frame.size();
  frames_.push_back({std::move(frame), std::move(key)});
}

std::string_view Outbox::front() const { return std::string_view(frames_.front().text).substr(begun_); }

void Outbox::sent(std::size_t bytes) {
  begun_ += bytes;
  bytes_ -= bytes;
  if (begun_ < frames_.front().text.size()) return;
  frames_.pop_front();
  begun_ = 0;
}

}  // namespace baton
