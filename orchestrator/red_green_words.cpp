// Apart from the decision, since an editor's session reads reports and judges nothing.
#include "orchestrator/red_green.h"

namespace baton {

std::string_view to_string(RedGreenReason reason) {
  switch (reason) {
    case RedGreenReason::unexpected_green: return "unexpected_green";
    case RedGreenReason::still_red: return "still_red";
    case RedGreenReason::zero_tests_discovered: return "zero_tests_discovered";
    case RedGreenReason::nonzero_exit_without_test_failure: return "nonzero_exit_without_test_failure";
    case RedGreenReason::fixture_or_load_failure: return "fixture_or_load_failure";
    case RedGreenReason::no_target_test_failure: return "no_target_test_failure";
    case RedGreenReason::edited_between: return "edited_between";
    case RedGreenReason::flaky: return "flaky";
  }
  return "";
}

std::string_view to_string(RedGreenStep step) {
  switch (step) {
    case RedGreenStep::tests_on_base: return "tests_on_base";
    case RedGreenStep::with_change: return "with_change";
    case RedGreenStep::change_reverted: return "change_reverted";
  }
  return "";
}

std::string_view to_string(ReproductionStatus status) {
  switch (status) {
    case ReproductionStatus::proven: return "proven";
    case ReproductionStatus::invalid: return "invalid";
    case ReproductionStatus::not_judged: return "not_judged";
  }
  return "";
}

}  // namespace baton
