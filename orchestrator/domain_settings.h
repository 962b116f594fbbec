// `domains` of the configuration: more words and files for the parts of a workspace that tasks are routed by. Blocks on files.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "orchestrator/router.h"

namespace baton {

// The repository's, then the user's: where both name a word, the user's domain has it. What is wrong in either is left out;
// `load_config` tells it.
std::vector<DomainSetting> load_domains(std::string_view repository_text, const std::filesystem::path& user_path);

}  // namespace baton
