// What changes beside an agent's own work tree while it works (other_trees.h), and what is made of it: an incident of
// the attempt, whose result then does not count, or a note in the journal. One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orchestrator/agents/agent_desk.h"
#include "orchestrator/agents/attempt.h"
#include "orchestrator/agents/other_trees.h"

namespace baton {

class Trespass {
 public:
  Trespass(const AttemptOrder& order, const AttemptParts& parts) : order_(order), parts_(parts) {}  // both outlive it

  void watch(AgentDesk& desk);
  // Until here, since `watch`: what the user changes while nobody works is not the agent's doing.
  void note(const AgentDesk& desk);
  bool found() const { return !trespass_.empty(); }
  void judge(const AgentDesk& desk, AttemptResult& result);

 private:
  void record(const char* kind, const std::vector<std::string>& paths, const std::string& commit);

  const AttemptOrder& order_;
  const AttemptParts& parts_;
  std::optional<OtherTrees> others_;    // while it works
  std::vector<std::string> trespass_;   // what changed in them and is held against it
  std::vector<std::string> meanwhile_;  // what the user changed
};

}  // namespace baton
