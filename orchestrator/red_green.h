// Red → green: whether tests show that a change mends something. They fail at their own assertion on the base, pass with the
// change, and fail again once only the program's part of the change is taken back (docs/verdicts.md, "Red → green"). The decision
// over recorded runs, and nothing else. Pure; any thread.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/diagnose.h"

namespace baton {

enum class RedGreenReason {
  unexpected_green,                  // a target passes without the change
  still_red,                         // it fails with the change, too
  zero_tests_discovered,             // nothing ran, or the target is not in the report
  nonzero_exit_without_test_failure,
  fixture_or_load_failure,           // collection, compiler, set-up, or a call of what the base lacks
  no_target_test_failure,            // something fails, and it is no target
  edited_between,                    // the tests were not the same in all steps
  flaky,                             // repeats disagree
};
std::string_view to_string(RedGreenReason reason);

enum class RedGreenStep { tests_on_base, with_change, change_reverted };
std::string_view to_string(RedGreenStep step);

enum class ReproductionStatus { proven, invalid, not_judged };
std::string_view to_string(ReproductionStatus status);

// What it came to, as it stands in the report.
struct Reproduction {
  ReproductionStatus status = ReproductionStatus::not_judged;
  std::optional<RedGreenReason> reason;  // why it is invalid
  std::optional<RedGreenStep> step;      // where that showed
  std::string message;                   // one sentence
  std::string gate;
  std::vector<std::string> targets;      // tests that were looked at
  std::vector<std::string> proven;       // those that went red, green, red
  std::vector<std::string> evidence;     // statements of all its runs
  std::vector<std::string> trees;        // that were made for it: base with the tests, result without the program's change
  std::vector<std::string> unloaded = {};  // targets that do not come to their assertion on the base, each time
  bool operator==(const Reproduction&) const = default;
};

inline constexpr const char* kRedGreenCriterion = "red-green";  // how it is asked for
inline constexpr int kRedGreenTries = 3;

struct RedGreenRun {
  Diagnosis diagnosis;
  bool frozen = true;  // the tests' files are after the run what they were before the first one
};

struct RedGreenRuns {
  RedGreenStep step = RedGreenStep::tests_on_base;
  std::vector<RedGreenRun> runs;
  std::string blocked_by;         // a gate that the tests need, and why it did not pass: nothing ran
  bool blocked_by_fault = false;  // it could not do its work here
};

struct RedGreenInput {
  std::vector<std::string> targets;
  std::set<std::string> test_files;  // where an error is the test's own
  std::vector<RedGreenRuns> steps;   // in order; a later one may be missing when an earlier one decides
};

// Without `gate`, `evidence` and `trees`.
Reproduction judge_red_green(const RedGreenInput& input);

// Whether another run of the step can say more: a target that did not load or is not there will not be there the next time.
bool worth_repeating(const RedGreenInput& input, const RedGreenRuns& step);
// Whether the last run reports none of the targets: the runner did not know them by these names, and the whole gate tells more.
bool reports_no_target(const RedGreenInput& input, const RedGreenRuns& step);

}  // namespace baton
