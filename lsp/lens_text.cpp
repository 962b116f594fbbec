#include "lsp/lens_text.h"

#include <algorithm>
#include <functional>
#include <map>

#include "lsp/sentence.h"

namespace baton {
namespace {

std::string in_words(std::string_view word) {
  if (word == "pre_existing") return "failing before too";
  std::string text(word);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

bool is_worth_a_word(const TestVerdict& test) {
  return test.status != TestStatus::unchanged && test.status != TestStatus::skipped && test.status != TestStatus::added;
}

bool belongs(const TestVerdict& test, const std::string& path) {
  return test.path == path || (test.path.empty() && test.id.starts_with(path));
}

constexpr std::string_view kBeforeName = ":/>. ";

bool names(std::string_view id, std::string_view name) {
  if (name.empty() || !id.ends_with(name)) return false;
  return id.size() == name.size() || kBeforeName.find(id[id.size() - name.size() - 1]) != std::string_view::npos;
}

std::string_view last_part(std::string_view name) {
  const std::size_t at = name.find_last_of(kBeforeName);
  return at == name.npos ? name : name.substr(at + 1);
}

const TestVerdict* verdict_on(const OutlinedFunction& function, const LensView& view) {
  if (!view.report || !function.test) return nullptr;
  return view.tests->find(function, view.path, view.judged);
}

Lens to_evidence(const OutlinedFunction& function, std::string title, const std::string& verification, Mark mark = {}) {
  return {function.line, function.end_line, std::move(title), verification, std::move(mark)};
}

Lens of_test(const OutlinedFunction& function, const TestVerdict& test, const VerifyReport& report) {
  std::string title = "Baton: " + in_words(to_string(test.status));
  if (test.accepted) title += ", accepted as known by " + test.accepted->by + ": " + test.accepted->reason;
  Mark mark;
  mark.gate = test.gate;
  mark.test = test.id;
  return to_evidence(function, std::move(title), report.id, std::move(mark));
}

std::optional<Lens> of_marks(const OutlinedFunction& function, const LensView& view) {
  std::map<std::string, std::size_t> kinds;
  const Board::Place* first = nullptr;
  for (const Board::Place& place : view.places) {
    const int line = static_cast<int>(place.range.start.line) + 1;
    if (line < view.lines.first(function.line) || line > view.lines.last(function.end_line)) continue;
    if (!first) first = &place;
    ++kinds[place.mark->accepted ? "accepted" : place.mark->kind];
  }
  if (!first) return std::nullopt;
  std::vector<std::string> parts;
  for (const auto& [kind, count] : kinds) parts.push_back(std::to_string(count) + " " + in_words(kind));
  return to_evidence(function, "Baton: " + joined(parts, ", "), *first->verification, *first->mark);
}

// Which of the gates the verdict rests on.
std::string judges(const LensView& view) {
  if (!view.part) return "the whole change is judged";
  constexpr std::size_t kNamed = 3;
  if (view.part->empty()) return "no gate was run";
  std::vector<std::string> named(view.part->begin(), view.part->begin() + static_cast<std::ptrdiff_t>(std::min(kNamed, view.part->size())));
  if (view.part->size() > kNamed) named.push_back(std::to_string(view.part->size() - kNamed) + " more");
  return "judged by " + joined(named, ", ") + " alone";
}

std::optional<Lens> of_change(const OutlinedFunction& function, const LensView& view) {
  if (!function.changed) return std::nullopt;
  if (view.judged && view.report) {
    // The verdict is about the whole change; a function alone has none.
    std::string title = "Baton: changed since " + view.outline.base + ", " + judges(view) + ": " + in_words(to_string(view.report->verdict));
    if (view.report->provisional) title += " (provisional)";
    return to_evidence(function, std::move(title), view.report->id);
  }
  return Lens{function.line, function.end_line, "Baton: changed since " + view.outline.base + ", verify", {}, {}};
}

// How the tests of the file went.
std::optional<Lens> of_file(const LensView& view) {
  const bool tests = std::any_of(view.outline.functions.begin(), view.outline.functions.end(), [](const OutlinedFunction& one) { return one.test; });
  std::map<TestStatus, std::size_t> counts;
  if (view.report) {
    counts = view.tests->counts(view.path);
    // By name alone, where no runner said which file.
    for (const OutlinedFunction& function : view.outline.functions) {
      const TestVerdict* test = verdict_on(function, view);
      if (test && !belongs(*test, view.path)) ++counts[test->status];
    }
  }
  if (!tests && counts.empty()) return std::nullopt;
  std::vector<std::string> parts;
  for (const auto& [status, count] : counts) parts.push_back(std::to_string(count) + " " + in_words(to_string(status)));
  if (parts.empty()) return Lens{1, 1, "Baton: verify", {}, {}};
  return Lens{1, 1, "Baton: " + joined(parts, ", ") + (view.judged ? "" : " (before the last edit)") + ", verify", {}, {}};
}

}  // namespace

TestIndex::TestIndex(const VerifyReport& report) {
  bool changed = true;
  for (const TestVerdict& test : report.tests) {
    File& file = files_[test.path];
    ++file.counts[test.status];
    if (test.path.empty()) by_id_.push_back(&test);
    changed = changed && test.status != TestStatus::unchanged;  // these come last
    if (!changed || !is_worth_a_word(test)) continue;
    file.by_name.emplace(last_part(test.id), &test);
    if (!test.symbol.empty()) file.by_symbol.emplace(test.symbol, &test);
    if (!test.path.empty()) file.by_line.emplace(test.line, &test);
  }
  std::sort(by_id_.begin(), by_id_.end(), [](const TestVerdict* a, const TestVerdict* b) { return a->id < b->id; });
}

std::map<TestStatus, std::size_t> TestIndex::counts(const std::string& path) const {
  const auto file = files_.find(path);
  auto counts = file == files_.end() ? std::map<TestStatus, std::size_t>() : file->second.counts;
  const auto before = [](const TestVerdict* test, const std::string& id) { return test->id < id; };
  for (auto at = std::lower_bound(by_id_.begin(), by_id_.end(), path, before); at != by_id_.end() && (*at)->id.starts_with(path); ++at) {
    ++counts[(*at)->status];
  }
  return counts;
}

// A runner that tells only names says nothing of files; the names of a file's own tests are enough then.
const TestVerdict* TestIndex::find(const OutlinedFunction& function, const std::string& path, bool same_lines) const {
  const TestVerdict* best = nullptr;
  const auto take = [&](const TestVerdict* test) {
    const bool better = !best || (blocks(*test) != blocks(*best) ? blocks(*test) : test < best);
    if (better) best = test;
  };
  for (const std::string_view where : {std::string_view(path), std::string_view()}) {
    const auto found = files_.find(where);
    if (found == files_.end()) continue;
    const File& file = found->second;
    for (const std::string& name : {std::cref(function.name), std::cref(function.qualified)}) {
      const auto [first, end] = file.by_name.equal_range(last_part(name));
      for (auto at = first; at != end; ++at) {
        if (names(at->second->id, name)) take(at->second);
      }
    }
    const auto [first, end] = file.by_symbol.equal_range(function.name);
    for (auto at = first; at != end; ++at) take(at->second);
    if (!same_lines) continue;
    for (auto at = file.by_line.lower_bound(function.line); at != file.by_line.end() && at->first <= function.end_line; ++at) take(at->second);
  }
  return best;
}

std::vector<Lens> lenses_of(const LensView& view) {
  std::vector<Lens> all;
  if (auto whole = of_file(view)) all.push_back(std::move(*whole));
  for (const OutlinedFunction& function : view.outline.functions) {
    const TestVerdict* test = verdict_on(function, view);
    auto lens = test ? std::optional(of_test(function, *test, *view.report)) : of_marks(function, view);
    if (!lens) lens = of_change(function, view);
    if (lens) all.push_back(std::move(*lens));
  }
  for (Lens& lens : all) {
    lens.line = view.lines.first(lens.line);
    lens.end_line = view.lines.last(lens.end_line);
  }
  return all;
}

}  // namespace baton
