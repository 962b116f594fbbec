// Contributions become one commit, in memory: each brings what it changed since its own start, merged into what is there.
#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "git/merge.h"
#include "orchestrator/tasks/round.h"

namespace baton {
namespace {

constexpr std::size_t kMaxOrders = 8;  // that are tried when the plan's conflicts

// What is merged as one: an agent's contribution, or all fixes that start from one commit.
struct Change {
  std::vector<std::string> subtasks;
  std::string start, tree;  // trees
  std::set<std::string> paths;
};

class Integrating {
 public:
  Integrating(Store& store, const std::string& base, std::stop_token stop) : store_(store), base_(base), stop_(std::move(stop)) {}

  Result<Integration> run(const std::vector<Contribution>& contributions) {
    auto base_tree = store_.tree_of(base_);
    if (!base_tree) return base_tree.error();
    base_tree_ = *base_tree;
    if (auto taken = take(contributions); !taken) return taken.error();
    std::vector<std::size_t> order(changes_.size());
    std::iota(order.begin(), order.end(), 0u);
    auto planned = merge(order);
    if (!planned) return planned.error();
    if (planned->troubles.empty()) return finish(std::move(planned->tree));
    for (const auto& other : other_orders(order, planned->conflicted)) {
      auto merged = merge(other);
      if (!merged) return merged.error();
      if (merged->troubles.empty()) return finish(std::move(merged->tree));
    }
    result_.troubles = std::move(planned->troubles);
    return std::move(result_);
  }

 private:
  struct Attempt {
    std::string tree;
    std::vector<MergeTrouble> troubles;
    std::vector<std::size_t> conflicted;
  };

  Status take(const std::vector<Contribution>& contributions) {
    std::map<std::string, std::size_t> fixers;  // by the commit that they start from
    std::map<std::size_t, std::vector<Fix>> fixes;
    std::map<std::size_t, std::string> starts;
    for (const Contribution& contribution : contributions) {
      auto start = store_.tree_of(contribution.start);
      if (!start) return start.error();
      if (!contribution.fixes.empty()) {
        const auto [place, fresh] = fixers.try_emplace(contribution.start, changes_.size());
        if (fresh) changes_.push_back({{}, *start, {}, {}});
        changes_[place->second].subtasks.push_back(contribution.subtask);
        starts[place->second] = contribution.start;
        auto& all = fixes[place->second];
        all.insert(all.end(), contribution.fixes.begin(), contribution.fixes.end());
        continue;
      }
      auto tree = contribution.commit.empty() ? Result<std::string>(*start) : store_.tree_of(contribution.commit);
      if (!tree) return tree.error();
      changes_.push_back({{contribution.subtask}, *start, *tree, {}});
    }
    for (const auto& [place, all] : fixes) {
      auto fixed = apply_fixes(store_, starts[place], all, stop_);
      if (!fixed) return fixed.error();
      changes_[place].tree = fixed->tree;
      result_.overlapping.insert(result_.overlapping.end(), fixed->overlapping.begin(), fixed->overlapping.end());
    }
    for (Change& change : changes_) {
      auto files = store_.changes(change.start, change.tree);
      if (!files) return files.error();
      for (const FileChange& file : *files) change.paths.insert({file.path, file.old_path});
    }
    return done();
  }

  Result<Attempt> merge(const std::vector<std::size_t>& order) {
    Attempt attempt{base_tree_, {}, {}};
    std::vector<std::size_t> there;
    for (const std::size_t place : order) {
      const Change& change = changes_[place];
      if (change.tree == change.start) continue;
      if (change.start == attempt.tree) {
        attempt.tree = change.tree;
      } else {
        auto merged = merge_trees(store_, change.start, attempt.tree, change.tree, stop_);
        if (!merged) return merged.error();
        if (!merged->clean()) {
          attempt.troubles.push_back(trouble(place, there, *merged));
          attempt.conflicted.push_back(place);
          continue;
        }
        attempt.tree = merged->tree;
      }
      there.push_back(place);
    }
    return attempt;
  }

  MergeTrouble trouble(std::size_t place, const std::vector<std::size_t>& there, const Merge& merged) const {
    MergeTrouble trouble;
    std::set<std::string> paths;
    for (const MergeConflict& conflict : merged.conflicts) paths.insert(conflict.paths.begin(), conflict.paths.end());
    for (const MergeStage& stage : merged.stages) paths.insert(stage.path);
    trouble.paths.assign(paths.begin(), paths.end());
    for (const std::size_t other : there) {
      const bool meets = std::any_of(paths.begin(), paths.end(), [&](const std::string& path) { return changes_[other].paths.contains(path); });
      if (meets) trouble.subtasks.insert(trouble.subtasks.end(), changes_[other].subtasks.begin(), changes_[other].subtasks.end());
    }
    trouble.subtasks.insert(trouble.subtasks.end(), changes_[place].subtasks.begin(), changes_[place].subtasks.end());
    trouble.message = merged.conflicts.empty() ? "Both change the same lines." : merged.conflicts.front().message;
    return trouble;
  }

  // A conflicting change before all others, after them, and everything turned round. What starts from another's result stays behind it.
  std::vector<std::vector<std::size_t>> other_orders(const std::vector<std::size_t>& order, const std::vector<std::size_t>& conflicted) const {
    std::vector<std::size_t> free, bound;
    for (const std::size_t place : order) (changes_[place].start == base_tree_ ? free : bound).push_back(place);
    std::vector<std::vector<std::size_t>> orders;
    const auto add = [&](std::vector<std::size_t> one) {
      one.insert(one.end(), bound.begin(), bound.end());
      if (one != order && orders.size() < kMaxOrders && std::find(orders.begin(), orders.end(), one) == orders.end()) orders.push_back(std::move(one));
    };
    add({free.rbegin(), free.rend()});
    for (const std::size_t place : conflicted) {
      if (std::find(free.begin(), free.end(), place) == free.end()) continue;
      std::vector<std::size_t> rest;
      std::copy_if(free.begin(), free.end(), std::back_inserter(rest), [&](std::size_t other) { return other != place; });
      std::vector<std::size_t> first = rest, last = rest;
      first.insert(first.begin(), place);
      last.push_back(place);
      add(std::move(first));
      add(std::move(last));
    }
    return orders;
  }

  Result<Integration> finish(std::string tree) {
    result_.tree = std::move(tree);
    if (result_.tree == base_tree_) {
      result_.commit = base_;
      return std::move(result_);
    }
    auto commit = store_.write_commit(result_.tree, {base_}, "baton: what the subtasks bring\n", 0);
    if (!commit) return commit.error();
    result_.commit = *commit;
    return std::move(result_);
  }

  Store& store_;
  std::string base_, base_tree_;
  std::stop_token stop_;
  std::vector<Change> changes_;
  Integration result_;
};

}  // namespace

Result<Integration> integrate(Store& store, const std::string& base, const std::vector<Contribution>& contributions, std::stop_token stop) {
  return Integrating(store, base, std::move(stop)).run(contributions);
}

}  // namespace baton
