// Mutants of a change: each changed line of the program is changed a little more, and the tests are asked whether they notice. The
// tests that call the code come first, and the whole gate only when they do not. Within a time budget; what is left over is
// counted. Blocks.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "analyzers/mutants.h"
#include "orchestrator/change_parts.h"
#include "orchestrator/criteria_facts.h"
#include "orchestrator/side_runner.h"

namespace baton {

struct MutantGround {
  Store& store;
  Judged head;
  const std::vector<FileChange>& changes;
  TextOf base_text, head_text;
  SideRunner& on_head;  // whose gates have run
  std::vector<const GateReport*> gates;  // test gates that the result passes
  const std::vector<TestVerdict>& tests;
  std::function<std::unique_ptr<SideRunner>(const std::string& name, const Judged& judged)> side;
  std::function<void(int done, int total)> progress;
  std::stop_token stop;
};

struct MutantsDone {
  MutantCount count;
  std::vector<Finding> unnoticed;  // information, each on its line of the result
};

Result<MutantsDone> try_mutants(const MutantGround& ground, std::chrono::seconds budget);

struct PlacedMutant {
  std::string path, symbol;  // `symbol`: the function around it
  Mutant mutant;
};
// Of the program's changed lines, files in turn, so that a short budget sees something of each. Pure.
std::vector<PlacedMutant> mutants_of_change(const std::vector<FileChange>& changes, const TextOf& base, const TextOf& head);

}  // namespace baton
