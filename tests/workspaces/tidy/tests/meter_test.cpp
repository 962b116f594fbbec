#include "meter.h"

int main() {
  const Meter meter;
  if (meter.awake()) return 1;
  wake(meter);
  return meter.awake() && meter.read() == 2 ? 0 : 1;
}
