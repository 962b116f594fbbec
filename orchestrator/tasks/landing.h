// What lands: a branch of its own on the user's HEAD, or edits of the user's working tree. The tree that lands is the tree that
// was verified, and that is asserted. Each call may be made again after a crash and does nothing twice. Blocks; worker threads.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "git/store.h"
#include "orchestrator/attestation.h"
#include "orchestrator/tasks/round.h"
#include "support/process.h"

namespace baton {

// What a verification said, and who made it.
struct Testimony {
  VerifyReport report;
  std::optional<VerifierId> verifier;
};

struct LandOrder {
  std::string task;
  Plan plan;
  std::string head;        // the user's HEAD when the task began
  std::string snapshot;    // what it started from; `head` itself when the tree was clean
  std::string commit;      // the verified one, of the store, resting on `snapshot`
  std::vector<Contribution> contributions;
  std::optional<Testimony> testimony;  // on `commit`
  std::function<Result<Testimony>(const std::string& commit)> judge;   // a commit on `head`, alone
  std::function<std::string(const VerifyReport& report)> refuse;  // why what it says of that is not enough; empty: it is
  std::vector<std::string> notes;  // accepted by whom and why, what was left out
  Environment client_env;
};

struct Landing {
  std::string branch, commit, tree;
  std::optional<VerifyReport> report;  // on `tree` against HEAD, where the task's result was judged beside uncommitted work
  bool untested_fix = false;        // by that report
  std::string only_apply;           // not empty: no branch, since the change does not hold without the user's own; one sentence
};

// The commit that would land: on HEAD with the repository's message style, trailers, signature and commit-msg hook. For a snapshot
// with uncommitted work the change alone is replayed on HEAD and judged there: it is that verification which its trailers name.
Result<Landing> prepare_landing(Store& store, const LandOrder& order, std::stop_token stop);
// The branch: create-only, `baton/<slug>-<id>`.
Status land(Store& store, const Landing& landing, std::stop_token stop);

// For the user's working tree: whole new texts by path; absent = the file goes. Against what the task started from.
struct TreeEdit {
  std::string path;
  std::optional<std::string> before, after;  // bytes; absent = no such file
  unsigned mode = 0100644;
};
Result<std::vector<TreeEdit>> edits_to_apply(Store& store, const std::string& snapshot, const std::string& commit);
// To the files. A file that is no longer what `before` says is merged line by line, and a conflict stops all before anything is
// written. `unsaved`: files that an editor has open with changes; they are refused by name.
Status apply_to_files(const Repository& repository, const std::vector<TreeEdit>& edits, const std::vector<std::string>& unsaved);

struct DescriptionFacts {
  Plan plan;
  VerifyReport report;
  std::vector<Contribution> contributions;
  std::vector<LeftOut> left_out;
  std::vector<Untouched> untouched;
  std::vector<FileChange> changes;
  std::map<std::string, std::vector<std::string>> symbols;  // by path: definitions that were changed
  std::string commit;
  std::vector<std::string> notes;
};
std::string describe(const DescriptionFacts& facts);  // Markdown; every sentence has its source in the facts

// Definitions around the changed lines of the files that a description lists, in source order; of the new side, and of the old one for what
// is gone.
std::map<std::string, std::vector<std::string>> changed_symbols(const Store& store, const std::string& old_tree, const std::string& new_tree,
                                                                const std::vector<FileChange>& changes);

}  // namespace baton
