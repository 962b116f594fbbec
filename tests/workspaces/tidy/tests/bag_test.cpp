#include "bag.h"

#include <iostream>

#define CHECK(condition)                                                          \
  if (!(condition)) {                                                             \
    std::cerr << __FILE__ << ":" << __LINE__ << ": " #condition " is not true\n"; \
    return 1;                                                                     \
  }

int main() {
  Bag bag;
  CHECK(label(bag) == "no tokens");
  CHECK(bag.first() == nullptr);
  bag.put(7);
  CHECK(label(bag) == "one token");
  CHECK(*bag.first() == 7);
  bag.lock();
  CHECK(bag.first() == nullptr);
  CHECK(label(bag) == "one token");
  return 0;
}
