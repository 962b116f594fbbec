// A task in words: its documents, the record that goes to the human, and the answers of the verbs as JSON. Pure but for
// `write_documents`; any thread.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "orchestrator/tasks/task_record.h"

namespace baton {

// Where a task's documents lie: `<common>/baton/tasks/<id>`.
std::filesystem::path task_folder(const std::filesystem::path& state, const std::string& id);

// One sentence: what it is, and what it waits for with the verb that goes on.
std::string state_sentence(const TaskRecord& record);
std::string task_page(const TaskRecord& record);
std::string plan_page(const TaskRecord& record);
std::string evidence_of_task(const TaskRecord& record);  // of the last round; empty when there was none
// task.md, plan.md, evidence.md; only what differs is written.
Status write_documents(const TaskRecord& record, const std::filesystem::path& state);

EscalationRecord escalation_of(const TaskRecord& record);
// The attempt whose work tree a human may take over; nullptr when there is none.
const AttemptRecord* attempt_to_take_over(const TaskRecord& record, const std::string& subtask = {});

// {"type","task","state","wait",...,"message"}
nlohmann::json task_event_json(const TaskRecord& record, std::string_view type, const std::string& message);
// What `baton run` ends with.
nlohmann::json result_json(const TaskRecord& record, const std::filesystem::path& state);
// What `baton show` tells: the result with plan, attempts and escalation.
nlohmann::json show_json(const TaskRecord& record, const std::filesystem::path& state);

}  // namespace baton
