// A session in a child process and our end of its pipes. Every wait has a deadline; nothing sleeps.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "support/framing.h"

namespace baton {

class Peer {
 public:
  // A session with the fake engine on two pipes; or whatever `child` does with its ends of them, giving the exit code.
  Peer();
  explicit Peer(const std::function<int(int in, int out)>& child);
  // On a socket that somebody else's session is at the other end of.
  Peer(int socket, pid_t pid);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  bool write(std::string_view bytes);
  std::optional<nlohmann::json> next();          // absent: nothing more came in time, or the session is gone
  void close_input();
  void close_output();                           // we read no more
  void signal(int number);
  std::optional<int> wait_for_exit(std::chrono::milliseconds limit);  // 128 + n when a signal ended it
  pid_t pid() const { return pid_; }

 private:
  bool pump(int timeout_ms);  // moves bytes both ways once

  pid_t pid_ = -1;
  int in_ = -1, out_ = -1;
  std::string unsent_;
  HeaderFraming framing_;
  bool ended_ = false;
};

}  // namespace baton
