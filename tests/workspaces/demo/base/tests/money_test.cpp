#include "money.h"

#include <gtest/gtest.h>

using namespace ledger;

TEST(Money, Adds) { EXPECT_EQ(Money{150} + Money{250}, Money{400}); }

TEST(Money, TakesPercent) { EXPECT_EQ(percent_of(Money{1000}, 19), Money{190}); }

TEST(Money, RoundsHalvesUp) { EXPECT_EQ(percent_of(Money{50}, 5), Money{3}); }

TEST(Money, RoundsNegativeHalvesAwayFromZero) {
  const Money refund{-50};
  EXPECT_EQ(percent_of(refund, 5), Money{-3});
}

TEST(Money, SplitsToTheCent) {
  const auto parts = split(Money{100}, 3);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0] + parts[1] + parts[2], Money{100});
}

TEST(Money, Formats) {
  EXPECT_EQ(format(Money{1205}), "12.05");
  EXPECT_EQ(format(Money{-5}), "-0.05");
}
