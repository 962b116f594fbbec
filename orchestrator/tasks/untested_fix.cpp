#include "orchestrator/tasks/untested_fix.h"

#include <algorithm>

#include "orchestrator/change_parts.h"

namespace baton {
namespace {

bool shows_a_fix(const TestVerdict& test) {
  return test.status == TestStatus::fixed || test.status == TestStatus::added;
}

bool changes_program(const FileChange& change) {
  const ChangePart part = part_of_change(change.path);
  return part == ChangePart::program || part == ChangePart::both;
}

}  // namespace

Result<bool> is_untested_fix(const Store& store, const Plan& plan, const std::vector<Contribution>& contributions,
                             const VerifyReport& report) {
  const bool agents = std::any_of(contributions.begin(), contributions.end(),
                                  [](const Contribution& one) { return one.fixes.empty(); });
  if (plan.workflow != Workflow::bugfix || !agents) return false;
  if (std::any_of(report.tests.begin(), report.tests.end(), shows_a_fix)) return false;
  const auto changes = store.changes(report.base.tree, report.head.tree);
  if (!changes) return changes.error();
  if (std::none_of(changes->begin(), changes->end(), changes_program)) return false;
  const auto text_of = [&](const std::string& tree) -> TextOf {
    return [&store, tree](const std::string& path) {
      auto text = store.read(tree, path);
      return text ? std::move(*text) : std::nullopt;
    };
  };
  return changed_tests(*changes, text_of(report.base.tree), text_of(report.head.tree)).empty();
}

}  // namespace baton
