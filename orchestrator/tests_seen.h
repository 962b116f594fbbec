// Counts the tests that a growing log tells of, for the one who waits: what was read is not read again, and where the output does not
// tell there are none. An estimate, which no verdict rests on. One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace baton {

class TestsSeen {
 public:
  // In this log as it is now; another log begins anew.
  int in(const std::filesystem::path& log);

 private:
  std::filesystem::path log_;
  std::uint64_t read_ = 0;
  int whole_lines_ = 0;
  std::string last_line_;  // not at its end yet
};

// Tests that one line of output tells of.
int tests_in_line(std::string_view line);

}  // namespace baton
