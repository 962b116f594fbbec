#pragma once

// Sleeps until it is read for the first time.
class Meter {
 public:
  explicit Meter(int* reads) : reads_(reads) {}
  int read() const;
  bool awake() const { return *reads_ > 0; }

 private:
  int* reads_;
};

void wake(const Meter& meter);
