// What of a tree is there for its tests, whatever it is called: what its runners are told to look into (audit/test_places.h), and what
// tests refer to and the program does not. And what lies among the tests and is a part of the program as well. Reads the tree when it is
// first asked. Blocks; one thread, as what it reads from.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analyzers/audit/audit.h"
#include "analyzers/audit/test_places.h"
#include "analyzers/test_report.h"
#include "git/store.h"
#include "orchestrator/change_parts.h"

namespace baton {

class TestsOfTree {
 public:
  TestsOfTree(std::function<std::vector<std::string>()> list, TextOf text) : list_(std::move(list)), text_(std::move(text)) {}
  TestsOfTree(const Store& store, const std::string& tree);

  bool collects(const std::string& path);          // a runner looks into it for tests, by a name that is the repository's own
  bool supports(const std::string& path);          // tests rest on it, and nothing else does
  bool runs_examples_of(const std::string& path);  // those in its text are tests
  bool shares(const std::string& path);            // it lies among the tests, and the program uses it too

 private:
  const audit::TestPlaces& places();
  const std::vector<std::string>& paths();
  void read();
  bool supports_now(const std::string& path);
  bool only_tests_read(const std::string& path);
  bool only_tests_import(const std::string& path);
  bool is_for_tests_by_its_text(const std::string& path, const std::string& text);
  bool is_named_by_its_package(const std::string& path);
  bool is_of_a_package_for_tests(const std::string& path);
  bool is_module_of_tests(const std::string& path);
  bool is_built_for_tests(const std::string& path, const std::string& text);
  bool is_program_of_tests(const std::string& path);
  bool is_of_a_rust_library(const std::string& path);
  bool is_set_up_of_a_runner(const std::string& path);

  struct Source {
    std::string path, text;
  };
  std::function<std::vector<std::string>()> list_;
  TextOf text_;
  std::optional<std::vector<std::string>> paths_;
  std::optional<audit::TestPlaces> places_;
  std::vector<std::string> settings_;  // that name such places, their texts
  bool read_ = false;
  std::vector<Source> program_, tests_;
  std::map<std::string, bool> supports_, shares_, modules_of_tests_;
};

// Files whose tests a runner named, whatever they are called: of tests alone, where they are code, or the program's with examples that run.
struct NamedFiles {
  std::set<std::string> of_tests, with_examples;
};
// Among those of a change. `reports`: of the runs on the tree.
NamedFiles files_named(const std::vector<const TestReport*>& reports, const std::set<std::string>& changed, const TextOf& text, TestsOfTree& tests);

// Whether `by`, whose text that is, imports the module at `path`, as far as names tell.
bool imports(const std::string& by, const std::string& text, const std::string& path);

// What the base says of each file of a change, for the audit.
void mark_tests(std::vector<AuditedFile>& files, TestsOfTree& base);

}  // namespace baton
