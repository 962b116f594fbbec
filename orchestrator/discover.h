// Finds the gates of a workspace from its files alone: nothing is run, so it is safe before trust. What a tool's presence
// decides is looked up in the client's PATH. One function per ecosystem in discover_*.cpp. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/config.h"
#include "orchestrator/file_source.h"
#include "orchestrator/gate.h"
#include "support/process.h"

namespace baton {

// Something that a user should know about the workspace: what is missing, why a gate was not made, and the line that mends it.
struct Advice {
  std::string about;    // "pytest", "package.json"
  std::string message;  // one sentence
  std::string mend;     // one command line or configuration line; may be empty
  bool blocking = false;  // a required gate cannot run because of it
};

struct GatePlan {
  std::vector<Gate> gates;      // in the order they run; needs come first
  std::vector<Advice> advice;
  std::vector<std::string> tools;  // programs whose versions belong to the toolchain digest (absolute paths)
};

GatePlan discover_gates(const FileSource& files, const Config& config, const Environment& client_env);

}  // namespace baton
