// What the gates' tools are, for evidence and as part of every key: a result from other tools is another result. Blocks.
#pragma once

#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "support/process.h"

namespace baton {

// sha256 over the tools' paths, sizes and times, and over what tells that packages were installed or removed on this machine.
// Runs nothing.
std::string toolchain_digest(const std::vector<std::string>& tools);

// The first line each tool answers to `--version`; asked once per state of the tool and kept in `memory`. Best effort.
std::map<std::string, std::string> tool_versions(const std::vector<std::string>& tools, const Environment& env,
                                                 const std::filesystem::path& memory, std::stop_token stop);

}  // namespace baton
