// Events of a task as the journal keeps them: the kind is the event's name, the body its fields with the facts that an effect
// left. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

#include "orchestrator/task_state.h"
#include "support/result.h"

namespace baton {

inline constexpr std::string_view kTaskDrafted = "task_drafted";  // the first event of a task
inline constexpr std::string_view kTaskNoted = "task_noted";      // facts that change no state

nlohmann::json fields_of(const TaskEvent& event);
// Absent: the journal knows the kind, and it is no event of a task's state.
std::optional<TaskEvent> task_event(std::string_view kind, const nlohmann::json& fields);
nlohmann::json to_json(const TaskEffect& effect);
std::optional<TaskEffect> task_effect(const nlohmann::json& json);

}  // namespace baton
