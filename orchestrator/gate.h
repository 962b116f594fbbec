// A gate: one command of the workspace that says something about a tree. Plain data, any thread.
//
// Set-up (configure, install) are gates too: they have a kind, a source and evidence like the others, and gates that need
// them name them in `needs`. A gate whose need did not pass is not run, and takes the need's verdict with that cause.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.h"

namespace baton {

enum class GateKind { setup, build, test, typecheck, lint };
std::string_view to_string(GateKind kind);

// What an installation made, so that it can be kept sealed by hash and given to other checkouts as a private copy.
struct Installation {
  std::vector<std::string> inputs;   // files whose bytes decide the result (package.json, lock files, requirements*.txt, pyproject.toml)
  std::vector<std::string> outputs;  // folders it makes, relative to the checkout (node_modules, .baton-venv)
};

struct Gate {
  std::string name;                // unique, stable, what users type: "ctest", "pytest", "npm test", "eslint", "cmake build"
  GateKind kind = GateKind::test;
  bool required = true;
  std::vector<std::string> argv;   // run directly, no shell unless the workspace's own script is one. Placeholders below
  std::string cwd;                 // relative to the checkout's root, "" = root
  Environment env;                 // added to the CI-like environment
  std::chrono::seconds timeout{600};
  bool network = false;
  std::string parser;              // a hint for the readers ("pytest"); content decides
  std::vector<std::string> needs;  // names of gates that must have passed in the same checkout
  bool builds_itself = false;      // a test gate whose command builds all that it tests: a quick verdict leaves out the build gates it needs
  std::vector<std::string> reports;  // structured reports it writes: paths relative to the root, or below "{reports}"; may hold a glob in the last part
  std::vector<std::string> select_argv;  // how to run chosen tests only: argv with one element that is or holds "{tests}", replaced by the ids (see `select_join`); empty = cannot
  std::string select_join;         // "" = one argument an id; else ids joined by this ("|" for a regular expression, ids escaped)
  // The part of an id that the runner knows, where an id says more: a pattern over the whole id and what it is rewritten to.
  std::string select_pattern, select_rewrite;
  Installation installation;       // setup gates that install
  std::string source;              // where it was found: "CMakeLists.txt", "package.json: scripts.test", ".baton/config.json"
  std::vector<std::string> scripts;  // files whose text decides what runs (package.json, Makefile, CTest or pytest configuration): audited when changed
};
// Placeholders in argv, env values and reports: "{root}" the checkout as the command sees it, "{reports}" an empty folder of ours
// outside it, "{home}" the private HOME, "{jobs}" the processors to use; a whole word of argv: "{changed:.a,.b}" (changed_files.h).

}  // namespace baton
