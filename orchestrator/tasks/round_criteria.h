// What a round has to show: the plan's criteria, and for each fix in the result that its finding is gone. What was left out leaves
// the criteria too, with its reason in `left_out`, so that what lands can be `verified`. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/tasks/round.h"

namespace baton {

std::string fixed_criterion(const Fix& fix);

// `whole`: what was brought; `kept`: what of it the result holds.
std::vector<std::string> criteria_of_round(const Plan& plan, const std::vector<Contribution>& whole, const std::vector<Contribution>& kept);

// Not met. A mended bug for which nobody wrote a test is told and asked about later, unless the plan asks for red → green itself.
int open_criteria(const VerifyReport& report, const Plan& plan);

}  // namespace baton
