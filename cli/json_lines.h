// A file of tasks, a JSON object a line, as the batches of several verbs are. Blocks.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "support/result.h"

namespace baton {

// `take` is given each object that has all of `texts` as strings, and an `id`. Another line is an error that names it and what a line has.
Status each_json_line(const std::string& file, const std::vector<std::string>& texts, const std::function<void(const nlohmann::json& object)>& take);

}  // namespace baton
