// What a task's pull request is made of: its record, its documents, the configuration. Blocks a little; worker threads.
#pragma once

#include "orchestrator/tasks/task_effects.h"

namespace baton {

// What leads to the pull request that is there, without what would be published: of a task that is at work again too.
Result<PublishOrder> order_of_published(const TaskRecord& record, const TaskGround& ground, const Store& store);
// Of one that has a landing.
Result<PublishOrder> publish_order(const TaskRecord& record, const TaskGround& ground, const Store& store);

}  // namespace baton
