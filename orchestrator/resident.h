// The engine as a process of its own. `reside` finds the engine of a repository or becomes it: one process holds the lock of the
// repository; whoever asks besides is told its address. An engine of another build is replaced when it is idle, and spoken to
// when it is busy and understands us. Main thread, before any other thread: it forks.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "orchestrator/engine_wire.h"

namespace baton {

struct ResidentOptions {
  std::filesystem::path inside;    // any folder of a work tree
  std::chrono::seconds idle{60};
  Environment env;
};

// The address of the repository's engine. Where there was none, this process has left one behind that detached itself.
Result<EngineAddress> reside(const ResidentOptions& options);

// The engine that runs, if one does. Never starts one.
Result<std::optional<EngineAddress>> running_engine(const std::filesystem::path& inside, const Environment& env);

}  // namespace baton
