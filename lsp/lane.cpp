#include "lsp/lane.h"

#include "lsp/uri.h"

namespace baton {

std::optional<std::string> Lane::relative(const std::string& path) const {
  if (path.empty()) return std::nullopt;
  if (auto below = path_below(path, spelled)) return below;
  return path_below(path, root);
}

std::string Lane::uri_of(const std::string& relative_path) const { return uri_of_path(spelled + "/" + relative_path); }

std::vector<LiveText> live_texts(const Desk& desk, const Lane& lane, std::vector<std::string>* out_of_step) {
  std::vector<LiveText> live;
  for (const auto& [key, document] : desk.documents.all()) {
    const auto path = lane.relative(document.path);
    if (!path) continue;
    if (document.in_step) live.push_back({*path, document.uri, document.text(), document.change, document.touched});
    else if (out_of_step) out_of_step->push_back(*path);
  }
  return live;
}

}  // namespace baton
