// What the failure of a gate rests on, and how much of it a human has accepted as known, by the notes on a report
// (`show_accepted`). Pure; any thread.
#pragma once

#include "orchestrator/verify_report.h"

namespace baton {

bool can_be_accepted(const TestVerdict& test);
bool can_be_accepted(const FindingVerdict& finding);

struct FailureWeight {
  int failures = 0, by_human = 0, by_process = 0;
  void add(const FailureWeight& other);
};
FailureWeight weight_of(const VerifyReport& report, const GateReport& gate);

bool is_accepted(const TestVerdict& test);  // by a human
bool is_accepted(const FindingVerdict& finding);
// A human has accepted each failure that the gate's verdict rests on. Nothing to accept is not all accepted: a gate that fails without
// a word, or of which more could come to light.
bool is_accepted(const VerifyReport& report, const GateReport& gate);

}  // namespace baton
