// The memory of this process. Any thread; takes some milliseconds and holds up who allocates meanwhile.
#pragma once

namespace baton {

// What was freed goes back to the system, where the allocator would keep it for later.
void give_back_memory();

}  // namespace baton
