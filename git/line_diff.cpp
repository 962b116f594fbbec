#include "git/line_diff.h"

#include <algorithm>
#include <unordered_map>

namespace baton {
namespace {

constexpr std::size_t kMaxCells = 1u << 20;  // of the table for a gap without anchors: 1 MiB
constexpr int kMaxDepth = 64;

using Ids = std::vector<int>;  // a line by the number of its text

Ids ids_of(std::string_view text, std::unordered_map<std::string_view, int>& known) {
  Ids ids;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    ids.push_back(known.emplace(text.substr(0, end), static_cast<int>(known.size())).first->second);
    text.remove_prefix(end);
  }
  return ids;
}

struct Range {
  int begin, end;
  int size() const { return end - begin; }
  bool empty() const { return begin >= end; }
};

struct Pair {
  int from, to;
};

class Matching {
 public:
  Matching(const Ids& from, const Ids& to, std::size_t kinds) : from_(from), to_(to), in_from_(kinds), in_to_(kinds) {}

  std::vector<Pair> take() {
    match({0, static_cast<int>(from_.size())}, {0, static_cast<int>(to_.size())}, 0);
    std::sort(pairs_.begin(), pairs_.end(), [](const Pair& a, const Pair& b) { return a.from < b.from; });
    return std::move(pairs_);
  }

 private:
  struct Seen {
    int count = 0, at = 0;
  };

  void match(Range from, Range to, int depth) {
    while (!from.empty() && !to.empty() && from_[from.begin] == to_[to.begin]) pairs_.push_back({from.begin++, to.begin++});
    while (!from.empty() && !to.empty() && from_[from.end - 1] == to_[to.end - 1]) pairs_.push_back({--from.end, --to.end});
    if (from.empty() || to.empty()) return;
    const std::vector<Pair> anchors = depth < kMaxDepth ? anchors_in(from, to) : std::vector<Pair>();
    if (anchors.empty()) return match_small(from, to);
    Range left{from.begin, from.begin}, right{to.begin, to.begin};
    for (const Pair& anchor : anchors) {
      pairs_.push_back(anchor);
      match({left.begin, anchor.from}, {right.begin, anchor.to}, depth + 1);
      left.begin = anchor.from + 1;
      right.begin = anchor.to + 1;
    }
    match({left.begin, from.end}, {right.begin, to.end}, depth + 1);
  }

  // Lines that occur once on both sides, as the longest run that is in order on both.
  std::vector<Pair> anchors_in(Range from, Range to) {
    for (int i = from.begin; i < from.end; ++i) in_from_[from_[i]] = {in_from_[from_[i]].count + 1, i};
    for (int i = to.begin; i < to.end; ++i) in_to_[to_[i]] = {in_to_[to_[i]].count + 1, i};
    std::vector<Pair> once;
    for (int i = from.begin; i < from.end; ++i) {
      if (in_from_[from_[i]].count == 1 && in_to_[from_[i]].count == 1) once.push_back({i, in_to_[from_[i]].at});
    }
    for (int i = from.begin; i < from.end; ++i) in_from_[from_[i]] = {};
    for (int i = to.begin; i < to.end; ++i) in_to_[to_[i]] = {};
    return longest_increasing(once);
  }

  static std::vector<Pair> longest_increasing(const std::vector<Pair>& pairs) {
    std::vector<int> tops, before(pairs.size(), -1);  // patience: the pile tops, and the top of the pile to the left
    for (int i = 0; i < static_cast<int>(pairs.size()); ++i) {
      const auto pile = std::lower_bound(tops.begin(), tops.end(), pairs[i].to, [&](int top, int to) { return pairs[top].to < to; });
      if (pile != tops.begin()) before[i] = *(pile - 1);
      if (pile == tops.end()) tops.push_back(i);
      else *pile = i;
    }
    std::vector<Pair> run;
    for (int i = tops.empty() ? -1 : tops.back(); i >= 0; i = before[i]) run.push_back(pairs[i]);
    std::reverse(run.begin(), run.end());
    return run;
  }

  // Longest common subsequence by the table of directions.
  void match_small(Range from, Range to) {
    const std::size_t rows = from.size(), columns = to.size();
    if (rows > kMaxCells / columns) return;
    enum : char { take, skip_from, skip_to };
    std::vector<char> way(rows * columns);
    std::vector<int> below(columns + 1), row(columns + 1);
    for (std::size_t i = rows; i-- > 0;) {
      for (std::size_t k = columns; k-- > 0;) {
        char& here = way[i * columns + k];
        if (from_[from.begin + i] == to_[to.begin + k]) row[k] = below[k + 1] + 1, here = take;
        else if (below[k] >= row[k + 1]) row[k] = below[k], here = skip_from;
        else row[k] = row[k + 1], here = skip_to;
      }
      std::swap(row, below);
    }
    for (std::size_t i = 0, k = 0; i < rows && k < columns;) {
      const char here = way[i * columns + k];
      if (here == take) pairs_.push_back({from.begin + static_cast<int>(i), to.begin + static_cast<int>(k)});
      i += here != skip_to;
      k += here != skip_from;
    }
  }

  const Ids &from_, &to_;
  std::vector<Seen> in_from_, in_to_;
  std::vector<Pair> pairs_;
};

}  // namespace

std::vector<LineHunk> diff_lines(std::string_view from, std::string_view to) {
  std::unordered_map<std::string_view, int> known;
  const Ids old_ids = ids_of(from, known), new_ids = ids_of(to, known);
  std::vector<Pair> pairs = Matching(old_ids, new_ids, known.size()).take();
  pairs.push_back({static_cast<int>(old_ids.size()), static_cast<int>(new_ids.size())});
  std::vector<LineHunk> hunks;
  int old_at = 0, new_at = 0;
  for (const Pair& pair : pairs) {
    if (pair.from > old_at || pair.to > new_at) hunks.push_back({old_at + 1, pair.from - old_at, new_at + 1, pair.to - new_at});
    old_at = pair.from + 1;
    new_at = pair.to + 1;
  }
  return hunks;
}

}  // namespace baton
