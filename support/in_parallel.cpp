#include "support/in_parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace baton {

void in_parallel(std::size_t count, const std::function<void(std::size_t)>& work) {
  constexpr std::size_t kMostThreads = 4;
  std::atomic<std::size_t> next{0};
  const auto take = [&] {
    for (std::size_t at = next++; at < count; at = next++) work(at);
  };
  std::vector<std::jthread> helpers;
  const std::size_t threads = std::min<std::size_t>({count, std::thread::hardware_concurrency(), kMostThreads});
  for (std::size_t i = 1; i < threads; ++i) helpers.emplace_back(take);
  take();
}

}  // namespace baton
