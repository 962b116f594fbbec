// A round from the contributions to its end. The whole is judged in full whenever it changed, and that verdict alone counts; what a
// probe says only leads to it.
#include "orchestrator/tasks/round.h"

#include <algorithm>
#include <map>
#include <set>

#include "orchestrator/accepted.h"
#include "orchestrator/task_words.h"
#include "orchestrator/tasks/feedback.h"
#include "orchestrator/tasks/pieces.h"
#include "orchestrator/tasks/round_criteria.h"
#include "orchestrator/tasks/suspicion.h"
#include "orchestrator/tasks/untested_fix.h"
#include "orchestrator/tasks/weakened.h"

namespace baton {
namespace {

constexpr int kMaxJudgements = 12;     // of the whole, each after something was left out
constexpr int kMaxProbes = 400;        // whatever the budget: answers from the cache cost no minutes
constexpr int kMaxReunions = 12;       // probes after a search, for what needs each other
constexpr int kMaxUnmetRounds = 2;     // fixes are left out because their findings stay

class Rounding {
 public:
  Rounding(Store& store, const RoundOrder& order, const Judge& judge, ProgressTicker& progress, std::stop_token stop)
      : store_(store), order_(order), judge_(judge), progress_(progress), stop_(std::move(stop)), pieces_(pieces_of(order.contributions)) {
    for (int i = 0; i < static_cast<int>(pieces_.size()); ++i) in_.push_back(i);
  }

  Result<RoundResult> run() {
    if (in_.empty()) return end(RoundEnd::red, "No subtask brought a change, so there is nothing to judge.");
    for (int judged = 0; judged < kMaxJudgements; ++judged) {
      auto whole = assemble(in_);
      if (!whole) return whole.error();
      if (!whole->troubles.empty()) return conflicted(std::move(whole->troubles));
      if (leave_out_overlapping(*whole)) continue;
      result_.commit = whole->commit;
      result_.tree = whole->tree;
      if (whole->commit == order_.base) return end(RoundEnd::red, nothing_left());
      auto report = judge_(full_request(), stop_);
      if (!report) return report.error();
      result_.report = std::move(*report);
      switch (result_.report->verdict) {
        case Verdict::verified:
        case Verdict::no_regression:
          if (leave_out_unmet()) continue;
          return green();
        case Verdict::inconclusive:
          return end(RoundEnd::fault, result_.report->cause);
        case Verdict::rejected:
          if (!result_.report->accepted) break;  // as `verify` ends with 0: each failure is known
          if (leave_out_unmet()) continue;
          return green();
      }
      if (auto sought = seek(); !sought) return sought.error();
      if (!fault_.empty()) return end(RoundEnd::fault, fault_);
      if (!result_.blamed.empty()) return end(RoundEnd::red, "With what " + named(result_.blamed) + " brought, " + failure_sentence(*result_.report) + ".");
      if (in_.empty()) return end(RoundEnd::red, nothing_left());
    }
    return end(RoundEnd::red, "It is red again each time something is left out; the last time " + failure_sentence(*result_.report) + ".");
  }

 private:
  // --- what is judged

  const Contribution& contribution(const Piece& piece) const { return order_.contributions[static_cast<std::size_t>(piece.contribution)]; }
  const Piece& piece(int item) const { return pieces_[static_cast<std::size_t>(item)]; }
  const Fix* fix(int item) const { return piece(item).fix ? &contribution(piece(item)).fixes[static_cast<std::size_t>(*piece(item).fix)] : nullptr; }
  const std::string& subtask(int item) const { return contribution(piece(item)).subtask; }

  std::vector<Contribution> contributions_of(const std::vector<int>& items) const {
    std::vector<Piece> chosen;
    for (const int item : items) chosen.push_back(piece(item));
    return with_pieces(order_.contributions, chosen);
  }

  Result<Integration> assemble(const std::vector<int>& items) { return integrate(store_, order_.base, contributions_of(items), stop_); }

  JudgeRequest full_request() const {
    JudgeRequest request;
    request.commit = result_.commit;
    request.criteria = criteria_of_round(order_.plan, order_.contributions, contributions_of(in_));
    return request;
  }

  // --- what is left out without a probe

  void leave_out(int item, std::string reason) {
    result_.left_out.push_back(left_out(order_.contributions, order_.plan, piece(item), std::move(reason)));
    std::erase(in_, item);
  }

  bool leave_out_overlapping(const Integration& whole) {
    const std::set<std::string> ids(whole.overlapping.begin(), whole.overlapping.end());
    bool any = false;
    for (const int item : std::vector<int>(in_)) {
      if (!fix(item) || !ids.contains(fix(item)->id)) continue;
      leave_out(item, "An earlier fix changes the same bytes; run the task again to get it.");
      any = true;
    }
    return any;
  }

  // The tool still shows the finding: what was changed did not mend it.
  bool leave_out_unmet() {
    std::set<std::string> unmet;
    for (const CriterionVerdict& criterion : result_.report->criteria) {
      if (criterion.status == CriterionStatus::unmet) unmet.insert(criterion.text);
    }
    if (unmet.empty() || unmet_rounds_ == kMaxUnmetRounds) return false;
    bool any = false;
    for (const int item : std::vector<int>(in_)) {
      if (!fix(item) || !unmet.contains(fixed_criterion(*fix(item)))) continue;
      leave_out(item, fix(item)->tool + " still shows the finding after its own fix.");
      any = true;
    }
    unmet_rounds_ += any;
    return any;
  }

  // --- red: who it is

  Status seek() {
    const std::vector<std::string> gates = failing_gates(*result_.report);
    if (held_) {  // the search ended early, and what it could not tell apart was not all
      const std::set<int> held(held_->begin(), held_->end());
      held_.reset();
      for (const int item : std::vector<int>(in_)) {
        if (!held.contains(item)) blame(item, out_of_budget(gates), false);
      }
      return done();
    }
    gates_ = gates;
    probes_.clear();
    std::vector<SearchItem> items;
    std::vector<Piece> there;
    for (const int item : in_) {
      items.push_back(search_item(order_.contributions, piece(item)));
      there.push_back(piece(item));
    }
    auto suspected = suspects(store_, order_.contributions, there, *result_.report, {gates.begin(), gates.end()});
    if (!suspected) return suspected.error();
    const std::vector<int> searched = in_;
    const auto globally = [&](const std::vector<int>& places) {
      std::vector<int> chosen;
      for (const int place : places) chosen.push_back(searched[static_cast<std::size_t>(place)]);
      return chosen;
    };
    const SubsetProbe probe_places = [&](const std::vector<int>& places) { return probe(globally(places)); };
    auto found = bisect(items, *suspected, probe_places);
    if (!found) return found.error();
    if (!fault_.empty()) return done();
    bool exact = found->unproven.empty();
    const bool early = result_.probe_seconds < order_.probe_minutes * 60 / 2;  // the rest is for searches to come
    auto back = reunite(items, *found, probe_places, early ? kMaxReunions : 0);
    if (!back) return back.error();
    if (!fault_.empty()) return done();
    for (const Culprit& culprit : found->culprits) {
      exact = exact && culprit.exact;
      if (culprit.items.size() == 1 && std::find(back->begin(), back->end(), culprit.items.front()) != back->end()) continue;
      const VerifyReport* seen = witness(globally(culprit.witness));
      for (const int item : globally(culprit.items)) {
        blame(item, culprit.exact ? reason_for(item, seen ? *seen : *result_.report) : out_of_budget(gates), culprit.exact);
        if (auto told = tell(item, culprit.exact, globally(culprit.witness), seen); !told) return told;
      }
    }
    found->held.insert(found->held.end(), back->begin(), back->end());
    if (!exact) held_ = globally(found->held);
    return done();
  }

  void blame(int item, std::string reason, bool certain) {
    if (fix(item)) return leave_out(item, std::move(reason));
    const std::string& id = subtask(item);
    if (std::find(result_.blamed.begin(), result_.blamed.end(), id) == result_.blamed.end()) result_.blamed.push_back(id);
    result_.feedback.try_emplace(id, red_feedback({order_.round, order_.plan, *result_.report, id, {}, failing_gates(*result_.report), certain}));
  }

  // An agent's subtask gets the evidence of what it breaks, and who takes part in it.
  Status tell(int item, bool certain, const std::vector<int>& broke_with, const VerifyReport* seen) {
    if (fix(item) || !certain) return done();
    auto partner = partner_of(item, broke_with.empty() ? in_ : broke_with);
    if (!partner) return partner.error();
    std::vector<std::string> together;
    if (*partner && subtask(**partner) != subtask(item)) together.push_back(subtask(**partner));
    const VerifyReport& report = seen ? *seen : *result_.report;
    result_.feedback[subtask(item)] = red_feedback({order_.round, order_.plan, report, subtask(item), together, failing_gates(report), true});
    return done();
  }

  // Of a break that needs several pieces another one; absent when the item breaks alone.
  Result<std::optional<int>> partner_of(int item, const std::vector<int>& broke_with) {
    std::vector<int> others;
    for (const int other : broke_with) {
      if (other != item) others.push_back(other);
    }
    if (others.empty()) return std::optional<int>();
    std::size_t holds = 0, breaks = others.size();
    const auto with = [&](std::size_t count) {
      std::vector<int> some(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(count));
      some.push_back(item);
      return probe(with_needs(some));
    };
    auto alone = with(0);
    if (!alone) return alone.error();
    if (*alone != ProbeOutcome::holds) return std::optional<int>();
    while (breaks - holds > 1) {
      const std::size_t middle = holds + (breaks - holds) / 2;
      auto outcome = with(middle);
      if (!outcome) return outcome.error();
      if (*outcome == ProbeOutcome::unknown) return std::optional<int>();
      (*outcome == ProbeOutcome::breaks ? breaks : holds) = middle;
    }
    return std::optional<int>(others[breaks - 1]);
  }

  // --- probes

  // What starts from the result of another subtask goes with it.
  std::vector<int> needs(int item) const {
    std::vector<int> found;
    const PlannedSubtask* planned = find_subtask(order_.plan, subtask(item));
    if (!planned || contribution(piece(item)).start == order_.base) return found;
    for (int other = 0; other < static_cast<int>(pieces_.size()); ++other) {
      if (!fix(other) && rests_on(*planned, subtask(other))) found.push_back(other);
    }
    return found;
  }

  // By the plan, or since it was given back: then on all but those that start from it, and those of its kind that come later.
  bool rests_on(const PlannedSubtask& part, const std::string& other) const {
    if (std::find(part.after.begin(), part.after.end(), other) != part.after.end()) return true;
    if (!order_.given_back.contains(part.id) || other == part.id || starts_from(other, part.id)) return false;
    return !order_.given_back.contains(other) || find_subtask(order_.plan, other) < find_subtask(order_.plan, part.id);
  }

  bool starts_from(const std::string& id, const std::string& earlier) const {
    const PlannedSubtask* planned = find_subtask(order_.plan, id);
    if (!planned) return false;
    return std::any_of(planned->after.begin(), planned->after.end(), [&](const std::string& one) { return one == earlier || starts_from(one, earlier); });
  }

  std::vector<int> with_needs(std::vector<int> items) const {
    for (std::size_t i = 0; i < items.size(); ++i) {
      for (const int need : needs(items[i])) {
        if (std::find(items.begin(), items.end(), need) == items.end()) items.push_back(need);
      }
    }
    std::sort(items.begin(), items.end());
    return items;
  }

  std::vector<int> without_orphans(std::vector<int> items) const {
    for (bool moved = true; moved;) {
      const auto lacks = [&](int item) {
        const auto wanted = needs(item);
        return std::any_of(wanted.begin(), wanted.end(), [&](int need) { return std::find(items.begin(), items.end(), need) == items.end(); });
      };
      moved = std::erase_if(items, lacks) > 0;
    }
    return items;
  }

  struct Seen {
    ProbeOutcome outcome;
    std::optional<VerifyReport> report;
  };

  const VerifyReport* witness(const std::vector<int>& items) const {
    const auto tree = trees_.find(without_orphans(items));
    const auto seen = tree == trees_.end() ? probes_.end() : probes_.find(tree->second);
    return seen == probes_.end() || !seen->second.report ? nullptr : &*seen->second.report;
  }

  Result<ProbeOutcome> probe(const std::vector<int>& asked) {
    if (stop_.stop_requested()) return Error{ErrorKind::cancelled, "Cancelled."};
    const std::vector<int> items = without_orphans(asked);
    if (items.empty()) return ProbeOutcome::holds;
    auto whole = assemble(items);
    if (!whole) return whole.error();
    if (!whole->troubles.empty()) return ProbeOutcome::breaks;
    if (whole->commit == order_.base) return ProbeOutcome::holds;
    trees_[items] = whole->tree;
    if (whole->tree == result_.tree) return ProbeOutcome::breaks;
    if (const auto known = probes_.find(whole->tree); known != probes_.end()) return known->second.outcome;
    if (result_.probes >= kMaxProbes || result_.probe_seconds >= order_.probe_minutes * 60) return ProbeOutcome::unknown;
    return ask(*whole);
  }

  Result<ProbeOutcome> ask(const Integration& part) {
    ++result_.probes;
    progress_.show({"probe", gates_.front(), "", "looking for what breaks " + gates_.front() + ", probe " + std::to_string(result_.probes), 0, 0, ""});
    for (int tried = 0;; ++tried) {
      auto report = judge_({part.commit, gates_, {}, true}, stop_);
      if (!report) return report.error();
      result_.probe_seconds += report->gate_seconds;
      const auto outcome = outcome_of(*report);
      if (!outcome && tried == 0) continue;
      if (!outcome) {
        fault_ = "A probe could not be judged: " + report->cause;
        return ProbeOutcome::unknown;
      }
      probes_[part.tree] = {*outcome, *outcome == ProbeOutcome::breaks ? std::optional(std::move(*report)) : std::nullopt};
      return *outcome;
    }
  }

  // Absent: the environment kept it from being told. A gate that was asked for and did not run is no pass.
  std::optional<ProbeOutcome> outcome_of(const VerifyReport& report) const {
    std::size_t passed = 0;
    bool breaks = false, fault = false;
    for (const GateReport& gate : report.gates) {
      const bool asked = std::find(gates_.begin(), gates_.end(), gate.name) != gates_.end();
      const bool known = is_accepted(report, gate);
      breaks = breaks || ((asked || gate.required) && !known && (gate.verdict == GateVerdict::fail || gate.verdict == GateVerdict::vacuous));
      fault = fault || (asked && (gate.verdict == GateVerdict::env_fault || gate.verdict == GateVerdict::inconclusive));
      passed += asked && (known || gate.verdict == GateVerdict::pass) && gate.head;
    }
    if (breaks) return ProbeOutcome::breaks;
    if (fault || passed < gates_.size()) return std::nullopt;
    return ProbeOutcome::holds;
  }

  // --- words

  static std::string one_line(const std::string& text) { return text.substr(0, text.find('\n')); }

  std::string reason_for(int item, const VerifyReport& report) const {
    const auto gates = failing_gates(report);
    const auto failures = new_failures(report, {gates.begin(), gates.end()});
    std::vector<std::string> tests;
    const NewFailure* error = nullptr;
    for (const NewFailure& failure : failures) {
      if (!failure.test.empty()) tests.push_back(failure.test);
      else if (!error || (fix(item) && failure.path == fix(item)->path && error->path != failure.path)) error = &failure;
    }
    if (!tests.empty())
      return "With it the test \"" + tests.front() + "\"" + (tests.size() > 1 ? " and " + std::to_string(tests.size() - 1) + " more fail." : " fails.");
    if (!error) return "With it " + failure_sentence(report) + ".";
    std::string text = "With it the gate \"" + error->gate + "\" fails: ";
    if (!error->path.empty()) text += error->path + (error->line > 0 ? ":" + std::to_string(error->line) : "") + ": ";
    return text + one_line(error->message);
  }

  std::string out_of_budget(const std::vector<std::string>& gates) const {
    return "It is among those of which one or more break \"" + (gates.empty() ? std::string("a gate") : gates.front()) + "\"; the " +
           std::to_string(static_cast<int>(order_.probe_minutes)) + " minutes for probes ended before it was told which.";
  }

  static std::string named(const std::vector<std::string>& subtasks) {
    std::string text;
    for (const std::string& id : subtasks) text += (text.empty() ? "" : ", ") + id;
    return text;
  }

  std::string nothing_left() const {
    return result_.left_out.empty() ? "The result is the same as what the task began with, so nothing was done."
                                    : "All of it had to be left out, so nothing remains: " + result_.left_out.front().reason;
  }

  // --- the end

  // What is judged is in git, so that what it does not touch is a fact.
  Status note_untouched() {
    if (result_.tree.empty()) return done();
    auto before = store_.tree_of(order_.base);
    if (!before) return before.error();
    auto changes = store_.changes(*before, result_.tree);
    if (!changes) return changes.error();
    result_.untouched = untouched_by(order_.plan, *changes);
    return done();
  }

  Result<RoundResult> conflicted(std::vector<MergeTrouble> troubles) {
    for (const MergeTrouble& trouble : troubles) {
      if (!trouble.subtasks.empty()) blame_conflict(trouble.subtasks.back(), troubles);
    }
    result_.troubles = std::move(troubles);
    return end(RoundEnd::conflicted, "What " + named(result_.blamed) + " brought conflicts with other subtasks.");
  }

  void blame_conflict(const std::string& id, const std::vector<MergeTrouble>& troubles) {
    if (std::find(result_.blamed.begin(), result_.blamed.end(), id) == result_.blamed.end()) result_.blamed.push_back(id);
    result_.feedback[id] = conflict_feedback(order_.plan, id, troubles);
  }

  // Who made checks weaker is told so, whatever the human says of it.
  Result<RoundResult> green() {
    auto by = weakened_by(store_, contributions_of(in_), *result_.report);
    if (!by) return by.error();
    for (const std::string& id : *by) result_.feedback[id] = weakened_feedback(order_.round, *result_.report);
    result_.weakened = std::move(*by);
    auto untested = is_untested_fix(store_, order_.plan, contributions_of(in_), *result_.report);
    if (!untested) return untested.error();
    result_.untested_fix = *untested;
    return end(RoundEnd::green, result_.weakened.empty() ? "" : weakened_sentence(*result_.report));
  }

  Result<RoundResult> end(RoundEnd how, std::string reason) {
    if (auto noted = note_untouched(); !noted) return noted.error();
    result_.end = how;
    result_.reason = std::move(reason);
    result_.contributions = contributions_of(in_);
    if (how == RoundEnd::green) result_.criteria_open = open_criteria(*result_.report, order_.plan);
    return std::move(result_);
  }

  Store& store_;
  const RoundOrder& order_;
  const Judge& judge_;
  ProgressTicker& progress_;
  std::stop_token stop_;
  std::vector<Piece> pieces_;
  std::vector<int> in_;  // pieces that are in the result
  RoundResult result_;
  int unmet_rounds_ = 0;
  std::optional<std::vector<int>> held_;
  std::vector<std::string> gates_;                     // what probes judge
  std::map<std::vector<int>, std::string> trees_;      // of the sets that were probed
  std::map<std::string, Seen> probes_;                 // by tree
  std::string fault_;
};

}  // namespace

std::vector<Untouched> untouched_by(const Plan& plan, const std::vector<FileChange>& changes) {
  std::vector<Untouched> all;
  for (const PlannedSubtask& part : plan.subtasks) {
    for (const std::string& planned : part.write_set) {
      const bool touched = std::any_of(changes.begin(), changes.end(), [&](const FileChange& change) { return covers(planned, change.path) || covers(planned, change.old_path); });
      if (!touched) all.push_back({part.id, planned});
    }
  }
  return all;
}

Result<RoundResult> run_round(Store& store, const RoundOrder& order, const Judge& judge, ProgressTicker& progress, std::stop_token stop) {
  return Rounding(store, order, judge, progress, std::move(stop)).run();
}

}  // namespace baton
