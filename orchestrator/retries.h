// What is tried again: decided from what was seen so far, run by others.
//
// What failed on the head only is tried again there, what failed on the base only on the base, up to five tries in all, alone
// where the runner can select. As soon as a test shows both outcomes it is settled; one that is mixed on the head is tried on
// the base too, since only that tells `flaky` from newly unstable. A test that passes alone but failed with the others is
// confirmed by whole runs before it is called either. One that always runs out of its runner's time on the head is tried on the
// base again, which may do so as well by now: a busy machine is no one's change. Where tests are gone and others came, the base is run
// once more whole: names that hold the time or a random number are other ones there too. A test gate that names no tests is treated as one test.
// Pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orchestrator/gate.h"
#include "orchestrator/tries.h"

namespace baton {

inline constexpr int kMaxTries = 5;
inline constexpr int kTimeLimitTries = 3;       // on the base, of what ran out of time on the head
inline constexpr int kMinTries = 2;             // whatever the budget
inline constexpr double kRetryBudget = 3;       // times the gate's own seconds ...
inline constexpr double kRetryFloor = 10;       // ... or these seconds, whichever is more
inline constexpr std::size_t kMaxSelected = 100;  // tests on one command line; more of them are run with the whole gate

struct RetryInput {
  const Tries* base = nullptr;  // absent: the gate did not run on the base
  const Tries* head = nullptr;
  bool can_select = false;      // the runner runs chosen tests
  bool base_can_run = false;    // a retry on the base is possible
  int max_tries = kMaxTries;
};

enum class RetrySide { base, head };
struct Retry {
  RetrySide side = RetrySide::head;
  std::vector<std::string> tests;  // ids as the runner knows them; empty: the whole gate
};

// The next retry, or none when everything is settled or the budget is used up.
std::optional<Retry> next_retry(const RetryInput& input);

// A test gate without test ids, over all its tries: passed, failed or mixed.
SideOutcome whole_outcome(const Tries& tries);

}  // namespace baton
