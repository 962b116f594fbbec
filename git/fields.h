// Reads the NUL-terminated fields that git prints with -z. Views into the text that was given.
#pragma once

#include <algorithm>
#include <string_view>

namespace baton {

class Fields {
 public:
  explicit Fields(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  std::string_view next() {
    const std::size_t end = std::min(rest_.find('\0'), rest_.size());
    const std::string_view field = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return field;
  }
  std::string_view peek() const { return rest_.substr(0, std::min(rest_.find('\0'), rest_.size())); }

 private:
  std::string_view rest_;
};

}  // namespace baton
