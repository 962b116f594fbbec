// A plan of fixes, and the fixes of one of its subtasks: what asks the tools.
#include <algorithm>

#include "orchestrator/agents/attempt.h"
#include "orchestrator/agents/fix_looks.h"
#include "orchestrator/agents/fix_plan.h"
#include "orchestrator/agents/fixers.h"

namespace baton {
namespace {

Result<std::unique_ptr<FileSource>> files_of_commit(const Store& store, const std::string& commit) {
  auto tree = store.tree_of(commit);
  if (!tree) return tree.error();
  return tree_source(store, *tree);
}

void tell(ProgressTicker& progress, const FixTool& tool) {
  progress.show({"plan", "", "", std::string(tool.name) + " looks at the workspace", 0, 0, ""});
}

}  // namespace

Result<std::optional<Plan>> plan_fixes(const TaskText& task, const std::string& commit, const AttemptParts& parts, const Environment& client_env,
                                       ProgressTicker& progress, std::stop_token stop) {
  auto files = files_of_commit(parts.store, commit);
  if (!files) return files.error();
  const auto wish = fix_wish(task.body, **files);
  if (!wish) return std::optional<Plan>();
  FixLooks looks(parts, *wish, commit, client_env, progress, stop);
  auto tools = looks.tools();
  if (!tools) return tools.error();
  std::vector<LookedAt> looked;
  for (const FixTool* tool : *tools) {
    tell(progress, *tool);
    auto look = looks.look(*tool);
    if (!look) return look.error();
    looked.push_back({tool, std::move(*look)});
  }
  auto plan = plan_of_fixes(task, looked);
  if (!plan) return plan.error();
  return std::optional(std::move(*plan));
}

Result<std::vector<Fix>> fixes_of(const AttemptOrder& order, const AttemptParts& parts, ProgressTicker& progress, std::stop_token stop) {
  const FixTool* tool = find_fix_tool(order.agent.name);
  if (!tool) return Error{ErrorKind::usage, "There is no fixer \"" + order.agent.name + "\"; `baton doctor` lists those that there are."};
  auto files = files_of_commit(parts.store, order.start);
  if (!files) return files.error();
  // A plan by hand may use a fixer for a task that names none.
  FixWish wish = fix_wish(order.text, **files).value_or(FixWish{});
  FixLooks looks(parts, wish, order.start, order.client_env, progress, stop);
  auto look = looks.look(*tool);
  if (!look) return look.error();
  std::vector<std::string> wanted;
  for (const Criterion& criterion : order.criteria) wanted.push_back(criterion.text);
  std::sort(wanted.begin(), wanted.end());
  std::erase_if(look->fixes, [&](const Fix& fix) {
    const bool of_check = order.part.check.empty() || fix.check == order.part.check;
    const bool asked = wanted.empty() || std::binary_search(wanted.begin(), wanted.end(), criterion_of(fix));
    return fix.edits.empty() || !of_check || !asked;
  });
  return std::move(look->fixes);
}

}  // namespace baton
