// What a folder holds, by name and stamp (inode, size, mode, times of content and of change), so that what a command did to
// it can be told and undone without reading a byte. The time of change cannot be set back by who writes a file. Blocks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "support/result.h"

namespace baton {

struct FileStamp {
  std::uint64_t inode = 0;
  std::int64_t size = 0, modified_ns = 0, changed_ns = 0;
  unsigned mode = 0;
  bool operator==(const FileStamp&) const = default;
};

class TreeManifest {
 public:
  // Everything below `folder` but its own `.git`; links are not followed.
  static Result<TreeManifest> of(const std::filesystem::path& folder);

  struct Difference {
    std::vector<std::string> added;    // relative; a folder that is new stands for all that it holds
    std::vector<std::string> changed;  // files whose stamp differs
    std::vector<std::string> removed;
    bool only_added() const { return changed.empty() && removed.empty(); }
    bool empty() const { return only_added() && added.empty(); }
  };
  // What is different in the same folder now.
  Result<Difference> difference(const std::filesystem::path& folder) const;

  std::size_t files() const { return stamps_.size(); }
  std::uint64_t bytes() const;
  const std::unordered_map<std::string, FileStamp>& stamps() const { return stamps_; }

 private:
  std::unordered_map<std::string, FileStamp> stamps_;  // folders with a stamp of mode alone
};

// Takes the folder back to the manifest when all that happened was that something was added. False: it needs more than that.
Result<bool> undo_additions(const TreeManifest& manifest, const std::filesystem::path& folder);

}  // namespace baton
