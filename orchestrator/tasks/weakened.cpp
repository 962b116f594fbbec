#include "orchestrator/tasks/weakened.h"

#include <algorithm>
#include <set>

#include "orchestrator/tasks/markdown.h"

namespace baton {
namespace {

constexpr std::size_t kMaxWeakened = 40;

std::string place_in_change(const AuditFinding& finding) {
  return finding.path + (finding.line > 0 ? ":" + std::to_string(finding.line) : "");
}

Result<bool> touches_any_of(const Store& store, const Contribution& one, const std::set<std::string>& paths) {
  const auto before = store.tree_of(one.start), after = store.tree_of(one.commit);
  if (!before) return before.error();
  if (!after) return after.error();
  const auto changes = store.changes(*before, *after);
  if (!changes) return changes.error();
  return std::any_of(changes->begin(), changes->end(), [&](const FileChange& change) {
    return paths.contains(change.path) || paths.contains(change.old_path);
  });
}

}  // namespace

Result<std::vector<std::string>> weakened_by(const Store& store, const std::vector<Contribution>& contributions,
                                             const VerifyReport& report) {
  std::set<std::string> paths;
  for (const AuditFinding& finding : report.audit) {
    if (finding.escalates) paths.insert(finding.path);
  }
  std::vector<std::string> by, agents;
  if (paths.empty()) return by;
  bool by_a_tool = false;
  for (const Contribution& one : contributions) {
    if (one.commit.empty()) continue;
    const auto touched = touches_any_of(store, one, paths);
    if (!touched) return touched.error();
    if (!one.fixes.empty()) {
      by_a_tool = by_a_tool || *touched;
      continue;
    }
    agents.push_back(one.subtask);
    if (*touched) by.push_back(one.subtask);
  }
  return by.empty() && !by_a_tool ? agents : by;
}

std::string weakened_sentence(const VerifyReport& report) {
  const std::size_t count = weakened_checks(report);
  for (const AuditFinding& finding : report.audit) {
    if (!finding.escalates) continue;
    return place_in_change(finding) + ": " + finding.message +
           (count > 1 ? " And " + std::to_string(count - 1) + " more." : "");
  }
  return {};
}

std::string weakened_feedback(int round, const VerifyReport& report) {
  return "Round " + std::to_string(round) +
         ": the gates pass, and your change removes protection. Do the task without making these weaker:\n\n" +
         weakened_list(report);
}

std::string weakened_list(const VerifyReport& report) {
  std::string text;
  std::size_t listed = 0;
  for (const AuditFinding& finding : report.audit) {
    if (!finding.escalates) continue;
    if (listed++ == kMaxWeakened) {
      text += "- and " + std::to_string(weakened_checks(report) - kMaxWeakened) + " more, in the evidence\n";
      break;
    }
    text += "- " + code_span(place_in_change(finding)) + (finding.on_base ? " (as it was)" : "") + ": " +
            plain_words(finding.message) + "\n";
    if (!finding.hunk.empty()) text += "\n" + code_block(finding.hunk, "diff") + "\n";
  }
  return text;
}

}  // namespace baton
