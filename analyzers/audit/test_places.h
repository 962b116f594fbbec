// Where a repository keeps its tests, as its runners are told: names that only they look for (`python_files = check_*.py`), folders
// (`testpaths = checks`), documents and modules whose examples run. What has the usual name is known without it (test_file.h). Pure; any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/audit/cmake_tests.h"
#include "analyzers/audit/pattern.h"

namespace baton::audit {

// Settings that name such places.
bool names_test_places(std::string_view path);

class TestPlaces {
 public:
  void read(std::string_view path, std::string_view text);  // of such settings

  bool collects(std::string_view path) const;       // a runner looks into it for tests
  bool is_in_folder(std::string_view path) const;   // it lies where runners are pointed at, and the program is elsewhere
  bool builds_for_tests(std::string_view path) const;  // of what tests run alone, which is no test before it checks something
  bool names_for_tests(std::string_view path) const;   // of those that it builds for tests, what is named so, too
  bool runs_examples_of(std::string_view path) const;  // `>>> f(2)` in it is run, and what follows is held against the answer

 private:
  void read_pytest(const std::string& folder, std::string_view section);
  void read_javascript(const std::string& folder, std::string_view text);
  void add_glob(const std::string& folder, std::string_view glob);
  void add_folder(const std::string& folder, std::string_view name);

  std::vector<std::shared_ptr<const RE2>> files_, documents_;
  std::vector<std::string> folders_;   // with a slash behind
  CMakeTests built_;
  std::vector<std::string> examples_;  // folders whose modules are run for their examples
};

}  // namespace baton::audit
