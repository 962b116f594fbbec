#include "currency.h"

#include <gtest/gtest.h>

using ledger::currency_code;

TEST(CurrencyCodes, KnowsTheEuro) { EXPECT_EQ(currency_code("€"), "EUR"); }

TEST(CurrencyCodes, KnowsTheZloty) { EXPECT_EQ(currency_code("zł"), "PLN"); }

TEST(CurrencyCodes, DoesNotGuessTheDollar) { EXPECT_FALSE(currency_code("$").has_value()); }
