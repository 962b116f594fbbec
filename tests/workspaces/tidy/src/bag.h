#pragma once

#include <string>
#include <vector>

class Bag {
 public:
  void put(int token) { tokens_.push_back(token); }
  void lock() { locked_ = true; }
  const int* first() const;

  unsigned size() const { return static_cast<unsigned>(tokens_.size()); }
  // Nothing can be taken out.
  bool empty() const { return locked_ || tokens_.size() == 0; }

 private:
  std::vector<int> tokens_;
  bool locked_ = false;
};

std::string label(const Bag& bag);
