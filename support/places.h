// Where our files live: XDG folders from an environment, created on demand by who writes there. Any thread.
#pragma once

#include <filesystem>

#include "support/process.h"

namespace baton {

std::filesystem::path config_home(const Environment& env);   // $XDG_CONFIG_HOME/baton, else ~/.config/baton
std::filesystem::path cache_home(const Environment& env);    // $XDG_CACHE_HOME/baton, else ~/.cache/baton
std::filesystem::path runtime_home(const Environment& env);  // $XDG_RUNTIME_DIR/baton, else a 0700 folder below /tmp for this user
std::filesystem::path own_executable();                      // of this process, symlinks resolved

}  // namespace baton
