// What a test runner said, case by case. Plain values, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

enum class CaseStatus { passed, failed, skipped };
std::string_view to_string(CaseStatus status);

// `id` is stable between runs of the same source: addresses, seeds, times and temporary paths are stripped from it.
struct TestCase {
  std::string id;     // "tests/test_a.py::test_b[x]", "Suite.Name", "suite > name"
  std::string program;  // the runner's test (CTest's) whose output named this case, as "program::case"; empty otherwise
  std::string path;   // the test's file when the runner told, relative to the root
  int line = 0;       // the failing assertion, else the definition; 0 = not told
  CaseStatus status = CaseStatus::passed;
  std::string message;    // first lines of the failure or the skip reason
  double seconds = 0;     // 0 = not told
  bool load_failure = false;  // a suite or file that failed to load or collect
};

// Counts may be known without cases (a summary line), so both are kept. Unknown is not zero: absent means "not told".
struct TestReport {
  std::optional<int> total, passed, failed, skipped;
  std::vector<TestCase> cases;
  // Programs that ended before they had told of all their cases: what they do not name did not run.
  std::vector<std::string> interrupted;

  // Cases that really ran: passed + failed. Absent when nothing is known.
  std::optional<int> executed() const;
};

}  // namespace baton
