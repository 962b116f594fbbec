#include "orchestrator/agents/slice.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace baton {
namespace {

constexpr std::size_t kSmallEnough = 4;  // at most a fourth of the files, or it is not worth what it hides

bool is_folder(const std::vector<TreeEntry>& files, const std::string& path) {
  const std::string below = path + "/";
  const auto at = std::lower_bound(files.begin(), files.end(), below, [](const TreeEntry& entry, const std::string& text) { return entry.path < text; });
  return at != files.end() && at->path.starts_with(below);
}

// The folder that holds all that a part of a write set names; the root is "".
std::string folder_as_written(const std::string& written, const std::vector<TreeEntry>& files) {
  std::string path = written.substr(0, written.find_first_of("*?[{"));
  const bool pattern = path.size() != written.size();
  while (!pattern && path.ends_with('/')) path.pop_back();
  if (!pattern && is_folder(files, path)) return path;
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? "" : path.substr(0, slash);
}

// Absent when it may be anywhere.
std::optional<std::vector<std::string>> folders_of(const std::vector<std::string>& write_set, const std::vector<TreeEntry>& files) {
  std::vector<std::string> folders;
  for (const std::string& written : write_set) {
    std::string folder = folder_as_written(written, files);
    if (folder.empty()) {
      if (written.find_first_of("*?[{") != written.npos) return std::nullopt;
      continue;  // a file of the root, which every cone holds
    }
    folders.push_back(std::move(folder));
  }
  return folders;
}

}  // namespace

SparseCone slice_of(const SliceFacts& facts, const std::vector<TreeEntry>& files) {
  if (facts.set_up) return {};
  const auto written = folders_of(facts.write_set, files);
  if (!facts.configured.empty()) {
    if (!written) return {};
    std::vector<std::string> folders = facts.configured;
    folders.insert(folders.end(), written->begin(), written->end());
    return SparseCone(folders);
  }
  if (!written || written->empty() || facts.attempt > 1 || files.size() < kSliceFrom) return {};
  SparseCone cone(*written);
  const auto held = std::count_if(files.begin(), files.end(), [&](const TreeEntry& entry) { return cone.holds(entry.path); });
  return static_cast<std::size_t>(held) * kSmallEnough <= files.size() ? cone : SparseCone();
}

std::string slice_note(const SparseCone& cone) {
  if (cone.whole()) return "";
  std::string text = "It holds a part of the repository only: the files in the root and on the way, and ";
  const auto folders = cone.folders();
  for (std::size_t i = 0; i < folders.size(); ++i) text += (i == 0 ? "`" : i + 1 == folders.size() ? " and `" : ", `") + folders[i] + "/`";
  return text + ". `git sparse-checkout add FOLDER` brings another folder, `git sparse-checkout disable` all; `git grep PATTERN HEAD` and `git show HEAD:PATH`\n"
                "  read everything. Removing a file outside of that part has no effect: ask for it instead.";
}

}  // namespace baton
