// What an agent sees of the workspace before it begins: the partition of its subtask, under the budget of the configuration. A help
// and no need: where it cannot be made, the agent begins without it. Blocks; worker threads.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "orchestrator/agents/attempt.h"
#include "orchestrator/context/context.h"

namespace baton {

struct FirstLook {
  std::string text;                 // Markdown; empty: nothing was found, or the user wants none
  std::string summary;              // what it cost, and what it saved: one sentence
  std::vector<std::string> paths;   // of the files of which it has pieces, the likeliest first
  std::vector<std::string> skills;  // those of its domain, by name; empty: all
};

// `workspace`: the files that the agent starts from.
FirstLook first_look(const AttemptOrder& order, const AttemptParts& parts, const FileSource& workspace, std::stop_token stop = {});

// What else has to do with a question of the agent's, in `work`: a commit of the store on top of `start`. `state`: as in AttemptParts.
Result<ContextSlice> next_look(const Store& store, const std::filesystem::path& state, const std::string& start, const std::string& work, const ContextRequest& request,
                               std::stop_token stop);

}  // namespace baton
