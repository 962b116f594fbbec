// Where a finding is: paths as tools print them made relative to the checkout, and "file:line:col" taken apart. Any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace baton {

// A path as printed, resolved against the folder where the tool ran.
class PathMapper {
 public:
  // `exists` (may be empty) answers for a path relative to `root`; it only settles paths that are ambiguous as printed.
  PathMapper(std::string_view cwd, std::string_view root, std::function<bool(const std::string&)> exists);

  // `folder`: the folder that a "Entering directory" line named, else empty = cwd. Empty and "<stdin>"-like names give "".
  std::string map(std::string_view printed, std::string_view folder = {}) const;
  // As map(), for a file name relative to one of several possible folders, best first.
  std::string map_first(std::string_view printed, std::string_view folder_hint) const;
  bool inside(std::string_view mapped) const;  // under the root
  const std::string& root() const { return root_; }

 private:
  std::string root_;
  std::string cwd_;
  std::function<bool(const std::string&)> exists_;
};

// `.` and `..` and doubled slashes resolved in text alone; backslashes of Windows paths become slashes.
std::string normal_path(std::string_view path);
// "file:///a%20b" to "/a b"; other text unchanged.
std::string uri_to_path(std::string_view uri);

struct Place {
  std::string_view path;
  int line = 0;
  int column = 0;
  std::string_view rest;  // what follows the place and its separator, leading blanks removed
};

// `path:line[:col]` or `path(line[,col])` at the front of `text`, any Windows drive included. False when there is none.
bool parse_place(std::string_view text, Place& out);
// The same at the end of `text` ("... at /a/b.js:3:4" or "(b.js:3:4)"), `path` being the last blank-free word.
bool parse_trailing_place(std::string_view text, Place& out);
// Has an extension or is one of the well-known names without: what the generic readers accept as a file.
bool looks_like_file(std::string_view path);

}  // namespace baton
