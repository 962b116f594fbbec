// Which sources CMake builds for tests alone: those of programs that `add_test` runs as they are, and that nothing else is built from or
// installed. What variables and loops say is followed as far as plain lists go. Pure; any thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace baton::audit {

class CMakeTests {
 public:
  void read(const std::string& folder, std::string_view text);  // of a CMakeLists.txt there, with a slash behind, or of a file that it includes
  bool builds_for_tests(std::string_view path) const;
  bool names_for_tests(std::string_view path) const;  // by its path, its program's name, or the command that makes that a test

 private:
  using Words = std::vector<std::string>;
  void take(const std::string& folder, const std::string& command, Words words);
  Words expanded(const Words& words) const;

  std::map<std::string, Words> variables_;
  std::map<std::string, std::set<std::string>> sources_;  // target -> paths
  std::set<std::string> programs_, tested_, kept_;  // targets: executables, those that a test runs, those that do more than that
  std::set<std::string> made_tests_;                // those of a command that makes nothing but tests
};

}  // namespace baton::audit
