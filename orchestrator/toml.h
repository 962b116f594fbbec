// Reads TOML 1.0 as far as pyproject.toml needs it: tables, arrays of tables, dotted keys, strings, arrays, inline tables. Dates and
// numbers it cannot hold become strings. Bounded depth; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "support/result.h"

namespace baton {

Result<nlohmann::json> parse_toml(std::string_view text);

}  // namespace baton
