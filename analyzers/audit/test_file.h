// A source file as the audit sees it: its tests and helpers, what each insists on, what keeps it from running, what it replaces.
// Read from the tree of one version alone. Pure; any thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/audit/audit.h"
#include "analyzers/audit/check.h"
#include "analyzers/syntax.h"

namespace baton::audit {

enum class OffKind {
  skip,        // does not run
  inverted,    // xfail, `it.fails`, should fail
  only,        // keeps the others from running
  retried,     // runs until it passes
  unreachable  // what follows a return, `if (false)`
};

struct OffMark {
  OffKind kind = OffKind::skip;
  std::string text;        // as it stands there
  std::string condition;   // empty: always
  int line = 0;
  std::set<std::string> missing = {};  // modules: it is off where one of them is not there
};

// Something of the program that the test puts in its place.
struct Replacement {
  std::string target;  // last name of what is replaced, or a module's path
  std::string owner;   // the name before it; empty where none was told
  bool module = false;
  int line = 0;
  std::string text;
};

struct CallSite {
  std::string name;  // the last of its chain
  std::string text;
  int line = 0;
  bool swallowed = false;
  std::string condition;
  bool is_body = false;  // it is all that the test does
};

// What is gone through case by case: by a parametrisation, a loop, a comprehension.
struct Iteration {
  std::string name;    // the last of what is gone through; empty where it is written out there
  std::string part;    // as it stands there, where only some of it is taken; empty: all of it
  int line = 0;
  std::vector<std::string> elements = {};  // of what is written out: its texts, without their quotes
};

// A value that a name was given outside of the tests: a constant of a file or a class, what a fixture gives.
struct NamedValue {
  std::string value;                   // normalised
  std::vector<std::string> elements;   // of a list or a table: each of them, normalised
  bool list = false;
  bool rows = false;                   // its elements are cases by their shape, which are checks of the file already
  int line = 0, end_line = 0;
};

struct TestUnit {
  std::string name;       // "test_add", "adds negatives", "Calc.Add"
  std::string qualified;  // with classes and groups around it
  bool is_test = false;   // collected by its runner; else a helper, a fixture, a group or the file itself
  bool is_group = false;
  bool is_macro = false;  // its checks stand wherever it is called
  bool makes_tests = false;  // a macro whose calls are tests each
  int line = 0, end_line = 0;
  int loop_line = 0;      // it is made for each element of a list that is written out from there on; 0: it is not
  std::vector<Check> checks;
  std::vector<OffMark> off;
  std::vector<Replacement> replaces;
  std::vector<CallSite> calls;
  std::vector<Iteration> iterations;
  std::vector<std::string> answers;  // what it returns, normalised
  std::vector<std::string> words;  // tokens of the whole, for likeness
  std::string text;                // at most kMaxText
  std::map<std::string, std::string> given;  // what its names were given, normalised
};

struct TestFile {
  std::string path;
  Language language = Language::none;
  bool readable = true;             // false: no tree in the time there is, so that nothing is known of its tests
  bool collected = false;           // a runner looks into it by its name
  bool broken = false;              // parts of it the grammar does not understand
  bool of_tests = false;            // it is there for tests alone: their file, or a helper of theirs
  std::vector<TestUnit> units;      // the first is the file itself
  std::map<std::string, std::string> imports;  // name -> module
  std::map<std::string, NamedValue> values;
  std::set<std::string> optional;   // modules that its tests do without
};

// Whether a runner of the language looks for tests in a file of that name, and whether it only may.
bool is_test_path(std::string_view path);
bool may_hold_tests(std::string_view path);
// What is there for tests alone: their files, and by its folder or its name what helps them.
bool is_of_tests(std::string_view path);

TestFile read_test_file(std::string_view path, std::string_view text, AuditedPart part = AuditedPart::by_name);

}  // namespace baton::audit
