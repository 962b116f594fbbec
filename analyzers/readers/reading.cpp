#include <algorithm>

#include "analyzers/readers/reader.h"
#include "analyzers/readers/test_ids.h"

namespace baton {

size_t CasePlaces::slot_of(std::string_view id, std::uint32_t hash, const std::vector<TestCase>& cases) const {
  size_t at = hash & (slots_.size() - 1);
  while (slots_[at].place != 0 && (slots_[at].hash != hash || cases[slots_[at].place - 1].id != id)) at = (at + 1) & (slots_.size() - 1);
  return at;
}

void CasePlaces::grow() {
  std::vector<Slot> old(std::max<size_t>(64, slots_.size() * 2));
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.place == 0) continue;
    size_t at = slot.hash & (slots_.size() - 1);
    while (slots_[at].place != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
  }
}

std::pair<size_t, bool> CasePlaces::put(std::string_view id, size_t fresh, const std::vector<TestCase>& cases) {
  if (used_ * 2 >= slots_.size()) grow();
  const auto hash = static_cast<std::uint32_t>(std::hash<std::string_view>()(id));
  Slot& slot = slots_[slot_of(id, hash, cases)];
  if (slot.place != 0) return {slot.place - 1, false};
  slot = {hash, static_cast<std::uint32_t>(fresh + 1)};
  ++used_;
  return {fresh, true};
}

std::optional<size_t> CasePlaces::find(std::string_view id, const std::vector<TestCase>& cases) const {
  if (slots_.empty()) return std::nullopt;
  const Slot& slot = slots_[slot_of(id, static_cast<std::uint32_t>(std::hash<std::string_view>()(id)), cases)];
  return slot.place == 0 ? std::nullopt : std::optional<size_t>(slot.place - 1);
}

const TestCase* Tally::find(std::string_view id) const {
  const auto place = places.find(id, report.cases);
  return place ? &report.cases[*place] : nullptr;
}

TestCase& Tally::add(TestCase one) {
  const auto [place, added] = places.put(one.id, report.cases.size(), report.cases);
  if (added) {
    report.cases.push_back(std::move(one));
    return report.cases.back();
  }
  TestCase& had = report.cases[place];
  if (one.status == CaseStatus::failed && had.status != CaseStatus::failed) {
    had = std::move(one);
  } else if (one.status == had.status) {
    if (had.message.empty()) had.message = std::move(one.message);
    if (had.path.empty()) had.path = std::move(one.path);
    if (had.line == 0) had.line = one.line;
    had.load_failure |= one.load_failure;
  } else if (had.status == CaseStatus::skipped) {
    had = std::move(one);
  }
  return had;
}

TestCase& Tally::add_another(TestCase one) {
  places.put(one.id, report.cases.size(), report.cases);
  report.cases.push_back(std::move(one));
  return report.cases.back();
}

void Tally::count_cases() {
  int passed = 0, failed = 0, skipped = 0;
  for (const TestCase& one : report.cases) {
    passed += one.status == CaseStatus::passed;
    failed += one.status == CaseStatus::failed;
    skipped += one.status == CaseStatus::skipped;
  }
  if (!report.passed) report.passed = passed;
  if (!report.failed) report.failed = failed;
  if (!report.skipped) report.skipped = skipped;
  if (!report.total) report.total = *report.passed + *report.failed + *report.skipped;
}

Reading::Reading(const Text& text_, const RunOutput& run_, const PathMapper& paths_)
    : text(text_), run(run_), paths(paths_), claimed_(text_.size(), false) {}

Finding& Reading::report(size_t line, Finding finding, Weight weight, ColumnUnit unit) {
  finding.path = map(finding.path, line);
  for (RelatedPlace& place : finding.related) place.path = map(place.path, line);
  return report_mapped(line, std::move(finding), weight, unit);
}

Finding& Reading::report_mapped(size_t line, Finding finding, Weight weight, ColumnUnit unit) {
  finding.line = std::max(0, finding.line);
  finding.column = std::max(0, finding.column);
  Reported one{std::move(finding), line, weight, unit};
  if (!full()) {
    findings.push_back(std::move(one));
    return findings.back().finding;
  }
  // Of what is too much the worst is kept, so that the verdict is the same.
  const auto rank = [](const Reported& of) { return of.finding.suppressed ? 0 : of.finding.severity != Severity::error ? 1 : 2 + static_cast<int>(of.weight == Weight::normal) + 2 * static_cast<int>(of.weight == Weight::certain); };
  Reported& place = rank(one) > rank(findings.back()) ? findings.back() : dropped_;
  place = std::move(one);
  return place.finding;
}

std::string Reading::map(std::string_view printed, size_t line) const {
  const auto next = std::upper_bound(folders_.begin(), folders_.end(), line,
                                     [](size_t at, const Entered& entered) { return at < entered.line; });
  const std::string_view folder = next == folders_.begin() ? std::string_view() : std::string_view((next - 1)->folder);
  return paths.map(printed, folder);
}

std::string Reading::id(std::string_view name) const {
  if (paths.root().size() <= 1) return stable_id(name);
  return stable_id(replaced(name, paths.root() + "/", ""));
}

bool Reading::foreign(std::string_view mapped) const {
  const auto has = [&](std::string_view part) { return mapped.find(part) != std::string_view::npos; };
  if (mapped.empty() || mapped[0] == '<') return true;
  const bool rootless = paths.root().size() <= 1;
  if (!paths.inside(mapped) && (!rootless || mapped.substr(0, 5) == "/usr/" || mapped.substr(0, 7) == "/rustc/" || has("/lib/python") || has("/.cargo/registry/"))) return true;
  for (const std::string_view part : {"node_modules/", "site-packages/", "dist-packages/", ".pnpm/", ".yarn/", ".cargo/registry/"})
    if (has(part)) return true;
  return mapped.substr(0, 5) == "node:" || mapped.substr(0, 9) == "internal/" || mapped.substr(0, 7) == "native:" || mapped.substr(0, 4) == "ext:";
}

Tally& Reading::tally(std::string_view runner, bool structured) {
  for (Tally& had : tallies)
    if (had.runner == runner && had.structured == structured) return had;
  tallies.push_back({std::string(runner), structured, false, {}, {}});
  return tallies.back();
}

void Reading::recognised(std::string_view format) {
  if (std::find(formats.begin(), formats.end(), format) == formats.end()) formats.emplace_back(format);
}

void Reading::claim(size_t first, size_t last) {
  for (size_t i = first; i < std::min(last, claimed_.size()); ++i) claimed_[i] = true;
}

}  // namespace baton
