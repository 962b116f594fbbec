// What CI's test jobs agree on when they configure a CMake project, of the project's own switches: tests on, anything else off. The
// rest of their options (compilers, sanitizers, libraries to be there) belongs to CI's machines. Private to discovery.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "orchestrator/tool_calls.h"

namespace baton {

// `is_own`: the project declares a switch of this name. The values are ON and OFF.
std::map<std::string, std::string> cmake_options_of_ci(const std::vector<ToolCall>& calls, const std::string& folder,
                                                       const std::function<bool(const std::string&)>& is_own);

}  // namespace baton
