// The texts of one tree, each read once. Blocks; one thread, as its store.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "git/store.h"

namespace baton {

class TreeText {
 public:
  TreeText(Store& store, std::string tree) : store_(store), tree_(std::move(tree)) {}

  std::optional<std::string> operator()(const std::string& path) {
    if (tree_.empty() || path.empty() || path.front() == '/') return std::nullopt;
    const auto [place, fresh] = files_.try_emplace(path);
    if (fresh) {
      if (auto text = store_.read(tree_, path); text && *text) place->second = std::move(**text);
    }
    return place->second;
  }

  // A file, or a folder ("docs", "docs/") with files in it.
  bool has(std::string path) {
    if ((*this)(path)) return true;
    while (path.ends_with('/')) path.pop_back();
    const auto all = tree_.empty() || path.empty() ? Result<std::vector<TreeEntry>>(std::vector<TreeEntry>()) : store_.list(tree_);
    return all && std::any_of(all->begin(), all->end(), [inside = path + "/"](const TreeEntry& entry) { return entry.path.starts_with(inside); });
  }

 private:
  Store& store_;
  std::string tree_;
  std::map<std::string, std::optional<std::string>> files_;
};

}  // namespace baton
