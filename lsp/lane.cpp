#include "lsp/lane.h"

#include "lsp/uri.h"

namespace baton {

std::optional<std::string> Lane::relative(const std::string& path) const {
  if (path.empty()) return std::nullopt;
  if (auto below = path_below(path, spelled)) return below;
  return path_below(path, root);
}

std::string Lane::uri_of(const std::string& relative_path) const { return uri_of_path(spelled + "/" + relative_path); }

}  // namespace baton
