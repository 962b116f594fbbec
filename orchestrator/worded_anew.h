// Whether a test changed in nothing but how the program's error messages are worded, as the program words them now. Pure; any thread.
#pragma once

#include <string>
#include <vector>

namespace baton {

struct TextPair {
  std::string before, after;
};

// Each line that went from the test has one that came and differs within one sentence alone, without a number that changed; the program lost
// the old words and has the new ones in lines that tell of an error. Lines that only came are in nobody's way.
bool is_worded_anew(const TextPair& test, const std::vector<TextPair>& program);

}  // namespace baton
