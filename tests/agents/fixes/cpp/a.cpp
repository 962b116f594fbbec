#include "h.h"
#include <string>
#include <vector>
#include "mem.h"
/* ä😀 */ int* q = 0; int* r = NULLP;
void braces(int a, int b) {
  if (a)
    if (b)
      q = 0;
  for (int i = 0; i < 3; ++i) if (i) a++; else b--;
}
struct S {
  S() : x(1) {}
  int x;
  std::string name;
};
std::unique_ptr<S> make() { return std::unique_ptr<S>(new S()); }
int sum(const std::vector<int> v) { int s = 0; for (std::vector<int>::const_iterator it = v.begin(); it != v.end(); ++it) { s += *it; } return s; }
int main(int argc, char** argv) { if (argc == 0) { return 1; } else { return 2; } }
bool simp(bool b) { if (b) { return true; } else { return false; } }
struct Pair { int a = 1; };
auto more() { auto p = std::unique_ptr<Pair>(new Pair()); auto o = std::unique_ptr<Pair>(new Pair()); return p->a + o->a; }
