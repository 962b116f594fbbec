#include "support/random.h"

#include <sys/random.h>
#include <unistd.h>

#include <vector>

namespace baton {

Result<std::string> random_hex(std::size_t bytes) {
  std::vector<unsigned char> random(bytes);
  if (::getentropy(random.data(), random.size()) != 0) return Error{ErrorKind::io, "The system has no random numbers to give."};
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : random) {
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

}  // namespace baton
