// What one run says of one test: it failed at its own assertion or by what the program does, or it never came so far. What red → green
// and the base's tests on the new code rest on. Pure; any thread.
#pragma once

#include <set>
#include <string>

#include "analyzers/diagnose.h"

namespace baton {

enum class TestSaid {
  passed,
  failed,        // at an assertion, or by what the program does
  did_not_load,  // a compiler, a collection, a set-up, or a call of what is not there
  absent,
  fault,         // the environment, or a time limit
};

// `test_files`: where an error is the test's own. `could`: it passed in the same box before, so that a refused connection, a full disk or a
// call that timed out is what the program does; only for the limit of its runner the box may be too busy by now.
TestSaid said_of(const std::string& target, const Diagnosis& run, const std::set<std::string>& test_files, bool could = false);

bool is_target(const TestCase& test, const std::string& id);  // the test, or a case of the program of that name
int failed_cases(const Diagnosis& run);
// Tests did not come to run for what stands in the files: an error of a compiler, a file that did not load.
bool failed_to_load(const Diagnosis& run);
bool is_fault(const Diagnosis& run);
// The words of a test that calls what is not there, or in another way than it is to be called.
bool names_what_is_missing(const std::string& message);
// The first words of a failure, of the case or of the finding that is about it; empty where the runner says none.
std::string failure_words(const TestCase& test, const Diagnosis& run);

}  // namespace baton
