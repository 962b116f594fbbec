// What tests with random input share. The seeds are the same in every run; a failure names its own. A second a test;
// BATON_FUZZ_SECONDS for longer (`make fuzz`), BATON_FUZZ_SEED for one seed.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <random>
#include <string>

namespace baton {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t n) { return n == 0 ? 0 : engine_() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class List>
  auto pick(const List& list) {
    return *(std::begin(list) + static_cast<std::ptrdiff_t>(below(std::size(list))));
  }

 private:
  std::mt19937_64 engine_;
};

inline std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

// `play` says what did not hold; empty: all did.
inline void fuzz(const std::function<std::string(Dice&)>& play) {
  const bool one = std::getenv("BATON_FUZZ_SEED");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(number_from("BATON_FUZZ_SECONDS", 1));
  std::uint64_t seed = number_from("BATON_FUZZ_SEED", 1);
  std::uint64_t rounds = 0;
  do {
    Dice dice(seed);
    const std::string fault = play(dice);
    ASSERT_EQ(fault, "") << "BATON_FUZZ_SEED=" << seed;
    ++seed;
    ++rounds;
  } while (!one && std::chrono::steady_clock::now() < deadline);
  testing::Test::RecordProperty("rounds", std::to_string(rounds));
  if (std::getenv("BATON_FUZZ_SECONDS")) std::printf("%llu seeds\n", static_cast<unsigned long long>(rounds));
}

inline std::string bytes(Dice& dice, std::size_t size) {
  std::string text;
  while (text.size() < size) text += static_cast<char>(dice.below(256));
  return text;
}

inline void mutate(Dice& dice, std::string& text) {
  for (std::size_t n = dice.below(4) + 1; n > 0; --n) {
    const std::size_t at = dice.below(text.size() + 1);
    switch (dice.below(5)) {
      case 0: text.insert(at, bytes(dice, dice.below(8))); break;
      case 1: text.erase(at, dice.below(8)); break;
      case 2: if (at < text.size()) text[at] = static_cast<char>(dice.below(256)); break;
      case 3: text.insert(at, text.substr(at, dice.below(32))); break;
      case 4: if (at < text.size()) text[at] ^= static_cast<char>(1 << dice.below(7)); break;
    }
  }
}

}  // namespace baton
