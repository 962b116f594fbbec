#include "analyzers/test_report.h"

namespace baton {

std::string_view to_string(CaseStatus status) {
  switch (status) {
    case CaseStatus::passed: return "passed";
    case CaseStatus::failed: return "failed";
    case CaseStatus::skipped: return "skipped";
  }
  return "failed";
}

std::optional<int> TestReport::executed() const {
  if (passed && failed) return *passed + *failed;
  if (total && skipped) return *total - *skipped;
  if (passed) return *passed;
  if (failed) return *failed;
  if (total) return *total;
  if (cases.empty()) return std::nullopt;
  int count = 0;
  for (const TestCase& one : cases) count += one.status != CaseStatus::skipped;
  return count;
}

}  // namespace baton
