#include "lsp/board.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "lsp/actions.h"
#include "lsp/config_check.h"
#include "lsp/lane.h"
#include "lsp/lines.h"
#include "lsp/uri.h"
#include "support/files.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kSettle{120};  // how long typing may rest before marks are placed anew
constexpr std::uint64_t kMaxText = 16u << 20;      // of a file on disk
constexpr std::size_t kMaxShown = 200;             // diagnostics of one file

int severity_number(Severity severity) {
  switch (severity) {
    case Severity::error: return 1;
    case Severity::warning: return 2;
    case Severity::info: return 3;
    case Severity::note: return 4;
  }
  return 1;
}

// The same one where nothing goes: a file's texts may be long.
template <class Gone>
Marked without(const Marked& marked, const Gone& gone) {
  if (std::none_of(marked->marks.begin(), marked->marks.end(), gone)) return marked;
  auto rest = std::make_shared<MarkedFile>(*marked);
  std::erase_if(rest->marks, gone);
  return rest;
}

bool touches(const Range& mark, const Range& asked) {
  return mark.start.line <= asked.end.line && asked.start.line <= mark.end.line;
}

}  // namespace

const Document* Board::document_of(const std::string& path) const {
  if (path.starts_with('/')) return desk_.documents.find_path(path);
  const Document* document = desk_.documents.find_path(lane_.spelled + "/" + path);
  return document ? document : desk_.documents.find_path(lane_.root + "/" + path);
}

std::string Board::uri_of(const std::string& path) const {
  if (const Document* document = document_of(path)) return document->uri;
  return path.starts_with('/') ? uri_of_path(path) : lane_.uri_of(path);
}

// What no gate says, as that a gate's script was changed, is looked for over all gates: after a whole verdict only the next
// whole one tells of it.
void Board::show(const Marking& marking) {
  if (marking.whole) {
    whole_ = marking.verification;
    later_.clear();
  } else {
    for (const std::string& gate : marking.gates) later_[gate] = marking.verification;
    if (whole_.empty()) later_[""] = marking.verification;
    for (const Marked& marked : marking.files) {
      for (const Mark& mark : marked->marks) {
        if (teller_of(mark.gate).empty()) later_[mark.gate] = marking.verification;
      }
    }
  }
  renew(marking);
}

void Board::renew(const Marking& marking) {
  std::set<std::string> dropped = drop(marking.verification);
  std::vector<std::string> added;
  for (const Marked& marked : marking.files) {
    const Marked own = without(marked, [&](const Mark& mark) { return teller_of(mark.gate) != marking.verification; });
    if (own->marks.empty()) continue;
    files_[own->path].layers.push_back({own, {}});
    dropped.erase(own->path);
    added.push_back(own->path);
  }
  for (const std::string& path : dropped) {
    if (!files_.contains(path)) publish(path);
  }
  for (const std::string& path : dropped) place(path);
  for (const std::string& path : added) place(path);
  if (desk_.shown) desk_.shown();
}

bool Board::tells_of(const std::string& verification) const {
  return whole_ == verification || std::any_of(later_.begin(), later_.end(), [&](const auto& one) { return one.second == verification; });
}

const std::string& Board::teller_of(const std::string& gate) const {
  const auto later = later_.find(gate);
  return later == later_.end() ? whole_ : later->second;
}

// Takes away the marks of this verification, and those of gates that a later one ran; tells which files lost some.
std::set<std::string> Board::drop(const std::string& verification) {
  std::set<std::string> touched;
  for (auto file = files_.begin(); file != files_.end();) {
    auto& layers = file->second.layers;
    for (Layer& layer : layers) {
      const std::string& from = layer.marked->verification;
      Marked rest = without(layer.marked, [&](const Mark& mark) { return from == verification || teller_of(mark.gate) != from; });
      if (rest == layer.marked) continue;
      layer = {std::move(rest), {}};
      touched.insert(file->first);
    }
    std::erase_if(layers, [](const Layer& layer) { return layer.marked->marks.empty(); });
    if (layers.empty()) file = files_.erase(file);
    else ++file;
  }
  return touched;
}

void Board::clear() {
  files_.clear();
  whole_.clear();
  later_.clear();
  remarks_.clear();
  question_.clear();
  const auto published = published_;
  for (const auto& [path, uri] : published) publish(path);
}

void Board::remark(const std::vector<Finding>& problems) {
  std::set<std::string> touched;
  for (const auto& [path, before] : remarks_) touched.insert(path);
  remarks_.clear();
  for (const Finding& problem : problems) {
    if (problem.code != kPrimerProblem) continue;  // configuration is looked at as it is typed
    remarks_[problem.path].push_back(problem);
    touched.insert(problem.path);
  }
  for (const std::string& path : touched) publish(path);
}

void Board::document_changed(const std::string& path) {
  if (files_.contains(path)) place_soon(path);
  else if (published_.contains(path) || path == question_path_ || path == kConfigPath) publish(path);
}

void Board::place_soon(const std::string& path) {
  const auto file = files_.find(path);
  if (file == files_.end() || file->second.waiting) return;
  file->second.waiting = true;
  desk_.loop.after(kSettle, [this, path] {
    const auto found = files_.find(path);
    if (found == files_.end()) return;
    found->second.waiting = false;
    place(path);
  });
}

// Places on a worker: comparing texts takes longer than the io thread may.
void Board::place(const std::string& path) {
  const auto file = files_.find(path);
  if (file == files_.end()) return;
  const Document* document = document_of(path);
  const std::shared_ptr<const std::string> text = document ? document->text() : nullptr;
  const std::uint64_t change = document ? document->change : 0;
  const std::string on_disk = path.starts_with('/') ? path : lane_.root + "/" + path;
  lane_.look.submit([this, path, text, change, on_disk, layers = file->second.layers,
                     encoding = desk_.client.profile().encoding]() mutable {
    std::string disk;
    if (!text) {
      auto read = read_file(on_disk, kMaxText);
      if (read) disk = std::move(*read);
    }
    for (Layer& layer : layers) {
      const MarkedFile& marked = *layer.marked;
      layer.placed = place_marks(marked.marks, marked.base, marked.head, text ? *text : disk, encoding);
    }
    desk_.loop.post([this, path, change, layers = std::move(layers)]() mutable { placed(path, change, std::move(layers)); });
  });
}

void Board::placed(const std::string& path, std::uint64_t change, std::vector<Layer> layers) {
  const auto file = files_.find(path);
  if (file == files_.end()) return;
  const auto same = [](const Layer& a, const Layer& b) { return a.marked == b.marked; };
  if (!std::equal(layers.begin(), layers.end(), file->second.layers.begin(), file->second.layers.end(), same)) return;
  const bool first = !layers.empty() && file->second.layers.front().placed.empty();
  file->second.layers = std::move(layers);
  if (first && desk_.shown) desk_.shown();
  const Document* document = document_of(path);
  if (change != (document ? document->change : 0)) return place_soon(path);  // typed on meanwhile
  publish(path);
}

void Board::publish(const std::string& path) {
  const Document* document = document_of(path);
  if (document && !document->in_step) return;
  json list = json::array();
  if (path == question_path_ && !question_.empty()) {
    list.push_back({{"range", to_json(Range{})}, {"severity", 3}, {"source", "baton"}, {"code", "trust"}, {"message", question_}});
  }
  if (document && path == kConfigPath) {  // as it is typed
    for (json& one : config_diagnostics(*document, desk_.client.profile().encoding)) list.push_back(std::move(one));
  } else if (const auto remarks = remarks_.find(path); remarks != remarks_.end()) {
    const EditorLines lines = document ? EditorLines(*document->text()) : EditorLines();
    for (const Finding& problem : remarks->second) {
      const auto number = static_cast<std::uint32_t>(lines.first(std::max(problem.line, 1)));
      const Range line{{number - 1, 0}, {number, 0}};
      list.push_back({{"range", to_json(line)}, {"severity", severity_number(problem.severity)}, {"source", "baton"}, {"code", "primer"}, {"message", problem.message}});
    }
  }
  if (const auto file = files_.find(path); file != files_.end()) {
    for (const Layer& layer : file->second.layers) {
      for (const PlacedMark& place : layer.placed) {
        if (list.size() < kMaxShown) list.push_back(diagnostic_of(layer.marked->marks[place.index], *layer.marked, place.range));
      }
    }
  }
  const auto send = [&](const std::string& uri, const json& diagnostics) {
    json params = {{"uri", uri}, {"diagnostics", diagnostics}};
    if (document && document->uri == uri && desk_.client.profile().diagnostic_version) params["version"] = document->version;
    desk_.client.notify("textDocument/publishDiagnostics", params, "diagnostics " + uri);
  };
  const std::string uri = uri_of(path);
  const auto before = published_.find(path);
  if (before != published_.end() && before->second != uri) send(before->second, json::array());
  if (before == published_.end() && list.empty()) return;
  send(uri, list);
  if (list.empty()) published_.erase(path);
  else published_[path] = uri;
}

json Board::diagnostic_of(const Mark& mark, const MarkedFile& marked, const Range& range) const {
  json diagnostic = {{"range", to_json(range)},
                     {"severity", severity_number(mark.severity)},
                     {"source", "baton"},
                     {"code", mark.accepted ? "accepted" : mark.kind},
                     {"message", mark.message}};
  if (desk_.client.profile().diagnostic_data) {
    diagnostic["data"] = {{"verification", marked.verification}, {"gate", mark.gate}, {"test", mark.test}};
    if (mark.test.empty() && mark.line > 0) {
      diagnostic["data"]["path"] = mark.path;
      diagnostic["data"]["line"] = mark.line;
    }
  }
  return diagnostic;
}

void Board::ask(const std::string& path, const std::string& text) {
  const std::string before = question_path_;
  question_path_ = path;
  question_ = text;
  if (!before.empty()) publish(before);
  if (!path.empty() && path != before) publish(path);
}

std::vector<json> Board::actions(const Document& document, const std::string& path, Range range,
                                 const std::vector<Json>& given) const {
  const ActionMaker make(desk_.client.profile(), document.uri, given);
  std::vector<json> all;
  if (path == question_path_ && !question_.empty() && lane_.asked) {
    all.push_back(make.trust(lane_.asked->digest));
  }
  if (lane_.running) all.push_back(make.cancel());
  const auto file = files_.contains(path) ? files_.find(path) : files_.find(document.path);  // a page of ours
  if (file == files_.end()) return all;
  const bool asks = !desk_.client.profile().message_request_blocks;
  std::set<std::string> gates;
  bool any = false;
  for (const Layer& layer : file->second.layers) {
    for (const PlacedMark& place : layer.placed) {
      if (!touches(place.range, range)) continue;
      const Mark& mark = layer.marked->marks[place.index];
      if (all.size() < ActionMaker::kMax) all.push_back(make.open_evidence(layer.marked->verification, mark));
      if (all.size() < 2 * ActionMaker::kMax && can_be_accepted(mark)) {
        for (json& action : make.accept(layer.marked->verification, mark, asks)) all.push_back(std::move(action));
      }
      if (!mark.gate.empty()) gates.insert(mark.gate);
      any = true;
    }
  }
  for (const std::string& gate : gates) all.push_back(make.run_gate(gate));
  if (any) all.push_back(make.verify());
  return all;
}

std::vector<Board::Place> Board::places(const std::string& path) const {
  std::vector<Place> all;
  const auto file = files_.find(path);
  if (file == files_.end()) return all;
  for (const Layer& layer : file->second.layers) {
    for (const PlacedMark& place : layer.placed) all.push_back({place.range, &layer.marked->marks[place.index], &layer.marked->verification});
  }
  return all;
}

std::size_t Board::bytes() const {
  std::size_t bytes = 0;
  for (const auto& [path, file] : files_) {
    for (const Layer& layer : file.layers) {
      bytes += layer.marked->base.size() + layer.marked->head.size() + layer.marked->marks.size() * sizeof(Mark);
    }
  }
  return bytes;
}

}  // namespace baton
