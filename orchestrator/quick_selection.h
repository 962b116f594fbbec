// What a quick verdict runs of a test gate: the tests that failed the last time first, then those that the change can touch,
// where the runner itself can tell (vitest related, jest --findRelatedTests) or nothing but tests changed (pytest and cargo by
// file). Where that is not certain there is no selection, and the whole gate runs on the kept build. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "git/store.h"
#include "orchestrator/gate.h"
#include "orchestrator/tries.h"

namespace baton {

struct QuickRun {
  Gate gate;            // with the command for the selection
  std::string what;     // "2 changed test files"
  bool enough = true;   // a pass of it says that no test of the gate can be worse
};

// `failed`: ids of the gate's tests that the last verdict blamed. In the order of running; the whole gate comes after them.
std::vector<QuickRun> quick_runs(const Gate& gate, const std::vector<FileChange>& changes, const std::vector<std::string>& failed);

// A base run as if only the tests that the head's selection ran had been asked for.
Tries only_named(Tries base, const Tries& head);

}  // namespace baton
