#pragma once

#include <string>
#include <vector>

namespace ledger {

// An amount in hundredths of the currency's unit.
struct Money {
  long cents = 0;
};

Money operator+(Money a, Money b);
bool operator==(Money a, Money b);

// `percent` of an amount, rounded half away from zero.
Money percent_of(Money amount, long percent);

// Splits an amount into parts that differ by a cent at most and add up to it.
std::vector<Money> split(Money amount, int parts);

std::string format(Money amount);

}  // namespace ledger
