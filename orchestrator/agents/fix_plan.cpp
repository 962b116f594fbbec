#include "orchestrator/agents/fix_plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "orchestrator/agents/fix_words.h"
#include "orchestrator/criteria.h"
#include "orchestrator/router.h"

namespace baton {
namespace {

constexpr std::size_t kNamed = 8;  // checks in a sentence

// "readability-magic-numbers (40), misc-x (3) and 2 more"
std::string counted(const std::map<std::string, int>& checks) {
  std::vector<std::pair<int, std::string>> sorted;
  for (const auto& [check, count] : checks) sorted.emplace_back(-count, check);
  std::sort(sorted.begin(), sorted.end());
  std::string text;
  for (std::size_t i = 0; i < std::min(sorted.size(), kNamed); ++i) text += (i > 0 ? ", " : "") + sorted[i].second + " (" + std::to_string(-sorted[i].first) + ")";
  if (sorted.size() > kNamed) text += " and " + std::to_string(sorted.size() - kNamed) + " more checks";
  return text;
}

std::string plural(std::size_t count, const std::string& one, const std::string& many) { return std::to_string(count) + " " + (count == 1 ? one : many); }

struct Group {
  const FixTool* tool = nullptr;
  std::string check;
  std::vector<std::string> criteria;
  FixCount count;
};

PlannedSubtask subtask_of(const Group& group, std::size_t number) {
  PlannedSubtask subtask;
  subtask.id = "s" + std::to_string(number);
  const std::string tool(group.tool->name);
  subtask.title = fixes_in_words(tool, group.check, group.count);
  subtask.agent_type = kGeneral;
  subtask.criteria = group.criteria;
  subtask.write_set.assign(group.count.files.begin(), group.count.files.end());
  subtask.agent = tool;
  subtask.check = group.check;
  return subtask;
}

}  // namespace

// Of a formatter the whole file.
std::string criterion_of(const Fix& fix) { return to_criterion({fix.tool, fix.check, fix.path, fix.check == fix.tool ? 0 : fix.line}); }

Result<Plan> plan_of_fixes(const TaskText& task, const std::vector<LookedAt>& looks) {
  Plan plan{task.title, task.body, std::string(kGeneral), Workflow::refactor, Pattern::parallel, {}, {}, {}, {}};
  std::map<std::pair<std::size_t, std::string>, Group> groups;
  std::map<std::string, int> by_hand;
  std::set<std::string> tools, criteria;
  std::size_t fixes = 0;
  for (std::size_t i = 0; i < looks.size(); ++i) {
    tools.emplace(looks[i].tool->name);
    for (const Fix& fix : looks[i].look.fixes) {
      if (fix.edits.empty()) {
        ++by_hand[fix.check];
        continue;
      }
      ++fixes;
      Group& group = groups[{i, fix.check}];
      group.tool = looks[i].tool;
      group.check = fix.check;
      add(group.count, fix);
      std::string text = criterion_of(fix);
      if (!criteria.insert(text).second) continue;
      plan.criteria.push_back({"c" + std::to_string(plan.criteria.size() + 1), std::move(text)});
      group.criteria.push_back(plan.criteria.back().id);
    }
  }
  std::string who, notes;
  for (const std::string& tool : tools) who += (who.empty() ? "" : ", ") + tool;
  for (const LookedAt& one : looks) {
    for (const std::string& note : one.look.notes) notes += " " + note;
  }
  if (groups.empty()) {
    const std::string rest = by_hand.empty() ? "." : "; what was found has to be mended by hand: " + counted(by_hand) + ".";
    return Error{ErrorKind::precondition, who + (tools.size() == 1 ? " has" : " have") + " nothing to fix here" + rest + notes};
  }
  for (const auto& [key, group] : groups) plan.subtasks.push_back(subtask_of(group, plan.subtasks.size() + 1));
  if (plan.subtasks.size() == 1) plan.pattern = Pattern::specialist;
  plan.reason = who + (tools.size() == 1 ? " proposes " : " propose ") + plural(fixes, "fix", "fixes") + " of " + plural(groups.size(), "check", "checks") +
                ": a subtask for each, so that what breaks something is left out alone.";
  if (!by_hand.empty()) plan.reason += " Without a fix of its own, and so not part of the plan: " + counted(by_hand) + ".";
  plan.reason += notes;
  return plan;
}

}  // namespace baton
