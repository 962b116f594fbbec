// Whom the evidence of a red verdict points at: for each error the pieces that changed the line that it is about, else the
// definition around it, else lines that hold a name that it speaks of. Where to look first, never a verdict: probes decide. Blocks; pool threads.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "git/store.h"
#include "orchestrator/tasks/pieces.h"
#include "orchestrator/verify_report.h"

namespace baton {

// An error that these gates had not on the base, and that no human has accepted as known: a finding, or a test that fails now.
struct NewFailure {
  std::string gate, path, message;
  int line = 0;       // of the judged tree; 0: not told
  std::string test;   // id; empty for a finding
  std::vector<RelatedPlace> related;
};
std::vector<NewFailure> new_failures(const VerifyReport& report, const std::set<std::string>& gates);

// Places in `pieces`, ascending; empty where the evidence says nothing.
Result<std::vector<int>> suspects(const Store& store, const std::vector<Contribution>& contributions, const std::vector<Piece>& pieces,
                                  const VerifyReport& report, const std::set<std::string>& gates);

}  // namespace baton
