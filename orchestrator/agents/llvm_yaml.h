// The YAML that LLVM's tools write, as JSON: block mappings and lists, plain and quoted scalars (all of them text). Older
// releases write the line ends of a replacement twice and within single quotes, which no reader of YAML gives back as it was, so
// that this reader undoes what that writer does. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "support/result.h"

namespace baton {

Result<nlohmann::json> parse_llvm_yaml(std::string_view text);

}  // namespace baton
