// Reads YAML into JSON as far as CI files need it: mappings, sequences, scalars (all of them text: `on` stays "on"), anchors and
// merge keys. The first document of a stream. Depth, nodes and size are bounded, since aliases can make a small file large.
// Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "support/result.h"

namespace baton {

Result<nlohmann::json> parse_yaml(std::string_view text);

}  // namespace baton
