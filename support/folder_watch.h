// Tells of names that come, go or are written to in folders that are watched; one descriptor for all. Linux (inotify); elsewhere there is
// no descriptor, and what others do is seen when it is next asked for.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "support/result.h"

namespace baton {

class FolderWatch {
 public:
  enum class What { names, names_and_content };

  FolderWatch() = default;
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  Status open();  // an error where the system has none, or none left
  int descriptor() const { return descriptor_; }  // readable when something is to be told; -1: not open

  // The folder's number, the same one again for a folder that is watched already; nothing where the folder is absent. Any thread.
  Result<std::optional<int>> add(const std::filesystem::path& folder, What what) const;
  // What there is now. `name` is empty, and the number of no use any more, where the folder itself is gone.
  void read(const std::function<void(int folder, const std::string& name)>& saw) const;

 private:
  int descriptor_ = -1;
};

}  // namespace baton
