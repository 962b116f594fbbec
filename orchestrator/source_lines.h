// Looks at a checkout's files while one run's output is read: a line's text, and whether a path exists. What a gate left there
// is not trusted: only regular files that lie inside the checkout, links followed, up to a size. Blocks; one thread a value.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace baton {

class SourceLines {
 public:
  explicit SourceLines(std::filesystem::path root) : root_(std::move(root)) {}

  // `path` relative to the root; lines are 1-based and without their newline.
  std::optional<std::string> line(const std::string& path, int number);
  bool exists(const std::string& path);  // a file or a folder

 private:
  struct File {
    std::string text;
    std::vector<std::size_t> starts;  // of each line; empty when the file cannot be read
  };

  std::optional<std::filesystem::path> inside(const std::string& path) const;
  const File& open(const std::string& path);

  std::filesystem::path root_;
  std::map<std::string, File> files_;
  std::map<std::string, bool> known_;
  std::size_t bytes_ = 0;
};

}  // namespace baton
