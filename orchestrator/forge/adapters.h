// The adapters behind `open_forge`, and how they read what forges answer: what is missing or of another kind is nothing.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "orchestrator/forge/forge_line.h"

namespace baton {

std::unique_ptr<Forge> open_hub(const ForgePlace& place, ForgeLine& line);  // GitHub, Gitea, Forgejo
std::unique_ptr<Forge> open_lab(const ForgePlace& place, ForgeLine& line);  // GitLab

const nlohmann::json& member(const nlohmann::json& object, const char* name);  // null where there is none
std::string text_in(const nlohmann::json& object, const char* name);
std::int64_t number_in(const nlohmann::json& object, const char* name);
Added added(const Status& status, const std::vector<std::string>& names);  // all, or none
std::string first_line(const std::string& text, std::size_t max_bytes);  // whole letters

}  // namespace baton
