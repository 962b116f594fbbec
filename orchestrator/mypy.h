// mypy where a Python project uses it: what its environment needs for it, and how it is called. Private to discovery.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/discover_parts.h"
#include "orchestrator/gate.h"

namespace baton {

struct MypyUse {
  std::vector<std::string> packages;  // for the project's environment; empty: mypy is the one on the PATH
  std::vector<Gate> gates;            // without `needs` and `env`
};

// `venv`: the environment with the project and its tests in it, as gates see it.
MypyUse mypy_use(Scene& scene, const std::string& folder, const nlohmann::json& pyproject, const std::string& venv);

}  // namespace baton
