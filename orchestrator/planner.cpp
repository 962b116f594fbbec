#include "orchestrator/planner.h"

#include <algorithm>
#include <array>
#include <set>

namespace baton {
namespace {

// Lower layers first: what stands on the right starts from the result of what stands on the left.
constexpr std::array<std::string_view, 3> kLayers = {"database", "backend", "frontend"};

constexpr std::size_t kMaxIdLength = 64;

// A folder, a log and a reference are named by it.
bool usable_id(std::string_view id) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
  return id.size() <= kMaxIdLength && id.front() != '-' && std::all_of(id.begin(), id.end(), allowed);
}

bool is_layer(std::string_view domain) { return std::find(kLayers.begin(), kLayers.end(), domain) != kLayers.end(); }

int turn_of(std::string_view domain, Workflow workflow) {
  const auto layer = std::find(kLayers.begin(), kLayers.end(), domain);
  if (layer != kLayers.end()) return 1 + static_cast<int>(layer - kLayers.begin());
  // Tests come before what they have to hold, and after what is new.
  if (domain == "testing") return workflow == Workflow::feature ? 10 : 0;
  if (domain == "documentation") return 11;
  return 5;
}

bool starts_from(const PlannedSubtask& later, const PlannedSubtask& earlier, Workflow workflow) {
  if (later.agent_type == "documentation") return true;
  if (later.agent_type == "testing") return workflow == Workflow::feature && earlier.agent_type != "documentation";
  if (earlier.agent_type == "testing") return true;
  return is_layer(later.agent_type) && is_layer(earlier.agent_type);
}

std::vector<std::string> named_files(std::string_view text) {
  std::vector<std::string> files;
  for (const TaskClause& clause : task_clauses(text)) {
    for (const std::string& path : clause.paths) {
      if (std::find(files.begin(), files.end(), path) == files.end()) files.push_back(path);
    }
  }
  return files;
}

void add_dependencies(Plan& plan) {
  for (std::size_t i = 0; i < plan.subtasks.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (starts_from(plan.subtasks[i], plan.subtasks[k], plan.workflow)) plan.subtasks[i].after.push_back(plan.subtasks[k].id);
    }
  }
}

bool is_chain(const Plan& plan) {
  for (std::size_t i = 1; i < plan.subtasks.size(); ++i) {
    const auto& after = plan.subtasks[i].after;
    if (std::find(after.begin(), after.end(), plan.subtasks[i - 1].id) == after.end()) return false;
  }
  return true;
}

void make_chain(Plan& plan) {
  for (std::size_t i = 0; i < plan.subtasks.size(); ++i) {
    plan.subtasks[i].after.clear();
    if (i > 0) plan.subtasks[i].after.push_back(plan.subtasks[i - 1].id);
  }
}

// A criterion belongs to the domains that it speaks of, else to the one with the strongest evidence.
void share_criteria(Plan& plan, const Router& router, const std::string& strongest) {
  for (const Criterion& criterion : plan.criteria) {
    const auto domains = router.route(criterion.text).domains;
    bool given = false;
    for (PlannedSubtask& subtask : plan.subtasks) {
      if (std::find(domains.begin(), domains.end(), subtask.agent_type) == domains.end()) continue;
      subtask.criteria.push_back(criterion.id);
      given = true;
    }
    for (PlannedSubtask& subtask : plan.subtasks) {
      if (!given && subtask.agent_type == strongest) subtask.criteria.push_back(criterion.id);
    }
  }
}

std::string listed(const std::vector<PlannedSubtask>& subtasks) {
  std::string text;
  for (const PlannedSubtask& subtask : subtasks) text += (text.empty() ? "" : ", ") + subtask.agent_type;
  return text;
}

// Subtasks that are left when everything that can come to its turn has: those of a circle and what rests on them.
std::set<std::string> in_circle(const Plan& plan) {
  std::set<std::string> left;
  for (const PlannedSubtask& subtask : plan.subtasks) left.insert(subtask.id);
  const auto known = left;
  for (bool moved = true; moved;) {
    moved = false;
    for (const PlannedSubtask& subtask : plan.subtasks) {
      const bool waits = std::any_of(subtask.after.begin(), subtask.after.end(), [&](const std::string& id) { return known.contains(id) && left.contains(id); });
      if (!waits && left.erase(subtask.id) > 0) moved = true;
    }
  }
  return left;
}

}  // namespace

std::string_view to_string(Pattern pattern) {
  switch (pattern) {
    case Pattern::parallel: return "parallel";
    case Pattern::sequential: return "sequential";
    case Pattern::specialist: return "specialist";
  }
  return "";
}

Plan make_plan(const TaskText& task, const Router& router, const WorkspaceFacts& facts, const PlanWishes& wishes) {
  const Route route = router.route(task.body, facts);
  Plan plan{task.title, task.body, route.route, wishes.workflow.value_or(route.workflow), Pattern::specialist, {}, {}, task.criteria, {}};
  if (route.ambiguous && task.criteria.empty()) {
    plan.question = "How can one tell that it is done? Nothing in the task can be checked; name an outcome, a place or a figure.";
  }
  const std::string strongest = route.domains.empty() ? std::string(kGeneral) : route.domains.front();
  std::vector<std::string> domains = route.domains;
  if (domains.empty() || wishes.pattern == Pattern::specialist) domains = {strongest};
  std::stable_sort(domains.begin(), domains.end(), [&](const auto& a, const auto& b) { return turn_of(a, plan.workflow) < turn_of(b, plan.workflow); });
  const auto files = named_files(task.body);
  for (const std::string& domain : domains) {
    PlannedSubtask subtask{"s" + std::to_string(plan.subtasks.size() + 1), task.title, domain, {}, {}, {}};
    if (domains.size() > 1) subtask.title = domain + ": " + task.title;
    for (const std::string& file : files) {
      const std::string owner = router.domain_of_file(file, facts);
      if (domains.size() == 1 || owner == domain) subtask.write_set.push_back(file);
    }
    plan.subtasks.push_back(std::move(subtask));
  }
  share_criteria(plan, router, strongest);
  add_dependencies(plan);
  if (plan.subtasks.size() > 1) plan.pattern = wishes.pattern.value_or(is_chain(plan) ? Pattern::sequential : Pattern::parallel);
  if (plan.pattern == Pattern::sequential) make_chain(plan);
  if (plan.subtasks.size() == 1) plan.reason = "One specialist is enough. ";
  else if (plan.pattern == Pattern::sequential) plan.reason = "Each step rests on the one before: " + listed(plan.subtasks) + ". ";
  else plan.reason = "What does not rest on another part runs beside it: " + listed(plan.subtasks) + ". ";
  if (wishes.pattern) plan.reason = "The pattern is as you asked. " + plan.reason;
  plan.reason += route.why;
  return plan;
}

std::vector<std::string> plan_problems(const Plan& plan) {
  std::vector<std::string> problems;
  std::set<std::string> subtasks, criteria, covered;
  if (plan.subtasks.empty()) problems.push_back("The plan has no subtask; give it at least one.");
  for (const Criterion& criterion : plan.criteria) {
    if (criterion.id.empty()) problems.push_back("The criterion \"" + criterion.text + "\" has no id; give it one.");
    else if (!criteria.insert(criterion.id).second) problems.push_back("The criterion id " + criterion.id + " comes twice; give one of the two another.");
  }
  for (const PlannedSubtask& subtask : plan.subtasks) {
    if (subtask.id.empty()) problems.push_back("The subtask \"" + subtask.title + "\" has no id; give it one.");
    else if (!subtasks.insert(subtask.id).second) problems.push_back("The subtask id " + subtask.id + " comes twice; give one of the two another.");
    if (!subtask.id.empty() && !usable_id(subtask.id)) problems.push_back("The subtask id \"" + subtask.id + "\" names folders and branches: give it letters, digits, - and _ alone, at most 64 of them.");
    if (subtask.agent_type.empty()) problems.push_back("Subtask " + subtask.id + " names no agent type; `general` is one.");
  }
  for (const PlannedSubtask& subtask : plan.subtasks) {
    for (const std::string& id : subtask.after) {
      if (!subtasks.contains(id)) problems.push_back("Subtask " + subtask.id + " comes after " + id + ", which is no subtask; correct or remove it.");
    }
    for (const std::string& id : subtask.criteria) {
      covered.insert(id);
      if (!criteria.contains(id)) problems.push_back("Subtask " + subtask.id + " names the criterion " + id + ", which the plan does not have; correct or remove it.");
    }
  }
  for (const std::string& id : criteria) {
    if (!covered.contains(id)) problems.push_back("No subtask has the criterion " + id + "; give it to one, or remove it.");
  }
  if (const auto circle = in_circle(plan); !circle.empty()) {
    std::string ids;
    for (const std::string& id : circle) ids += (ids.empty() ? "" : ", ") + id;
    problems.push_back("The subtasks " + ids + " wait for each other in a circle; remove one of their dependencies.");
  }
  return problems;
}

}  // namespace baton
