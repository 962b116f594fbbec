// A round of a task: what the subtasks contribute is merged in plan order without a work tree, the verifier judges the merged
// commit, and a red verdict is traced to those that cause it by probes. A fixer's pieces that turn red are split and left out; what
// an agent did is blamed and given back. Blocks; worker threads.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "git/store.h"
#include "orchestrator/agents/fix.h"
#include "orchestrator/planner.h"
#include "orchestrator/progress.h"
#include "orchestrator/verify_report.h"

namespace baton {

// What a subtask brings: the commit of its last good attempt. With fixes, any part of them may be in the result.
struct Contribution {
  std::string subtask, agent;
  std::string start, commit;  // of the store; `commit` rests on `start`
  std::vector<Fix> fixes;
};

struct LeftOut {
  std::string subtask;
  std::string what;    // "modernize-use-nullptr at src/a.cpp:12", or the subtask's title
  std::string reason;  // one sentence: what it breaks
  std::string path;
  int line = 0;
};

struct MergeTrouble {
  std::vector<std::string> subtasks;
  std::vector<std::string> paths;
  std::string message;
};

struct Integration {
  std::string commit, tree;  // empty when there is trouble
  std::vector<MergeTrouble> troubles;
  std::vector<std::string> overlapping;  // ids of fixes that are not in it: an earlier one edits the same bytes
};

// In the given order, and in others where that conflicts. A contribution's own start is its base; the fixes of all that start from
// one commit are applied together.
Result<Integration> integrate(Store& store, const std::string& base, const std::vector<Contribution>& contributions, std::stop_token stop);

// Judges a commit of the store against the task's base. `gates`: only these and what they need (a probe); empty = all.
struct JudgeRequest {
  std::string commit;
  std::vector<std::string> gates;
  std::vector<std::string> criteria;
  bool probe = false;  // may go on from a kept build
};
using Judge = std::function<Result<VerifyReport>(const JudgeRequest& request, std::stop_token stop)>;

struct RoundOrder {
  std::string task;
  int round = 1;
  std::string base;      // commit of the store that the task started from
  Plan plan;
  std::vector<Contribution> contributions;
  std::set<std::string> given_back = {};  // subtasks that had conflicted and were done again, on top of the others
  double probe_minutes = 20;
};

// What the plan says a subtask changes, and no change of the result is in.
struct Untouched {
  std::string subtask;
  std::string planned;  // a file, a folder or a pattern of its write set
  bool operator==(const Untouched&) const = default;
};
std::vector<Untouched> untouched_by(const Plan& plan, const std::vector<FileChange>& changes);

enum class RoundEnd { green, red, conflicted, fault };
std::string_view to_string(RoundEnd end);

struct RoundResult {
  RoundEnd end = RoundEnd::fault;
  std::string commit, tree;          // what was judged last; with `green` it is what may land
  std::optional<VerifyReport> report;
  int criteria_open = 0;
  std::vector<std::string> blamed;   // subtasks
  std::vector<std::string> weakened; // green: subtasks whose work makes checks weaker than before
  std::vector<LeftOut> left_out;
  std::vector<Untouched> untouched;  // by `commit`
  std::vector<Contribution> contributions;  // those, with those of their fixes, that `commit` holds
  std::map<std::string, std::string> feedback;  // by subtask: Markdown for its next attempt
  std::vector<MergeTrouble> troubles;
  bool untested_fix = false;         // green: a bug fix of which no test shows that it is one
  std::string reason;                // of a fault, a red round or weaker checks: one sentence
  int probes = 0;
  double probe_seconds = 0;
};

Result<RoundResult> run_round(Store& store, const RoundOrder& order, const Judge& judge, ProgressTicker& progress, std::stop_token stop);

nlohmann::json to_json(const LeftOut& left);
nlohmann::json to_json(const Contribution& contribution);
Result<Contribution> contribution_from_json(const nlohmann::json& json);
nlohmann::json to_json(const RoundResult& result);
Result<RoundResult> round_result_from_json(const nlohmann::json& json);

}  // namespace baton
