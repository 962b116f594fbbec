#include "meter.h"

int main() {
  int reads = 0;
  const Meter meter(&reads);
  if (meter.awake()) return 1;
  wake(meter);
  return meter.awake() && meter.read() == 2 ? 0 : 1;
}
