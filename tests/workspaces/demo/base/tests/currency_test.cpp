#include "currency.h"

#include <gtest/gtest.h>

using ledger::currency_code;

TEST(Currency, KnowsTheEuro) { EXPECT_EQ(currency_code("€"), "EUR"); }

TEST(Currency, KnowsTheZloty) { EXPECT_EQ(currency_code("zł"), "PLN"); }

TEST(Currency, DoesNotGuessTheDollar) { EXPECT_FALSE(currency_code("$").has_value()); }
