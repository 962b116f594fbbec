// The tree as the user sees it, HEAD + staged + unstaged + untracked (not ignored) + unsaved buffers, as a commit in
// the store. The user's files, index, configuration, stash and refs stay as they are to the byte. Needs trust: git's
// clean filters run. Blocks; pool threads.
#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "git/store.h"
#include "support/result.h"

namespace baton {

// Unsaved text by path relative to the work tree's root.
using Overlay = std::map<std::string, std::string>;

struct Snapshot {
  std::string commit;  // HEAD itself when clean; else a commit on HEAD (no parent before the first one). Equal
                       // trees on one HEAD give equal commits
  std::string tree;
  std::string head;                   // HEAD's commit; empty before the first commit
  bool clean = false;                 // tree equals HEAD's tree
  std::vector<std::string> changed;   // paths that differ from HEAD
  std::vector<std::string> left_out;  // what could not be taken, each with its reason ("huge.bin: larger than 100 MiB")
  std::vector<std::string> unsaved;   // paths whose unsaved text was taken, where they really lie, sorted
  bool partial = false;               // changes of the user's own are among them: a verdict on it is provisional
};

Result<Snapshot> take_snapshot(Store& store, const Overlay& unsaved, std::stop_token stop = {});

}  // namespace baton
