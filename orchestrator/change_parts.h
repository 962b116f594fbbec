// What of a change is tests and what is program, so that the one can be tried without the other. Pure; any thread.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "git/store.h"

namespace baton {

enum class ChangePart {
  test,      // test files and what lies beside them: fixtures, expected output, conftest.py
  both,      // program and tests in one file: Rust's `#[cfg(test)] mod`
  manifest,  // how it is built and what it depends on
  document,
  program,
};
ChangePart part_of_change(std::string_view path);

// Whether it lies in a folder of tests, whatever it is.
bool in_test_folder(std::string_view path);
bool is_code(std::string_view path);  // of a language that is read, and no data

// `program` with the inline test modules of `tests` in the place of its own. For files that hold both.
std::string with_inline_tests(std::string_view program, std::string_view tests);
std::set<int> inline_test_lines(std::string_view text);
std::string inline_tests(std::string_view text);          // these modules alone
std::string without_inline_tests(std::string_view text);
bool names_word(const std::string& text, const std::string& name);

using TextOf = std::function<std::optional<std::string>(const std::string& path)>;

// A test as syntax has it: its file, and how a runner may name it.
struct NamedTest {
  std::string path, name, qualified;
};
// Tests whose text the change made or altered.
std::vector<NamedTest> changed_tests(const std::vector<FileChange>& changes, const TextOf& base, const TextOf& head);
// Whether the runner's id speaks of the test. `path`: the id's file, where the runner told it.
bool speaks_of(std::string_view id, std::string_view path, const NamedTest& test);

// A file as the base or the result has it, with a text of its own, or gone.
struct FileEdit {
  std::string path;
  enum class From { base, head, text, gone } from = From::gone;
  std::string text = {};
  std::string of = {};  // its path there, where it is another one
};

// Two trees, as edits of files.
struct SplitChange {
  std::vector<std::string> test_files;     // of the result, that hold tests of the change or stand beside them
  using Edit = FileEdit;
  std::vector<Edit> tests_on_base;  // onto the base
  std::vector<Edit> reverted;       // onto the result
  bool program_changed = false;
};
SplitChange split_change(const std::vector<FileChange>& changes, const TextOf& base, const TextOf& head);

}  // namespace baton
