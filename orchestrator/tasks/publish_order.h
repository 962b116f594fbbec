// What a task's pull request is made of: its record, its documents, the configuration. Blocks a little; worker threads.
#pragma once

#include "orchestrator/tasks/pull_request_text.h"
#include "orchestrator/tasks/task_effects.h"

namespace baton {

// What leads to the pull request that is there, without what would be published: of a task that is at work again too.
Result<PublishOrder> order_of_published(const TaskRecord& record, const TaskGround& ground, const Store& store);
// Of one that has a landing.
Result<PublishOrder> publish_order(const TaskRecord& record, const TaskGround& ground, const Store& store);

// What others build on and no longer find, of the first files of a change between two trees.
std::vector<ApiLoss> lost_api(const Store& store, const std::string& old_tree, const std::string& new_tree, const std::vector<FileChange>& changes);

}  // namespace baton
