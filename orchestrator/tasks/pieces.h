// What a round is made of, in pieces that may be left out alone: a subtask of an agent, or one fix of a fixer. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orchestrator/tasks/bisection.h"
#include "orchestrator/tasks/round.h"

namespace baton {

struct Piece {
  int contribution = 0;    // its place in the list
  std::optional<int> fix;  // its place among the contribution's fixes
};

// In plan order, a contribution's fixes by check, file and place.
std::vector<Piece> pieces_of(const std::vector<Contribution>& contributions);

// The contributions with these pieces alone, in their order.
std::vector<Contribution> with_pieces(const std::vector<Contribution>& contributions, const std::vector<Piece>& pieces);

// For the search: a fix lies in its subtask and check, and in its file there.
SearchItem search_item(const std::vector<Contribution>& contributions, const Piece& piece);

LeftOut left_out(const std::vector<Contribution>& contributions, const Plan& plan, const Piece& piece, std::string reason);

const PlannedSubtask* find_subtask(const Plan& plan, const std::string& id);

}  // namespace baton
