// The base's tests on the new code: what runs of the result with the base's tests put back (put_back.h) say, and what of it is a finding
// of the audit. A test that passed on the base and fails there in every try, at its own assertion or by what the program does, has been
// changed so that it would pass. What does not load any more is a change of the program's face, which is honest (docs/verdicts.md,
// "The base's tests on the new code"). Pure but for the readers handed in; any thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analyzers/audit/audit.h"
#include "orchestrator/put_back.h"
#include "orchestrator/tries.h"

namespace baton {

inline constexpr const char* kBaseTestFails = "base_test_fails";  // the finding's kind
inline constexpr int kBaseTestTries = 3;

// A run of the result with the base's tests.
struct BaseTestsRun {
  Diagnosis diagnosis;
  std::string log = {};  // what it printed, or the end of it: where neither tests nor findings say why
};

struct BaseTestsInput {
  std::string gate;
  const Tries* base = nullptr;  // of the verification
  const Tries* head = nullptr;
  std::vector<BaseTestsRun> runs;   // in order
  std::set<std::string> put_back;   // paths that the base's text lies at
  bool by_script = false;           // a script of tests is among them, which may stop at the first test that fails and name none
  std::set<std::string> gone_names; // last names of files of the program that the result has no more
  std::function<bool(const std::string& path)> collects = [](const std::string&) { return false; };  // as in PutBackInput
};

struct FailingBaseTest {
  std::string id;  // empty: the gate, which names no tests
  std::string gate;
  std::string path;
  int line = 0;
  std::string words;
  bool operator==(const FailingBaseTest&) const = default;
};

// Those that passed on the base, are not known to waver, and fail in each of the runs.
std::vector<FailingBaseTest> failing_base_tests(const BaseTestsInput& input);

// Those that passed on the base and cannot be asked of the new code: in the first of the runs they do not load, call it in another way
// than it is to be called, or lack the network outside.
std::vector<FailingBaseTest> unasked_base_tests(const BaseTestsInput& input);
// Those of a file of the base that is not there in the runs, by the base's tries.
std::vector<FailingBaseTest> base_tests_of_file(const BaseTestsInput& input, const std::string& path, const TextOf& base);

// Why nothing, or not all, could be judged by these runs; empty: it could.
std::string not_judged_because(const BaseTestsInput& input);
// Files that were put back and do not load with the new code, by the last run. Left as the change has them, the others may run.
std::set<std::string> unloadable(const BaseTestsRun& run, const std::set<std::string>& put_back);

struct BaseTestsTold {
  const std::vector<FailingBaseTest>& failing;
  const std::vector<FailingBaseTest>& unasked;
  const std::vector<FileChange>& changes;
  const PutBack& back;
  TextOf base, head;
  std::function<bool(const std::string& path)> collects;  // as in PutBackInput
  std::string task;  // what was asked for; empty: not known
};
// Puts them into the findings of the static audit: where that speaks of the same test, in its words, so that nothing is said twice and
// what explains the one explains the other.
void tell_base_tests(const BaseTestsTold& told, std::vector<AuditFinding>& audit);

}  // namespace baton
