// Turns what is on disk or in an editor into blobs of the store as `git add` would: through clean filters, line end
// rules and encodings where the attributes ask for them. Needs trust (filters run). Blocks; pool threads.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "git/store.h"
#include "support/result.h"

namespace baton {

struct DirtyFile {
  std::string path;
  unsigned mode = 0100644;          // wanted mode of a regular file; a symlink on disk overrides it
  std::optional<std::string> text;  // unsaved text; absent: take the disk's
  std::string index_blob;           // what the index (or HEAD) has at this path; may be empty
  unsigned index_mode = 0;
};

struct CleanBlobs {
  std::vector<TreeEntry> entries;     // an empty blob: the file is gone
  std::vector<std::string> left_out;  // "path: reason"
};

Result<CleanBlobs> clean_blobs(Store& store, std::vector<DirtyFile> files, std::stop_token stop);

}  // namespace baton
