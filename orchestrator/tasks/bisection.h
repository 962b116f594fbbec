// Group testing: which of many items break a result, found by judging some of them together. Each search goes along the items
// in order and finds by halving the first one that breaks what holds before it, so that a break of a pair or of several items is
// found as well: the last of them is named, and without it the others hold. For n items and one break log2(n) + 1 probes, rounded
// up. Items lie in groups (a check, a file in it), and a group is split only when it breaks as a whole. Pure but for the probe
// handed in; any thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "support/result.h"

namespace baton {

enum class ProbeOutcome { holds, breaks, unknown };  // unknown: the budget ended, so nothing more can be told

// Judges these items together; ascending indices.
using SubsetProbe = std::function<Result<ProbeOutcome>(const std::vector<int>& items)>;

struct SearchItem {
  std::vector<std::string> groups;  // those that it lies in, the widest first: {"s1 modernize-use-nullptr", "src/a.cpp"}
  std::string path = {};            // where it is; empty: it has no one place, and no neighbours
  int line = 0;
};

struct Culprit {
  std::vector<int> items;
  bool exact = true;         // one item; false: the search ended before it was told which of the group it is
  std::vector<int> witness;  // the set that broke with them; empty: all items
};

struct Bisection {
  std::vector<Culprit> culprits;
  std::vector<int> held;      // judged together, and holding; without a probe nothing is
  std::vector<int> unproven;  // neither: the search ended before it came to them
};

// All items together are known to break, none at all to hold. `suspects`: tried first, since the evidence points at them.
Result<Bisection> bisect(const std::vector<SearchItem>& items, const std::vector<int>& suspects, const SubsetProbe& probe);

// Those of the culprits that hold after all when what they need is there: a search that goes along names an item which needs a later
// one, and both of two that need each other. Neighbours alone are tried, the nearest first: for each file its culprits together, then each
// alone where something of its file has been kept since it broke, then each with the one next to it. At most `most` probes, and none
// after an unknown one. What is given holds together with what the search held.
Result<std::vector<int>> reunite(const std::vector<SearchItem>& items, const Bisection& found, const SubsetProbe& probe, int most);

}  // namespace baton
