#include "orchestrator/tasks/round_criteria.h"

#include <algorithm>
#include <map>
#include <set>

#include "orchestrator/criteria.h"

namespace baton {
namespace {

// A formatter is its own check, and its finding is the whole file.
FixedFinding finding_of(const Fix& fix) { return {fix.tool, fix.check, fix.path, fix.check == fix.tool ? 0 : fix.line}; }

std::map<std::string, int> counted(const std::vector<Contribution>& contributions) {
  std::map<std::string, int> counts;
  for (const Contribution& contribution : contributions) {
    for (const Fix& fix : contribution.fixes) ++counts[fixed_criterion(fix)];
  }
  return counts;
}

bool covers(const FixedFinding& wide, const FixedFinding& one) {
  return wide.tool == one.tool && wide.check == one.check && (wide.path.empty() || wide.path == one.path) && (wide.line == 0 || wide.line == one.line);
}

bool is_bug_without_test(const CriterionVerdict& criterion, const VerifyReport& report) {
  return criterion.text == kRedGreenCriterion && report.reproduction && report.reproduction->targets.empty();
}

}  // namespace

std::string fixed_criterion(const Fix& fix) { return to_criterion(finding_of(fix)); }

std::vector<std::string> criteria_of_round(const Plan& plan, const std::vector<Contribution>& whole, const std::vector<Contribution>& kept) {
  const auto brought = counted(whole), there = counted(kept);
  std::vector<FixedFinding> gone;
  for (const auto& [criterion, count] : brought) {
    const auto left = there.find(criterion);
    // Of two findings at one line a tool does not tell which is left.
    if (left == there.end() || left->second < count) gone.push_back(*fixed_finding(criterion));
  }
  const auto rests_on_what_is_gone = [&](const FixedFinding& asked) {
    return std::any_of(gone.begin(), gone.end(), [&](const FixedFinding& one) { return covers(asked, one); });
  };
  std::vector<std::string> criteria;
  std::set<std::string> known;
  for (const Criterion& criterion : plan.criteria) {
    const auto asked = fixed_finding(criterion.text);
    if (asked && rests_on_what_is_gone(*asked)) continue;
    criteria.push_back(criterion.text);
    known.insert(asked ? to_criterion(*asked) : criterion.text);
  }
  for (const auto& [criterion, count] : there) {
    if (!rests_on_what_is_gone(*fixed_finding(criterion)) && known.insert(criterion).second) criteria.push_back(criterion);
  }
  // Where the workflow was guessed, criteria of the user's own say enough.
  if (plan.workflow == Workflow::bugfix && plan.criteria.empty() && brought.empty() && known.insert(kRedGreenCriterion).second) criteria.emplace_back(kRedGreenCriterion);
  return criteria;
}

int open_criteria(const VerifyReport& report, const Plan& plan) {
  const bool asked = std::any_of(plan.criteria.begin(), plan.criteria.end(), [](const Criterion& one) { return one.text == kRedGreenCriterion; });
  return static_cast<int>(std::count_if(report.criteria.begin(), report.criteria.end(), [&](const CriterionVerdict& one) { return one.status != CriterionStatus::met && (asked || !is_bug_without_test(one, report)); }));
}

}  // namespace baton
