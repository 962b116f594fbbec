#include "lsp/lenses.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lsp/actions.h"
#include "lsp/lens_text.h"
#include "lsp/mark.h"
#include "support/log.h"

namespace baton {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kWait = 400ms;               // for the engine, before a client is answered with what there is
constexpr auto kKept = 2s;                  // HEAD may move under a text that stays
constexpr auto kTogether = 200ms;
constexpr std::size_t kMaxSeen = 64;        // documents whose outline is kept
constexpr std::size_t kMaxAsked = 16;       // outlines that the engine is asked for at a time
constexpr std::size_t kMaxWaiting = 8;      // answers that wait for one
constexpr std::size_t kMostOutlined = 1u << 20;  // bytes; beyond it there is no outline

const char* command_of(const Lens& lens) { return lens.verification.empty() ? "baton.verify" : "baton.openEvidence"; }

json arguments_of(const Lens& lens, const std::string& uri) {
  if (lens.verification.empty()) return {{"quick", true}, {"uri", uri}};
  json about = named_by(lens.verification, lens.mark);
  about["uri"] = uri;
  return about;
}

LensView view_of(const Lane& lane, const Document& document, const std::string& path, const FileOutline& outline, const EditorLines& lines) {
  const auto judged = lane.judged.find(path);
  const ToldReport* last = lane.last.get();
  return {outline, last ? &last->report : nullptr, last ? &last->tests : nullptr, lane.board.places(path), path, judged != lane.judged.end() && judged->second == document.change, lines, lane.part};
}

}  // namespace

bool Lenses::is_fresh(const Seen& seen, const Document& document) const {
  return seen.outline && seen.change == document.change && Clock::now() - seen.when < kKept;
}

void Lenses::lenses(CodeLensParams params, Reply reply) {
  const Document* document = desk_.documents.find(params.uri);
  Lane* lane = document && document->in_step ? lanes_.find(document->path) : nullptr;
  if (!lane || document->store.size() > kMostOutlined) return reply.result(json::array());
  if (seen_.size() >= kMaxSeen && !seen_.contains(document->uri)) {
    std::erase_if(seen_, [](const auto& one) { return !one.second.asked; });
  }
  Seen& seen = seen_[document->uri];
  seen.waiting.push_back(std::make_shared<Reply>(std::move(reply)));
  if (is_fresh(seen, *document)) return answer(document->uri, seen);
  if (!seen.asked) ask(*lane, *document, *lane->relative(document->path), seen);
  if (!seen.asked || seen.waiting.size() > kMaxWaiting) return answer(document->uri, seen);
  desk_.loop.after(kWait, [this, uri = document->uri, one = std::weak_ptr(seen.waiting.back())] {
    const auto found = seen_.find(uri);
    if (found == seen_.end() || one.expired()) return;
    found->second.late = true;
    answer(uri, found->second);
  });
}

void Lenses::ask(Lane& lane, const Document& document, const std::string& path, Seen& seen) {
  if (asked_ >= kMaxAsked) return;
  ++asked_;
  seen.asked = true;
  worker_.submit([this, &lane, uri = document.uri, change = document.change, path, text = document.text(), base = lane.base] {
    const auto outline = std::make_shared<Result<FileOutline>>(lane.engine->outline({path, *text, base}));
    desk_.loop.post([this, uri, change, path, outline, lines = EditorLines(*text)] { came(uri, change, path, std::move(*outline), lines); });
  });
}

void Lenses::came(const std::string& uri, std::uint64_t change, const std::string& path, Result<FileOutline> outline, EditorLines lines) {
  --asked_;
  const auto found = seen_.find(uri);
  if (found == seen_.end()) return;
  Seen& seen = found->second;
  seen.asked = false;
  if (outline) {
    seen.outline = std::make_shared<const FileOutline>(std::move(*outline));
    seen.lines = std::move(lines);
    seen.change = change;
    seen.when = seen.outdated ? Clock::time_point() : Clock::now();
  } else {
    log(LogLevel::info, path + ": no outline: " + outline.error().message);
  }
  answer(uri, seen);
  const bool again = std::exchange(seen.outdated, false);
  if ((std::exchange(seen.late, false) && outline) || again) refresh();
}

void Lenses::answer(const std::string& uri, Seen& seen) {
  json list = json::array();
  const Document* document = desk_.documents.find(uri);
  Lane* lane = document && document->in_step && seen.outline ? lanes_.find(document->path) : nullptr;
  if (lane) {
    const std::string path = *lane->relative(document->path);
    const auto last = document->store.line_count();
    for (const Lens& lens : lenses_of(view_of(*lane, *document, path, *seen.outline, seen.lines))) {
      if (list.size() >= kMax) break;
      if (lens.line > last) continue;  // of a text that was longer
      const auto line = static_cast<std::uint32_t>(lens.line - 1);
      list.push_back({{"range", to_json(Range{{line, 0}, {line, 0}})},
                      {"command", {{"title", lens.title}, {"command", command_of(lens)}, {"arguments", json::array({arguments_of(lens, uri)})}}}});
    }
  }
  for (const auto& reply : std::exchange(seen.waiting, {})) reply->result(list);
}

std::vector<json> Lenses::actions(Lane& lane, const Document& document, Range range) {
  const std::vector<Json> none;
  const ActionMaker make(desk_.client.profile(), document.uri, none);
  const std::string path = *lane.relative(document.path);
  std::vector<json> all;
  const auto seen = seen_.find(document.uri);
  if (seen != seen_.end() && seen->second.outline && seen->second.change == document.change) {
    const int first = static_cast<int>(range.start.line) + 1, last = static_cast<int>(range.end.line) + 1;
    for (const Lens& lens : lenses_of(view_of(lane, document, path, *seen->second.outline, seen->second.lines))) {
      if (lens.end_line < first || lens.line > last || all.size() >= ActionMaker::kMax) continue;
      all.push_back(make.source(lens.title, command_of(lens), arguments_of(lens, document.uri)));
    }
  }
  if (all.empty()) all.push_back(make.source("Baton: verify this change quickly", "baton.verify", {{"quick", true}}));
  if (lane.last) {
    all.push_back(make.source("Baton: open the evidence of the last verification", "baton.openEvidence", {{"task", lane.last->report.id}}));
    const std::size_t known = lane.last->known;
    if (lane.show_known) all.push_back(make.source("Baton: hide what was there before", "baton.showKnown", {{"show", false}}));
    else if (known > 0) all.push_back(make.source("Baton: show what was there before (" + std::to_string(known) + ")", "baton.showKnown", {{"show", true}}));
  }
  return all;
}

void Lenses::base_moved() {
  for (auto& [uri, seen] : seen_) {
    seen.when = {};
    seen.outdated = seen.asked;
  }
  refresh();
}

// Once for all that comes together.
void Lenses::refresh() {
  if (!desk_.client.profile().lens_refresh || std::exchange(refreshing_, true)) return;
  desk_.loop.after(kTogether, [this] {
    refreshing_ = false;
    desk_.client.request("workspace/codeLens/refresh", nullptr, [](const Response&) {});
  });
}

}  // namespace baton
