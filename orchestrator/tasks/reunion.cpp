// The second chance of what a search has named.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include "orchestrator/tasks/bisection.h"

namespace baton {
namespace {

using Items = std::vector<int>;

class Reunion {
 public:
  Reunion(const std::vector<SearchItem>& items, const Bisection& found, const SubsetProbe& probe, int most)
      : items_(items), probe_(probe), left_(most), held_(found.held.begin(), found.held.end()) {
    for (const Culprit& culprit : found.culprits) {
      if (!culprit.exact || culprit.items.size() != 1) continue;
      const int item = culprit.items.front();
      if (at(item).path.empty()) continue;
      files_[at(item).path].push_back(item);
      broke_with_[item] = {culprit.witness.begin(), culprit.witness.end()};
    }
  }

  Result<Items> run() {
    for (auto& [path, culprits] : files_) {
      std::sort(culprits.begin(), culprits.end(), [this](int a, int b) { return at(a).line != at(b).line ? at(a).line < at(b).line : a < b; });
      if (culprits.size() < 2) continue;
      if (auto all = holds(culprits); !all) return all.error();
    }
    for (const auto& trials : {alone(), in_pairs()}) {
      for (const Trial& trial : trials) {
        if (std::any_of(trial.items.begin(), trial.items.end(), [this](int item) { return back_.contains(item); })) continue;
        if (auto tried = holds(trial.items); !tried) return tried.error();
      }
    }
    return Items(back_.begin(), back_.end());
  }

 private:
  struct Trial {
    int distance;  // in lines: what is near is tried first
    Items items;
    bool operator<(const Trial& other) const { return distance != other.distance ? distance < other.distance : items < other.items; }
  };

  const SearchItem& at(int item) const { return items_[static_cast<std::size_t>(item)]; }
  int distance(int a, int b) const { return std::abs(at(a).line - at(b).line); }

  // Culprits in whose file something is kept now that was not there when they broke.
  std::set<Trial> alone() const {
    std::set<Trial> trials;
    for (const auto& [item, then] : broke_with_) {
      std::optional<int> nearest;
      for (const int other : held_) {
        if (at(other).path == at(item).path && !then.contains(other)) nearest = std::min(nearest.value_or(distance(item, other)), distance(item, other));
      }
      if (nearest) trials.insert({*nearest, {item}});
    }
    return trials;
  }

  // Culprits next to each other; where there are but two in a file, they have been tried.
  std::set<Trial> in_pairs() const {
    std::set<Trial> trials;
    for (const auto& [path, culprits] : files_) {
      for (std::size_t i = 0; culprits.size() > 2 && i + 1 < culprits.size(); ++i) trials.insert({distance(culprits[i], culprits[i + 1]), {culprits[i], culprits[i + 1]}});
    }
    return trials;
  }

  Result<bool> holds(const Items& more) {
    if (left_ <= 0) return false;
    --left_;
    Items together(held_.begin(), held_.end());
    together.insert(together.end(), more.begin(), more.end());
    std::sort(together.begin(), together.end());
    const auto outcome = probe_(together);
    if (!outcome) return outcome.error();
    if (*outcome == ProbeOutcome::unknown) left_ = 0;
    if (*outcome != ProbeOutcome::holds) return false;
    held_.insert(more.begin(), more.end());
    back_.insert(more.begin(), more.end());
    return true;
  }

  const std::vector<SearchItem>& items_;
  const SubsetProbe& probe_;
  int left_;
  std::set<int> held_, back_;
  std::map<std::string, Items> files_;         // culprits by file, in the order of their lines
  std::map<int, std::set<int>> broke_with_;
};

}  // namespace

Result<std::vector<int>> reunite(const std::vector<SearchItem>& items, const Bisection& found, const SubsetProbe& probe, int most) {
  return Reunion(items, found, probe, most).run();
}

}  // namespace baton
