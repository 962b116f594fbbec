#include "orchestrator/tasks/suspicion.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <string_view>

#include "analyzers/syntax.h"
#include "git/line_diff.h"
#include "orchestrator/accepted.h"

namespace baton {
namespace {

constexpr std::size_t kShortestName = 3;

struct Lines {
  int first, last;
};

struct Touched {
  std::vector<Lines> lines;  // of the judged text
  std::string text;          // what was there and what is: names are looked for in it
};

int line_of(std::string_view text, std::size_t offset) {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size())), '\n'));
}

std::string lines_of(std::string_view text, Lines lines) {
  int line = 1;
  std::string out;
  for (std::size_t at = 0; at < text.size() && line <= lines.last; ++line) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (line >= lines.first) out += std::string(text.substr(at, end - at)) + '\n';
    at = end + 1;
  }
  return out;
}

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

std::set<std::string> names_in(std::string_view text) {
  std::set<std::string> names;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_name(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_name(text[end])) ++end;
    const std::string_view name = text.substr(at, end - at);
    if (name.size() >= kShortestName && !std::isdigit(static_cast<unsigned char>(name[0]))) names.emplace(name);
    at = end;
  }
  return names;
}

// What a tool quotes: 'x', `x`, "x" and the typographic marks of gcc.
std::set<std::string> quoted_names(std::string_view message) {
  std::set<std::string> names;
  static constexpr std::pair<std::string_view, std::string_view> kMarks[] = {{"\xE2\x80\x98", "\xE2\x80\x99"}, {"'", "'"}, {"`", "`"}, {"\"", "\""}};
  for (const auto& [open, close] : kMarks) {
    for (std::size_t at = message.find(open); at != message.npos;) {
      const std::size_t begin = at + open.size(), end = message.find(close, begin);
      if (end == message.npos) break;
      const auto inside = names_in(message.substr(begin, end - begin));
      names.insert(inside.begin(), inside.end());
      at = message.find(open, end + close.size());
    }
  }
  return names;
}

using Hunks = std::vector<LineHunk>;

// Where a line is after the hunks; in one that was rewritten, as far from its beginning as before.
int carried(const Hunks& hunks, int line) {
  int shift = 0;
  for (const LineHunk& hunk : hunks) {
    if (line < hunk.from_line) break;
    if (line < hunk.from_line + hunk.from_count) return hunk.to_line + std::min(line - hunk.from_line, std::max(hunk.to_count - 1, 0));
    shift = hunk.to_line + hunk.to_count - hunk.from_line - hunk.from_count;
  }
  return line + shift;
}

class Looking {
 public:
  Looking(const Store& store, const std::vector<Contribution>& contributions, const VerifyReport& report) : store_(store), contributions_(contributions), tree_(report.head.tree) {}

  Status take(const std::vector<Piece>& pieces) {
    for (const Piece& piece : pieces) {
      const Contribution& contribution = contributions_[static_cast<std::size_t>(piece.contribution)];
      touched_.emplace_back();
      auto taken = piece.fix ? take_fix(contribution, contribution.fixes[static_cast<std::size_t>(*piece.fix)]) : take_change(contribution);
      if (!taken) return taken;
    }
    return done();
  }

  std::vector<int> at_lines(const std::vector<NewFailure>& failures) {
    return those([&](const auto& touched) {
      return std::any_of(failures.begin(), failures.end(), [&](const NewFailure& failure) {
        return holds(touched, failure.path, {failure.line, failure.line}) ||
               std::any_of(failure.related.begin(), failure.related.end(), [&](const RelatedPlace& place) { return holds(touched, place.path, {place.line, place.line}); });
      });
    });
  }

  std::vector<int> at_symbols(const std::vector<NewFailure>& failures) {
    std::vector<std::pair<std::string, Lines>> around;
    for (const NewFailure& failure : failures) {
      if (const auto symbol = symbol_at(failure.path, failure.line)) around.push_back({failure.path, {symbol->line, symbol->end_line}});
    }
    return those([&](const auto& touched) {
      return std::any_of(around.begin(), around.end(), [&](const auto& place) { return holds(touched, place.first, place.second); });
    });
  }

  std::vector<int> at_names(const std::vector<NewFailure>& failures) {
    std::set<std::string> names;
    for (const NewFailure& failure : failures) {
      names.merge(quoted_names(failure.message));
      if (failure.test.empty() || failure.line == 0) continue;
      if (const auto* text = judged(failure.path)) names.merge(names_in(lines_of(*text, {failure.line, failure.line})));
    }
    if (names.empty()) return {};
    return those([&](const auto& touched) {
      return std::any_of(touched.begin(), touched.end(), [&](const auto& file) {
        const auto inside = names_in(file.second.text);
        return std::any_of(inside.begin(), inside.end(), [&](const std::string& name) { return names.contains(name); });
      });
    });
  }

 private:
  using Files = std::map<std::string, Touched>;

  template <class Wanted>
  std::vector<int> those(const Wanted& wanted) const {
    std::vector<int> found;
    for (int i = 0; i < static_cast<int>(touched_.size()); ++i) {
      if (wanted(touched_[static_cast<std::size_t>(i)])) found.push_back(i);
    }
    return found;
  }

  static bool holds(const Files& files, const std::string& path, Lines lines) {
    const auto file = files.find(path);
    if (lines.first <= 0 || file == files.end()) return false;
    return std::any_of(file->second.lines.begin(), file->second.lines.end(), [&](const Lines& one) { return one.first <= lines.last && lines.first <= one.last; });
  }

  const std::string* text(const std::string& tree, const std::string& path) {
    const auto [place, fresh] = texts_.try_emplace(tree + ":" + path);
    if (fresh) {
      if (auto read = store_.read(tree, path); read && *read) place->second = std::move(**read);
    }
    return place->second ? &*place->second : nullptr;
  }
  const std::string* judged(const std::string& path) { return path.empty() || path.front() == '/' ? nullptr : text(tree_, path); }

  const Hunks& hunks(const std::string& tree, const std::string& path, const std::string& from, const std::string& to) {
    const auto [place, fresh] = hunks_.try_emplace(tree + ":" + path);
    if (fresh) place->second = diff_lines(from, to);
    return place->second;
  }

  std::optional<Symbol> symbol_at(const std::string& path, int line) {
    const Language language = language_of(path);
    const std::string* text = language == Language::none || line <= 0 ? nullptr : judged(path);
    if (!text) return std::nullopt;
    const auto [place, fresh] = outlines_.try_emplace(path);
    if (fresh) place->second = outline(*text, language);
    return enclosing_symbol(place->second, line);
  }

  Status take_fix(const Contribution& contribution, const Fix& fix) {
    auto start = store_.tree_of(contribution.start);
    if (!start) return start.error();
    for (const FixEdit& edit : fix.edits) {
      const std::string *was = text(*start, edit.path), *now = judged(edit.path);
      if (!was || !now) continue;
      const Hunks& way = hunks(*start, edit.path, *was, *now);
      Touched& touched = touched_.back()[edit.path];
      const int first = line_of(*was, edit.offset), last = line_of(*was, edit.offset + edit.length);
      const int added = static_cast<int>(std::count(edit.text.begin(), edit.text.end(), '\n'));
      touched.lines.push_back({carried(way, first), std::max(carried(way, last), carried(way, first) + added)});
      touched.text += lines_of(*was, {first, last}) + edit.text + '\n';
    }
    return done();
  }

  Status take_change(const Contribution& contribution) {
    auto start = store_.tree_of(contribution.start);
    if (!start) return start.error();
    auto tree = contribution.commit.empty() ? Result<std::string>(*start) : store_.tree_of(contribution.commit);
    if (!tree) return tree.error();
    auto changes = store_.changes(*start, *tree);
    if (!changes) return changes.error();
    for (const FileChange& change : *changes) {
      if (change.binary) continue;
      const std::string *was = change.kind == ChangeKind::added ? nullptr : text(*start, change.old_path);
      const std::string *own = change.kind == ChangeKind::deleted ? nullptr : text(*tree, change.path);
      const std::string* now = judged(change.path);
      Touched& touched = touched_.back()[change.path];
      for (const LineHunk& hunk : diff_lines(was ? *was : std::string(), own ? *own : std::string())) {
        if (was && hunk.from_count > 0) touched.text += lines_of(*was, {hunk.from_line, hunk.from_line + hunk.from_count - 1});
        if (!own) continue;
        const Lines lines{hunk.to_line, hunk.to_line + std::max(hunk.to_count, 1) - 1};
        if (hunk.to_count > 0) touched.text += lines_of(*own, lines);
        if (!now) continue;
        const Hunks& way = hunks(*tree, change.path, *own, *now);
        touched.lines.push_back({carried(way, lines.first), carried(way, lines.last)});
      }
    }
    return done();
  }

  const Store& store_;
  const std::vector<Contribution>& contributions_;
  std::string tree_;
  std::vector<Files> touched_;  // by piece
  std::map<std::string, std::optional<std::string>> texts_;
  std::map<std::string, Hunks> hunks_;
  std::map<std::string, std::vector<Symbol>> outlines_;
};

}  // namespace

std::vector<NewFailure> new_failures(const VerifyReport& report, const std::set<std::string>& gates) {
  std::vector<NewFailure> failures;
  std::set<std::string> lint;
  for (const GateReport& gate : report.gates) {
    if (gate.kind == GateKind::lint) lint.insert(gate.name);
  }
  for (const FindingVerdict& found : report.findings) {
    const bool counts = found.finding.severity == Severity::error || (lint.contains(found.gate) && found.finding.severity == Severity::warning);
    if (!found.is_new || !counts || !gates.contains(found.gate) || is_accepted(found)) continue;
    failures.push_back({found.gate, found.finding.path, found.finding.message, found.finding.line, {}, found.finding.related});
  }
  for (const TestVerdict& test : report.tests) {
    if (gates.contains(test.gate) && blocks(test) && !is_accepted(test)) failures.push_back({test.gate, test.path, test.message, test.line, test.id, {}});
  }
  return failures;
}

Result<std::vector<int>> suspects(const Store& store, const std::vector<Contribution>& contributions, const std::vector<Piece>& pieces,
                                  const VerifyReport& report, const std::set<std::string>& gates) {
  const auto failures = new_failures(report, gates);
  if (failures.empty()) return std::vector<int>{};
  Looking looking(store, contributions, report);
  if (auto taken = looking.take(pieces); !taken) return taken.error();
  std::set<int> all;
  for (const NewFailure& failure : failures) {
    auto found = looking.at_lines({failure});
    if (found.empty()) found = looking.at_symbols({failure});
    if (found.empty()) found = looking.at_names({failure});
    all.insert(found.begin(), found.end());
  }
  return std::vector<int>(all.begin(), all.end());
}

}  // namespace baton
