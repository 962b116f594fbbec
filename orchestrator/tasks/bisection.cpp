#include "orchestrator/tasks/bisection.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

namespace baton {
namespace {

using Items = std::vector<int>;

// After this many culprits a search expects more of them at the distance that it has seen.
constexpr int kFewCulprits = 2;

Items joined(const std::vector<Items>& groups, std::size_t from, std::size_t to) {
  Items items;
  for (std::size_t i = from; i < to; ++i) items.insert(items.end(), groups[i].begin(), groups[i].end());
  return items;
}

class Search {
 public:
  Search(const std::vector<SearchItem>& items, const SubsetProbe& probe) : items_(items), probe_(probe) {}

  Result<Bisection> run(const Items& suspects) {
    Items all(items_.size());
    std::iota(all.begin(), all.end(), 0);
    auto guarded = suspects.empty() || suspects.size() >= all.size() ? Result<bool>(false) : without(all, suspects);
    if (!guarded) return guarded.error();
    if (!stopped_) {
      const Items& root = *guarded ? suspects : all;
      if (auto split = descend(root, 0, !*guarded); !split) return split.error();
    }
    found_.held.assign(kept_.begin(), kept_.end());
    std::set<int> named(kept_);
    for (const Culprit& culprit : found_.culprits) named.insert(culprit.items.begin(), culprit.items.end());
    for (const int item : all) {
      if (!named.contains(item)) found_.unproven.push_back(item);
    }
    return std::move(found_);
  }

 private:
  // Whether what remains holds, so that only the suspects have to be looked at.
  Result<bool> without(const Items& all, const Items& suspects) {
    const std::set<int> away(suspects.begin(), suspects.end());
    Items rest;
    for (const int item : all) {
      if (!away.contains(item)) rest.push_back(item);
    }
    auto outcome = probe(rest);
    if (!outcome) return outcome.error();
    if (*outcome == ProbeOutcome::unknown) found_.culprits.push_back({suspects, false, {}});
    if (*outcome != ProbeOutcome::holds) return false;
    kept_.insert(rest.begin(), rest.end());
    return true;
  }

  // `items` are known to break together with what is kept. Adds what can be added to it, and names the rest.
  Status descend(const Items& items, std::size_t level, bool root) {
    if (items.size() == 1 || stopped_) {
      found_.culprits.push_back({items, items.size() == 1, witness_});
      return done();
    }
    const std::vector<Items> groups = split(items, level);
    if (groups.size() == 1) return descend(items, level + 1, root);
    auto guilty = along(groups, root);
    if (!guilty) return guilty.error();
    for (auto& [group, witness] : *guilty) {
      witness_ = witness;
      if (auto deeper = descend(group, level + 1, false); !deeper) return deeper;
    }
    return done();
  }

  std::vector<Items> split(const Items& items, std::size_t level) const {
    std::vector<Items> groups;
    std::map<std::string, std::size_t> places;
    for (const int item : items) {
      const auto& names = items_[static_cast<std::size_t>(item)].groups;
      if (level >= names.size()) {
        groups.push_back({item});
        continue;
      }
      const auto [place, fresh] = places.try_emplace(names[level], groups.size());
      if (fresh) groups.emplace_back();
      groups[place->second].push_back(item);
    }
    return groups;
  }

  struct Guilty {
    Items group, witness;
  };

  // From the first group to the last: each is kept unless it breaks what is kept by then.
  Result<std::vector<Guilty>> along(const std::vector<Items>& groups, bool root) {
    std::vector<Guilty> guilty;
    std::size_t from = 0, end = groups.size();
    bool breaks = true;  // what lies in [from, end), with what is kept
    while (from < groups.size()) {
      std::size_t good = from;  // [from, good) holds
      std::size_t step = stride(groups.size() - from, from, guilty.size());
      while (!breaks || end - good > 1) {
        const std::size_t next = breaks ? good + (end - good) / 2 : std::min(good + step, groups.size());
        auto outcome = probe(with_kept(joined(groups, from, next)));
        if (!outcome) return outcome.error();
        if (*outcome == ProbeOutcome::unknown) {
          keep(joined(groups, from, good));
          stop_at(joined(groups, good, root && breaks ? end : root ? good : groups.size()));
          return guilty;
        }
        if (*outcome == ProbeOutcome::breaks) {
          breaks = true;
          end = next;
          continue;
        }
        good = next;
        step *= 2;
        if (good == groups.size()) break;
      }
      keep(joined(groups, from, good));
      if (good == groups.size()) break;
      guilty.push_back({groups[good], witness_});
      from = good + 1;
      breaks = false;
    }
    return guilty;
  }

  // How far to look when it is not known whether anything more breaks: to the end, or as far as culprits have been apart.
  static std::size_t stride(std::size_t left, std::size_t passed, std::size_t found) {
    if (found < kFewCulprits) return left;
    return std::clamp<std::size_t>(passed / found, 1, left);
  }

  void stop_at(Items suspected) {
    if (!suspected.empty()) found_.culprits.push_back({std::move(suspected), false, witness_});
  }

  Items with_kept(Items items) const {
    items.insert(items.end(), kept_.begin(), kept_.end());
    return items;
  }

  void keep(const Items& items) { kept_.insert(items.begin(), items.end()); }

  Result<ProbeOutcome> probe(Items items) {
    std::sort(items.begin(), items.end());
    auto outcome = probe_(items);
    if (outcome && *outcome == ProbeOutcome::unknown) stopped_ = true;
    if (outcome && *outcome == ProbeOutcome::breaks) witness_ = std::move(items);
    return outcome;
  }

  const std::vector<SearchItem>& items_;
  const SubsetProbe& probe_;
  std::set<int> kept_;
  Items witness_;  // the last set that broke
  bool stopped_ = false;
  Bisection found_;
};

}  // namespace

Result<Bisection> bisect(const std::vector<SearchItem>& items, const std::vector<int>& suspects, const SubsetProbe& probe) {
  if (items.empty()) return Bisection{};
  return Search(items, probe).run(suspects);
}

}  // namespace baton
