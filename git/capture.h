// What somebody has done in a checkout, as a tree of the store. The checkout's own `.git` is hostile by then (it may have been
// removed, or planted with hooks, settings and an index that lies): it is not looked at. Files are read with a git folder and an
// index of ours; ignored files are left out, as git's own `add -A` leaves them out. The user's own filters (LFS) run, those that
// the checkout names do not. Blocks; pool threads.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "git/sparse_cone.h"
#include "git/store.h"
#include "support/result.h"

namespace baton {

struct Capture {
  std::string tree;                   // the base's tree when nothing was done
  std::vector<FileChange> changes;    // against the base
  std::vector<std::string> left_out;  // with its reason: repositories of their own
};

// `base`: the commit that was checked out at `folder`. `not_taken`: paths in it, files and folders, that stay as the base has them.
// `cone`: what was checked out of it. A file that the cone does not hold counts where it is there, and is never removed by not being
// there.
Result<Capture> capture_tree(Store& store, const std::filesystem::path& folder, std::string_view base, std::stop_token stop = {},
                             const std::vector<std::string>& not_taken = {}, const SparseCone& cone = {});

}  // namespace baton
