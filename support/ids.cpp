#include "support/ids.h"

#include <openssl/rand.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <mutex>

namespace baton {
namespace {

using Bytes = std::array<unsigned char, 16>;  // 6 of time, 10 of chance

// 26 digits of Crockford's base 32, the first holding the top 3 bits.
std::string encode(const Bytes& bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string text(26, '0');
  for (int digit = 0; digit < 26; ++digit) {
    unsigned value = 0;
    for (int bit = 0; bit < 5; ++bit) {
      const int at = digit * 5 + bit - 2;  // 130 digits' bits hold 128
      const unsigned set = at < 0 ? 0u : (bytes[static_cast<std::size_t>(at / 8)] >> (7 - at % 8)) & 1u;
      value = value << 1 | set;
    }
    text[static_cast<std::size_t>(digit)] = kDigits[value];
  }
  return text;
}

}  // namespace

std::string new_id() {
  static std::mutex mutex;
  static std::uint64_t last_time = 0;
  static Bytes last{};

  using namespace std::chrono;
  const auto now =
      static_cast<std::uint64_t>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
  const std::lock_guard lock(mutex);
  if (now > last_time) {
    last_time = now;
    for (int i = 0; i < 6; ++i) last[static_cast<std::size_t>(i)] = static_cast<unsigned char>(now >> (40 - 8 * i));
    if (RAND_bytes(last.data() + 6, 10) != 1) std::abort();  // no entropy: an id that could repeat is worse than none
  } else {
    // Same millisecond, or the clock went back: one more than the last, so that the order of making holds.
    for (std::size_t i = last.size(); i-- > 0;) {
      if (++last[i] != 0) break;
    }
  }
  return encode(last);
}

std::string utc_timestamp(std::chrono::system_clock::time_point when) {
  using namespace std::chrono;
  const auto since = floor<milliseconds>(when.time_since_epoch());
  const auto whole = floor<seconds>(since);
  const std::time_t seconds_part = static_cast<std::time_t>(whole.count());
  std::tm parts{};
  ::gmtime_r(&seconds_part, &parts);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>((since - whole).count()));
  return text;
}

}  // namespace baton
