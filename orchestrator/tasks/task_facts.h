// The facts that events of a task carry beside their fields, and what they say about the task. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "orchestrator/tasks/task_record.h"

namespace baton {

nlohmann::json to_json(const TaskWishes& wishes);
TaskWishes wishes_from_json(const nlohmann::json& json);

nlohmann::json to_json(const Landing& landing);
Landing landing_from_json(const nlohmann::json& json);
EscalationRecord escalation_from_json(const nlohmann::json& json);

// `event` was taken by the state already.
void take_facts(TaskRecord& record, const TaskEvent& event, const nlohmann::json& facts);
// Facts that any event may carry.
void take_notes(TaskRecord& record, const nlohmann::json& facts);

}  // namespace baton
