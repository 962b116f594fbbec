#include "lsp/lane.h"

#include <algorithm>

#include "lsp/uri.h"

namespace baton {

void Lane::show(Told now, const Marking& marking) {
  part = marking.whole ? std::nullopt : std::optional(marking.gates);
  report = std::move(now);
  board.show(marking);
  std::erase_if(told, [&](const auto& one) { return one->id == report->id || !board.tells_of(one->id); });
  told.push_back(report);
}

void Lane::remove() {
  removed = true;
  board.clear();
  report.reset();
  part.reset();
  told.clear();
  judged.clear();
}

void Lane::renew(const Told& was, Told now, const Marking& marking) {
  const auto place = std::find(told.begin(), told.end(), was);
  if (place == told.end()) return;
  if (report == was) report = now;
  *place = std::move(now);
  board.renew(marking);
}

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
