// What the configuration says about context: the tokens that an agent's first slice may take, and what agents of a domain read. The
// user's file wins. Blocks on files.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "orchestrator/context/partition.h"

namespace baton {

struct ContextSettings {
  std::size_t tokens = kDefaultContextTokens;  // 0: agents get no slice
  std::vector<DomainReading> readings;
};

// What is wrong in either file is left out; `load_config` tells it.
ContextSettings load_context_settings(std::string_view repository_text, const std::filesystem::path& user_path);

}  // namespace baton
