// `go test`, text or -json: output gathered per test, judged when the test ends. One instance per reading.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace baton {

class Reading;

class GoTests {
 public:
  bool structured = true;  // false while plain text is read

  void output(Reading& reading, const std::string& package, const std::string& test, std::string_view text, size_t line);
  void end(Reading& reading, const std::string& package, const std::string& test, std::string_view action, double seconds, size_t line);

 private:
  static constexpr size_t kMaxOutput = 64 * 1024;  // per test
  std::map<std::pair<std::string, std::string>, std::string> outputs_;
  std::map<std::string, int> failed_tests_;  // per package
};

}  // namespace baton
