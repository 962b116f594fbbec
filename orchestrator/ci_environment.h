// The environment of a gate: a CI run's, the same on base, head and replay. Built up from nothing; of the client's own
// environment only what finds the user's tools passes, and for set-up with network what finds the user's registries.
// Reads only whether configuration files exist. Any thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/sandbox.h"

namespace baton {

struct CiEnvironment {
  Environment gate;                   // for gates without network
  Environment setup;                  // `gate`, proxies, CA and registry settings
  std::vector<BindMount> setup_binds; // registry configuration and CA files, read-only, where the variables of `setup` point
  std::vector<std::string> secrets;   // values to be kept out of logs
};

// Folders of PATH inside `repository_root` are left out: they belong to the tree that is judged, not to the toolchain.
CiEnvironment ci_environment(const Environment& client, const std::filesystem::path& repository_root);

// sha256 over names and values, sorted; a variable whose name says secret counts by its name only.
std::string environment_digest(const Environment& env);

}  // namespace baton
