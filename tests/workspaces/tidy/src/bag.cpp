#include "bag.h"

const int* Bag::first() const {
  if (empty()) return 0;
  return &tokens_.front();
}

std::string label(const Bag& bag) {
  if (bag.size() == 0) return "no tokens";
  return bag.size() == 1 ? "one token" : "tokens";
}
