// JSON at the edge: bounded depth (256) before anything recursive sees a value, repaired surrogates, and a dump that never
// throws on bytes that are not UTF-8 (they become U+FFFD). Values are nlohmann::json. Any thread.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "support/result.h"

namespace baton {

Result<nlohmann::json> parse_json(std::string_view text);
Result<nlohmann::json> parse_json_file(const std::filesystem::path& path);
std::string dump_json(const nlohmann::json& value);         // one line
std::string dump_json_pretty(const nlohmann::json& value);  // two spaces, final newline

}  // namespace baton
