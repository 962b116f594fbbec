// Tasks as a person reads them at a terminal. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace baton {

std::string task_event_text(const nlohmann::json& event);  // empty: nothing to say
std::string task_list_text(const nlohmann::json& answer);
std::string task_show_text(const nlohmann::json& answer);
std::string task_result_text(const nlohmann::json& result, bool colour, int width);

}  // namespace baton
