// The partition of a workspace for one subtask: the slice of its source, the documents that are about it, and the skills, which are
// listed by name and description and read when they are needed. Says what that saved. Blocks.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "orchestrator/context/context.h"
#include "orchestrator/context/domain_rules.h"

namespace baton {

struct PartitionRequest {
  std::string text;
  std::size_t budget = 8000;          // tokens of the slice
  std::string domain;                 // of the agent; empty or unknown: no part is likelier
  std::vector<std::string> expected;  // what the plan says will change
  std::vector<DomainSetting> domains;
  std::vector<DomainReading> readings;
};

struct SkillNote {
  std::string name, description, path;
  std::size_t tokens = 0;  // of the text that is not given
};

struct Partition {
  std::string domain;  // the one whose rule counted; empty: none
  ContextSlice slice;
  std::vector<std::string> documents;  // paths, the likeliest first
  std::vector<SkillNote> skills;
};

inline constexpr std::size_t kDefaultContextTokens = 8000;

Result<Partition> make_partition(ContextIndex& index, const WorkspaceView& view, const PartitionRequest& request, std::stop_token stop = {});

// Figures of what an agent was given, for the journal and for people.
struct ContextFigures {
  std::size_t tokens = 0, whole_tokens = 0, workspace_tokens = 0, deferred_tokens = 0;
};
ContextFigures figures_of(const Partition& partition);

// Markdown for the agent. Empty when nothing was found.
std::string partition_text(const Partition& partition);

}  // namespace baton
