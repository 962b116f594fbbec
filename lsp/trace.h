// `$/logTrace` for a client that wants it: what became of each of its messages, and how long it took. Io thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "lsp/client.h"

namespace baton {

class Trace {
 public:
  explicit Trace(Client& client) : client_(client) {}

  void set(std::string_view value);  // "messages" or "verbose"; anything else is off
  bool verbose() const { return level_ == Level::verbose; }

  using Time = std::chrono::steady_clock::time_point;
  void answered(const std::string& method, const std::string& id, Time since, std::string_view answer);
  void taken(const std::string& method, Time since);

 private:
  enum class Level { off, messages, verbose };
  void tell(const std::string& what, Time since, std::string_view more);

  Client& client_;
  Level level_ = Level::off;
};

}  // namespace baton
