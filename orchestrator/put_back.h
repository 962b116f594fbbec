// The base's tests put back into the result: which files of a change are tests or stand beside them, as the base has them, so that they
// can be asked of the new code. What the build of the result lists stays, and so does what program and tests share. Pure but for the
// readers handed in; any thread.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "orchestrator/change_parts.h"

namespace baton {

struct PutBackInput {
  const std::vector<FileChange>& changes;
  TextOf base, head;
  std::set<std::string> scripts = {};     // that gates of tests run, wherever they lie
  std::function<bool(const std::string& path)> collects = [](const std::string&) { return false; };  // the base's runners look into it for tests, whatever its name
  std::function<bool(const std::string& path)> supports = [](const std::string&) { return false; };  // the base's tests rest on it, and its program does not
  std::function<bool(const std::string& path)> runs_examples = [](const std::string&) { return false; };  // those in its docstrings are tests of the base
  std::set<std::string> as_changed = {};  // files of the base that stay as the change has them: with the new code they do not load
  std::function<bool(const std::string& path)> shared = [](const std::string&) { return false; };  // the base's program uses it, too
};

struct PutBack {
  std::vector<FileEdit> edits;        // onto the result
  std::vector<FileChange> files;      // whose text of the base is back
  std::set<std::string> in_part;      // of them those of which only a part is back: the tests or examples in a file of the program, settings of a runner
  std::set<std::string> settings;     // that only runners of tests read, as the change has them named
  std::vector<std::string> beside;    // new files that are not there, and may decide what the tests see
  std::set<std::string> test_paths;   // of the tree, which these lie at
  bool weakens = false;               // the change touches the program and takes from the base's tests, or puts something beside them
  bool only_tests = false;            // all that is back is files of tests, so that a runner can be asked for their tests alone
};
PutBack put_back(const PutBackInput& input);

// Tests were added and nothing else was done: what is there insists on what it did.
bool only_adds_tests(const std::string& path, const std::string& was, const std::string& now);

}  // namespace baton
