#include "git/sparse_cone.h"

#include <filesystem>

namespace baton {
namespace {

std::string parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? "" : std::string(path.substr(0, slash));
}

std::string cleaned(const std::string& folder) {
  std::string path = std::filesystem::path(folder).lexically_normal().generic_string();
  while (path.ends_with('/')) path.pop_back();
  while (path.starts_with('/')) path.erase(0, 1);
  return path == "." ? "" : path;
}

// A name in the pattern language of git, for which these characters mean something.
std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

}  // namespace

SparseCone::SparseCone(const std::vector<std::string>& folders) {
  std::set<std::string> wanted;
  for (const std::string& folder : folders) {
    std::string path = cleaned(folder);
    if (path.empty() || path.find('\n') != path.npos || path == ".." || path.starts_with("../")) return;
    wanted.insert(std::move(path));
  }
  for (const std::string& folder : wanted) {
    bool below = false;
    for (std::string parent = parent_of(folder); !parent.empty(); parent = parent_of(parent)) below = below || wanted.contains(parent);
    if (below) continue;
    folders_.insert(folder);
    for (std::string parent = parent_of(folder); !parent.empty(); parent = parent_of(parent)) parents_.insert(parent);
  }
}

bool SparseCone::holds(std::string_view path) const {
  if (whole()) return true;
  const std::string direct = parent_of(path);
  if (direct.empty() || parents_.contains(direct)) return true;
  for (std::string parent = direct; !parent.empty(); parent = parent_of(parent)) {
    if (folders_.contains(parent)) return true;
  }
  return false;
}

std::string SparseCone::patterns() const {
  std::string text = "/*\n!/*/\n";
  if (whole()) return "/*\n";
  // Sorted, so that every parent stands before what is below it.
  for (const std::string& parent : parents_) text += "/" + escaped(parent) + "/\n!/" + escaped(parent) + "/*/\n";
  for (const std::string& folder : folders_) text += "/" + escaped(folder) + "/\n";
  return text;
}

}  // namespace baton
