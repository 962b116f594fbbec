// What one test did on one side, over all tries. A gate is run once whole; what failed is tried again, alone where the
// runner can select. Pure values, any thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "analyzers/diagnose.h"
#include "orchestrator/verdict.h"

namespace baton {

// One run of a gate on one side.
struct Try {
  Diagnosis diagnosis;
  std::vector<std::string> chosen;  // ids that were asked for; empty: the whole gate ran
  double seconds = 0;

  bool whole() const { return chosen.empty(); }
};
using Tries = std::vector<Try>;  // the first one is whole

struct CaseHistory {
  std::vector<SideOutcome> whole, alone;  // passed, failed, skipped or env_fault, a try each
  TestCase shown;                         // what to show: the first failure, else the first report
  std::size_t out_of_time = 0;            // failures by the runner's own time limit

  // Mixed: passes and failures under the same conditions. A test that fails with the others and passes alone each time
  // depends on its order: that is a failure, once a second whole run has confirmed it.
  SideOutcome outcome() const;
  std::size_t tries() const { return whole.size() + alone.size(); }
};

// By test id. Cases of one run that share an id are told apart as "id", "id (2)", ..., passes first, so that a set of equal
// names compares as a set.
using Histories = std::map<std::string, CaseHistory>;
Histories histories(const Tries& tries);

// Runs of the whole gate that went to their end: a test that is not named by each of them has a name of its own in every run.
std::size_t whole_runs(const Tries& tries);

// What one run says of the tests that it does not name. Many runners name failures alone, a program run as one test may name its
// cases on one side and not on the other, and one that crashed leaves out those it did not come to. Keeps no reference.
class Unnamed {
 public:
  explicit Unnamed(const Diagnosis& run);
  // passed, failed, skipped or not_run; absent where the run says nothing.
  SideOutcome outcome(const TestCase& test) const;
  // Tests passed that have no name, and every failure has one.
  bool passes() const { return passes_; }

 private:
  std::set<std::string, std::less<>> interrupted_;
  std::map<std::string, CaseStatus, std::less<>> entries_;  // the runner's own tests
  std::map<std::string, bool, std::less<>> programs_;       // of those that named cases: whether one passed
  bool passes_ = false;
};

// The id that the runner knows, without our " (2)", and for a case in a program the program.
std::string runner_id(const Histories& histories, const std::string& id);

// A failure that comes from where the test ran (refused connection, no name resolution, missing tool), not from the code.
bool is_environment_failure(const TestCase& test);
// Of those, the ones that the change itself cannot have brought about where the base passed: the world outside is closed.
bool needs_outside_network(const TestCase& test);

// The runner's own limit ended it: a matter of the machine as much as of the code.
bool ran_out_of_time(const TestCase& test);
// By the words of the runners alone, and not by those of a program whose call timed out.
bool ended_by_its_runner(const TestCase& test);

// The run could not reach what it fetches from.
bool is_network_fault(const Diagnosis& diagnosis);

// Whether a run told its tests by id, and whether it went to its end, so that a missing test is a missing test.
bool told_apart(const Diagnosis& diagnosis);
bool ran_to_end(const Diagnosis& diagnosis);

}  // namespace baton
