#include "support/in_parallel.h"

#include <gtest/gtest.h>

#include <vector>

namespace baton {
namespace {

TEST(InParallel, EveryNumberOnce) {
  for (const std::size_t count : {0, 1, 2, 3, 1000}) {
    std::vector<int> taken(count);
    in_parallel(count, [&](std::size_t at) { ++taken[at]; });
    EXPECT_EQ(taken, std::vector<int>(count, 1));
  }
}

}  // namespace
}  // namespace baton
