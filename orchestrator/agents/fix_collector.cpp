#include "orchestrator/agents/fix_collector.h"

#include <algorithm>
#include <filesystem>
#include <tuple>

namespace baton {
namespace {

std::string relative_to_root(std::string_view named, const FixSource& source) {
  namespace fs = std::filesystem;
  fs::path path(named);
  if (path.is_relative()) path = fs::path(source.cwd) / path;
  const fs::path inside = path.lexically_normal().lexically_relative(fs::path(source.root).lexically_normal());
  const std::string text = inside.generic_string();
  return text.empty() || text == "." || text.starts_with("..") ? std::string() : text;
}

}  // namespace

const TextPlaces* FixCollector::file(std::string_view named, std::string& path) {
  auto name = names_.find(named);
  if (name == names_.end()) name = names_.emplace(std::string(named), relative_to_root(named, source_)).first;
  path = name->second;
  if (path.empty()) return nullptr;
  const auto [place, fresh] = files_.try_emplace(path);
  if (fresh) {
    if (auto text = source_.text(path)) place->second = std::make_unique<TextPlaces>(std::move(*text));
  }
  return place->second.get();
}

void FixCollector::add(std::string check, std::string path, const TextPlaces& file, std::size_t byte, std::string message, std::vector<FixEdit> edits) {
  byte = std::min(byte, file.text().size());
  const int line = file.line_of(byte), column = file.column_of(byte);
  entries_.push_back({{"", tool_, std::move(check), std::move(path), line, std::move(message), std::move(edits)}, byte, column});
}

std::vector<Fix> FixCollector::take() {
  const auto order = [](const Entry& a, const Entry& b) {
    return std::tie(a.fix.path, a.byte, a.fix.check, a.fix.message) < std::tie(b.fix.path, b.byte, b.fix.check, b.fix.message);
  };
  std::stable_sort(entries_.begin(), entries_.end(), order);
  std::vector<Fix> fixes;
  const Entry* last = nullptr;
  int of_place = 0;  // findings of one check at one place
  for (Entry& entry : entries_) {
    const bool same_place = last && last->fix.path == entry.fix.path && last->byte == entry.byte && last->fix.check == entry.fix.check;
    if (same_place && last->fix.message == entry.fix.message) {
      Fix& known = fixes.back();
      // Of two views of one finding the one that edits more knows more.
      if (known.edits.size() < entry.fix.edits.size()) known.edits = std::move(entry.fix.edits);
      continue;
    }
    of_place = same_place ? of_place + 1 : 1;
    Fix fix = entry.fix;
    fix.id = fix.tool + ":" + fix.check + ":" + fix.path + ":" + std::to_string(fix.line) + ":" + std::to_string(entry.column);
    if (of_place > 1) fix.id += "#" + std::to_string(of_place);
    fixes.push_back(std::move(fix));
    last = &entry;
  }
  return fixes;
}

}  // namespace baton
