// Paths compared by their parts, without looking at the disk. Any thread.
#pragma once

#include <algorithm>
#include <filesystem>

namespace baton {

// Without `.`, `..` and a final slash.
inline std::filesystem::path normal(const std::filesystem::path& path) {
  std::filesystem::path clean = path.lexically_normal();
  return clean.has_filename() || clean == clean.root_path() ? clean : clean.parent_path();
}

// Whether `path` is `folder` or lies in it; both normal.
inline bool below(const std::filesystem::path& path, const std::filesystem::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

}  // namespace baton
