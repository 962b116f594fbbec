#include "names.h"

int main() {
  const std::vector<std::string> names = {"", "Ada", "Bea"};
  if (find_name(names, 'B') != &names[2] || find_name(names, 'C') != nullptr) return 1;
  return joined({"Ada", "Bea"}) == "Ada, Bea" && joined({}).empty() ? 0 : 1;
}
