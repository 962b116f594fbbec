// The partition of a workspace for one subtask: the slice of its source, the documents that are about it, and which of the skills
// its domain has; documents and skills are named and read on demand. Says what that saved. Blocks.
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

struct Partition {
  std::string domain;  // the one whose rule counted; empty: none
  ContextSlice slice;
  std::vector<std::string> documents;  // paths, the likeliest first
  std::vector<std::string> skills;     // names; empty: all that there are
};

inline constexpr std::size_t kDefaultContextTokens = 8000;

Result<Partition> make_partition(ContextIndex& index, const WorkspaceView& view, const PartitionRequest& request, std::stop_token stop = {});

// Markdown for the agent. Empty when nothing was found.
std::string partition_text(const Partition& partition);

}  // namespace baton
