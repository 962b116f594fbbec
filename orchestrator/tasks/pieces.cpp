#include "orchestrator/tasks/pieces.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace baton {

std::vector<Piece> pieces_of(const std::vector<Contribution>& contributions) {
  std::vector<Piece> pieces;
  for (int i = 0; i < static_cast<int>(contributions.size()); ++i) {
    const std::vector<Fix>& fixes = contributions[static_cast<std::size_t>(i)].fixes;
    if (fixes.empty()) {
      pieces.push_back({i, std::nullopt});
      continue;
    }
    const auto begin = static_cast<std::ptrdiff_t>(pieces.size());
    for (int k = 0; k < static_cast<int>(fixes.size()); ++k) pieces.push_back({i, k});
    const auto key = [&](const Piece& piece) {
      const Fix& fix = fixes[static_cast<std::size_t>(*piece.fix)];
      return std::tie(fix.tool, fix.check, fix.path, fix.line);
    };
    std::stable_sort(pieces.begin() + begin, pieces.end(), [&](const Piece& a, const Piece& b) { return key(a) < key(b); });
  }
  return pieces;
}

std::vector<Contribution> with_pieces(const std::vector<Contribution>& contributions, const std::vector<Piece>& pieces) {
  std::map<int, std::vector<int>> chosen;
  for (const Piece& piece : pieces) {
    auto& fixes = chosen[piece.contribution];
    if (piece.fix) fixes.push_back(*piece.fix);
  }
  std::vector<Contribution> kept;
  for (auto& [place, fixes] : chosen) {
    const Contribution& whole = contributions[static_cast<std::size_t>(place)];
    Contribution part = whole;
    part.fixes.clear();
    std::sort(fixes.begin(), fixes.end());
    for (const int fix : fixes) part.fixes.push_back(whole.fixes[static_cast<std::size_t>(fix)]);
    kept.push_back(std::move(part));
  }
  return kept;
}

SearchItem search_item(const std::vector<Contribution>& contributions, const Piece& piece) {
  const Contribution& contribution = contributions[static_cast<std::size_t>(piece.contribution)];
  if (!piece.fix) return {{contribution.subtask}};
  const Fix& fix = contribution.fixes[static_cast<std::size_t>(*piece.fix)];
  return {{contribution.subtask + '\n' + fix.tool + '\n' + fix.check, fix.path}, fix.path, fix.line};
}

LeftOut left_out(const std::vector<Contribution>& contributions, const Plan& plan, const Piece& piece, std::string reason) {
  const Contribution& contribution = contributions[static_cast<std::size_t>(piece.contribution)];
  if (piece.fix) {
    const Fix& fix = contribution.fixes[static_cast<std::size_t>(*piece.fix)];
    return {contribution.subtask, fix.check + " at " + fix.path + ":" + std::to_string(fix.line), std::move(reason), fix.path, fix.line};
  }
  const PlannedSubtask* subtask = find_subtask(plan, contribution.subtask);
  return {contribution.subtask, subtask && !subtask->title.empty() ? subtask->title : contribution.subtask, std::move(reason), {}, 0};
}

const PlannedSubtask* find_subtask(const Plan& plan, const std::string& id) {
  const auto found = std::find_if(plan.subtasks.begin(), plan.subtasks.end(), [&](const PlannedSubtask& subtask) { return subtask.id == id; });
  return found == plan.subtasks.end() ? nullptr : &*found;
}

}  // namespace baton
