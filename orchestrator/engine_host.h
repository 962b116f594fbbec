// An engine's face to those who attach: answers the methods of docs/engine-protocol.md over a listening socket, for every
// work tree of one repository. A thread a connection and one a call, since every call of `Engine` blocks; both are bounded.
// What was asked for with `outlives_caller` goes on when the connection ends, and its report waits for the next one who asks.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "orchestrator/engine_wire.h"

namespace baton {

struct EngineHostOptions {
  std::filesystem::path common_dir;   // the repository it is for
  std::filesystem::path inside;       // a work tree of it
  std::filesystem::path missed;       // folder for missed reports: the user's own, never the repository's
  std::chrono::seconds idle{60};      // leaves after so long without connection and work
  Environment env;                    // of who started it: says where caches and configuration are
  EngineAddress address;
};

struct HostState;  // engine_host.cpp

class EngineHost {
 public:
  explicit EngineHost(EngineHostOptions options);
  ~EngineHost();

  // Serves until it has been idle for long enough, was asked to leave, or `leave()`. The descriptor is taken over.
  void run(int listener);
  void leave();  // any thread; async-signal-safe

 private:
  std::shared_ptr<HostState> state_;
};

}  // namespace baton
