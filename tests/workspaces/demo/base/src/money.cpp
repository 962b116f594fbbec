#include "money.h"

#include <cstdlib>

namespace ledger {

Money operator+(Money a, Money b) { return {a.cents + b.cents}; }

bool operator==(Money a, Money b) { return a.cents == b.cents; }

Money percent_of(Money amount, long percent) {
  const long scaled = amount.cents * percent;
  const long half = scaled < 0 ? -50 : 50;
  return {(scaled + half) / 100};
}

std::vector<Money> split(Money amount, int parts) {
  std::vector<Money> result;
  long left = amount.cents;
  for (int part = parts; part > 0; --part) {
    const long share = left / part;
    result.push_back({share});
    left -= share;
  }
  return result;
}

std::string format(Money amount) {
  const long cents = std::labs(amount.cents);
  std::string text = std::to_string(cents / 100) + ".";
  if (cents % 100 < 10) text += "0";
  text += std::to_string(cents % 100);
  return amount.cents < 0 ? "-" + text : text;
}

}  // namespace ledger
