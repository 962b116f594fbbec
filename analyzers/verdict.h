// From what is known about one run to its verdict, in the order of diagnose.h. Pure.
#pragma once

#include <string>

#include "analyzers/diagnose.h"

namespace baton {

// What the readers learned, reduced to what a verdict needs.
struct Evidence {
  const RunOutput* run = nullptr;
  const std::optional<TestReport>* tests = nullptr;
  bool nothing_ran = false;         // the runner said that it found no test
  bool ran_uncounted = false;       // tests ran, nobody says how many
  bool load_failure = false;        // a file or suite failed to load
  bool tool_failed = false;         // the tool said that it did not complete
  bool report_missing = false;      // a report was asked for and there is none that parses
  bool hidden_error = false;        // an error finding that a status of 0 cannot outweigh
  bool any_error = false;           // any error finding at all
  std::string environment;          // why the environment is at fault, "" when it is not
  std::string failure;              // what a reader says about the failure
  int findings = 0;                 // shown ones
  std::string first_error;          // the first error finding in a few words
};

struct Judgement {
  RunVerdict verdict = RunVerdict::pass;
  std::string cause;
  bool unknown = false;  // neither how it ended nor the output tells; `verdict` says nothing then
};

Judgement judge(const Evidence& evidence);

}  // namespace baton
