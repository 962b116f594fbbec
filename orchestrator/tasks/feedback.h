// What a blamed subtask is told before its next attempt: Markdown with the gates that fail, the tests and errors at their lines, the
// end of the log, what was there before and what is expected. Reads logs; pool threads.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/tasks/round.h"

namespace baton {

struct FeedbackFacts {
  int round = 1;
  const Plan& plan;
  const VerifyReport& report;
  std::string subtask;                 // id of the one that reads it
  std::vector<std::string> together;   // subtasks that are part of the break as well
  std::vector<std::string> gates;      // those that fail
  bool certain = true;                 // probes told that it is this one
};
std::string red_feedback(const FeedbackFacts& facts);

// For a subtask whose change conflicts with those of others.
std::string conflict_feedback(const Plan& plan, const std::string& subtask, const std::vector<MergeTrouble>& troubles);

// Required gates that fail by a run of their own, not by that of a gate that they need; all that fail where there is none such. What a
// human has accepted as known does not count.
std::vector<std::string> failing_gates(const VerifyReport& report);

// "the gate `ctest` fails: 2 regressions", for one sentence of a reason.
std::string failure_sentence(const VerifyReport& report);

}  // namespace baton
