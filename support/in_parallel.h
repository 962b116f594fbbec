// The same work for many items, shared out among the processors. Blocks; any thread.
#pragma once

#include <cstddef>
#include <functional>

namespace baton {

// Each number below `count` once, on at most four threads, the caller's among them; `work` must not throw.
void in_parallel(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace baton
