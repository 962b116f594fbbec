// Languages whose tests are not read from syntax: how their files of tests are named, and which of their lines check, skip and begin a
// test. One row a language; a new one is a row. Pure; any thread.
#pragma once

#include <re2/re2.h>

#include <string>
#include <string_view>

namespace baton::audit {

struct UnreadLanguage {
  std::string name;    // "Ruby"
  bool shell = false;  // its lines are commands, whose failures count or do not
  RE2 tests;           // of a path: what its runners look for, and what lies with it
  RE2 comment;         // at the beginning of a line
  RE2 asserts;         // a line that checks something
  RE2 begins;          // a line that begins a test, its title in one of two groups
  RE2 skips;           // a line that keeps a test from running
};

// Of a file of tests; none where it is none, or is read.
const UnreadLanguage* unread_tests_language(std::string_view path);
// A source of the program in one of them.
bool is_unread_source(std::string_view path);

}  // namespace baton::audit
