#include "lsp/lane.h"

#include <algorithm>

#include "lsp/uri.h"

namespace baton {

ToldReport::ToldReport(VerifyReport report_)
    : report(std::move(report_)), sentence(verdict_sentence(report)), fresh(marks_of(report).fresh), known(known_failures(report)), tests(report) {
  for (const TestVerdict& test : report.tests) ++counts[test.status];
}

void Lane::show(Told now, const Marking& marking) {
  part = marking.whole ? std::nullopt : std::optional(marking.gates);
  board.show(marking);
  std::vector<Told> gone{std::exchange(last, std::move(now))};
  const auto over = std::stable_partition(told.begin(), told.end(), [&](const Told& one) { return one->report.id != last->report.id && board.tells_of(one->report.id); });
  gone.insert(gone.end(), over, told.end());
  told.erase(over, told.end());
  told.push_back(last);
  drop(std::move(gone));
}

void Lane::drop(std::vector<Told> gone) {
  look.submit([gone = std::move(gone)]() mutable { gone.clear(); });
}

void Lane::remove() {
  removed = true;
  board.clear();
  part.reset();
  told.push_back(std::exchange(last, nullptr));
  drop(std::exchange(told, {}));
  judged.clear();
}

void Lane::renew(const Told& was, Told now, const Marking& marking) {
  const auto place = std::find(told.begin(), told.end(), was);
  if (place == told.end()) return;
  if (last == was) last = now;
  board.renew(marking);
  drop({std::exchange(*place, std::move(now))});
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
    if (document.in_step) live.push_back({*path, document.uri, document.text(), document.change, document.touched, document.stood});
    else if (out_of_step) out_of_step->push_back(*path);
  }
  return live;
}

}  // namespace baton
