// One end of a connection between an engine and who attached to it: whole JSON messages over a connected local socket.
// `send` from any thread, `receive` from one; both block. Bounded: a message is at most kMaxMessageBytes, and a peer that does
// not read for kSendTimeout is as good as gone.
#pragma once

#include <chrono>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "support/framing.h"
#include "support/result.h"

namespace baton {

class EngineLink {
 public:
  static constexpr std::chrono::seconds kSendTimeout{30};

  explicit EngineLink(int socket);  // owned
  ~EngineLink();
  EngineLink(const EngineLink&) = delete;
  EngineLink& operator=(const EngineLink&) = delete;

  bool send(const nlohmann::json& message);  // false: the peer is gone
  std::optional<nlohmann::json> receive();   // nothing: the peer is gone. What is no JSON object is skipped
  void shut();                               // wakes `receive` on both ends
  bool peer_is_ours() const;                 // the kernel says that the peer is a process of the same user
  int peer_process() const;                  // its id; 0: not known

 private:
  const int socket_;
  std::mutex sending_;
  HeaderFraming framing_;
};

Result<int> connect_engine(const std::string& path);  // a connected socket, close-on-exec
// A socket that others listen on for; readable by this user alone. What is in the way and no socket is an error.
Result<int> listen_engine(const std::string& path);

}  // namespace baton
