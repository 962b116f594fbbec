// What a pull request is told of its task's escalations: one comment each, found again by its marker, and changed when
// it is settled. Pure; any thread.
#pragma once

#include "orchestrator/tasks/task_record.h"

namespace baton {

// In the order in which they happened; those that are settled are only changed where they were told.
std::vector<MarkedComment> escalation_comments(const TaskRecord& record, const Environment& env);

}  // namespace baton
