// What is wrong in an open `.baton/config.json`, as diagnostics at their places while it is typed. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "lsp/documents.h"
#include "lsp/position.h"

namespace baton {

inline constexpr std::string_view kPrimerPlace = "/.baton/primers/", kPrimerProblem = "primer";
inline constexpr std::string_view kConfigPath = ".baton/config.json";  // relative to the root of a work tree

bool is_config(const Document& document);
nlohmann::json config_diagnostics(const Document& document, PositionEncoding encoding);  // a list; empty when nothing is wrong

}  // namespace baton
