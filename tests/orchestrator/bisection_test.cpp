// Group testing over generated break sets: what is named is guilty, what is left holds, and the probes are as few as stated.
#include "orchestrator/tasks/bisection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <map>
#include <random>
#include <set>

namespace baton {
namespace {

using Breaks = std::vector<std::set<int>>;  // a set of items breaks where it holds all of one of these

bool broken(const std::vector<int>& items, const Breaks& breaks) {
  const std::set<int> there(items.begin(), items.end());
  return std::any_of(breaks.begin(), breaks.end(), [&](const auto& one) { return std::includes(there.begin(), there.end(), one.begin(), one.end()); });
}

struct Searched {
  Bisection found;
  int probes = 0;
  std::set<int> left_out() const {
    std::set<int> items;
    for (const Culprit& culprit : found.culprits) items.insert(culprit.items.begin(), culprit.items.end());
    return items;
  }
};

std::vector<SearchItem> plain(int count) { return std::vector<SearchItem>(static_cast<std::size_t>(count)); }

// Items in checks and files, as a fixer brings them.
std::vector<SearchItem> nested(int checks, int files, int fixes) {
  std::vector<SearchItem> items;
  for (int check = 0; check < checks; ++check) {
    for (int i = 0; i < files * fixes; ++i) items.push_back({{"check" + std::to_string(check), "file" + std::to_string(i / fixes)}});
  }
  return items;
}

Searched search(const std::vector<SearchItem>& items, const Breaks& breaks, int budget = 1 << 20, const std::vector<int>& suspects = {}) {
  Searched searched;
  auto found = bisect(items, suspects, [&](const std::vector<int>& asked) -> Result<ProbeOutcome> {
    EXPECT_TRUE(std::is_sorted(asked.begin(), asked.end()));
    if (searched.probes == budget) return ProbeOutcome::unknown;
    ++searched.probes;
    return broken(asked, breaks) ? ProbeOutcome::breaks : ProbeOutcome::holds;
  });
  EXPECT_TRUE(found.ok());
  searched.found = *found;
  return searched;
}

int log2_up(std::size_t n) { return n <= 1 ? 0 : static_cast<int>(std::bit_width(n - 1)); }

std::vector<int> without(std::size_t count, const std::set<int>& away) {
  std::vector<int> rest;
  for (int i = 0; i < static_cast<int>(count); ++i) {
    if (!away.contains(i)) rest.push_back(i);
  }
  return rest;
}

// All that must hold whatever breaks: nothing innocent, nothing guilty left.
void check(const std::vector<SearchItem>& items, const Breaks& breaks, const Searched& searched) {
  const std::set<int> left = searched.left_out();
  EXPECT_FALSE(broken(without(items.size(), left), breaks));
  EXPECT_TRUE(searched.found.unproven.empty());
  for (const Culprit& culprit : searched.found.culprits) {
    ASSERT_TRUE(culprit.exact);
    ASSERT_EQ(culprit.items.size(), 1u);
    const int item = culprit.items.front();
    EXPECT_TRUE(std::any_of(breaks.begin(), breaks.end(), [&](const auto& one) { return one.contains(item); })) << item << " is innocent";
    std::vector<int> with = without(items.size(), left);
    with.insert(std::upper_bound(with.begin(), with.end(), item), item);
    EXPECT_TRUE(broken(with, breaks)) << item << " could have stayed";
    if (!culprit.witness.empty()) EXPECT_TRUE(broken(culprit.witness, breaks));
  }
}

TEST(Bisection, OneBreakTakesLog2AndOneProbes) {
  for (const int count : {1, 2, 3, 7, 8, 64, 100, 1000}) {
    for (int guilty = 0; guilty < count; guilty += std::max(1, count / 37)) {
      const Breaks breaks{{guilty}};
      const Searched searched = search(plain(count), breaks);
      check(plain(count), breaks, searched);
      EXPECT_EQ(searched.left_out(), std::set<int>{guilty});
      EXPECT_LE(searched.probes, log2_up(static_cast<std::size_t>(count)) + 1) << count << ", " << guilty;
    }
  }
}

TEST(Bisection, ABreakOfAPairIsAsCheapAndNamesItsLast) {
  for (const int count : {2, 5, 64, 1000}) {
    for (int seed = 0; seed < 50; ++seed) {
      std::mt19937 random(static_cast<unsigned>(seed));
      const int a = static_cast<int>(random() % static_cast<unsigned>(count)), b = static_cast<int>(random() % static_cast<unsigned>(count));
      if (a == b) continue;
      const Breaks breaks{{a, b}};
      const Searched searched = search(plain(count), breaks);
      check(plain(count), breaks, searched);
      EXPECT_EQ(searched.left_out(), std::set<int>{std::max(a, b)});
      EXPECT_LE(searched.probes, log2_up(static_cast<std::size_t>(count)) + 1);
    }
  }
}

TEST(Bisection, SeveralBreaksAreAllFoundAndNobodyInnocent) {
  for (int seed = 0; seed < 400; ++seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    const int count = 1 + static_cast<int>(random() % 120u);
    Breaks breaks;
    for (unsigned k = 0, several = 1 + random() % 6; k < several; ++k) {
      std::set<int> one;
      for (unsigned i = 0, size = 1 + random() % 3; i < size; ++i) one.insert(static_cast<int>(random() % static_cast<unsigned>(count)));
      breaks.push_back(one);
    }
    const Searched searched = search(plain(count), breaks);
    check(plain(count), breaks, searched);
    const int culprits = static_cast<int>(searched.found.culprits.size());
    EXPECT_LE(culprits, static_cast<int>(breaks.size()));
    EXPECT_LE(searched.probes, culprits * (2 * log2_up(static_cast<std::size_t>(count)) + 2)) << seed;
  }
}

TEST(Bisection, GroupsAreSplitOnlyWhereTheyBreak) {
  const auto items = nested(20, 10, 5);
  const int guilty = 3 * 50 + 4 * 5 + 2;
  const Breaks breaks{{guilty}};
  const Searched searched = search(items, breaks);
  check(items, breaks, searched);
  EXPECT_EQ(searched.left_out(), std::set<int>{guilty});
  EXPECT_LE(searched.probes, log2_up(20) + log2_up(10) + log2_up(5) + 3);
}

TEST(Bisection, ACheckThatBreaksEverywhereIsLeftOutOneByOne) {
  const auto items = nested(8, 4, 5);
  Breaks breaks;
  for (int i = 40; i < 60; ++i) breaks.push_back({i});
  const Searched searched = search(items, breaks);
  check(items, breaks, searched);
  EXPECT_EQ(searched.left_out().size(), 20u);
  EXPECT_LE(searched.probes, 70);
}

TEST(Bisection, RandomNestedBreaks) {
  for (int seed = 0; seed < 300; ++seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    const auto items = nested(1 + static_cast<int>(random() % 6u), 1 + static_cast<int>(random() % 5u), 1 + static_cast<int>(random() % 5u));
    Breaks breaks;
    for (unsigned k = 0, several = 1 + random() % 5; k < several; ++k) {
      std::set<int> one;
      for (unsigned i = 0, size = 1 + random() % 2; i < size; ++i) one.insert(static_cast<int>(random() % items.size()));
      breaks.push_back(one);
    }
    check(items, breaks, search(items, breaks));
    std::vector<int> suspects;
    for (int i = 0; i < static_cast<int>(items.size()); ++i) {
      if (random() % 4 == 0) suspects.push_back(i);
    }
    check(items, breaks, search(items, breaks, 1 << 20, suspects));
  }
}

TEST(Bisection, EvidenceThatIsRightSavesProbes) {
  const Breaks breaks{{700}};
  const Searched searched = search(plain(1000), breaks, 1 << 20, {700});
  check(plain(1000), breaks, searched);
  EXPECT_EQ(searched.probes, 1);
  EXPECT_EQ(searched.left_out(), std::set<int>{700});
}

TEST(Bisection, WhenTheBudgetEndsTheSuspectedGroupIsNamedWhole) {
  for (int seed = 0; seed < 200; ++seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    const auto items = nested(6, 3, 4);
    const Breaks breaks{{static_cast<int>(random() % items.size())}, {static_cast<int>(random() % items.size()), static_cast<int>(random() % items.size())}};
    const int budget = static_cast<int>(random() % 8u);
    const Searched searched = search(items, breaks, budget);
    EXPECT_LE(searched.probes, budget);
    EXPECT_FALSE(broken(searched.found.held, breaks)) << "what is said to hold was judged";
    // Every item is held, named or said to be unproven, and none twice.
    std::vector<int> all = searched.found.held;
    for (const Culprit& culprit : searched.found.culprits) all.insert(all.end(), culprit.items.begin(), culprit.items.end());
    all.insert(all.end(), searched.found.unproven.begin(), searched.found.unproven.end());
    std::sort(all.begin(), all.end());
    EXPECT_EQ(all, without(items.size(), {}));
    if (budget == 0) EXPECT_EQ(searched.left_out().size(), items.size());
  }
}

TEST(Bisection, AnErrorOfTheProbeIsPassedOn) {
  const auto found = bisect(plain(4), {}, [](const std::vector<int>&) { return Result<ProbeOutcome>(Error{ErrorKind::cancelled, "Cancelled."}); });
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().kind, ErrorKind::cancelled);
}

using Needs = std::map<int, std::set<int>>;  // an item breaks where one of those that it needs is not there

struct Reunited {
  std::set<int> left_out;
  int probes = 0;  // of the second look
};

struct Place {
  std::string check, path;
  int line;
};

// Items as fixes of checks at lines of files, searched and looked at again.
Reunited reunited(const std::vector<Place>& places, const Needs& needs, const Breaks& breaks, int most = 12) {
  std::vector<SearchItem> items;
  for (const auto& [check, path, line] : places) items.push_back({{check, path}, path, line});
  int probes = 0;
  const SubsetProbe probe = [&](const std::vector<int>& asked) -> Result<ProbeOutcome> {
    EXPECT_TRUE(std::is_sorted(asked.begin(), asked.end()));
    ++probes;
    const std::set<int> there(asked.begin(), asked.end());
    const bool lacks = std::any_of(needs.begin(), needs.end(), [&](const auto& one) {
      return there.contains(one.first) && !std::includes(there.begin(), there.end(), one.second.begin(), one.second.end());
    });
    return lacks || broken(asked, breaks) ? ProbeOutcome::breaks : ProbeOutcome::holds;
  };
  const auto found = bisect(items, {}, probe);
  EXPECT_TRUE(found.ok());
  probes = 0;
  const auto back = reunite(items, *found, probe, most);
  EXPECT_TRUE(back.ok());
  Reunited result{{}, probes};
  for (const Culprit& culprit : found->culprits) result.left_out.insert(culprit.items.begin(), culprit.items.end());
  for (const int item : *back) EXPECT_EQ(result.left_out.erase(item), 1u);
  std::vector<int> held = found->held;
  held.insert(held.end(), back->begin(), back->end());
  std::sort(held.begin(), held.end());
  if (!held.empty()) EXPECT_EQ(*probe(held), ProbeOutcome::holds) << "what is given holds together";
  return result;
}

TEST(Reunion, WhatNeedsALaterOneOrEachOtherStays) {
  const std::vector<Place> places = {{"x", "a", 1}, {"x", "a", 5}, {"x", "b", 1}, {"y", "a", 2}, {"y", "a", 9}, {"y", "b", 40}, {"z", "c", 1}};
  const auto check = [&](const Needs& needs, const Breaks& breaks, const std::set<int>& left_out, int most_probes) {
    const Reunited result = reunited(places, needs, breaks);
    EXPECT_EQ(result.left_out, left_out);
    EXPECT_LE(result.probes, most_probes);
  };
  check({{0, {3}}}, {{6}}, {6}, 2);                      // a later one of its file
  check({{0, {4}}, {4, {0}}}, {{6}}, {6}, 2);            // each the other
  check({{0, {3}}, {3, {0}}}, {{6}, {1}}, {1, 6}, 6);    // each the other, beside one that is wrong
  check({{0, {3}}, {3, {0}}, {2, {5}}}, {{6}}, {6}, 6);  // in two files
  check({}, {{0}}, {0}, 1);                              // what is wrong stays out
  check({}, {{0}, {1}, {2}, {3}, {4}, {5}, {6}}, {0, 1, 2, 3, 4, 5, 6}, 12);
  EXPECT_EQ(reunited(places, {{0, {3}}}, {{6}}, 0).left_out.size(), 2u) << "without probes nothing comes back";
}

}  // namespace
}  // namespace baton
