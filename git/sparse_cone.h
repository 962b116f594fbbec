// The folders that a checkout holds where it does not hold all: each with everything below it, and the files (not the folders) that
// lie directly in the root and in every folder on the way. It is what git calls a cone, so git says the same of it. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

class SparseCone {
 public:
  SparseCone() = default;  // holds everything
  // Paths relative to the root, with forward slashes. The root itself, or none: everything.
  explicit SparseCone(const std::vector<std::string>& folders);

  bool whole() const { return folders_.empty(); }
  bool holds(std::string_view path) const;  // of a file
  std::string patterns() const;             // for `info/sparse-checkout`
  std::vector<std::string> folders() const { return {folders_.begin(), folders_.end()}; }

 private:
  std::set<std::string> folders_;  // none lies below another
  std::set<std::string> parents_;  // of them, without the root
};

}  // namespace baton
