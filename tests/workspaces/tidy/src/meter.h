#pragma once

// Sleeps until it is read for the first time.
class Meter {
 public:
  int read() const;
  bool awake() const { return reads_ > 0; }

 private:
  mutable int reads_ = 0;
};

void wake(const Meter& meter);
