// Faults of the environment, told from failures of the code: a missing program, a closed network, a full disk. Pure.
#pragma once

#include <string>

#include "analyzers/readers/text.h"

namespace baton {

struct EnvironmentFault {
  std::string what;      // a clause; "" = none
  bool certain = false;  // even beside errors in the code (a full disk shows as compiler errors)
};

// Only what can be nothing else counts: the caller still asks for a status other than 0 and no failed test.
EnvironmentFault environment_fault(const Text& text);

}  // namespace baton
