// Read-only look at a workspace's files, whether they are a folder on disk or a tree in the store, so that gates are found in
// the same way before trust (nothing is run, nothing is checked out) and for any commit. Blocks; pool threads.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "git/store.h"

namespace baton {

class FileSource {
 public:
  virtual ~FileSource() = default;
  virtual std::optional<std::string> read(std::string_view path) const = 0;  // absent: no such file, or larger than 4 MiB
  virtual const std::vector<std::string>& files() const = 0;  // every tracked or not ignored file, sorted, at most 200,000
  bool exists(std::string_view path) const;                    // a file, or a folder that holds one
};

std::unique_ptr<FileSource> folder_source(const std::filesystem::path& root);  // skips .git, node_modules, build output, ignored by well-known names
Result<std::unique_ptr<FileSource>> tree_source(const Store& store, std::string_view tree);

}  // namespace baton
