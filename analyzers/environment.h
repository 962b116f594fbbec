// Faults of the environment, told from failures of the code: a missing program, a closed network, a full disk. Pure.
#pragma once

#include <string>

#include "analyzers/readers/text.h"

namespace baton {

// A clause that names the fault, "" when the output shows none. Only what can be nothing else counts: the caller still asks for a
// status other than 0 and no failed test.
std::string environment_fault(const Text& text);

}  // namespace baton
