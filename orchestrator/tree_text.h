// The texts of one tree, each read once. Blocks; one thread, as its store.
#pragma once

#include <map>
#include <optional>
#include <string>

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

 private:
  Store& store_;
  std::string tree_;
  std::map<std::string, std::optional<std::string>> files_;
};

}  // namespace baton
