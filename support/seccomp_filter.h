// The system call filter of the box, as a program for `bwrap --seccomp`: what a build or test never needs and what reaches past
// namespaces is refused with an error, not a kill. ptrace stays: LeakSanitizer and debuggers need it, and the pid namespace
// holds it in. Any thread.
#pragma once

#include <string>

#include "support/result.h"

namespace baton {

Result<std::string> seccomp_filter();

}  // namespace baton
