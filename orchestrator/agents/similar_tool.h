// Past tasks of the repository that an agent's own is like: what the record says of them, and nothing else. Whoever
// keeps the record looks them up (tasks/past_tasks.h); this is how agents ask. Blocks; any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "orchestrator/agents/tool_protocol.h"
#include "support/process.h"

namespace baton {

struct SimilarQuery {
  std::string text;                 // what the work is about, in words of tasks and code
  std::string domain, category;     // only tasks with a part of this domain, of this workflow; empty: all
  std::set<std::string> leave_out;  // ids of tasks: its own, and those that it was told of
  std::size_t budget = 600;         // tokens of the answer
};
struct SimilarFound {
  std::string text;                // Markdown; empty: none is like it enough
  std::vector<std::string> tasks;  // ids of those in `text`
};
using Recall = std::function<Result<SimilarFound>(const SimilarQuery& query)>;

// Over the journal in `state` (AttemptParts::state) as it is at each call. No journal of this user's: nothing is found.
Recall recall_of(std::filesystem::path state, Environment env);

// `find_similar`. `own`: the task that asks; empty for none.
Tool similar_tool(Recall recall, std::string own = {});

}  // namespace baton
