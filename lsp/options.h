// What the client's own settings ask of the session: `initializationOptions`, the answer to `workspace/configuration`, the settings
// of `workspace/didChangeConfiguration`. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace baton {

struct Options {
  bool verify_on_save = false;
};

// Takes what `settings`, or its member "baton", says and leaves the rest of `options`. A sentence for what cannot be taken.
std::string take_options(const nlohmann::json& settings, Options& options);

}  // namespace baton
