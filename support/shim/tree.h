// The processes below this one, found and killed. No allocation, no threads.
#pragma once

#include <sys/types.h>

namespace baton::shim {

// One pass of SIGKILL over every descendant and its process group. Descendants that appear meanwhile need another pass.
void kill_descendants(pid_t main_pid);

}  // namespace baton::shim
