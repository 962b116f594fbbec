// Paths compared by their parts, without looking at the disk. Any thread.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>

namespace baton {

// Without `.`, `..` and a final slash.
inline std::filesystem::path normal(const std::filesystem::path& path) {
  std::filesystem::path clean = path.lexically_normal();
  return clean.has_filename() || clean == clean.root_path() ? clean : clean.parent_path();
}

// Whether `path` is `folder` or lies in it; both normal. By their text: thousands are asked about before each run.
inline bool below(std::string_view path, std::string_view folder) {
  if (folder.ends_with('/')) folder.remove_suffix(1);  // the root
  return path.starts_with(folder) && (path.size() == folder.size() || folder.empty() || path[folder.size()] == '/');
}
inline bool below(const std::filesystem::path& path, const std::filesystem::path& folder) {
  return below(std::string_view(path.native()), std::string_view(folder.native()));
}

}  // namespace baton
